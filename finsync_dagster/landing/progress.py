"""How far an extract has come, so that one that was killed goes on where it stopped.

Belongs here: notes about pages that lie in the landing before any manifest names them. Not here:
the manifest, by which alone an extract takes place.

``progress/<system>/<object>/<token>/`` holds ``begun.json`` and one small file per page, each
written once. They are removed when the extract has taken place, and passed over if the object is
declared otherwise by then, if they are of another reading, or if the last of them is old: a server
keeps its cursors only so long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.manifest import PageRef
from finsync_dagster.landing.pages import digest, path_of
from finsync_dagster.landing.store import Store

_KEPT = timedelta(hours=6)
_BEGUN = "begun.json"


class _Begun(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    asked: str
    reason: str
    started_at: AwareDatetime


class _Note(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    page: PageRef
    position: Any
    noted_at: AwareDatetime


@dataclass(frozen=True)
class Asking:
    """What is asked for. ``words`` tell it from other readings of the object, ``now`` the time."""

    store: Store
    system: str
    object: str
    words: str
    now: Callable[[], datetime]

    @property
    def folder(self) -> str:
        """Where notes about readings of the object lie."""
        return f"progress/{self.system}/{self.object}"

    @property
    def digest(self) -> str:
        """Stands for the words, of which notes are not to tell."""
        return digest(self.words.encode())


@dataclass
class Progress:
    """An extract under way. ``position`` is the connector's, after the last of ``pages``."""

    store: Store
    folder: str
    started_at: datetime
    now: Callable[[], datetime]
    reason: str
    """Why it is taken, as its manifest will tell."""
    pages: list[PageRef] = field(default_factory=list)
    position: Any = None
    resumed: int = 0
    """How many of the pages an earlier process landed."""

    def note(self, page: PageRef, position: Any) -> None:
        """Another page lies in the landing; with ``position`` the reading goes on after it."""
        written = _Note(page=page, position=position, noted_at=self.now()).model_dump_json()
        self.store.write_once(f"{self.folder}/{_name(len(self.pages))}", written.encode())
        self.pages.append(page)
        self.position = position

    def stuck(self) -> bool:
        """Whether an earlier process's reading got no further here."""
        return 0 < self.resumed == len(self.pages)

    def forget(self) -> None:
        """Removes the notes: the extract has taken place, or is given up."""
        for name in self.store.names(self.folder):
            self.store.remove(f"{self.folder}/{name}")
        self.store.remove_folder(self.folder)


def begin(asking: Asking, reason: str) -> Progress:
    """Notes that a reading begins."""
    now = asking.now()
    token = digest(f"{asking.words}|{now.isoformat()}".encode())[:16]
    folder = f"{asking.folder}/{token}"
    begun = _Begun(asked=asking.digest, reason=reason, started_at=now)
    asking.store.write_once(f"{folder}/{_BEGUN}", begun.model_dump_json().encode())
    return Progress(asking.store, folder, now, asking.now, reason)


def unfinished(asking: Asking) -> Progress | None:
    """The newest unfinished reading that asked the same and has landed a page."""
    found = (_read(asking, token) for token in asking.store.names(asking.folder))
    good = (progress for progress in found if progress and progress.pages)
    return max(good, key=lambda progress: progress.started_at, default=None)


def forget_all(asking: Asking, but: Progress | None = None) -> None:
    """Removes the notes about all readings of the object, but for one."""
    for token in asking.store.names(asking.folder):
        folder = f"{asking.folder}/{token}"
        if but is None or folder != but.folder:
            Progress(asking.store, folder, asking.now(), asking.now, "").forget()


def _name(number: int) -> str:
    return f"{number:08d}.json"


def _read(asking: Asking, token: str) -> Progress | None:
    store, folder = asking.store, f"{asking.folder}/{token}"
    names = store.names(folder)
    if _BEGUN not in names:
        return None
    try:
        begun = _Begun.model_validate_json(store.read(f"{folder}/{_BEGUN}"))
        if begun.asked != asking.digest:
            return None
        progress = Progress(store, folder, begun.started_at, asking.now, begun.reason)
        noted_at = begun.started_at
        for number in range(len(names) - 1):
            note = _Note.model_validate_json(store.read(f"{folder}/{_name(number)}"))
            if not store.exists(path_of(note.page.sha256)):
                return None
            progress.pages.append(note.page)
            progress.position, noted_at = note.position, note.noted_at
    except (LandingError, ValidationError):
        # Damaged, or of another version: what it knew is read again.
        return None
    progress.resumed = len(progress.pages)
    return None if asking.now() - noted_at > _KEPT else progress
