"""How an object that arrives as files is declared.

Belongs here: the words of the files protocol, and which of them go together. Not here: reading
(files.py). docs/files.md explains the words with examples.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from finsync_dagster.connectors.extraction import DEFECT, FILE, LINE, RAW
from finsync_dagster.connectors.file_names import normal
from finsync_dagster.connectors.object_model import Column, Name, ObjectBase, Strict

RESERVED = (FILE, LINE, DEFECT, RAW)
"""Fields that every record of a file has beside the file's own."""
AUTO = "auto"


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _inside(glob: str) -> str:
    path = PurePosixPath(glob)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("must stay inside the folder: no leading / and no ..")
    return glob


def _encoding(name: str) -> str:
    if name != AUTO:
        try:
            codecs.lookup(name).incrementaldecoder(errors="strict")
            b"a".decode(name, "replace")
        except (LookupError, TypeError):
            raise ValueError(f"{name} is no text encoding that Python knows") from None
    return name


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def _spelled_out(value: Any) -> Any:
    """``amount: Betrag`` and ``amount: [Betrag, Total]`` are short for ``names:``."""
    if isinstance(value, str):
        return {"names": (value,)}
    return {"names": value} if isinstance(value, list | tuple) else value


Glob = Annotated[str, Field(min_length=1), AfterValidator(_inside)]
Encoding = Annotated[str, AfterValidator(_encoding)]
Regex = Annotated[str, Field(min_length=1), AfterValidator(_regex)]
Char = Annotated[str, Field(min_length=1, max_length=1)]
Place = Annotated[int, Field(ge=1)]


class FieldNames(Strict):
    """A field of ours, and what the files call it."""

    names: tuple[Column, ...] = ()
    """Names it has in one header or another; its own name is one of them in any case."""
    required: bool = False
    """A file without it cannot be read. Fields of the key are required in any case."""


class Constants(Strict):
    """Values that are in no column: for all files, or those of a name or with a certain column."""

    files: Glob | None = None
    header: Column | None = None
    set: dict[Column, str] = Field(min_length=1)


class FileObject(ObjectBase):
    """Files in a folder; together, or the latest of them alone, they are one object."""

    glob: Annotated[tuple[Glob, ...], BeforeValidator(_one_or_more)] = Field(min_length=1)
    order: Literal["name", "modified"] = "name"
    """Of two records with one key, that of the later file counts."""
    delivery: Literal["all", "latest"] = "all"
    """``latest``: each file holds everything, so that only the last one in order is read."""
    format: Literal["delimited", "fixed", "excel"] = "delimited"

    encoding: Annotated[tuple[Encoding, ...], BeforeValidator(_one_or_more)] = ("utf-8",)
    """Tried in this order on each line; ``auto`` finds out per file. A byte-order mark wins."""
    delimiter: Char | Literal["auto"] = ","
    quote: Char | None = '"'
    escape: Char | None = None
    columns: dict[Column, tuple[Place, Place]] = Field(default_factory=dict)
    """Of fixed-width lines: first and last character of each field, counted from 1."""
    sheet: int | str = 1
    """Of a workbook: name, position from 1, or /regular expression/ for several sheets."""

    skip_rows: Annotated[int, Field(ge=0)] = 0
    skip_until: Regex | None = None
    """The header is the first line in which this is found."""
    header: bool | Literal["find"] | tuple[Column, ...] = True
    """``find``: the first line that names every field of the key. A list: the files have none."""
    comment: Annotated[str, Field(min_length=1)] | None = None
    only: Regex | None = None
    """Lines in which this is found are records; the others are not looked at."""
    stop_at: Regex | None = None
    """The file ends before the first line in which this is found."""
    skip_last: Annotated[int, Field(ge=0)] = 0
    short_rows: Literal["defect", "pad"] = "defect"
    trim: bool = False

    fields: dict[Column, Annotated[FieldNames, BeforeValidator(_spelled_out)]] = Field(
        default_factory=dict
    )
    """What our fields are called in the files. Columns that none names keep their own name."""
    constants: tuple[Constants, ...] = ()

    @property
    def cursor(self) -> None:
        """Files are read whole, every time."""
        return None

    @model_validator(mode="after")
    def _words_of_the_format(self) -> FileObject:
        belongs = {
            "delimited": {"encoding", "delimiter", "quote", "escape"},
            "fixed": {"encoding", "columns"},
            "excel": {"sheet"},
        }
        for word in sorted(set().union(*belongs.values()) & self.model_fields_set):
            if word not in belongs[self.format]:
                raise ValueError(f"{word} is no word of format {self.format}")
        if self.format == "fixed" and not self.columns:
            raise ValueError("format fixed needs columns: {name: [first, last]}")
        if self.header is False or (self.format == "fixed" and self.header is not True):
            raise ValueError("header: a list of names for files without one; none with fixed")
        if any(last < first for first, last in self.columns.values()):
            raise ValueError("columns: the last character of a field is not before its first")
        return self

    @model_validator(mode="after")
    def _names_are_ours(self) -> FileObject:
        named = [*self.fields, *self.columns, *(f for c in self.constants for f in c.set)]
        taken = sorted(set(named) & set(RESERVED))
        if taken:
            raise ValueError(f"{taken[0]} is a name that every record of a file has already")
        owners: dict[str, str] = {}
        for ours, field in self.fields.items():
            for name in (ours, *field.names):
                if owners.setdefault(normal(name), ours) != ours:
                    raise ValueError(f"{name} belongs to {owners[normal(name)]} and to {ours}")
        return self


class FileSystem(Strict):
    """A system that leaves files in a folder."""

    protocol: Literal["files"]
    objects: dict[Name, FileObject]
