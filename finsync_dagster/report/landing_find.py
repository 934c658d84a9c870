"""Finding an extract, a page, or all versions of a record in the landing.

Belongs here: the searches. Not here: printing what was found (landing_show.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from finsync_dagster.canonical.key_text import whole_key
from finsync_dagster.landing import pages
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest

_PAGE = re.compile(r"[0-9a-f]{6,64}")
_HINT = "finsync landing ls SYSTEM OBJECT lists the extracts there are"


@dataclass(frozen=True)
class Version:
    """A record as one extract brought it. ``row`` is its position in the page, from 0."""

    manifest: Manifest
    page: str
    row: int
    fields: dict[str, str | None]


def find_extract(landing: Landing, wanted: str) -> Manifest | None:
    """The extract of that id; None if there is none."""
    for system in landing.systems():
        for object_name in landing.objects(system):
            folder = f"manifests/{system}/{object_name}"
            for name in landing.store.names(folder):
                if name.removesuffix(".json").endswith(f"-{wanted}"):
                    path = f"{folder}/{name}"
                    return Manifest.from_bytes(landing.store.read(path), path)
    return None


def find_page(landing: Landing, wanted: str) -> str | None:
    """The full SHA-256 of the page whose name begins so (six characters at least).

    Raises:
        LandingError: several do.
    """
    if not _PAGE.fullmatch(wanted):
        return None
    names = landing.store.names(f"pages/{wanted[:2]}")
    found = [n.split(".", 1)[0] for n in names if n.startswith(wanted)]
    if len(found) > 1:
        raise LandingError(f"several pages begin with {wanted}: {', '.join(sorted(found))}")
    return found[0] if found else None


def newest_extract(landing: Landing, system: str, object_name: str) -> Manifest:
    """The object's newest extract.

    Raises:
        LandingError: nothing of it was landed.
    """
    last = landing.last(system, object_name)
    if last is None:
        there = [f"{s} {o}" for s in landing.systems() for o in landing.objects(s)]
        raise LandingError(
            f"nothing of {system} {object_name} was landed; landed are: "
            f"{', '.join(there) or 'no objects at all'}"
        )
    return last


def naming(landing: Landing, page: str) -> list[Manifest]:
    """The extracts that brought the page, by system, object and time."""
    return [
        manifest
        for system in landing.systems()
        for object_name in landing.objects(system)
        for manifest in landing.manifests(system, object_name)
        if page in {ref.sha256 for ref in manifest.pages}
    ]


def unknown(wanted: str) -> LandingError:
    """The error for what is neither an extract nor a page."""
    return LandingError(f"{wanted} is neither an extract nor a page of the landing; {_HINT}")


def versions(landing: Landing, system: str, object_name: str, key: str) -> list[Version]:
    """Every landed version of a record, oldest first, those that say nothing new included.

    ``key``: its key parts joined by ``|``, as quarantine and canonical tables name it.
    """
    return list(_versions(landing, system, object_name, key))


def _versions(landing: Landing, system: str, object_name: str, key: str) -> Iterator[Version]:
    # A page that many extracts name is read once.
    known: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for manifest in landing.manifests(system, object_name):
        for ref in manifest.pages:
            where = ref.sha256, manifest.key
            if where not in known:
                known[where] = _rows(landing, manifest, ref.sha256, key)
            if known[where]:
                records = landing.read_page(ref.sha256)
                for row in known[where]:
                    yield Version(manifest, ref.sha256, row, records[row])


def _rows(landing: Landing, manifest: Manifest, page: str, key: str) -> list[int]:
    frame = pages.frame(landing.page(page), manifest.key)
    same = pl.concat_str([whole_key(pl.col(k)) for k in manifest.key], separator="|") == key
    return frame.with_row_index("_n").filter(same)["_n"].to_list()


def since(found: Sequence[Version]) -> Version | None:
    """The extract that first brought the record as it is now; None if it was never landed."""
    first = None
    for version in reversed(found):
        if version.fields != found[-1].fields:
            break
        first = version
    return first
