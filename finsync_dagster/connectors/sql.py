"""Reading tables and queries of a database: one snapshot, streamed as text, with control totals.

Belongs here: what is asked of a table. Not here: connecting (sql_connection.py), counting and
summing (sql_totals.py), which extract is due (landing), what values mean (canonical).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from finsync_dagster.connectors.extraction import Extraction, Page, Stated
from finsync_dagster.connectors.sql_connection import snapshot, source_failed
from finsync_dagster.connectors.sql_cursor import believable, comparable, selected
from finsync_dagster.connectors.sql_model import SqlObject
from finsync_dagster.connectors.sql_overlap import lowered, tomorrow
from finsync_dagster.connectors.sql_table import SourceTable, describe
from finsync_dagster.connectors.sql_totals import summed_by_reading, totals
from finsync_dagster.connectors.sql_values import as_text

# What a driver raises, beside its own errors, when Python has no value for the database's.
_UNREADABLE = (ValueError, OverflowError, ArithmeticError, UnicodeError)


@contextmanager
def extract(
    system: str, url: str, object_name: str, spec: SqlObject, *, since: str | None = None
) -> Iterator[Extraction]:
    """One reading of a table or query, open while the block runs.

    Records come ordered by cursor and key, every value as text or None. ``since`` asks only for
    records whose cursor is at or after it, less the object's overlap, or is missing.

    Raises:
        SourceError: the database cannot be reached; the table, or a column of key or cursor, does
            not exist; the query is refused; or the overlap does not fit the cursor.
    """
    with snapshot(system, url, object_name) as connection:
        table = describe(connection, system, object_name, spec)
        begin = _begin(table, since)
        yield Extraction(
            system=system,
            object=object_name,
            request=_request(table, begin),
            columns=table.columns,
            since=begin,
            stated=_stated(connection, table, begin),
            pages=_pages(connection, table, begin),
        )


def change_stamp(system: str, url: str, object_name: str, spec: SqlObject) -> str:
    """A text that differs once the object has changed.

    With a cursor: number of records and newest stamp, one pass inside the database. Without: a
    digest of the records, since nothing cheaper shows an update; such objects are small.
    """
    with snapshot(system, url, object_name) as connection:
        table = describe(connection, system, object_name, spec)
        if spec.cursor is not None:
            count = connection.scalar(sa.select(sa.func.count()).select_from(table.from_))
            return f"{count}|{_cursor_max(connection, table)}"
        digest = hashlib.sha256()
        for page in _pages(connection, table, None):
            digest.update(repr(page).encode())
        return digest.hexdigest()


def _begin(table: SourceTable, since: str | None) -> str | None:
    """The stamp from which records are asked for."""
    if since is None:
        return None
    try:
        return lowered(since, table.spec.overlap)
    except ValueError as error:
        raise table.error(
            f"overlap {table.spec.overlap} does not fit the cursor {table.spec.cursor}: {error}",
            "Write a duration (30m, 2h, 3d) for dates and times, a number for growing numbers",
        ) from None


def _request(table: SourceTable, since: str | None) -> str:
    asked = f"every record of {table.spec.source}"
    if since is not None:
        cursor = table.spec.cursor
        asked = (
            f"records of {table.spec.source} with {cursor} at or after {since}, or without {cursor}"
        )
    if table.spec.query is not None:
        asked += f": {' '.join(table.spec.query.split())}"
    reading = summed_by_reading(table)
    return asked + (f"; totals of {', '.join(reading)} by a second reading" if reading else "")


def _stated(connection: sa.Connection, table: SourceTable, since: str | None) -> Stated:
    found = totals(connection, table, since)
    return Stated(
        count_table=found.count_table,
        count_selected=found.count_selected,
        count_without_key=found.count_without_key,
        cursor_max=_cursor_max(connection, table),
        sums_table=found.sums_table,
        sums_selected=found.sums_selected,
    )


def _cursor_max(connection: sa.Connection, table: SourceTable) -> str | None:
    name, value = table.spec.cursor, comparable(table)
    if value is None or name is None:
        return None
    text = table.text(name) if table.in_database else table.column(name)
    order = [value.desc(), text.desc()] if table.in_database else [value.desc()]
    newest = (
        sa.select(text.label("cursor_text"))
        .select_from(table.from_)
        .where(believable(table, tomorrow(datetime.now(UTC))))
        .order_by(*order)
        .limit(1)
    )
    return as_text(connection.scalar(newest))


def _pages(connection: sa.Connection, table: SourceTable, since: str | None) -> Iterator[Page]:
    # Labels by position: two columns may differ only in a way that a label would not.
    fields = [_field(table, name).label(f"f{i}") for i, name in enumerate(table.columns)]
    query = sa.select(*fields).select_from(table.from_).where(selected(table, since))
    size = table.spec.rows_per_page
    try:
        streaming = connection.execution_options(stream_results=True, yield_per=size)
        for page in streaming.execute(query.order_by(*_order(table))).partitions(size):
            if table.in_database:
                yield [tuple(row) for row in page]
            else:
                yield [tuple(as_text(value) for value in row) for row in page]
    except DBAPIError as error:
        raise source_failed(table.system, table.object_name, error) from None
    except _UNREADABLE as error:
        raise table.error(
            f"the driver has no value for one of its fields ({error})",
            "Read it through a query that casts the field to text",
        ) from None


def _field(table: SourceTable, name: str) -> ColumnElement[Any]:
    return table.text(name) if table.in_database else table.column(name)


def _order(table: SourceTable) -> list[ColumnElement[Any]]:
    value = comparable(table)
    order: list[ColumnElement[Any]] = [] if value is None else [value.asc()]
    order += [table.sortable(name).asc() for name in table.spec.key]
    # Elsewhere the database's own place for nulls must do.
    return [term.nulls_first() for term in order] if table.in_database else order
