"""A table as the database describes it, checked against what is needed of it.

Belongs here: presence of tables and columns. Not here: their values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from finsync_dagster.connectors.errors import SourceError, name_list
from finsync_dagster.connectors.sql_model import SqlObject


@dataclass(frozen=True)
class SourceTable:
    """A table that exists: its columns in the source's order, with their types."""

    system: str
    object_name: str
    spec: SqlObject
    types: dict[str, TypeEngine[object]]
    dialect: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in the source's order."""
        return tuple(self.types)

    def column(self, name: str) -> ColumnElement[object]:
        """The column, to be used in a query on ``from_``."""
        return sa.column(name, self.types[name])

    def text(self, name: str) -> ColumnElement[str]:
        """The column's value as text, exactly as the database writes it; bytes as hexadecimals."""
        column = self.column(name)
        plain = sa.cast(column, sa.Text)
        if self.dialect != "sqlite":
            return plain
        # A SQLite column may hold anything, whatever its type.
        binary = sa.literal("\\x").concat(sa.func.lower(sa.func.hex(column)))
        return sa.case((sa.func.typeof(column) == "blob", binary), else_=plain)

    @property
    def from_(self) -> sa.TableClause:
        """The table itself, to select from."""
        return sa.table(self.spec.table, schema=self.spec.db_schema)


def describe(
    connection: sa.Connection,
    system: str,
    object_name: str,
    spec: SqlObject,
    required_columns: Sequence[str] = (),
) -> SourceTable:
    """The table of an object.

    Raises:
        SourceError: the table, or a column that the connector or ``required_columns`` names, does
            not exist.
    """
    inspector = sa.inspect(connection)
    if not inspector.has_table(spec.table, schema=spec.db_schema):
        there = [
            *inspector.get_table_names(schema=spec.db_schema),
            *inspector.get_view_names(schema=spec.db_schema),
        ]
        raise SourceError(
            system,
            object_name,
            f"there is no table {spec.table}; there are: {name_list(there, spec.table)}",
            "Correct the table in the connector's system.yaml, or the rights of the login",
        )
    reflected = inspector.get_columns(spec.table, schema=spec.db_schema)
    types = {str(column["name"]): column["type"] for column in reflected}
    needed = [*spec.key, *([spec.cursor] if spec.cursor else []), *spec.control_totals]
    for column in dict.fromkeys([*needed, *required_columns]):
        if column not in types:
            raise SourceError(
                system,
                object_name,
                f"table {spec.table} has no column {column}; it has: {name_list(types, column)}",
                "If the column was renamed, correct the connector's system.yaml and its mapping",
            )
    return SourceTable(system, object_name, spec, types, connection.dialect.name)
