"""Equal amounts of one supplier, on one day or close together.

Belongs here: what looks like one bill under two numbers. Not here: what the numbers say.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.reconciliation.duplicates.pairs import as_pairs, with_company, with_the_first
from finsync_dagster.reconciliation.duplicates.rules import CLOSE, SAME_DAY

_AMOUNT = ["golden", "side", "ccy", "gross"]
_DAYS = 14
"""The auditors' test "same-same-near": dates within 14 days."""
_REGULAR_FROM, _SLACK = 5, 2
"""Days. What comes back about weekly, or more seldom, may be regular: a rent, a subscription."""


def same_day(invoices: pl.DataFrame) -> pl.DataFrame:
    """Pairs of one supplier, date, currency and amount; a total of nothing identifies nothing."""
    valued = invoices.filter(pl.col("gross") != 0)
    return with_the_first(valued, [*_AMOUNT, "invoice_date"], SAME_DAY)


def close_together(invoices: pl.DataFrame) -> pl.DataFrame:
    """Each invoice with the one before it of the same supplier and amount, one to 14 days earlier.

    Not if the supplier bills the amount regularly: the invoice before or after the two is about as
    far away from them (two days of slack), five days at least. ``invoices`` are in order of date.
    """
    rows = with_company(invoices.filter(pl.col("gross") != 0), _AMOUNT)
    rows = rows.select(
        *_AMOUNT, "invoice_id", "invoice_date", group=pl.struct(_AMOUNT).rank("dense")
    ).sort("group", maintain_order=True)
    same = pl.col("group") == pl.col("group").shift()
    days = (pl.col("invoice_date") - pl.col("invoice_date").shift()).dt.total_days()
    rows = rows.with_columns(
        gap=pl.when(same).then(days),
        earlier_invoice_id=pl.when(same).then(pl.col("invoice_id").shift()),
    )
    around = [(pl.col("gap") - pl.col("gap").shift(by)).abs() <= _SLACK for by in (1, -1)]
    regular = (pl.col("gap") >= _REGULAR_FROM) & pl.any_horizontal(
        each.fill_null(False) for each in around
    )
    near = pl.col("gap").is_between(1, _DAYS)
    return as_pairs(rows.filter(near & ~regular), CLOSE)
