"""Which columns a table or query has, and of which type, asked in a way every database knows.

Belongs here: asking. Not here: what must be there (sql_table.py).

A query without records names the columns. SQLite declares the types of a table's columns,
PostgreSQL those of any query; of the others a value of the column is looked at, where it matters.
"""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.exc import SAWarning
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from finsync_dagster.connectors.sql_model import SqlObject

Types: TypeAlias = dict[str, TypeEngine[Any]]


class TwoOfAName(ValueError):
    """A query has two columns of one name, so that a record could not tell them apart."""


def columns_of(
    connection: sa.Connection, spec: SqlObject, source: sa.FromClause, *, declared: bool
) -> Types:
    """Column names in the source's order, with the types the database declares.

    ``declared``: SQLite or PostgreSQL; else every type is unknown.

    Raises:
        TwoOfAName: a name that is there twice.
    """
    if declared and spec.table is not None:
        with warnings.catch_warnings():
            # A type that SQLAlchemy does not know is text like any other.
            warnings.simplefilter("ignore", SAWarning)
            reflected = sa.inspect(connection).get_columns(spec.table, schema=spec.db_schema)
        return {str(column["name"]): _plain(column["type"]) for column in reflected}
    found: sa.CursorResult[Any] = connection.execute(
        sa.select(sa.literal_column("*")).select_from(source).limit(0)
    )
    names = [str(name) for name in found.keys()]  # noqa: SIM118 - a result, not a mapping
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise TwoOfAName(twice[0])
    types: list[TypeEngine[Any]] = [sa.types.NULLTYPE for _ in names]
    if connection.dialect.name == "postgresql" and declared and found.cursor is not None:
        types = _of_postgresql(connection, [column[1] for column in found.cursor.description])
    found.close()
    return dict(zip(names, types, strict=True))


def first_value(
    connection: sa.Connection, source: sa.FromClause, column: ColumnElement[Any]
) -> object:
    """Some value of the column as its driver hands it over; None if there is none."""
    asked = sa.select(column).select_from(source).where(column.is_not(None)).limit(1)
    return connection.scalar(asked)


def _plain(declared: TypeEngine[Any]) -> TypeEngine[Any]:
    """A domain is the type that it narrows."""
    while isinstance(declared, DOMAIN):
        declared = declared.data_type
    return declared


def _of_postgresql(connection: sa.Connection, oids: list[Any]) -> list[TypeEngine[Any]]:
    """The types of a query's columns; a domain is resolved by the server itself."""
    named = connection.execute(
        sa.text("SELECT oid, format_type(oid, NULL) FROM pg_type WHERE oid = ANY(:oids)"),
        {"oids": sorted(set(oids))},
    )
    known: dict[str, Any] = getattr(connection.dialect, "ischema_names", {})
    names = {oid: name for oid, name in named}
    types = []
    for oid in oids:
        name = str(names.get(oid, ""))
        kind = known.get(name, sa.types.NullType)
        types.append(kind(timezone=True) if name.endswith("with time zone") else kind())
    return types
