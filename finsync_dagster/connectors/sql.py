"""Reading tables of a database: one consistent snapshot, streamed as text, with control totals.

Belongs here: what is asked of a table. Not here: connecting (sql_connection.py), which extract is
due (landing), what values mean (canonical).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from finsync_dagster.connectors.control_totals import read_totals, totals_query
from finsync_dagster.connectors.extraction import Extraction, Page, Stated
from finsync_dagster.connectors.sql_connection import snapshot, source_failed
from finsync_dagster.connectors.sql_cursor import comparable, selected
from finsync_dagster.connectors.sql_model import SqlObject
from finsync_dagster.connectors.sql_table import SourceTable, describe


@contextmanager
def extract(
    system: str,
    url: str,
    object_name: str,
    spec: SqlObject,
    *,
    required_columns: Sequence[str] = (),
    since: str | None = None,
) -> Iterator[Extraction]:
    """One reading of a table, open while the block runs.

    Records come ordered by cursor and key, every value as text or None. ``since`` asks only for
    records whose cursor is at or after it, or is missing.

    Raises:
        SourceError: the database, the table or a column cannot be read.
    """
    with snapshot(system, url, object_name) as connection:
        table = describe(connection, system, object_name, spec, required_columns)
        yield Extraction(
            system=system,
            object=object_name,
            request=_request(table, since),
            columns=table.columns,
            since=since,
            stated=_stated(connection, table, since),
            pages=_pages(connection, table, since),
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


def _request(table: SourceTable, since: str | None) -> str:
    name = table.spec.table
    full_name = f"{table.spec.db_schema}.{name}" if table.spec.db_schema else name
    if since is None:
        return f"every record of table {full_name}"
    cursor = table.spec.cursor
    return f"records of table {full_name} with {cursor} at or after {since}, or without {cursor}"


def _stated(connection: sa.Connection, table: SourceTable, since: str | None) -> Stated:
    decimals = table.spec.control_totals
    no_key = sa.or_(*(table.column(name).is_(None) for name in table.spec.key))
    query = totals_query(
        table.dialect,
        table.from_,
        {"chosen": selected(table, since), "no_key": no_key},
        [(table.text(name), places) for name, places in decimals.items()],
    )
    count, chosen, no_key_count, *totals = connection.execute(query).one()
    values = iter(totals)
    return Stated(
        count_table=count,
        count_selected=chosen or 0,
        count_without_key=no_key_count or 0,
        cursor_max=_cursor_max(connection, table),
        sums_table=read_totals(table.dialect, values, decimals),
        sums_selected=read_totals(table.dialect, values, decimals),
    )


def _cursor_max(connection: sa.Connection, table: SourceTable) -> str | None:
    value = comparable(table)
    if value is None or table.spec.cursor is None:
        return None
    text = table.text(table.spec.cursor).label("cursor_text")
    newest = (
        sa.select(text)
        .select_from(table.from_)
        .where(value.is_not(None))
        .order_by(value.desc(), text.desc())
        .limit(1)
    )
    return connection.scalar(newest)


def _pages(connection: sa.Connection, table: SourceTable, since: str | None) -> Iterator[Page]:
    value = comparable(table)
    order = [] if value is None else [value.asc().nulls_first()]
    order += [_sortable(table, name).asc().nulls_first() for name in table.spec.key]
    # Labels by position: two columns may differ only in a way that a label would not.
    fields = [table.text(name).label(f"f{i}") for i, name in enumerate(table.columns)]
    query = sa.select(*fields).select_from(table.from_).where(selected(table, since))
    size = table.spec.rows_per_page
    try:
        streaming = connection.execution_options(stream_results=True, yield_per=size)
        for page in streaming.execute(query.order_by(*order)).partitions(size):
            yield [tuple(row) for row in page]
    except DBAPIError as error:
        raise source_failed(table.system, table.object_name, error) from None


def _sortable(table: SourceTable, name: str) -> ColumnElement[Any]:
    column = table.column(name)
    if table.dialect != "sqlite" and isinstance(table.types[name], sa.String):
        # The order must not depend on the language of the database.
        return column.collate("C")
    return column
