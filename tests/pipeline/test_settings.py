"""Variables that name what cannot be used: one sentence names them, before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from finsync_dagster.landscape.load import DEMO
from finsync_dagster.shell import EXPECTED_ERRORS, make_home, usable_workshop
from tests.pipeline.homes import Home


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("FINSYNC_WAREHOUSE_URL", "mysql://u:secret@h/d", "begin with duckdb:///"),
        ("FINSYNC_DATABASE_URL", "mysql://u:secret@h/d", "sqlite:/// or postgresql+psycopg://"),
        ("FINSYNC_DATABASE_URL", "u:secret@h", "is not a database URL"),
        ("FINSYNC_LAKE_URL", "ftpx://u:secret@h/d", "Protocol not known: ftpx"),
    ],
)
def test_an_address_of_no_known_kind(
    variable: str, value: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path))
    monkeypatch.setenv(variable, value)
    with pytest.raises(EXPECTED_ERRORS) as raised:
        usable_workshop()
    assert variable in str(raised.value)
    assert said in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_home_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(EXPECTED_ERRORS, match="FINSYNC_HOME must name a folder"):
            make_home(home)


def test_a_run_asks_before_it_reads_anything(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = Home(home, (("FINSYNC_WAREHOUSE_URL", "mysql://u:secret@h/d"),)).finsync("run")
    assert done.code == 2
    assert "FINSYNC_WAREHOUSE_URL" in done.text
    assert "secret" not in done.text
    assert not home.exists()


def test_a_broken_landscape_is_told_with_its_place(tmp_path: Path) -> None:
    """Also a place in brackets, which for the terminal's markup would be a colour."""
    folder = tmp_path / "[bold]"
    folder.mkdir()
    landscape = folder / "company.yaml"
    text = DEMO.read_text(encoding="utf-8")
    landscape.write_text(text.replace("policy:", "policies:", 1), encoding="utf-8")
    done = Home(tmp_path / "home", (("FINSYNC_LANDSCAPE", str(landscape)),)).finsync("run")
    assert done.code == 2
    # A long path is folded at the width of a log, wherever that falls.
    flat = "".join(done.text.split())
    for said in (f"{landscape}:1:policy:ismissing", "policies:unknownkey;didyoumeanpolicy?"):
        assert said in flat
    assert "Traceback" not in flat
    assert not (tmp_path / "home" / "lake").exists()


def test_verifying_a_place_without_a_landing_is_no_good_news(tmp_path: Path) -> None:
    done = Home(tmp_path).finsync("verify")
    assert done.code == 1
    assert "Nothing has been landed" in done.text


def test_tracing_to_a_damaged_page_names_it(copied: Home) -> None:
    for page in (copied.path / "lake/landing/pages").glob("*/*.zst"):
        page.chmod(0o644)
        page.write_bytes(page.read_bytes()[:-20] + b"x" * 20)
    done = copied.finsync("trace", "7290")
    assert done.code == 2
    assert "its content was changed or damaged" in " ".join(done.text.split())
    assert "Traceback" not in done.text
