"""The warehouse as schemas of a PostgreSQL database, loaded aside by COPY.

Belongs here: loading tables into staging schemas. Not here: showing them to readers
(postgres_swap.py), the order of a publication (publish.py).

Each published schema has a staging schema beside it, filled and committed before readers are
concerned at all. A publication that dies leaves staging schemas, which the next one drops; an
advisory lock, which ends with its session, keeps two from working at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
import psycopg

from finsync_dagster.publishing import ddl, postgres_swap
from finsync_dagster.publishing.address import PostgresDatabase
from finsync_dagster.publishing.errors import PublishError
from finsync_dagster.publishing.sql_names import qualified, quoted
from finsync_dagster.publishing.totals import require_equal, totals, totals_query
from finsync_dagster.publishing.views import View
from finsync_dagster.schema import TableSpec

# Any number will do, as long as every publication takes the same one.
_ADVISORY_LOCK = 7_146_120_002
_LOCK_MILLISECONDS = 600_000
_CONNECT_SECONDS = 10
_SLICE = 100_000
# The only time zone there is in a published frame.
_UTC = "%Y-%m-%dT%H:%M:%S%.6f+00:00"


class PostgresLoading:
    """A publication in staging schemas."""

    def __init__(self, connection: psycopg.Connection, schemas: Sequence[str]) -> None:
        """``connection`` commits each statement; the staging schemas exist and are empty."""
        self._connection = connection
        self._schemas = schemas
        self._tables: list[TableSpec] = []

    def load(self, spec: TableSpec, rows: pl.DataFrame) -> None:
        """Add a table with its primary key, and verify it."""
        staging = postgres_swap.staging(spec.schema)
        columns = ddl.published_columns(spec)
        with _explained(spec.full_name):
            self._run(ddl.create_table(spec, staging))
            self._copy(qualified(staging, spec.name), rows)
            for statement in _indexes(spec, staging):
                self._run(statement)
            for statement in ddl.table_comments(spec, staging):
                self._run(statement)
            self._run(f"ANALYZE {qualified(staging, spec.name)}")
            found = self._run(totals_query(staging, spec.name, columns)).fetchone()
        require_equal(spec.full_name, totals(columns, rows), found)
        self._tables.append(spec)

    def show(self, views: Sequence[View]) -> None:
        """Put everything in place of the previous publication, in one transaction."""
        with _explained("the publication"):
            postgres_swap.swap(self._connection, self._schemas, self._tables, views)

    def _copy(self, target: str, rows: pl.DataFrame) -> None:
        # Strings quoted, so that an empty one is not read as missing.
        statement = f"COPY {target} FROM STDIN (FORMAT csv, ENCODING 'UTF8')"
        with self._connection.cursor().copy(statement) as copy:
            for part in rows.iter_slices(_SLICE):
                text = part.write_csv(
                    include_header=False, quote_style="non_numeric", datetime_format=_UTC
                )
                copy.write(text)

    def _run(self, statement: str) -> psycopg.Cursor[Any]:
        return self._connection.execute(statement)


@contextmanager
def loading(place: PostgresDatabase, schemas: Sequence[str]) -> Iterator[PostgresLoading]:
    """A publication into the database; what was staged is dropped at the end in any case.

    Raises:
        PublishError: the database cannot be reached or does not let us create schemas, or another
            publication does not end.
    """
    with _explained(str(place)):
        connection = psycopg.connect(
            place.conninfo, autocommit=True, connect_timeout=_CONNECT_SECONDS
        )
    with connection:
        with _explained(str(place)):
            _alone(connection)
            _clear(connection, schemas)
            for schema in schemas:
                connection.execute(f"CREATE SCHEMA {quoted(postgres_swap.staging(schema))}")
        try:
            yield PostgresLoading(connection, schemas)
        finally:
            # After a lost connection the next publication does it.
            if not connection.closed:
                with _explained(str(place)):
                    _clear(connection, schemas)


def _alone(connection: psycopg.Connection) -> None:
    connection.execute(f"SET lock_timeout = {_LOCK_MILLISECONDS}")
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
    except psycopg.errors.LockNotAvailable:
        raise PublishError(
            f"another publication has been running for {_LOCK_MILLISECONDS // 1000} s"
        ) from None
    connection.execute("SET TimeZone = 'UTC'")


def _clear(connection: psycopg.Connection, schemas: Sequence[str]) -> None:
    for schema in schemas:
        name = quoted(postgres_swap.staging(schema))
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")


def _indexes(spec: TableSpec, staging: str) -> Iterator[str]:
    table = qualified(staging, spec.name)
    key = ", ".join(quoted(name) for name in spec.key)
    nullable = {column.name for column in spec.columns() if column.nullable}
    # A primary key may hold no NULL; the rows are known to be unique all the same.
    if nullable.isdisjoint(spec.key):
        yield f"ALTER TABLE {table} ADD PRIMARY KEY ({key})"
    else:
        yield f"CREATE INDEX ON {table} ({key})"


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        detail = " ".join(str(error).split())
        raise PublishError(f"{what} cannot be published: {detail}") from error
