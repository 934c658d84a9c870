"""docs/http-tutorial.md, done from top to bottom: its files, its commands, what they answer.

The server is a real Tryton, the commands are those of a shell, the processes real ones.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pytest

from finsync_dagster.orchestration.company import check_company
from finsync_dagster.sandbox.tryton.server import TrytonServer
from tests.tryton import tryton_server

DOCUMENT = (Path(__file__).parents[3] / "docs" / "http-tutorial.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT, re.M | re.S)
_OVER = "the command is over"


@dataclass
class Shell:
    """One shell for all commands, as for somebody who reads along."""

    process: subprocess.Popen[str]

    def do(self, commands: str) -> str:
        """What they print, whether or not they fail."""
        to_shell, from_shell = cast(IO[str], self.process.stdin), cast(IO[str], self.process.stdout)
        to_shell.write(f"{commands}\necho; echo {_OVER}\n")
        to_shell.flush()
        return "".join(iter(from_shell.readline, f"{_OVER}\n"))


@contextmanager
def shell(folder: Path, server: TrytonServer) -> Iterator[Shell]:
    """A shell in ``folder`` with the variables that ``finsync sandbox tryton`` prints."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FINSYNC_", "DAGSTER_"))}
    variables = kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FINSYNC_TRYTON_URL": f"{server.url}/{server.database}",
        "FINSYNC_TRYTON_KEY": server.rest_key,
    }
    with subprocess.Popen(
        ["bash"],
        cwd=folder,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield Shell(process)


def shows(printed: str, told: str) -> list[str]:
    """Lines told in the document that were not printed; ``…`` stands for anything."""
    flat = " ".join(printed.split())
    missing = []
    for line in filter(None, told.splitlines()):
        parts = (re.escape(" ".join(part.split())) for part in line.split("…"))
        if not re.search(".*".join(parts), flat):
            missing.append(line)
    return missing


def test_the_steps_are_those_that_are_tried() -> None:
    assert {kind for kind, _ in STEPS} == {"yaml", "sh", "text"}
    assert sum(kind == "sh" for kind, _ in STEPS) >= 8
    assert shows("a  b\nc", "a b\nb … c\nd") == ["d"]


def test_its_files_are_a_landscape(tmp_path: Path) -> None:
    for kind, text in STEPS:
        if kind == "yaml":
            write(text, tmp_path)
    assert check_company(tmp_path / "acme").problems == ()


@pytest.mark.slow
@pytest.mark.xdist_group("tryton")
def test_from_top_to_bottom(tmp_path: Path) -> None:
    served, folder = tmp_path / "tryton", tmp_path / "work"
    served.mkdir()
    folder.mkdir()
    printed = ""
    with tryton_server(served) as server, shell(folder, server) as one:
        for kind, text in STEPS:
            if kind == "yaml":
                write(text, folder)
            elif kind == "sh":
                printed = one.do(text)
                assert "Traceback" not in printed
            else:
                assert shows(printed, text) == [], printed
        assert server.rest_key not in everything_written(folder)


def write(block: str, folder: Path) -> None:
    """The file that the first line of a block names."""
    file = folder / block.split("\n", maxsplit=1)[0].removeprefix("# ")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block, encoding="utf-8")


def everything_written(folder: Path) -> str:
    files = (path for path in folder.rglob("*") if path.is_file())
    return "\n".join(path.read_bytes().decode("latin-1") for path in files)
