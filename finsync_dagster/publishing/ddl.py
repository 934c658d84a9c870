"""Statements that build a declared table, in SQL that DuckDB and PostgreSQL both understand.

Belongs here: what follows from a TableSpec or a view. Not here: running statements.
"""

from __future__ import annotations

from collections.abc import Iterator

from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.publishing.sql_names import literal, qualified, quoted
from finsync_dagster.publishing.views import View
from finsync_dagster.schema import Column, TableSpec


def published_columns(spec: TableSpec) -> list[Column]:
    """The table's columns as analysts meet them: business columns first, the audit block last."""
    columns = spec.columns()
    business = [c for c in columns if c.name not in AUDIT_COLUMNS]
    return business + [c for c in columns if c.name in AUDIT_COLUMNS]


def table_comment(spec: TableSpec) -> str:
    """What one row is, and by which columns it is known."""
    return f"One row per {spec.grain}. Key: {', '.join(spec.key)}."


def create_table(spec: TableSpec, schema: str) -> str:
    """CREATE TABLE in ``schema`` (which for PostgreSQL is not yet the table's own)."""
    columns = [
        f"{quoted(c.name)} {c.sql_type}{'' if c.nullable else ' NOT NULL'}"
        for c in published_columns(spec)
    ]
    return f"CREATE TABLE {qualified(schema, spec.name)} ({', '.join(columns)})"


def table_comments(spec: TableSpec, schema: str) -> Iterator[str]:
    """COMMENT ON the table in ``schema`` and on every column."""
    return _comments("TABLE", spec, schema)


def create_view(view: View) -> Iterator[str]:
    """CREATE VIEW and its comments."""
    spec = view.spec
    yield f"CREATE VIEW {qualified(spec.schema, spec.name)} AS {view.sql}"
    yield from _comments("VIEW", spec, spec.schema)


def _comments(kind: str, spec: TableSpec, schema: str) -> Iterator[str]:
    relation = qualified(schema, spec.name)
    yield f"COMMENT ON {kind} {relation} IS {literal(table_comment(spec))}"
    for column in spec.columns():
        said = literal(column.description)
        yield f"COMMENT ON COLUMN {relation}.{quoted(column.name)} IS {said}"
