"""The command: explains itself, refuses what it cannot do, writes only where it may."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from finsync_dagster.cli import cli, main
from finsync_dagster.storage.settings import PROJECT
from tests.pipeline.homes import FINSYNC, Home


@pytest.mark.parametrize("command", [None, *cli.commands])
def test_help(command: str | None, tmp_path: Path) -> None:
    done = Home(tmp_path).finsync(*([command] if command else []), "--help")
    assert done.code == 0
    assert "Usage: finsync" in done.text
    assert len(done.text.splitlines()) > 4


@pytest.mark.parametrize(
    ("arguments", "extra", "said"),
    [
        (("run", "-e", "nowhere"), {}, "there are: wwi, adventureworks"),
        (("run", "-s", "sap"), {}, "there are: wwi_erp, adventureworks_erp, tryton_erp"),
        (("run",), {"FINSYNC_LANDSCAPE": "/nowhere.yaml"}, "FINSYNC_LANDSCAPE"),
        (("summary",), {}, "nothing has been published"),
        (("summary",), {"FINSYNC_WAREHOUSE_URL": "mysql://x:secret@h/d"}, "FINSYNC_WAREHOUSE_URL"),
    ],
)
def test_an_order_that_cannot_be_carried_out(
    arguments: tuple,
    extra: dict,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In this process, whose imports are done: what is told is decided after them."""
    for name in [n for n in os.environ if n.startswith(("FINSYNC_", "DAGSTER_"))]:
        monkeypatch.delenv(name)
    for name, value in {"FINSYNC_HOME": str(tmp_path), **extra}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["finsync", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    text = "".join(capsys.readouterr())
    assert said in " ".join(text.split())
    assert "Traceback" not in text
    assert "secret" not in text


def test_two_commands_at_once(tmp_path: Path) -> None:
    with (tmp_path / ".running").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = Home(tmp_path).finsync("run")
    assert done.code == 2
    assert "another finsync command" in done.text


def test_nothing_is_written_elsewhere(
    copied: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    around = tmp_path_factory.mktemp("around")
    places = {name: around / name for name in ("home", "tmp", "cwd", "cache")}
    for place in places.values():
        place.mkdir()
    environment = copied.environment | {
        "HOME": str(places["home"]),
        "TMPDIR": str(places["tmp"]),
        "XDG_CACHE_HOME": str(places["cache"]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    before = tracked()
    done = subprocess.run(
        [FINSYNC, "run", "--entity", "wwi"],
        env=environment,
        cwd=places["cwd"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    left = {n: [str(p) for p in place.rglob("*") if p.is_file()] for n, place in places.items()}
    assert left == {name: [] for name in places}
    assert tracked() == before


def tracked() -> dict[str, float]:
    """Files of the project and when they were last written."""
    folders = ("finsync_dagster", "data/sources", "data/reference")
    files = [p for f in folders for p in (PROJECT / f).rglob("*") if "__pycache__" not in p.parts]
    return {str(p): p.stat().st_mtime for p in files if p.is_file()}


def test_a_figure_is_traced_to_the_bytes(finished: Home) -> None:
    done = finished.finsync("trace", "7290")
    assert done.code == 0
    flat = "".join(done.text.split())
    assert '"SupplierInvoiceNumber":"7290.0"' in flat
    assert "hashverified" in flat
    assert "payment_allocations" in done.text
    assert finished.finsync("trace", "no such number").code == 1


def test_a_flipped_byte_is_noticed(copied: Home) -> None:
    assert copied.finsync("verify").code == 0
    page = next((copied.path / "lake/landing/pages").glob("*/*.zst"))
    content = bytearray(page.read_bytes())
    content[len(content) // 2] ^= 1
    page.chmod(0o644)
    page.write_bytes(content)
    done = copied.finsync("verify")
    assert done.code == 1
    assert page.name.split(".")[0][:12] in "".join(done.text.split())
