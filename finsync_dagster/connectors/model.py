"""The vocabulary of a connector's system.yaml: which objects a system has and how to read them.

Belongs here: Pydantic models. Not here: reading the file (load.py), nor mappings to canonical
tables.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Column = Annotated[str, Field(min_length=1)]
# A control total sums integers of at most 18 digits, so that every database can do it exactly.
Decimals = Annotated[int, Field(ge=0, le=12)]
RowsPerPage = Annotated[int, Field(ge=1, le=100_000)]


class _Strict(BaseModel):
    """An unknown key is an error: a misspelt cursor would read everything every time."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Object(_Strict):
    key: tuple[Column, ...] = Field(min_length=1)
    """Fields that identify a record within the object."""
    control_totals: dict[Column, Decimals] = {}
    """Fields whose sum the source is asked for, with the decimals they are kept at."""
    rows_per_page: RowsPerPage = 5000


class SqlObject(_Object):
    """A table or view of a database."""

    table: Annotated[str, Field(min_length=1)]
    db_schema: str | None = None
    """Schema of the table, where it is not the one the login starts in."""
    cursor: Column | None = None
    """Field that grows whenever a record changes; without one, every extract is a full snapshot."""


class FileObject(_Object):
    """CSV files in a folder, one header each; together they are one object."""

    glob: Annotated[str, Field(min_length=1)]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Literal["utf-8"] = "utf-8"

    @property
    def cursor(self) -> None:
        """Files are read whole, every time."""
        return None


ObjectSpec: TypeAlias = SqlObject | FileObject


class SqlSystem(_Strict):
    """A system whose database is read."""

    protocol: Literal["sql"]
    objects: dict[Name, SqlObject]


class FileSystem(_Strict):
    """A system that leaves files in a folder."""

    protocol: Literal["files"]
    objects: dict[Name, FileObject]


SystemSpec: TypeAlias = Annotated[SqlSystem | FileSystem, Field(discriminator="protocol")]
