"""The landing of all systems under one root: writing extracts, and reading them back.

Belongs here: pages and manifests together. Not here: deciding what to extract (take.py), nor
proving the whole landing (verify.py).

Layout: ``pages/ab/abcd….ndjson.zst`` shared by everything, and
``manifests/<system>/<object>/<sequence>-<extract id>.json``. Every extract leaves a manifest, even
one that found nothing new: it is the evidence that somebody looked, and a few kilobytes at most.
Beside them, ``claims/`` (claims.py) is empty but for moments, ``progress/`` (progress.py) but while
extracts are under way, and ``index/`` (key_index.py) may be deleted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any, Literal

import polars as pl

from finsync_dagster.connectors.extraction import Extraction, Sum
from finsync_dagster.landing import pages
from finsync_dagster.landing.agreement import agrees, stated_count
from finsync_dagster.landing.claims import claim, settle
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.manifest import Manifest, PageRef, SourceStated, extract_id, totals
from finsync_dagster.landing.progress import Progress
from finsync_dagster.landing.store import Store
from finsync_dagster.landing.sums import added, sums

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
LANDING_COLUMNS = ("landing_page", "landing_row", "extract_id", "extracted_at")


@dataclass(frozen=True)
class LandedPages:
    """Pages of an extraction that lie in the landing, with no manifest yet."""

    refs: tuple[PageRef, ...]
    sums: Mapping[str, Sum]
    keys: int | None = None
    """Distinct keys among the records, where they were counted; a source that may change while it
    is read can give a record twice."""

    @property
    def row_count(self) -> int:
        """Records in all pages."""
        return sum(ref.rows for ref in self.refs)


@dataclass(frozen=True)
class Circumstances:
    """What a manifest tells beside the records: why, when, and how they are identified."""

    mode: Literal["full", "incremental"]
    reason: str
    key: Sequence[str]
    cursor: str | None
    started_at: datetime
    finished_at: datetime
    gone: Sequence[PageRef] = ()
    keys_compared: bool = False


class Landing:
    """What was received from all systems, under one root URL (file:///…, memory://…, s3://…)."""

    def __init__(self, root_url: str) -> None:
        self.root_url = root_url
        self.store = Store(root_url)

    def systems(self) -> list[str]:
        """Systems of which something was landed."""
        return self.store.names("manifests")

    def objects(self, system: str) -> list[str]:
        """Objects of the system of which something was landed."""
        return self.store.names(f"manifests/{_checked(system)}")

    def manifests(self, system: str, object_name: str) -> list[Manifest]:
        """All extracts of the object, oldest first."""
        return list(reversed([*self.newest_first(system, object_name)]))

    def last(self, system: str, object_name: str) -> Manifest | None:
        """The newest extract of the object."""
        return next(self.newest_first(system, object_name), None)

    def settle(self, system: str, object_name: str) -> None:
        """Finishes what a killed process had begun to commit, if there is anything."""
        settle(self.store, _checked(system), _checked(object_name))

    def newest_first(self, system: str, object_name: str) -> Iterator[Manifest]:
        """All extracts of the object, newest first, each read when it is asked for."""
        folder = _folder(system, object_name)
        for name in reversed(self.store.names(folder)):
            path = f"{folder}/{name}"
            yield Manifest.from_bytes(self.store.read(path), path)

    def current_manifests(
        self, system: str, object_name: str, *, complete_only: bool = False
    ) -> list[Manifest]:
        """The newest full extract and the incremental ones after it, oldest first.

        Their pages hold the newest version of every record of the object. An extract that landed
        exactly the pages of the one before it says nothing new and is left out. With
        ``complete_only``, extracts that are not complete count as if they had not taken place.
        """
        found: list[Manifest] = []
        for manifest in self.newest_first(system, object_name):
            if complete_only and not manifest.complete:
                continue
            if found and _repeats(found[-1], manifest):
                found.pop()
            found.append(manifest)
            if manifest.mode == "full":
                return found[::-1]
        return found[::-1]

    def land(
        self,
        extraction: Extraction,
        decimals: Mapping[str, int],
        *,
        read: Sequence[str] = (),
        watch: Callable[[pl.DataFrame], None] | None = None,
        progress: Progress | None = None,
    ) -> LandedPages:
        """Lands the extraction's pages one at a time, taking control totals from their bytes.

        ``watch`` is shown each page as it was landed, with at least the fields ``read``. With
        ``progress``, pages that it knows of come first, and each further one is noted in it.
        """
        refs: list[PageRef] = []
        landed = {name: Sum(Decimal(0)) for name in decimals}
        before = tuple(progress.pages) if progress else ()
        known = (self.page(ref.sha256) for ref in before)
        for content in chain(known, self._stored(extraction)):
            read_back = list(dict.fromkeys([*extraction.columns[:1], *decimals, *read]))
            frame = pages.frame(content, read_back)
            ref = PageRef(sha256=pages.digest(content), rows=frame.height, bytes=len(content))
            refs.append(ref)
            landed = added(landed, sums(frame, decimals))
            if watch is not None:
                watch(frame)
            if progress and extraction.position and len(refs) > len(before):
                progress.note(ref, extraction.position())
        return LandedPages(tuple(refs), landed)

    def land_keys(self, key: Sequence[str], keys: pl.DataFrame) -> PageRef:
        """Lands a page with the keys of records that the source no longer has."""
        content = pages.encode(key, keys.select(key).iter_rows())
        self._store_page(content)
        return PageRef(sha256=pages.digest(content), rows=keys.height, bytes=len(content))

    def _stored(self, extraction: Extraction) -> Iterator[bytes]:
        for rows in extraction.pages:
            content = pages.encode(extraction.columns, rows)
            self._store_page(content)
            yield content

    def _store_page(self, content: bytes) -> None:
        path = pages.path_of(pages.digest(content))
        if not self.store.exists(path):
            self.store.write_once(path, pages.compress(content))

    def commit(
        self,
        extraction: Extraction,
        landed: LandedPages,
        circumstances: Circumstances,
        previous: Manifest | None,
    ) -> Manifest:
        """Writes the manifest after ``previous``, by which the extract has taken place.

        ``previous`` is the newest one of when the extract began: had another come since, this
        one's records might be older than that one's.

        Raises:
            LandingError: another extract of the object was committed since.
        """
        manifest = _manifest(extraction, landed, circumstances, previous)
        content = manifest.to_bytes()
        path = f"{_folder(manifest.system, manifest.object)}/{manifest.file_name}"
        if not claim(self.store, manifest, content):
            raise LandingError(f"{path}: another extract of the object came first; take it again")
        return Manifest.from_bytes(content, path)

    def write(
        self, extraction: Extraction, decimals: Mapping[str, int], circumstances: Circumstances
    ) -> Manifest:
        """Lands all pages, then commits: ``land`` and ``commit`` in one."""
        previous = self.last(extraction.system, extraction.object)
        landed = self.land(extraction, decimals)
        return self.commit(extraction, landed, circumstances, previous)

    def page(self, sha256: str) -> bytes:
        """A page's bytes before compression.

        Raises:
            LandingError: the page is missing or is not what its name says.
        """
        return pages.decompress(sha256, self.store.read(pages.path_of(sha256)))

    def read_page(self, sha256: str) -> list[dict[str, Any]]:
        """A page's records, field → text or None; its hash is checked."""
        return pages.records(self.page(sha256))

    def frame(self, manifest: Manifest) -> pl.DataFrame:
        """All records of an extract: fields as text, then LANDING_COLUMNS, in landed order."""
        schema = dict.fromkeys(manifest.columns, pl.String())
        taken = sorted(set(schema) & set(LANDING_COLUMNS))
        if taken:
            raise LandingError(
                f"{manifest.system}.{manifest.object}: the source has a field {taken[0]}, which is "
                "the name of a column of the landing; read it through a view with another name"
            )
        parts = [pl.DataFrame(schema=schema).with_columns(_origin(manifest, ""))]
        for ref in manifest.pages:
            part = pages.frame(self.page(ref.sha256), manifest.columns)
            parts.append(part.with_columns(_origin(manifest, ref.sha256)))
        return pl.concat(parts)


def _manifest(
    extraction: Extraction,
    landed: LandedPages,
    circumstances: Circumstances,
    previous: Manifest | None,
) -> Manifest:
    sequence = previous.sequence + 1 if previous else 1
    reasons = differences(extraction, landed)
    return Manifest(
        extract_id=extract_id(
            extraction.system, extraction.object, sequence, circumstances.started_at
        ),
        system=extraction.system,
        object=extraction.object,
        sequence=sequence,
        previous=previous.sha256 if previous else None,
        mode=circumstances.mode,
        reason=circumstances.reason,
        request=extraction.request,
        started_at=circumstances.started_at,
        finished_at=circumstances.finished_at,
        key=tuple(circumstances.key),
        cursor=circumstances.cursor,
        cursor_from=extraction.since,
        cursor_to=extraction.stated.cursor_max,
        columns=extraction.columns,
        pages=landed.refs,
        gone=tuple(circumstances.gone),
        keys_compared=circumstances.keys_compared,
        row_count=landed.row_count,
        source_stated=SourceStated.of(extraction.stated),
        landed_sums=totals(landed.sums),
        complete=not reasons,
        incomplete_because=tuple(reasons),
    )


def differences(extraction: Extraction, landed: LandedPages) -> list[str]:
    """In what the landed records are not those the source stated; empty if complete."""
    found = []
    stated = extraction.stated
    count = landed.row_count
    if stated.moving and landed.keys is not None and not stated.count_without_key:
        count = landed.keys
    if not agrees(count, stated.selected_before, stated.count_selected):
        told = stated_count(stated.selected_before, stated.count_selected)
        found.append(f"the source stated {told} records, {count} were landed")
    if stated.doubt:
        found.append(stated.doubt)
    for name, theirs in (stated.sums_selected or {}).items():
        ours = landed.sums[name]
        if theirs != ours:
            found.append(
                f"{name}: the source stated a total of {theirs.total} ({theirs.not_summed} values "
                f"not summed), landed were {ours.total} ({ours.not_summed})"
            )
    return found


def _repeats(manifest: Manifest, before: Manifest) -> bool:
    """Does it say nothing that the extract before it did not say?"""
    same = manifest.pages == before.pages and not manifest.gone
    return same and manifest.mode == "incremental"


def _origin(manifest: Manifest, sha256: str) -> list[pl.Expr]:
    moment = pl.lit(manifest.started_at).cast(pl.Datetime("us", "UTC"))
    return [
        pl.lit(sha256).alias("landing_page"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("landing_row"),
        pl.lit(manifest.extract_id).alias("extract_id"),
        moment.alias("extracted_at"),
    ]


def _folder(system: str, object_name: str) -> str:
    return f"manifests/{_checked(system)}/{_checked(object_name)}"


def _checked(name: str) -> str:
    # Names become paths.
    if not _NAME.fullmatch(name):
        raise LandingError(f"{name!r} is no name of a system or object: use a-z, 0-9 and _")
    return name
