"""Taking an extract: full or incremental, landed, and checked against what the source states.

Belongs here: which extract is due. Not here: reaching the source (connectors), nor when extracts
run (orchestration).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Literal

import polars as pl

from finsync_dagster.connectors.dispatch import extract, list_keys
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.extraction import Extraction
from finsync_dagster.connectors.model import ObjectSpec
from finsync_dagster.connectors.reach import Reach
from finsync_dagster.landing.compare_keys import Held, Lost, lost
from finsync_dagster.landing.held import grown, reported_deleted, unlike_source
from finsync_dagster.landing.key_index import Gathering, Incoming, KeyIndex, State
from finsync_dagster.landing.landing import Circumstances, LandedPages, Landing, differences
from finsync_dagster.landing.manifest import Manifest, PageRef, SourceStated
from finsync_dagster.landing.progress import Asking, Progress, begin, forget_all, unfinished

# A source without snapshots may be written to while it is read; once more is often enough.
_ATTEMPTS = 2
_ASKED_FOR = "asked for"


@dataclass(frozen=True)
class _Taken:
    """How an extract was taken, as its manifest tells it."""

    mode: Literal["full", "incremental"]
    reason: str
    started_at: datetime
    gone: tuple[PageRef, ...] = ()
    keys_compared: bool = False


@dataclass(frozen=True)
class _Order:
    """What is to be extracted, where it is kept, and the extract before."""

    landing: Landing
    system: str
    url: str
    object: str
    spec: ObjectSpec
    now: Callable[[], datetime]
    previous: Manifest | None
    reach: Reach

    def begin(self, since: str | None, reason: str, *, resume: bool = True) -> Progress | None:
        """Notes about this reading, gone on with if it broke off; None if it cannot be."""
        if not self.spec.moving:
            return None
        asking = self._asking(since)
        found = unfinished(asking) if resume else None
        forget_all(asking, but=found)
        return found or begin(asking, reason)

    def called_for(self) -> str | None:
        """Why an increment called for the snapshot that broke off; None if there is none."""
        found = unfinished(self._asking(None)) if self.spec.moving else None
        return None if found is None or found.reason == _ASKED_FOR else found.reason

    def _asking(self, since: str | None) -> Asking:
        # Of the extract before, too: what was noted before that took place is of no use after it.
        before = self.previous.sha256 if self.previous else None
        words = f"{self.url}|{since}|{before}|{self.spec.declared()}"
        return Asking(self.landing.store, self.system, self.object, words, self.now)

    @contextmanager
    def read(self, progress: Progress | None, since: str | None = None) -> Iterator[Extraction]:
        """The reading: of all records, or of those changed since."""
        reading = extract(
            self.system,
            self.url,
            self.object,
            self.spec,
            since=since,
            reach=self.reach,
            resume=progress.position if progress else None,
            known=self.previous.columns if self.previous and since is not None else (),
        )
        try:
            with reading as extraction:
                yield extraction
        except SourceError as error:
            # What the source says no to from the first request on it may have forgotten.
            if progress and progress.stuck() and error.kind in ("mapping", "upstream_data"):
                progress.forget()
            raise

    def decimals(self, extraction: Extraction) -> dict[str, int]:
        """Fields that are totalled: a declared one that the source does not have is left out."""
        declared = self.spec.control_totals
        return {name: n for name, n in declared.items() if name in extraction.columns}

    def index(self, extraction: Extraction) -> KeyIndex | None:
        """The object's index of keys; None if nobody asks for it or a key is missing."""
        if self.spec.cursor is None and not self.spec.moving:
            return None
        if not set(self.spec.key) <= set(extraction.columns):
            return None
        folder = f"{self.system}/{self.object}"
        return KeyIndex(self.landing.store, folder, self.spec.key, self.decimals(extraction))

    def commit(self, extraction: Extraction, landed: LandedPages, taken: _Taken) -> Manifest:
        """Writes the manifest, as the one after ``previous``."""
        circumstances = Circumstances(
            mode=taken.mode,
            reason=taken.reason,
            key=self.spec.key,
            cursor=self.spec.cursor,
            started_at=taken.started_at,
            finished_at=self.now(),
            gone=taken.gone,
            keys_compared=taken.keys_compared,
        )
        return self.landing.commit(extraction, landed, circumstances, self.previous)


def take(
    landing: Landing,
    system_name: str,
    url: str,
    object_name: str,
    spec: ObjectSpec,
    *,
    now: Callable[[], datetime],
    full: bool = False,
    reach: Reach | None = None,
) -> Manifest:
    """Extracts one object and lands it; the manifest says whether it is complete.

    Incremental from the last extract's newest change stamp on, that stamp and the object's overlap
    included. A full snapshot instead if ``full`` asks for it; if there is none to build on, or none
    that can be built on; if one is due (``snapshot_every``); and if the increment would leave the
    landing with other records than the source has. ``manifest.reason`` tells which. ``now`` is
    asked at the start and at the end, and must return an aware datetime.

    Of a source that can list its keys (compare_keys.py), records that are gone are found without a
    snapshot. Of one that is read page by page (``moving``), a reading that broke off is gone on
    with (progress.py); a snapshot that an increment called for comes before further increments.

    Raises:
        SourceError: the source cannot be read; the landing then has no trace of the attempt but
            perhaps pages that no manifest names, and notes by which the next one goes on.
        LandingError: what was landed before cannot be read, or another extract of the object was
            committed since this one began.
    """
    landing.settle(system_name, object_name)
    previous = landing.last(system_name, object_name)
    reach = reach or Reach()
    order = _Order(landing, system_name, url, object_name, spec, now, previous, reach)
    reason = _ASKED_FOR if full else _cannot_build_on(previous, spec) or _is_due(order)
    reason = reason or order.called_for()
    if reason is None and previous is not None:
        taken = _increment(order, previous)
        if isinstance(taken, Manifest):
            return taken
        reason = taken
    return _snapshot(order, reason or _ASKED_FOR)


