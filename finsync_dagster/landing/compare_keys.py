"""Which records are gone: the keys that are held, against those the source lists now.

Belongs here: the comparison, and what may be concluded from it. Not here: when it is due (take.py),
nor what becomes of a record that is gone (canonical).

An API tells what was changed, seldom what was deleted. Listing only keys costs a fraction of a
snapshot, and everything the landing holds of records that are gone stays as it was received.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import polars as pl

from finsync_dagster.connectors.extraction import Extraction, Stated
from finsync_dagster.landing import pages
from finsync_dagster.landing.agreement import agrees, stated_count
from finsync_dagster.landing.held import known_keys
from finsync_dagster.landing.key_index import KEY, KeyIndex, State
from finsync_dagster.landing.landing import LandedPages, Landing
from finsync_dagster.landing.manifest import Manifest, PageRef

_KEYS_PER_PAGE = 50_000


@dataclass(frozen=True)
class Held:
    """What the landing holds of an object once an increment is added to it."""

    landing: Landing
    index: KeyIndex
    previous: Manifest
    increment: LandedPages
    state: State


@dataclass(frozen=True)
class Lost:
    """Keys of records that the source no longer has, and what is held without them."""

    key: tuple[str, ...]
    keys: pl.DataFrame
    state: State

    def landed(self, landing: Landing) -> tuple[PageRef, ...]:
        """The keys as pages of the landing; none if nothing is lost."""
        parts = self.keys.iter_slices(_KEYS_PER_PAGE) if self.keys.height else ()
        return tuple(landing.land_keys(self.key, part) for part in parts)


def lost(
    held: Held, key: Sequence[str], stated: Stated, reading: AbstractContextManager[Extraction]
) -> Lost | str:
    """What is gone, by a reading of the source's keys; or why the keys do not tell.

    ``stated`` is what the source said when the increment was read.
    """
    with reading as extraction:
        present = _hashes(held.index, key, extraction)
    theirs = extraction.stated
    if not agrees(present.len(), theirs.table_before, theirs.count_table):
        told = stated_count(theirs.table_before, theirs.count_table)
        return f"the source listed {present.len()} keys where it counts {told} records"
    known = held.index.keys(held.state)
    unknown = present.filter(~present.is_in(known.implode())).len()
    # Records made since the increment was read come with the next one; others never would.
    if unknown > _made_meanwhile(stated, theirs):
        return f"{unknown} record(s) came with an old change stamp"
    gone = known.filter(~known.is_in(present.implode()))
    return Lost(tuple(key), _values(held, key, gone), held.index.removed(held.state, gone))


def _hashes(index: KeyIndex, key: Sequence[str], extraction: Extraction) -> pl.Series:
    found = [index.empty()[KEY]]
    for rows in extraction.pages:
        schema = dict.fromkeys(extraction.columns, pl.String)
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        found.append(index.hashed(frame, key))
    return pl.concat(found).unique()


def _made_meanwhile(stated: Stated, theirs: Stated) -> int:
    if stated.table_before is None or theirs.count_table is None:
        return 0
    return max(theirs.count_table - stated.table_before, 0)


def _values(held: Held, key: Sequence[str], gone: pl.Series) -> pl.DataFrame:
    """The keys as they were landed, of which ``gone`` are hashes."""
    before = known_keys(held.landing, held.previous, key, held.index, gone)
    new = [
        frame.filter(held.index.hashed(frame, key).is_in(gone.implode()))
        for ref in held.increment.refs
        for frame in [pages.frame(held.landing.page(ref.sha256), key)]
    ]
    return pl.concat([before, *new]).unique(maintain_order=True)
