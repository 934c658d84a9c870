"""When a supplier's bank account became another, as the versions of its record show.

Belongs here: comparing versions. Not here: what follows from a change (reconciliation).
"""

from __future__ import annotations

import polars as pl

COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "supplier_src_id": pl.String,
    "changed_on": pl.Date,
}


def bank_changes(versions: pl.LazyFrame) -> pl.LazyFrame:
    """A row per supplier and day on which its account was replaced by another (UTC).

    The first account that is ever entered is no change, nor is one that was entered again after
    another and stands now. The day is the source's change stamp, if that is later than the version
    before, else the day on which finsync first held the new account.

    Args:
        versions: all versions of canonical suppliers.
    """
    key = "supplier_src_id"
    stated = versions.filter(pl.col("bank_account_hash").is_not_null() & ~pl.col("source_deleted"))
    rows = stated.sort(key, "valid_from").with_columns(
        _before=pl.col("bank_account_hash").shift().over(key),
        _known=pl.col("valid_from").shift().over(key),
        _first=pl.col("bank_account_hash").first().over(key),
        _now=pl.col("bank_account_hash").last().over(key),
    )
    told = pl.col("source_updated_at").is_between("_known", "valid_from")
    changed = pl.when(told).then("source_updated_at").otherwise("valid_from")
    differs = (pl.col("_before") != pl.col("bank_account_hash")) & (
        pl.col("_first") != pl.col("_now")
    )
    return (
        rows.filter(differs.fill_null(False))
        .select(key, changed_on=changed.dt.date())
        .unique()
        .sort(key, "changed_on")
    )
