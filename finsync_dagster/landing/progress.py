"""How far an extract has come, so that one that was killed goes on where it stopped.

Belongs here: notes about pages that lie in the landing before any manifest names them. Not here:
the manifest, by which alone an extract takes place.

``progress/<system>/<object>/<token>/`` holds ``begun.json`` and one small file per page, each
written once. They are removed when the extract has taken place, and passed over if the object is
declared otherwise by then, if they are of another reading, or if they are old: a server keeps its
cursors only so long.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.manifest import PageRef
from finsync_dagster.landing.pages import digest, path_of
from finsync_dagster.landing.store import Store

_KEPT = timedelta(hours=6)
_BEGUN = "begun.json"


class _Note(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    page: PageRef
    position: Any


@dataclass
class Progress:
    """An extract under way. ``position`` is the connector's, after the last of ``pages``."""

    store: Store
    folder: str
    started_at: datetime
    pages: list[PageRef] = field(default_factory=list)
    position: Any = None

    def note(self, page: PageRef, position: Any) -> None:
        """Another page lies in the landing; with ``position`` the reading goes on after it."""
        written = _Note(page=page, position=position).model_dump_json().encode()
        self.store.write_once(f"{self.folder}/{len(self.pages):08d}.json", written)
        self.pages.append(page)
        self.position = position

    def forget(self) -> None:
        """Removes the notes: the extract has taken place, or is given up."""
        for name in self.store.names(self.folder):
            self.store.remove(f"{self.folder}/{name}")
        self.store.remove_folder(self.folder)


def begin(store: Store, system: str, object_name: str, asked: str, now: datetime) -> Progress:
    """Notes that a reading begins; ``asked`` tells it from others of the same object."""
    token = digest(f"{asked}|{now.isoformat()}".encode())[:16]
    begun = Progress(store, f"{_folder(system, object_name)}/{token}", now)
    said = {"asked": digest(asked.encode()), "started_at": now.isoformat()}
    store.write_once(f"{begun.folder}/{_BEGUN}", json.dumps(said).encode())
    return begun


def unfinished(
    store: Store, system: str, object_name: str, asked: str, now: datetime
) -> Progress | None:
    """The newest unfinished reading that asked the same; all others of the object are removed."""
    found = [
        progress
        for token in store.names(_folder(system, object_name))
        if (progress := _read(store, f"{_folder(system, object_name)}/{token}", asked, now))
    ]
    good = [p for p in found if p.pages]
    newest = max(good, key=lambda p: p.started_at, default=None)
    for token in store.names(_folder(system, object_name)):
        folder = f"{_folder(system, object_name)}/{token}"
        if newest is None or folder != newest.folder:
            Progress(store, folder, now).forget()
    return newest


def _folder(system: str, object_name: str) -> str:
    return f"progress/{system}/{object_name}"


def _read(store: Store, folder: str, asked: str, now: datetime) -> Progress | None:
    names = store.names(folder)
    if _BEGUN not in names:
        return None
    try:
        begun = json.loads(store.read(f"{folder}/{_BEGUN}"))
        progress = Progress(store, folder, datetime.fromisoformat(begun["started_at"]))
        if begun["asked"] != digest(asked.encode()) or now - progress.started_at > _KEPT:
            return None
        for i, name in enumerate(n for n in names if n != _BEGUN):
            note = _Note.model_validate_json(store.read(f"{folder}/{name}"))
            if name != f"{i:08d}.json" or not store.exists(path_of(note.page.sha256)):
                break
            progress.pages.append(note.page)
            progress.position = note.position
    except (LandingError, ValidationError, ValueError, KeyError, TypeError):
        return None
    return progress
