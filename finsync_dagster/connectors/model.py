"""The vocabulary of a connector's system.yaml: which objects a system has and how to read them.

Belongs here: the choice among protocols. Not here: a protocol's words (sql_model.py,
file_model.py), reading the file (load.py), nor mappings to canonical tables.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from finsync_dagster.connectors.file_model import FileObject, FileSystem
from finsync_dagster.connectors.http.model import HttpObject, HttpSystem
from finsync_dagster.connectors.sql_model import SqlObject, SqlSystem

ObjectSpec: TypeAlias = SqlObject | FileObject | HttpObject
SystemSpec: TypeAlias = Annotated[
    SqlSystem | FileSystem | HttpSystem, Field(discriminator="protocol")
]
