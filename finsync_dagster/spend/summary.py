"""Sums of spend facts.

Belongs here: what is summed by what.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.spend.tables import SUMMARY

_BY = ["entity_id", "stage", "period", "ccy", "functional_ccy", "group_ccy"]


def summarize(facts: pl.DataFrame) -> pl.DataFrame:
    """One row per entity, stage, month and currencies; sorted by them."""
    amounts = ("amount_doc", "amount_functional", "amount_group")
    sums = facts.group_by(_BY).agg(
        pl.len().cast(pl.Int64).alias("facts"),
        *(pl.col(a).sum() for a in amounts),
        pl.col("amount_group").is_null().sum().cast(pl.Int64).alias("without_rate"),
    )
    return SUMMARY.conform(sums).sort(_BY)
