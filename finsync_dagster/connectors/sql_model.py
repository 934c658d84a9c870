"""How an object of a database is declared.

Belongs here: the words of the sql protocol. Not here: reading (sql.py).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from finsync_dagster.connectors.object_model import Column, Name, ObjectBase, Strict


class SqlObject(ObjectBase):
    """A table or view of a database."""

    table: Annotated[str, Field(min_length=1)]
    db_schema: str | None = None
    """Schema of the table, where it is not the one the login starts in."""
    cursor: Column | None = None
    """Field that grows whenever a record changes; without one, every extract is a full snapshot."""


class SqlSystem(Strict):
    """A system whose database is read."""

    protocol: Literal["sql"]
    objects: dict[Name, SqlObject]
