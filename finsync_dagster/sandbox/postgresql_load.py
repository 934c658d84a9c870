"""The sandbox's tables in a PostgreSQL database, with the types their content allows.

Belongs here: replacing them in one transaction. Not here: what the tables are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from finsync_dagster.sandbox.column_types import Kind, kind_of
from finsync_dagster.sandbox.exports import ExportedTable

_MARK = sql.Identifier("finsync_sandbox_load")
_TYPES = {
    Kind.INTEGER: sql.SQL("BIGINT"),
    Kind.DECIMAL: sql.SQL("NUMERIC"),
    Kind.DATE: sql.SQL("DATE"),
    Kind.TIMESTAMP: sql.SQL("TIMESTAMP"),
    Kind.TEXT: sql.SQL("TEXT"),
}


def loaded(address: URL, system: str, digest: str) -> dict[str, int] | None:
    """Rows per table if the database already holds exactly this content, else None."""
    with _connected(address) as connection:
        _ensure_mark(connection)
        query = sql.SQL("SELECT counts FROM {} WHERE system = %s AND digest = %s").format(_MARK)
        row = connection.execute(query, (system, digest)).fetchone()
    return None if row is None else json.loads(row[0])


def load(address: URL, system: str, digest: str, tables: Sequence[ExportedTable]) -> None:
    """Replaces these tables and notes the digest; readers see all of it or nothing."""
    counts = json.dumps({table.name: len(table.rows) for table in tables})
    with _connected(address) as connection:
        _ensure_mark(connection)
        for table in tables:
            _load_table(connection, table)
        connection.execute(sql.SQL("DELETE FROM {} WHERE system = %s").format(_MARK), (system,))
        connection.execute(
            sql.SQL("INSERT INTO {} VALUES (%s, %s, %s)").format(_MARK), (system, digest, counts)
        )


@contextmanager
def _connected(address: URL) -> Iterator[psycopg.Connection]:
    """A connection whose transaction is committed at the end of the block."""
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("SET LOCAL client_min_messages = warning")
        yield connection


def _ensure_mark(connection: psycopg.Connection) -> None:
    fields = sql.SQL("CREATE TABLE IF NOT EXISTS {} (system TEXT, digest TEXT, counts TEXT)")
    connection.execute(fields.format(_MARK))


def _load_table(connection: psycopg.Connection, table: ExportedTable) -> None:
    name = sql.Identifier(table.name)
    kinds = [kind_of(column) for column in zip(*table.rows, strict=True)]
    fields = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), _TYPES[kind])
        for column, kind in zip(table.columns, kinds, strict=True)
    )
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, fields))
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
        for row in table.rows:
            copy.write_row(row)
