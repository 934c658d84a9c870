"""Canonical rows are versions: what of a conformed table is new, changed, unchanged or gone.

Belongs here: comparing with what is stored, and the "current" and "as of" reads. Not here: where
versions are stored (storage/lake.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl


@dataclass(frozen=True)
class Difference:
    """``new``: versions to append. ``changed`` and ``gone``: record_ids changed, withdrawn."""

    new: pl.DataFrame
    changed: pl.Series
    gone: pl.Series


def current(versions: pl.LazyFrame) -> pl.LazyFrame:
    """The newest version of every record that has not been withdrawn."""
    return newest(versions).filter(~pl.col("source_deleted"))


def as_of(versions: pl.LazyFrame, known_at: datetime) -> pl.LazyFrame:
    """What was current at a moment: every result can be computed again from it."""
    return current(versions.filter(pl.col("valid_from") <= known_at))


def newest(versions: pl.LazyFrame) -> pl.LazyFrame:
    """The newest version of every record, withdrawn ones included."""
    # Two versions can share valid_from only if a killed run is repeated with the same clock; the
    # hash then decides, so that every reader picks the same one.
    return versions.sort("valid_from", "row_hash").unique(
        "record_id", keep="last", maintain_order=True
    )


def difference(stored: pl.DataFrame, conformed: pl.DataFrame, valid_from: datetime) -> Difference:
    """What must be appended so that the current rows are exactly the conformed ones.

    ``stored``: the newest versions of one system's rows in the table, withdrawn ones included.
    ``conformed``: all rows of the same system and table, from its newest landed records. A
    stored row without a conformed one was deleted at the source or has moved to quarantine; its
    withdrawal is a version too.
    """
    stamp = pl.lit(valid_from).cast(pl.Datetime("us", "UTC")).alias("valid_from")
    live = stored.filter(~pl.col("source_deleted")).select("record_id", "row_hash")
    changed = conformed.join(live, on=["record_id", "row_hash"], how="anti").with_columns(stamp)
    gone = (
        stored.filter(~pl.col("source_deleted"))
        .join(conformed.select("record_id"), on="record_id", how="anti")
        .with_columns(stamp, pl.lit(True).alias("source_deleted"))
    )
    return Difference(pl.concat([changed, gone]), changed["record_id"], gone["record_id"])
