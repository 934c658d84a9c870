"""Landed records on their way into the holding: what is received, and how one is told from another.

Belongs here: the shapes handed over by the landing's side, and a record's key. Not here: reading
pages (landing), nor which version counts (receiving.py).

A landed frame has the source's fields as text, and the columns in LANDING_COLUMNS.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from finsync_dagster.canonical.key_text import whole_key

LANDING_COLUMNS = ("landing_page", "landing_row", "extract_id", "extracted_at")
ID = "_id"
"""Identity of a record within its object: its key, or its place in the landing if it has none."""
KEY = "_key"
NO_KEY = "(no key)"


@dataclass(frozen=True)
class Deletions:
    """An object each record of which says that a record was deleted.

    ``key``: its fields that hold the deleted record's key. ``at``: its field with the moment of
    the deletion; a record received in a later extract lives again. Without it a key once deleted
    does not return.
    """

    object: str
    key: tuple[str, ...]
    at: str | None = None


@dataclass(frozen=True)
class LinesOf:
    """The document of which the records are lines.

    ``key``: fields of the line with the document's key. ``count``: field of the document in which
    the source states how many lines it has.
    """

    object: str
    key: tuple[str, ...]
    count: str | None = None


@dataclass(frozen=True)
class ObjectRules:
    """How the records of one object are told apart and tied to others.

    ``key``: fields that identify a record. ``measures``: fields that are summed beside the number
    of records to prove that nothing was lost.
    """

    key: tuple[str, ...]
    measures: tuple[str, ...] = ()
    deleted_by: Deletions | None = None
    lines_of: LinesOf | None = None


@dataclass(frozen=True)
class Incoming:
    """What one run receives of an object.

    ``frames``: in the order in which records were landed. ``fields``: all fields any of them has,
    in the source's order. ``everything``: these are all records of the object, so that one that is
    not among them is gone; otherwise they are additions and changes. ``gone``: keys of records of
    which the source said, by listing all it has, that they are no longer there.
    """

    fields: tuple[str, ...]
    frames: Iterable[pl.DataFrame]
    everything: bool
    gone: Iterable[pl.DataFrame] = ()


def keyed(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The frame with ``_key`` (its parts joined by |, null if one is missing) and ``_id``."""
    parts = [whole_key(pl.col(k)) for k in key]
    joined = (
        pl.when(pl.all_horizontal([p.is_not_null() for p in parts]))
        .then(pl.concat_str(parts, separator="|"))
        .alias(KEY)
    )
    place = pl.concat_str(
        [pl.lit(NO_KEY), pl.lit(" "), pl.col("landing_page"), pl.lit("/"), pl.col("landing_row")]
    )
    return frame.with_columns(joined).with_columns(pl.col(KEY).fill_null(place).alias(ID))
