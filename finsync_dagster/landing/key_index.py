"""Which keys an object holds and what they add up to, kept ready beside the manifests.

Belongs here: a cache that saves reading every page for each increment. Not here: what follows from
a difference to the source (held.py).

Everything in it can be computed from pages and manifests, and is if it is missing: ``index/`` may
be deleted at any time. A state names its parts; a part holds, for up to half a million records, a
hash of the key and the record's share in each control total. Later parts prevail over earlier ones.
To hold an increment against the index, its keys are looked up part by part: the memory this takes
does not grow with the object, and nothing is written but the increment's own part.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from finsync_dagster.connectors.extraction import Sum
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.manifest import Manifest, Sha256, Total, totals
from finsync_dagster.landing.pages import digest
from finsync_dagster.landing.store import Store
from finsync_dagster.landing.sums import added, less, terms

KEY = "key"
_PART_ROWS = 500_000
_SMALL_PARTS = 24
# Rows of an increment that are added at once; looking them up takes ten times their size.
_PORTION_ROWS = 100_000
# Distinct keys are counted so many at a time.
_COUNTED_AT_ONCE = 4_000_000


class State(BaseModel):
    """Distinct keys of an object, the totals over their newest versions, and where they lie."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: int
    totals: dict[str, Total]
    base: tuple[Sha256, ...]
    """Parts of the full extract."""
    changes: tuple[Sha256, ...] = ()
    """Parts of the increments after it, oldest first."""


