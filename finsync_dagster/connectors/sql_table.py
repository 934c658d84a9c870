"""A table or query as the database describes it, checked against what is needed of it.

Belongs here: presence of tables and columns, and a column as text. Not here: finding out the
columns (sql_columns.py), or values that the driver hands over (sql_values.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import MONEY
from sqlalchemy.sql.elements import ColumnElement

from finsync_dagster.connectors.errors import SourceError, name_list
from finsync_dagster.connectors.sql_columns import TwoOfAName, Types, columns_of, first_value
from finsync_dagster.connectors.sql_model import SqlObject

TEXT_IN_DATABASE = frozenset({"sqlite", "postgresql"})
"""Databases that write the text of their values themselves. Of all others the driver's values are
written as text (sql_values.py)."""
_SORTABLE = (sa.Integer, sa.Numeric, sa.Float, sa.Date, sa.DateTime, sa.Time, sa.Boolean, sa.Uuid)


@dataclass(frozen=True)
class SourceTable:
    """What an object is read from: its columns in the source's order, with their types."""

    system: str
    object_name: str
    spec: SqlObject
    types: Types
    dialect: str
    in_database: bool
    """Whether the database writes values as text; else the driver's values are taken."""
    samples: dict[str, object] = field(default_factory=dict)
    """Some value of the cursor and of each totalled field: its Python type tells how to treat it;
    None where there is no value. Of PostgreSQL, which declares types, none are needed."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in the source's order."""
        return tuple(self.types)

    @property
    def totals(self) -> dict[str, int]:
        """Fields that are summed and exist → decimals."""
        return {name: n for name, n in self.spec.control_totals.items() if name in self.types}

    def column(self, name: str) -> ColumnElement[object]:
        """The column, to be used in a query on ``from_``."""
        return sa.column(name, self.types[name])

    def text(self, name: str) -> ColumnElement[str]:
        """The column's value as text, exactly as the database writes it; bytes as hexadecimals."""
        column = self.column(name)
        if isinstance(self.types[name], MONEY):
            # Its text has a currency sign and separators of the server's language.
            column = sa.cast(column, sa.Numeric)
        plain = sa.cast(column, sa.Text)
        if self.dialect != "sqlite":
            return plain
        # A SQLite column may hold anything, whatever its type.
        binary = sa.literal("\\x").concat(sa.func.lower(sa.func.hex(column)))
        return sa.case((sa.func.typeof(column) == "blob", binary), else_=plain)

    def sortable(self, name: str) -> ColumnElement[Any]:
        """The column in an order that does not depend on the language of the database."""
        column = self.column(name)
        if self.dialect != "postgresql" or isinstance(self.types[name], _SORTABLE):
            return column
        if isinstance(self.types[name], sa.String) and not isinstance(self.types[name], sa.Enum):
            return column.collate("C")
        return self.text(name).collate("C")

    @property
    def from_(self) -> sa.FromClause:
        """The table or query itself, to select from."""
        return source_of(self.spec, self.columns)

    def error(self, what: str, remedy: str, *, transient: bool = False) -> SourceError:
        """An error of this object."""
        return SourceError(self.system, self.object_name, what, remedy, transient)


def source_of(spec: SqlObject, columns: tuple[str, ...] = ()) -> sa.FromClause:
    """What the object's records are selected from."""
    if spec.table is not None:
        return sa.table(spec.table, schema=spec.db_schema)
    # A colon would be a parameter; the line end closes a comment at the query's end.
    text = (spec.query or "").replace(":", "\\:") + "\n"
    return sa.text(text).columns(*(sa.column(name) for name in columns)).subquery("q")


def describe(
    connection: sa.Connection, system: str, object_name: str, spec: SqlObject
) -> SourceTable:
    """The table or query of an object.

    Raises:
        SourceError: it does not exist, or has no column for the key or the cursor. Any other
            column may be missing: whoever needs it says so of each record.
    """
    if spec.table is not None:
        _must_exist(connection, system, object_name, spec)
    dialect = connection.dialect.name
    in_database = dialect in TEXT_IN_DATABASE
    try:
        types = columns_of(connection, spec, source_of(spec), declared=in_database)
    except TwoOfAName as twice:
        raise SourceError(
            system,
            object_name,
            f"the query has two columns named {twice}",
            "Give one of them another name with AS",
        ) from None
    table = SourceTable(system, object_name, spec, types, dialect, in_database)
    _must_have(table, [*spec.key, *([spec.cursor] if spec.cursor else [])])
    for name in _to_look_at(table):
        table.samples[name] = first_value(connection, table.from_, sa.column(name))
    return table


def _to_look_at(table: SourceTable) -> list[str]:
    """Columns whose treatment depends on a type that nobody declares."""
    if table.dialect == "postgresql" and table.in_database:
        return []
    cursor = [table.spec.cursor] if table.spec.cursor else []
    return cursor if table.in_database else list(dict.fromkeys([*cursor, *table.totals]))


def _must_have(table: SourceTable, needed: list[str]) -> None:
    for column in needed:
        if column not in table.types:
            raise table.error(
                f"{table.spec.source} has no column {column}; it has: "
                f"{name_list(table.types, column)}",
                "If the column was renamed, correct the connector's system.yaml and its mapping",
            )


def _must_exist(connection: sa.Connection, system: str, object_name: str, spec: SqlObject) -> None:
    inspector = sa.inspect(connection)
    name = spec.table or ""
    if inspector.has_table(name, schema=spec.db_schema):
        return
    there = [
        *inspector.get_table_names(schema=spec.db_schema),
        *inspector.get_view_names(schema=spec.db_schema),
    ]
    raise SourceError(
        system,
        object_name,
        f"there is no table {name}; there are: {name_list(there, name)}",
        "Correct the table in the connector's system.yaml, or the rights of the login",
    )
