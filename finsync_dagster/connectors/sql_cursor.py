"""Comparing change stamps inside the database, so that no changed record is missed.

Belongs here: the comparable form of a cursor column, per database and type. Not here: which
cursor to start from (landing), how far to look back (sql_overlap.py).

Records are asked for from the last stamp on, that stamp included: several records may share it,
and some of them may have come after the last extract. A record without a readable stamp is always
asked for. Reading a record twice is harmless, missing one is not.

A stamp of the day after tomorrow or later is no news: were it the newest one known, no true change
would ever be at or after it. Such records are asked for every time, as they are after any stamp.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from finsync_dagster.connectors.sql_cursor_values import bound_of, ceiling_of, kind_of
from finsync_dagster.connectors.sql_table import SourceTable

_SECONDS = "%Y-%m-%d %H:%M:%S"
_NUMBERS = (sa.Integer, sa.Numeric, sa.Float)
_MOMENTS = (sa.Date, sa.DateTime)
_ISO = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}.*)?)?$"


def comparable(table: SourceTable) -> ColumnElement[object] | None:
    """The cursor as a value that sorts in time; null where it cannot be read. None: no cursor.

    Raises:
        SourceError: the column's type cannot serve as a cursor.
    """
    name = table.spec.cursor
    if name is None:
        return None
    if not table.in_database:
        kind_of(table, name)
        return table.column(name)
    return _sqlite(table, name) if table.dialect == "sqlite" else _postgresql(table, name)


def selected(table: SourceTable, since: str | None) -> ColumnElement[bool]:
    """Which records an extract asks for: all, or those changed at ``since`` or later."""
    name, value = table.spec.cursor, comparable(table)
    if since is None or value is None or name is None:
        return sa.true()
    if not table.in_database:
        return bound_of(table, name, since)
    declared = table.types[name]
    bound: ColumnElement[object]
    if table.dialect == "sqlite":
        # A number's fraction is cut off: that only widens the overlap.
        if not _is_number(table, name):
            # Asked once per record: a stamp that cannot be read is after any other.
            return sa.func.coalesce(value, "~") >= sa.func.strftime(_SECONDS, since)
        bound = sa.cast(since, sa.Integer)
    elif isinstance(declared, (*_NUMBERS, *_MOMENTS)):
        bound = sa.cast(sa.literal(since, sa.Text), declared)
    else:
        bound = _iso_seconds(sa.literal(since, sa.Text))
    asked = [value >= bound, value.is_(None)]
    if table.dialect == "postgresql" and isinstance(declared, _MOMENTS):
        # "infinity" is after every stamp, and this before: neither tells when it was changed.
        asked.append(value == sa.cast(sa.literal("-infinity", sa.Text), declared))
    return sa.or_(*asked)


def believable(table: SourceTable, limit: date) -> ColumnElement[bool]:
    """Records whose stamp can be read and is not after ``limit``; numbers have no such limit."""
    name, value = table.spec.cursor, comparable(table)
    if name is None or value is None:
        return sa.false()
    if not table.in_database:
        return ceiling_of(table, name, limit)
    there: ColumnElement[bool] = value.is_not(None)
    declared = table.types[name]
    if _is_number(table, name) if table.dialect == "sqlite" else isinstance(declared, _NUMBERS):
        return there
    bound: ColumnElement[Any] = sa.literal(limit.isoformat(), sa.Text)
    if table.dialect == "sqlite":
        return value <= bound
    if table.dialect == "postgresql":
        moment = isinstance(declared, _MOMENTS)
        bound = sa.cast(bound, declared) if moment else bound.collate("C")
        if moment:
            there = value != sa.cast(sa.literal("-infinity", sa.Text), declared)
    return sa.and_(there, value <= bound)


def _is_number(table: SourceTable, name: str) -> bool:
    declared = isinstance(table.types[name], sa.Integer)
    return declared or isinstance(table.samples.get(name), int | float)


def _sqlite(table: SourceTable, name: str) -> ColumnElement[object]:
    column = table.column(name)
    if _is_number(table, name):
        return sa.case((sa.func.typeof(column).in_(["integer", "real"]), column))
    # SQLite keeps timestamps as text, in several spellings of the same moment. Whole seconds are
    # enough: they only widen the overlap.
    return sa.func.strftime(_SECONDS, table.text(name))


def _postgresql(table: SourceTable, name: str) -> ColumnElement[object]:
    column, declared = table.column(name), table.types[name]
    if isinstance(declared, (sa.Integer, *_MOMENTS)):
        return column
    if isinstance(declared, _NUMBERS):
        finite = table.text(name).not_in(["NaN", "Infinity", "-Infinity"])
        return sa.case((finite, column))
    if isinstance(declared, sa.String) and not isinstance(declared, sa.Enum):
        return _iso_seconds(column)
    raise table.error(
        f"column {name} of type {declared} cannot be a cursor",
        "Name a column with a timestamp, a date or a growing number, or leave the cursor out",
    )


def _iso_seconds(column: ColumnElement[object]) -> ColumnElement[object]:
    spaced = sa.func.replace(column, "T", " ")
    dated = sa.case((sa.func.length(spaced) == 10, spaced.concat(" 00:00:00")), else_=spaced)
    full = sa.case((sa.func.length(dated) == 16, dated.concat(":00")), else_=dated)
    seconds = sa.func.substr(full, 1, 19, type_=sa.Text)
    return sa.case((column.op("~")(_ISO), seconds.collate("C")))