class KeyIndex:
    """The index of one object; ``folder`` is ``<system>/<object>``."""

    def __init__(
        self, store: Store, folder: str, key: Sequence[str], decimals: Mapping[str, int]
    ) -> None:
        self._store, self._folder = store, f"index/{folder}"
        self._key, self._decimals = tuple(key), dict(decimals)
        # Polars may hash otherwise in another version: its index then counts as missing.
        described = (self._key, sorted(self._decimals.items()), pl.__version__)
        self._kind = digest(repr(described).encode())[:16]

    @property
    def fields(self) -> list[str]:
        """Fields of a record that the index is made from."""
        return list(dict.fromkeys([*self._key, *self._decimals]))

    def rows(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A page's records as the index keeps them: key hash, then a share and a flag per total."""
        # A hash stands for the key. Should two keys ever share one, the count differs and a full
        # snapshot is taken, which is right in any case.
        shares = [
            expression.alias(f"{kind}{i}")
            for i, (name, places) in enumerate(self._decimals.items())
            for kind, expression in terms(pl.col(name), places).items()
        ]
        return frame.select(self._hashed(self._key).alias(KEY), *shares)

    def hashed(self, frame: pl.DataFrame, fields: Sequence[str]) -> pl.Series:
        """Hashes of keys that another object names in these fields."""
        return frame.select(self._hashed(fields).alias(KEY)).to_series()

    def after(self, state: State, increment: pl.DataFrame) -> State:
        """The state once the increment's records have replaced their earlier versions."""
        if increment.is_empty():
            return state
        newest = increment.unique(KEY, keep="last", maintain_order=True)
        held = self.find(state, newest[KEY])
        # Most of an overlap is known already.
        newest = newest.join(held, on=newest.columns, how="anti", nulls_equal=True)
        if newest.is_empty():
            return state
        before = held.filter(pl.col(KEY).is_in(newest[KEY].implode()))
        total = added(less(self.sums(state), self.sum(before)), self.sum(newest))
        changes = (*state.changes, self.keep(newest))
        if len(changes) > _SMALL_PARTS:
            changes = (self.keep(self._merged(changes)),)
        return State(
            keys=state.keys + newest.height - before.height,
            totals=totals(total),
            base=state.base,
            changes=changes,
        )

    def removed(self, state: State, keys: pl.Series) -> State:
        """The state without the records of these keys."""
        gone = self.find(state, keys)
        if gone.is_empty():
            return state
        count, totals_left = self.without(state, gone)
        return State(
            keys=count,
            totals=totals(totals_left),
            base=tuple(self._without(sha256, gone[KEY]) for sha256 in state.base),
            changes=tuple(self._without(sha256, gone[KEY]) for sha256 in state.changes),
        )

    def keys(self, state: State) -> pl.Series:
        """Hashes of all keys that are held."""
        parts = [self.part(sha256, [KEY])[KEY] for sha256 in (*state.base, *state.changes)]
        return pl.concat(parts).unique() if parts else self.empty()[KEY]

    def find(self, state: State, keys: pl.Series) -> pl.DataFrame:
        """The newest versions of those of the keys that are held."""
        wanted = keys.unique()
        found = [
            self.part(sha256).filter(pl.col(KEY).is_in(wanted.implode()))
            for sha256 in (*state.base, *state.changes)
        ]
        return pl.concat(found).unique(KEY, keep="last") if found else self.empty()

    def sums(self, state: State) -> dict[str, Sum]:
        """The control totals of all that is held."""
        return {name: Sum(found.total, found.not_summed) for name, found in state.totals.items()}

    def without(self, state: State, gone: pl.DataFrame) -> tuple[int, dict[str, Sum]]:
        """Keys and totals, had these records not been held."""
        return state.keys - gone.height, less(self.sums(state), self.sum(gone))

    def load(self, manifest: Manifest) -> State | None:
        """The state after this extract; None if it is not kept, or not any more."""
        try:
            return State.model_validate_json(self._store.read(self._path(self._name(manifest))))
        except (LandingError, ValidationError):
            return None

    def save(self, manifest: Manifest, state: State) -> None:
        """Keeps the state after this extract, and nothing else: only the newest is of use."""
        name = self._name(manifest)
        self._store.write_once(self._path(name), state.model_dump_json().encode())
        self._forget_but({name, *(_part(sha256) for sha256 in (*state.base, *state.changes))})

    def forget(self, but: Sequence[str] = ()) -> None:
        """Removes everything but these parts, as something in it is damaged."""
        self._forget_but({_part(sha256) for sha256 in but})

    def _forget_but(self, kept: set[str]) -> None:
        for name in self._store.names(self._folder):
            if name not in kept:
                self._store.remove(self._path(name))

    def _hashed(self, fields: Sequence[str]) -> pl.Expr:
        return pl.struct(pl.col(field).alias(f"k{i}") for i, field in enumerate(fields)).hash()

    def _name(self, manifest: Manifest) -> str:
        return f"{manifest.sequence:08d}-{manifest.sha256[:16]}-{self._kind}.json"

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def keep(self, rows: pl.DataFrame) -> str:
        """Stores a part; its name."""
        written = io.BytesIO()
        rows.write_parquet(written, compression="zstd", compression_level=1, statistics=False)
        content = written.getvalue()
        sha256 = digest(content)
        self._store.write_once(self._path(_part(sha256)), content)
        return sha256

    def part(self, sha256: str, columns: list[str] | None = None) -> pl.DataFrame:
        """A stored part, or columns of it.

        Raises:
            LandingError: it is missing or damaged.
        """
        content = self._store.read(self._path(_part(sha256)))
        if digest(content) != sha256:
            raise LandingError(f"{self._path(_part(sha256))}: damaged; delete it, it is made again")
        return pl.read_parquet(io.BytesIO(content), columns=columns)

    def distinct(self, parts: Sequence[str]) -> int:
        """How many keys the parts hold, each once, whatever memory all of them would take."""
        rows = sum(self.part(sha256, [KEY]).height for sha256 in parts) if len(parts) > 1 else 0
        shares = rows // _COUNTED_AT_ONCE + 1
        return sum(
            pl.concat(
                [self.part(sha256, [KEY]).filter(pl.col(KEY) % shares == share) for sha256 in parts]
            )[KEY].n_unique()
            for share in range(shares if parts else 0)
        )

    def _without(self, sha256: str, keys: pl.Series) -> str:
        rows = self.part(sha256)
        left = rows.filter(~pl.col(KEY).is_in(keys.implode()))
        return sha256 if left.height == rows.height else self.keep(left)

    def _merged(self, parts: Sequence[str]) -> pl.DataFrame:
        frames = [self.part(sha256) for sha256 in parts]
        return pl.concat(frames).unique(KEY, keep="last", maintain_order=True)

    def sum(self, rows: pl.DataFrame) -> dict[str, Sum]:
        """The control totals of rows of the index."""
        shown = rows.select(pl.exclude(KEY).sum()).row(0, named=True) if rows.width > 1 else {}
        return {
            name: Sum(shown[f"value{i}"] or Decimal(0), int(shown[f"not_summed{i}"]))
            for i, name in enumerate(self._decimals)
        }

    def nothing(self) -> dict[str, Sum]:
        """The totals of no records."""
        return dict.fromkeys(self._decimals, Sum(Decimal(0)))

    def empty(self) -> pl.DataFrame:
        """No rows."""
        return self.rows(pl.DataFrame(schema=dict.fromkeys(self.fields, pl.String)))


def _part(sha256: str) -> str:
    return f"{sha256}.parquet"


class Gathering:
    """A full extract's records on their way into the index, page by page."""

    def __init__(self, index: KeyIndex) -> None:
        self._index = index
        self._waiting: list[pl.DataFrame] = []
        self._rows = 0
        self._parts: list[str] = []
        self._total = index.nothing()

    def add(self, frame: pl.DataFrame) -> None:
        """Takes the next page's records, with at least the index's fields."""
        rows = self._index.rows(frame)
        self._waiting.append(rows)
        self._rows += rows.height
        if self._rows >= _PART_ROWS:
            self._store()

    def finish(self) -> State:
        """The state after the extract."""
        self._store()
        return State(
            keys=self._index.distinct(self._parts),
            totals=totals(self._total),
            base=tuple(self._parts),
        )

    def _store(self) -> None:
        if self._rows:
            part = pl.concat(self._waiting)
            self._total = added(self._total, self._index.sum(part))
            self._parts.append(self._index.keep(part))
            self._waiting, self._rows = [], 0


class Incoming:
    """An increment's records on their way into the index, page by page.

    Of records that were loaded in bulk and share one stamp, an increment brings all each time: what
    is much is put aside in the index's folder, from where ``KeyIndex.save`` removes it.
    """

    def __init__(self, index: KeyIndex) -> None:
        self._index = index
        self._waiting: list[pl.DataFrame] = [index.empty()]
        self._rows = 0
        self.parts: list[str] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Takes the next page's records, with at least the index's fields."""
        rows = self._index.rows(frame)
        self._waiting.append(rows)
        self._rows += rows.height
        if self._rows >= _PORTION_ROWS:
            self.parts.append(self._index.keep(pl.concat(self._waiting)))
            self._waiting, self._rows = self._waiting[:1], 0

    def portions(self) -> Iterator[pl.DataFrame]:
        """All records as the index keeps them, oldest first, some at a time."""
        for sha256 in self.parts:
            yield self._index.part(sha256)
        yield pl.concat(self._waiting)

    def keys(self) -> pl.Series:
        """Hashes of their keys."""
        aside = [self._index.part(sha256, [KEY])[KEY] for sha256 in self.parts]
        return pl.concat([*aside, *(rows[KEY] for rows in self._waiting)])
