"""The protocol that an object is reached by: the one place that knows them all.

Belongs here: choosing. Not here: any protocol's work.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from finsync_dagster.connectors import files, sql
from finsync_dagster.connectors.extraction import Extraction
from finsync_dagster.connectors.model import ObjectSpec, SqlObject


def extract(
    system: str,
    url: str,
    object_name: str,
    spec: ObjectSpec,
    *,
    since: str | None = None,
) -> AbstractContextManager[Extraction]:
    """One reading of an object, by its protocol; see the protocol's ``extract``.

    ``since`` is for objects with a cursor; others are read whole.
    """
    if isinstance(spec, SqlObject):
        return sql.extract(system, url, object_name, spec, since=since)
    return files.extract(system, url, object_name, spec)


def change_stamp(system: str, url: str, object_name: str, spec: ObjectSpec) -> str:
    """A text that differs once the object has changed; see the protocol's ``change_stamp``."""
    if isinstance(spec, SqlObject):
        return sql.change_stamp(system, url, object_name, spec)
    return files.change_stamp(system, url, object_name, spec)
