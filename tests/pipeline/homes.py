"""Homes of the pipeline for end-to-end tests: made by the command itself, as a user would.

Belongs here: running the command, and reading what it published. Not here: expectations.

The command runs in this process, whose imports are done, in an environment of its own. A process
of its own is for tests that need one: to kill it, to look at all that it says, to prove that it
starts.
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import polars as pl

from finsync_dagster.cli import main
from finsync_dagster.connectors.http import clients
from finsync_dagster.publishing.read import query

FINSYNC = str(Path(sys.executable).with_name("finsync"))
# What tells when and how a row was brought, and not what it says.
CIRCUMSTANCES = {
    "extracted_at",
    "extract_id",
    "landing_page",
    "landing_row",
    "valid_from",
    "run_id",
    "published_at",
}
HISTORY = {
    "operations.runs",
    "operations.extracts",
    "operations.control_totals",
    "operations.object_shapes",
    "operations.file_layouts",
    "operations.drift",
    "operations.source_status",
    "operations.conservation",
    "operations.conservation_now",
    "operations.published",
    "operations.exceptions",
    "operations.exception_events",
}


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    text: str


@dataclass(frozen=True)
class Home:
    """A FINSYNC_HOME, and the variables its commands run with."""

    path: Path
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("FINSYNC_", "DAGSTER_"))}
        return clean | {"FINSYNC_HOME": str(self.path)} | dict(self.extra)

    def finsync(self, *arguments: str) -> Finished:
        """Run the command in this process; what it keeps in memory is forgotten after it."""
        said = io.StringIO()
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(sys, "argv", ["finsync", *arguments]),
            redirect_stdout(said),
            redirect_stderr(said),
            warnings.catch_warnings(),
        ):
            # As an interpreter does by itself.
            warnings.simplefilter("default")
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", ResourceWarning)
            code = _ended(said)
        clients.forget()
        return Finished(code, said.getvalue())

    def process(self, *arguments: str) -> Finished:
        """Run the command in a process of its own."""
        done = subprocess.run(
            [FINSYNC, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return Finished(done.returncode, done.stdout)

    @property
    def warehouse(self) -> str:
        return dict(self.extra).get(
            "FINSYNC_WAREHOUSE_URL", f"duckdb:///{self.path}/warehouse.duckdb"
        )

    def ask(self, sql: str) -> list[tuple]:
        return query(self.warehouse, sql).rows()

    def one(self, sql: str) -> object:
        return self.ask(sql)[0][0]

    def source(self, name: str, *statements: str) -> None:
        """Do something to a source database, as its users would."""
        connection = sqlite3.connect(self.path / "sources" / f"{name}.sqlite")
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def copy(self, target: Path) -> Home:
        """The same state elsewhere, without Dagster's history of runs."""
        for part in ("sources", "lake"):
            shutil.copytree(self.path / part, target / part)
        for part in ("state.sqlite", "warehouse.duckdb"):
            shutil.copyfile(self.path / part, target / part)
        return Home(target, self.extra)

    def tables(self) -> list[str]:
        rows = self.ask(
            "SELECT schema_name || '.' || table_name FROM operations.published "
            "WHERE kind = 'table' ORDER BY 1"
        )
        return [str(row[0]) for row in rows]

    def content(self) -> dict[str, pl.DataFrame]:
        """Every business table: its rows without the circumstances, in a fixed order."""
        found = {}
        for table in self.tables():
            if table not in HISTORY:
                frame = query(self.warehouse, f"SELECT * FROM {table}")
                frame = frame.drop(CIRCUMSTANCES & set(frame.columns))
                found[table] = frame.sort(frame.columns)
        return found


def _ended(said: io.StringIO) -> int:
    """The exit code of the command that ``sys.argv`` names."""
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception:
        traceback.print_exc(file=said)
        return 1
    return 0


def assert_same(left: Home, right: Home) -> None:
    """Both warehouses say the same."""
    ours, theirs = left.content(), right.content()
    assert ours.keys() == theirs.keys()
    different = [name for name, frame in ours.items() if not frame.equals(theirs[name])]
    assert different == []
