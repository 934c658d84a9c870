"""Counting what the fields of records hold, page by page, in memory that does not grow.

Belongs here: counts that can be added. Not here: what is kept of them (shape.py).

``merge`` of two profiles is the profile of the records of both, so that pages may be profiled one
at a time and in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from finsync_dagster.connectors.extraction import DEFECT, FILE, LINE, RAW
from finsync_dagster.contracts.kinds import VALUE_KINDS, count_kinds, narrowest

DISTINCT_LIMIT = 1000
"""Distinct values of a field are counted up to this many."""
RESERVED = frozenset({FILE, LINE, DEFECT, RAW})
"""Fields that connectors add; they say where a record comes from and are no part of it."""


@dataclass(frozen=True)
class FieldProfile:
    """What a field holds. ``values``: value → times; None once there are too many to count."""

    rows: int = 0
    nulls: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    """Kind → values of it; kinds that do not occur are left out."""
    min_length: int | None = None
    max_length: int | None = None
    """Shortest and longest value in characters; None if there is no value."""
    values: Mapping[str, int] | None = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The narrowest kind that every value fits."""
        return narrowest(self.kinds)


@dataclass(frozen=True)
class Profile:
    """What the records of some pages hold.

    ``files``: file → (its records, the fields of which it has a value); empty for an object that
    does not arrive as files.
    """

    rows: int
    fields: Mapping[str, FieldProfile]
    files: Mapping[str, tuple[int, frozenset[str]]] = field(default_factory=dict)


def nothing(columns: Sequence[str]) -> Profile:
    """The profile of no records."""
    return Profile(0, {c: FieldProfile() for c in columns if c not in RESERVED})


def profile(page: pl.DataFrame, guess: Profile | None = None) -> Profile:
    """The profile of a page: text columns, reserved fields among them.

    Records with a defect are left out: their fields could not be told apart. ``guess`` is a
    profile of other pages of the object, which saves time; all it may change is that the values of
    a field that already has too many are not counted.
    """
    sound = page.filter(pl.col(DEFECT).is_null()) if DEFECT in page.columns else page
    names = [name for name in page.columns if name not in RESERVED]
    known = guess.fields if guess else {}
    fields = {name: _field(sound[name], known.get(name)) for name in names}
    return Profile(sound.height, fields, _files(sound, names))


def merge(left: Profile, right: Profile) -> Profile:
    """The profile of the records of both; a field that only one has is null in the other's."""
    names = dict.fromkeys([*left.fields, *right.fields])
    return Profile(
        rows=left.rows + right.rows,
        fields={
            name: _merged(
                left.fields.get(name, FieldProfile(left.rows, left.rows)),
                right.fields.get(name, FieldProfile(right.rows, right.rows)),
            )
            for name in names
        },
        files={
            name: _both(left.files.get(name), right.files.get(name))
            for name in dict.fromkeys([*left.files, *right.files])
        },
    )


def _field(column: pl.Series, known: FieldProfile | None) -> FieldProfile:
    values = column.drop_nulls()
    counts = None if known is not None and known.values is None else _counted(values)
    lengths = values.str.len_chars()
    return FieldProfile(
        rows=column.len(),
        nulls=column.null_count(),
        kinds=count_kinds(
            values if counts is None else counts["value"],
            None if counts is None else counts["times"],
            guess=tuple(known.kinds) if known else (),
        ),
        min_length=_whole(lengths.min()),
        max_length=_whole(lengths.max()),
        values=None if counts is None else dict(counts.iter_rows()),
    )


def _counted(values: pl.Series) -> pl.DataFrame | None:
    # Asked before they are counted, since most fields of a document are nearly unique.
    if values.n_unique() > DISTINCT_LIMIT:
        return None
    return values.alias("value").value_counts(name="times")


def _files(sound: pl.DataFrame, names: Sequence[str]) -> dict[str, tuple[int, frozenset[str]]]:
    if FILE not in sound.columns:
        return {}
    grouped = sound.group_by(FILE).agg(
        pl.len().alias("(rows)"), pl.col(names).is_not_null().any().name.prefix("has ")
    )
    return {
        str(row[FILE]): (row["(rows)"], frozenset(n for n in names if row[f"has {n}"]))
        for row in grouped.to_dicts()
    }


def _merged(left: FieldProfile, right: FieldProfile) -> FieldProfile:
    kinds = {k: left.kinds.get(k, 0) + right.kinds.get(k, 0) for k in VALUE_KINDS}
    shortest = [n for n in (left.min_length, right.min_length) if n is not None]
    longest = [n for n in (left.max_length, right.max_length) if n is not None]
    return FieldProfile(
        rows=left.rows + right.rows,
        nulls=left.nulls + right.nulls,
        kinds={kind: n for kind, n in kinds.items() if n},
        min_length=min(shortest, default=None),
        max_length=max(longest, default=None),
        values=_added(left.values, right.values),
    )


def _added(
    left: Mapping[str, int] | None, right: Mapping[str, int] | None
) -> Mapping[str, int] | None:
    if left is None or right is None:
        return None
    total = dict(left)
    for value, times in right.items():
        total[value] = total.get(value, 0) + times
    return total if len(total) <= DISTINCT_LIMIT else None


def _both(
    left: tuple[int, frozenset[str]] | None, right: tuple[int, frozenset[str]] | None
) -> tuple[int, frozenset[str]]:
    found = [part for part in (left, right) if part is not None]
    return sum(rows for rows, _ in found), frozenset(chain.from_iterable(f for _, f in found))


def _whole(number: object) -> int | None:
    return None if number is None else int(str(number))
