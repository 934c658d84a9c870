"""Canonical rows are versions: the "current" and "as of" reads, and withdrawing a row.

Belongs here: which version counts. Not here: making versions (emitting.py), nor where they are
stored (storage/lake.py).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl


def current(versions: pl.LazyFrame) -> pl.LazyFrame:
    """The newest version of every record that has not been withdrawn."""
    return newest(versions).filter(~pl.col("source_deleted"))


def as_of(versions: pl.LazyFrame, known_at: datetime) -> pl.LazyFrame:
    """What was current at a moment: every result can be computed again from it."""
    return current(versions.filter(pl.col("valid_from") <= known_at))


def newest(versions: pl.LazyFrame) -> pl.LazyFrame:
    """The newest version of every record, withdrawn ones included.

    A system's first versions are most of its rows and hold each record once, so only what came
    later is sorted, and takes the place of what it follows. With 1 of 1,000 rows changed, of a
    million, that is 3 times a plain read where sorting everything is 8 times.
    """
    begun = versions.group_by("source_system").agg(pl.col("valid_from").min())
    at = ["source_system", "valid_from"]
    # Within one moment the hash decides, so that every reader picks the same version.
    later = (
        versions.join(begun, on=at, how="anti")
        .sort("valid_from", "row_hash")
        .unique("record_id", keep="last", maintain_order=True)
    )
    first = versions.join(begun, on=at, how="semi")
    kept = first.join(later.select("record_id"), on="record_id", how="anti")
    return pl.concat([kept, later])


def withdrawal(rows: pl.DataFrame, valid_from: datetime) -> pl.DataFrame:
    """The versions that say of these rows that they no longer are."""
    stamp = pl.lit(valid_from).cast(pl.Datetime("us", "UTC")).alias("valid_from")
    return rows.with_columns(stamp, pl.lit(True).alias("source_deleted"))
