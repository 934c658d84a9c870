"""How an object that arrives as files is declared.

Belongs here: the words of the files protocol. Not here: reading (files.py).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from finsync_dagster.connectors.object_model import Name, ObjectBase, Strict


class FileObject(ObjectBase):
    """CSV files in a folder, one header each; together they are one object."""

    glob: Annotated[str, Field(min_length=1)]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Literal["utf-8"] = "utf-8"

    @property
    def cursor(self) -> None:
        """Files are read whole, every time."""
        return None


class FileSystem(Strict):
    """A system that leaves files in a folder."""

    protocol: Literal["files"]
    objects: dict[Name, FileObject]
