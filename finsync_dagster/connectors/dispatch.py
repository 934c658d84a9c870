"""The protocol that an object is reached by: the one place that knows them all.

Belongs here: choosing. Not here: any protocol's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from finsync_dagster.connectors import files, sql
from finsync_dagster.connectors.extraction import Extraction
from finsync_dagster.connectors.http import changes
from finsync_dagster.connectors.http import read as http
from finsync_dagster.connectors.http.model import HttpObject
from finsync_dagster.connectors.model import ObjectSpec, SqlObject
from finsync_dagster.connectors.reach import Reach


def extract(
    system: str,
    url: str,
    object_name: str,
    spec: ObjectSpec,
    *,
    since: str | None = None,
    reach: Reach | None = None,
    resume: Any = None,
    known: Sequence[str] = (),
) -> AbstractContextManager[Extraction]:
    """One reading of an object, by its protocol; see the protocol's ``extract``.

    ``since`` is for objects with a cursor; others are read whole. ``resume`` is the position of a
    reading that broke off, ``known`` are the columns known from earlier readings.
    """
    if isinstance(spec, HttpObject):
        asked = http.Asked(system, url, object_name, spec, reach or Reach())
        return http.extract(asked, since=since, resume=resume, known=known)
    if isinstance(spec, SqlObject):
        return sql.extract(system, url, object_name, spec, since=since)
    return files.extract(system, url, object_name, spec)


def list_keys(
    system: str, url: str, object_name: str, spec: ObjectSpec, reach: Reach
) -> AbstractContextManager[Extraction] | None:
    """A reading of all keys of an object and nothing else; None if it cannot be had."""
    if not isinstance(spec, HttpObject) or not spec.lists_keys:
        return None
    return http.extract(http.Asked(system, url, object_name, spec, reach), only_keys=True)


def change_stamp(
    system: str,
    url: str,
    object_name: str,
    spec: ObjectSpec,
    reach: Reach | None = None,
    since: str | None = None,
) -> str:
    """A text that differs once the object has changed; see the protocol's ``change_stamp``.

    ``since`` is the change stamp up to which the object was extracted.
    """
    if isinstance(spec, HttpObject):
        return changes.change_stamp(
            http.Asked(system, url, object_name, spec, reach or Reach()), since
        )
    if isinstance(spec, SqlObject):
        return sql.change_stamp(system, url, object_name, spec)
    return files.change_stamp(system, url, object_name, spec)
