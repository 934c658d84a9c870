"""Does the landing hold the records the source has, once an increment is added to it?

Belongs here: comparing what is held with what the source states of the whole object. Not here:
what to do about a difference (take.py), keeping what is held at hand (key_index.py).

An increment shows what was changed or added. It does not show what was deleted, what was committed
late with an older stamp, or what was changed without a new stamp. The source's statement about the
whole object does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from finsync_dagster.connectors.extraction import Stated, Sum
from finsync_dagster.connectors.object_model import DeletionFeed
from finsync_dagster.landing import pages
from finsync_dagster.landing.agreement import agrees, stated_count
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.key_index import Gathering, Incoming, KeyIndex, State
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest


def grown(landing: Landing, index: KeyIndex, previous: Manifest, increment: Incoming) -> State:
    """What is held after ``previous`` once the increment is added to it.

    Raises:
        LandingError: the index is missing, and a page it would be made from is, too.
    """
    try:
        return _with(index, _held(landing, index, previous), increment)
    except LandingError:
        # A part of the index is lost or damaged: it is only a cache.
        index.forget(but=increment.parts)
        return _with(index, _held(landing, index, previous), increment)


def unlike_source(
    index: KeyIndex, state: State, deleted: pl.Series | None, stated: Stated
) -> str | None:
    """In what the held records differ from those the source states; None: they agree.

    Compared are the number of distinct keys and the control totals over the newest version of each
    record. ``deleted`` are hashes of keys of which a deletion feed says that they are gone.
    """
    reason = _difference(state.keys, index.sums(state), stated)
    if reason is None or deleted is None:
        return reason
    keys, totals = index.without(state, index.find(state, deleted))
    return reason if _difference(keys, totals, stated) else None


def reported_deleted(
    landing: Landing, index: KeyIndex, system: str, feed: DeletionFeed, seen: pl.Series
) -> pl.Series:
    """Hashes of the keys that the landed deletion feed names, but for those just ``seen``.

    A key that is named and seen was deleted and made anew.
    """
    named = [
        index.hashed(frame, feed.key)
        for manifest in landing.current_manifests(system, feed.object)
        if set(feed.key) <= set(manifest.columns)
        for frame in _frames(landing, manifest, [*dict.fromkeys(feed.key)])
    ]
    keys = pl.concat(named).unique() if named else seen.clear()
    return keys.filter(~keys.is_in(seen.implode()))


def _difference(keys: int, totals: dict[str, Sum], stated: Stated) -> str | None:
    if not agrees(keys, stated.table_before, stated.count_table):
        told = stated_count(stated.table_before, stated.count_table)
        return (
            f"the source has {told} records where {keys} keys are known: "
            "records were deleted, or came with an old change stamp"
        )
    for name, theirs in (stated.sums_table or {}).items():
        if totals[name] != theirs:
            return (
                f"the source's total of {name} is {theirs.total} where {totals[name].total} is "
                "known: records were changed without a new change stamp"
            )
    return None


def _held(landing: Landing, index: KeyIndex, last: Manifest) -> State:
    """What is held after the extract ``last``, from the newest state kept and the pages since."""
    since: list[Manifest] = []
    state: State | None = None
    for manifest in landing.newest_first(last.system, last.object):
        if manifest.sequence > last.sequence:
            continue
        state = index.load(manifest)
        if state is not None:
            break
        since.append(manifest)
        if manifest.mode == "full":
            break
    if state is None:
        full = since.pop() if since else last
        gathering = Gathering(index)
        for frame in _frames(landing, full, index.fields):
            gathering.add(frame)
        state = gathering.finish()
    for manifest in reversed(since):
        increment = Incoming(index)
        for frame in _frames(landing, manifest, index.fields):
            increment.add(frame)
        state = _with(index, state, increment)
        for ref in manifest.gone:
            keys = pages.frame(landing.page(ref.sha256), manifest.key)
            state = index.removed(state, index.hashed(keys, manifest.key))
    return state


def _with(index: KeyIndex, state: State, increment: Incoming) -> State:
    for rows in increment.portions():
        state = index.after(state, rows)
    return state


def known_keys(
    landing: Landing, last: Manifest, key: Sequence[str], index: KeyIndex, wanted: pl.Series
) -> pl.DataFrame:
    """The keys, as landed, of which ``wanted`` are hashes: one row each."""
    found = [pl.DataFrame(schema=dict.fromkeys(key, pl.String))]
    for manifest in landing.current_manifests(last.system, last.object):
        for frame in _frames(landing, manifest, [*key]):
            among = index.hashed(frame, key).is_in(wanted.implode())
            found.append(frame.filter(among).select(key))
    return pl.concat(found).unique(maintain_order=True)


def _frames(landing: Landing, manifest: Manifest, fields: list[str]) -> Iterator[pl.DataFrame]:
    for ref in manifest.pages:
        yield pages.frame(landing.page(ref.sha256), fields)
