"""Homes of the pipeline for end-to-end tests: made by the command itself, as a user would.

Belongs here: running the command, and reading what it published. Not here: expectations.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl

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

    def finsync(self, *arguments: str, **options: object) -> Finished:
        done = subprocess.run(
            [FINSYNC, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
            **options,
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


def assert_same(left: Home, right: Home) -> None:
    """Both warehouses say the same."""
    ours, theirs = left.content(), right.content()
    assert ours.keys() == theirs.keys()
    different = [name for name, frame in ours.items() if not frame.equals(theirs[name])]
    assert different == []