def _cannot_build_on(previous: Manifest | None, spec: ObjectSpec) -> str | None:
    if previous is None:
        return "first extract"
    if spec.cursor is None:
        return "the object has no change stamp"
    if not previous.complete:
        return "the extract before was not complete"
    if (previous.cursor, previous.key) != (spec.cursor, tuple(spec.key)):
        return "cursor or key was changed in the connector's system.yaml"
    if previous.cursor_to is None:
        return "no record had a change stamp"
    return None


def _is_due(order: _Order) -> str | None:
    every: int | None = getattr(order.spec, "snapshot_every", None)
    if every is None:
        return None
    newest = islice(order.landing.newest_first(order.system, order.object), every)
    if any(manifest.mode == "full" for manifest in newest):
        return None
    return f"due after {every} increments"


def _snapshot(order: _Order, reason: str) -> Manifest:
    for attempt in range(1, _ATTEMPTS + 1):
        progress = order.begin(None, reason, resume=attempt == 1)
        started_at = progress.started_at if progress else order.now()
        with order.read(progress) as extraction:
            index = order.index(extraction)
            gathering = None if index is None else Gathering(index)
            landed = order.landing.land(
                extraction,
                order.decimals(extraction),
                read=() if index is None else index.fields,
                watch=None if gathering is None else gathering.add,
                progress=progress,
            )
        state = gathering.finish() if gathering else None
        landed = replace(landed, keys=state.keys if state else None)
        if attempt == _ATTEMPTS or not differences(extraction, landed):
            break
    manifest = order.commit(extraction, landed, _Taken("full", reason, started_at))
    if index is not None and state is not None:
        index.save(manifest, state)
    if progress:
        progress.forget()
    return manifest


def _increment(order: _Order, previous: Manifest) -> Manifest | str:
    """The committed increment, or why a full snapshot is needed instead."""
    progress = order.begin(previous.cursor_to, "changes")
    started_at = progress.started_at if progress else order.now()
    with order.read(progress, previous.cursor_to) as extraction:
        reason = _not_enough(extraction, previous)
        index = order.index(extraction)
        if reason is not None or index is None:
            return reason or "a field of the key is missing"
        incoming = Incoming(index)
        landed = order.landing.land(
            extraction,
            order.decimals(extraction),
            read=index.fields,
            watch=incoming.add,
            progress=progress,
        )
    keys = incoming.keys()
    landed = replace(landed, keys=keys.n_unique())
    reason = _not_enough(extraction, previous)
    if reason or differences(extraction, landed):
        return reason or "an increment was not complete"
    state = grown(order.landing, index, previous, incoming)
    due = _comparing_is_due(order)
    if not due and not _repeats(extraction, landed, previous):
        reason = _unlike_source(order, index, state, extraction, keys)
    gone: tuple[PageRef, ...] = ()
    if due or reason:
        held = Held(order.landing, index, previous, landed, state)
        compared = _compare(order, held, extraction)
        if not isinstance(compared, Lost):
            return compared or reason or "keys were to be compared"
        gone, state = compared.landed(order.landing), compared.state
    taken = _Taken("incremental", f"changes since {extraction.since}", started_at, gone, due)
    manifest = order.commit(extraction, landed, taken)
    index.save(manifest, state)
    if progress:
        progress.forget()
    return manifest


def _compare(order: _Order, held: Held, extraction: Extraction) -> Lost | str | None:
    """What is gone by the source's keys, or why they do not tell; None: it does not list them."""
    keys = list_keys(order.system, order.url, order.object, order.spec, order.reach)
    if keys is None or not set(order.spec.key) <= set(extraction.columns):
        return None
    return lost(held, order.spec.key, extraction.stated, keys)


def _comparing_is_due(order: _Order) -> bool:
    every: int | None = getattr(order.spec, "compare_keys_every", None)
    if every is None:
        return False
    newest = islice(order.landing.newest_first(order.system, order.object), every - 1)
    return not any(m.mode == "full" or m.keys_compared for m in newest)


def _repeats(extraction: Extraction, landed: LandedPages, previous: Manifest) -> bool:
    """Whether the source says, and gave, exactly what it did the time before."""
    same = previous.source_stated == SourceStated.of(extraction.stated)
    return same and previous.pages == landed.refs


def _unlike_source(
    order: _Order,
    index: KeyIndex,
    state: State,
    extraction: Extraction,
    seen: pl.Series,
) -> str | None:
    reason = unlike_source(index, state, None, extraction.stated)
    feed = order.spec.deleted_by
    if reason is None or feed is None or len(feed.key) != len(order.spec.key):
        return reason
    deleted = reported_deleted(order.landing, index, order.system, feed, seen)
    return unlike_source(index, state, deleted, extraction.stated)


def _not_enough(extraction: Extraction, previous: Manifest) -> str | None:
    """Why an increment cannot do, as far as the source's own statement tells."""
    grows = extraction.stated.moving and set(extraction.columns) <= set(previous.columns)
    if extraction.columns != previous.columns and not grows:
        changed = sorted(set(extraction.columns) ^ set(previous.columns))
        return f"the source's columns changed ({', '.join(changed) or 'their order'})"
    if extraction.stated.count_without_key:
        return f"{extraction.stated.count_without_key} record(s) have no key to follow them by"
    if extraction.stated.count_selected == 0 and not extraction.stated.moving:
        return "the newest records known are no longer in the source"
    return None
