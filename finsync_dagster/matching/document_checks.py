"""Whether an invoice adds up in itself.

Belongs here: DOC_ARITHMETIC of the header. Not here: a line's own arithmetic (quantity_checks.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.tolerance import DOC_ARITHMETIC, Limits
from finsync_dagster.money import AMOUNT

GROSS = "gross"
LINES = "lines"


def document_checks(invoices: pl.DataFrame, lines: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Gross against net, tax and charges; net against the sum of its lines (tax lines aside).

    An invoice without lines has a sum of 0.
    """
    counted = lines.filter(pl.col("type") != "tax")
    sums = counted.group_by("invoice_id").agg(_lines=pl.col("net_amount").sum())
    both = invoices.join(sums, on="invoice_id", how="left").with_columns(
        pl.col("_lines").fill_null(pl.lit(0, dtype=AMOUNT))
    )
    total = pl.col("net") + pl.col("tax") + pl.col("charges")
    return pl.concat(
        [
            limits.differences(_of(both, total, pl.col("gross")), DOC_ARITHMETIC, GROSS),
            limits.differences(_of(both, pl.col("_lines"), pl.col("net")), DOC_ARITHMETIC, LINES),
        ]
    )


def _of(invoices: pl.DataFrame, expected: pl.Expr, actual: pl.Expr) -> pl.DataFrame:
    return invoices.select(
        subject_type=pl.lit("invoice"),
        subject_id="invoice_id",
        expected=expected,
        actual=actual,
    )
