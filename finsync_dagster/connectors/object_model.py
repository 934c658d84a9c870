"""What every object of a system declares, whatever the protocol that it is read by.

Belongs here: the words shared by all protocols. Not here: a protocol's own (sql_model.py,
file_model.py).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Column = Annotated[str, Field(min_length=1)]
# A control total sums integers of at most 18 digits, so that every database can do it exactly.
Decimals = Annotated[int, Field(ge=0, le=12)]
RowsPerPage = Annotated[int, Field(ge=1, le=100_000)]


RefreshClass = Literal["reference", "transactional", "close_critical"]


class Strict(BaseModel):
    """An unknown key is an error: a misspelt cursor would read everything every time."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeletionFeed(Strict):
    """Another object of the system, each record of which says that one of ours was deleted."""

    object: Name
    key: tuple[Column, ...] = Field(min_length=1)
    """Fields of the feed that hold the deleted record's key, in the order of our own key."""
    at: Column | None = None
    """Field of the feed with the moment of the deletion: a record received in a later extract
    lives again. Without it, a key once deleted does not return."""


class LinesOf(Strict):
    """The records are lines of a document, and are read after it."""

    object: Name
    """Object of the documents."""
    key: tuple[Column, ...] = Field(min_length=1)
    """Fields of the line that hold the document's key, in the order of the document's own key."""
    count: Column | None = None
    """Field of the document in which the source states how many lines it has."""


class ObjectBase(Strict):
    """One object: a table, a query, a set of files."""

    moving: ClassVar[bool] = False
    """The source may change while it is read, and a reading that broke off can go on."""
    key: tuple[Column, ...] = Field(min_length=1)
    """Fields that identify a record within the object."""
    control_totals: dict[Column, Decimals] = {}
    """Fields whose sum the source is asked for, with the decimals they are kept at."""
    rows_per_page: RowsPerPage = 5000
    refresh: RefreshClass = "transactional"
    """How fresh the object must be; the landscape says how many hours each class may be old."""
    deleted_by: DeletionFeed | None = None
    lines_of: LinesOf | None = None

    def declared(self) -> str:
        """All that decides which records are read, and how they are spelled; holds no secret."""
        return self.model_dump_json()
