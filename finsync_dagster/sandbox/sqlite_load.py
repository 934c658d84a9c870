"""The sandbox's tables in a SQLite file: whole numbers as INTEGER, all else as it was written.

Belongs here: building the file aside and swapping it in. Not here: what the tables are.

Money stays TEXT, because SQLite would make it a binary float.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from finsync_dagster.sandbox.column_types import Kind, kind_of
from finsync_dagster.sandbox.exports import ExportedTable

_MARK = "finsync_sandbox_load"


def loaded(address: URL, system: str, digest: str) -> dict[str, int] | None:
    """Rows per table if the file already holds exactly this content, else None."""
    path = _path(address)
    if not path.is_file():
        return None
    query = f"SELECT counts FROM {_MARK} WHERE system = ? AND digest = ?"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute(query, (system, digest)).fetchone()
    except sqlite3.DatabaseError:
        return None
    return None if row is None else json.loads(row[0])


def load(address: URL, system: str, digest: str, tables: Sequence[ExportedTable]) -> None:
    """Replaces the file by one with these tables; whoever has the old one open keeps it."""
    path = _path(address)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.building")
    aside.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(aside)) as connection, connection:
            for table in tables:
                _load_table(connection, table)
            connection.execute(f"CREATE TABLE {_MARK} (system TEXT, digest TEXT, counts TEXT)")
            counts = json.dumps({table.name: len(table.rows) for table in tables})
            connection.execute(f"INSERT INTO {_MARK} VALUES (?, ?, ?)", (system, digest, counts))
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _load_table(connection: sqlite3.Connection, table: ExportedTable) -> None:
    kinds = [kind_of(column) for column in zip(*table.rows, strict=True)]
    fields = ", ".join(
        f"{_quoted(name)} {'INTEGER' if kind is Kind.INTEGER else 'TEXT'}"
        for name, kind in zip(table.columns, kinds, strict=True)
    )
    connection.execute(f"CREATE TABLE {_quoted(table.name)} ({fields})")
    marks = ", ".join("?" for _ in table.columns)
    connection.executemany(f"INSERT INTO {_quoted(table.name)} VALUES ({marks})", table.rows)


def _path(address: URL) -> Path:
    if not address.database or address.database == ":memory:":
        raise ValueError("the sandbox needs a SQLite file: sqlite:////absolute/path.sqlite")
    return Path(address.database).absolute()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
