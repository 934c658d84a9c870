"""How an object of a database is declared.

Belongs here: the words of the sql protocol. Not here: reading (sql.py), what a query may be
(sql_query.py), how far an overlap reaches (sql_overlap.py).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from finsync_dagster.connectors.object_model import Column, Name, ObjectBase, Strict
from finsync_dagster.connectors.sql_query import query_problem

Overlap = (
    Annotated[str, Field(pattern=r"^[0-9]{1,6} ?[smhd]$")]
    | Annotated[int, Field(strict=True, ge=0)]
)
"""How far to look back: ``30m``, ``2h``, ``3d`` for moments; a count for growing numbers."""


class SqlObject(ObjectBase):
    """A table, a view or a query of a database."""

    table: Annotated[str, Field(min_length=1)] | None = None
    db_schema: str | None = None
    """Schema of the table, where it is not the one the login starts in."""
    query: Annotated[str, Field(min_length=1)] | None = None
    """A SELECT instead of a table. It is read like a table, and never completed with values."""
    cursor: Column | None = None
    """Field that grows whenever a record changes; without one, every extract is a full snapshot."""
    overlap: Overlap = 0
    """How far before the newest known change stamp an increment begins, for sources in which a
    record may appear later than its stamp says."""
    snapshot_every: Annotated[int, Field(ge=1)] | None = None
    """A full snapshot after this many increments, for sources that change records without a new
    stamp in fields that no control total covers."""

    @model_validator(mode="after")
    def _one_source(self) -> SqlObject:
        if (self.table is None) == (self.query is None):
            raise ValueError("write either table or query, one of the two")
        if self.query is not None and self.db_schema is not None:
            raise ValueError("db_schema is for a table; a query names its schemas itself")
        if self.query is not None and (problem := query_problem(self.query)):
            raise ValueError(f"query: {problem}")
        return self

    @model_validator(mode="after")
    def _only_with_a_cursor(self) -> SqlObject:
        if self.cursor is None and (self.overlap or self.snapshot_every):
            raise ValueError(
                "overlap and snapshot_every are for increments: name a cursor, or leave them out"
            )
        return self

    @property
    def source(self) -> str:
        """What is read, for messages: ``table sales.orders`` or ``the query``."""
        if self.table is None:
            return "the query"
        return f"table {self.db_schema}.{self.table}" if self.db_schema else f"table {self.table}"


class SqlSystem(Strict):
    """A system whose database is read."""

    protocol: Literal["sql"]
    objects: dict[Name, SqlObject]
