"""Comparing change stamps inside the database, so that no changed record is missed.

Belongs here: the comparable form of a cursor column, per database and type. Not here: which
cursor to start from (landing).

Records are asked for from the last stamp on, that stamp included: several records may share it,
and some of them may have come after the last extract. A record without a readable stamp is always
asked for. Reading a record twice is harmless, missing one is not.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.sql_table import SourceTable

_SECONDS = "%Y-%m-%d %H:%M:%S"
_NATIVE = (sa.Integer, sa.Numeric, sa.Float, sa.Date, sa.DateTime)
_ISO = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}.*)?)?$"


def comparable(table: SourceTable) -> ColumnElement[object] | None:
    """The cursor as a value that sorts in time; null where it cannot be read. None: no cursor.

    Raises:
        SourceError: the column's type cannot serve as a cursor.
    """
    name = table.spec.cursor
    if name is None:
        return None
    if table.dialect == "sqlite":
        return _sqlite(table, name)
    if isinstance(table.types[name], _NATIVE):
        return table.column(name)
    if isinstance(table.types[name], sa.String):
        return _iso_seconds(table.column(name))
    raise SourceError(
        table.system,
        table.object_name,
        f"column {name} of type {table.types[name]} cannot be a cursor",
        "Name a column with a timestamp, a date or a growing number, or leave the cursor out",
    )


def selected(table: SourceTable, since: str | None) -> ColumnElement[bool]:
    """Which records an extract asks for: all, or those changed at ``since`` or later."""
    name, value = table.spec.cursor, comparable(table)
    if since is None or value is None or name is None:
        return sa.true()
    bound: ColumnElement[object]
    if table.dialect == "sqlite" and not isinstance(table.types[name], sa.Integer):
        bound = sa.func.strftime(_SECONDS, since)
    elif table.dialect == "sqlite":
        bound = sa.cast(since, sa.Integer)
    elif isinstance(table.types[name], _NATIVE):
        bound = sa.cast(sa.literal(since, sa.Text), table.types[name])
    else:
        bound = _iso_seconds(sa.literal(since, sa.Text))
    return sa.or_(value >= bound, value.is_(None))


def _sqlite(table: SourceTable, name: str) -> ColumnElement[object]:
    column = table.column(name)
    if isinstance(table.types[name], sa.Integer):
        return sa.case((sa.func.typeof(column) == "integer", column))
    # SQLite keeps timestamps as text, in several spellings of the same moment. Whole seconds are
    # enough: they only widen the overlap.
    return sa.func.strftime(_SECONDS, table.text(name))


def _iso_seconds(column: ColumnElement[object]) -> ColumnElement[object]:
    spaced = sa.func.replace(column, "T", " ")
    dated = sa.case((sa.func.length(spaced) == 10, spaced.concat(" 00:00:00")), else_=spaced)
    full = sa.case((sa.func.length(dated) == 16, dated.concat(":00")), else_=dated)
    seconds = sa.func.substr(full, 1, 19, type_=sa.Text)
    return sa.case((column.op("~")(_ISO), seconds.collate("C")))
