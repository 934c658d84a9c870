"""Whether an invoice adds up in itself.

Belongs here: DOC_ARITHMETIC of the header. Not here: a line's own arithmetic (quantity_checks.py).

Source: ServiceNow AP ("invoice isn't balanced"), SAP MIRO (balance must be zero).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.tolerance import DOC_ARITHMETIC, Limits
from finsync_dagster.money import AMOUNT, PRICE, minor_unit_expr

GROSS = "gross"
LINES = "lines"
ROUNDING_RULE = "document_rounding"

_ZERO = pl.lit(0, dtype=AMOUNT)


def document_checks(invoices: pl.DataFrame, lines: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Gross against net, tax, charges and rounding; net against the sum of its lines (tax aside).

    Lines that only round count towards the net where the net has them, else towards the gross. An
    invoice without lines has a sum of 0. Where the policy lets a document round
    (``document_rounding``), its parts may miss a total by so many minor units per line.
    """
    counted = lines.filter(pl.col("type") != "tax")
    sums = counted.group_by("invoice_id").agg(_lines=pl.col("net_amount").sum(), _n=pl.len())
    both = invoices.join(sums, on="invoice_id", how="left").with_columns(
        pl.col("_lines").fill_null(_ZERO), _beside=_ZERO
    )
    rounding = lines.filter(pl.col("type") == "rounding")
    if not rounding.is_empty():
        both = _with_rounding(both, rounding)
    total = pl.sum_horizontal("net", "tax", "charges", "_beside").cast(AMOUNT)
    found = pl.concat(
        [
            limits.differences(_of(both, total, pl.col("gross")), DOC_ARITHMETIC, GROSS),
            limits.differences(_of(both, pl.col("_lines"), pl.col("net")), DOC_ARITHMETIC, LINES),
        ]
    )
    if limits.document_rounding:
        return _rounded(found, both, limits.document_rounding)
    return found


def _with_rounding(both: pl.DataFrame, rounding: pl.DataFrame) -> pl.DataFrame:
    """Takes lines that round out of the sum, where the net is the sum of the others."""
    each = rounding.group_by("invoice_id").agg(_rounding=pl.col("net_amount").sum())
    found = both.join(each, on="invoice_id", how="left", maintain_order="left")
    without = pl.col("_lines") - pl.col("_rounding").fill_null(_ZERO)
    outside = (pl.col("_lines") != pl.col("net")) & (without == pl.col("net"))
    return found.with_columns(
        _lines=pl.when(outside).then(without).otherwise("_lines"),
        _beside=pl.when(outside).then("_rounding").otherwise(_ZERO),
    )


def _rounded(found: pl.DataFrame, invoices: pl.DataFrame, per_line: int) -> pl.DataFrame:
    """The check results, those within the rounding of their document passed."""
    minor = minor_unit_expr(pl.col("ccy"))
    minor_units = minor.replace_strict(
        {n: 10 ** (4 - n) for n in range(5)}, return_dtype=pl.Int64
    ) * (pl.col("_n").fill_null(1).clip(1, None).cast(pl.Int64) * per_line)
    allowed = minor_units.cast(pl.Decimal(38, 0)) * pl.lit("0.0001").cast(pl.Decimal(38, 4))
    mine = invoices.select(subject_id="invoice_id", _allowed=allowed.cast(PRICE))
    rows = found.join(mine, on="subject_id", how="left", maintain_order="left")
    within = ~pl.col("passed") & (pl.col("variance_abs") <= pl.col("_allowed"))
    side = pl.when(pl.col("direction") == "over").then(pl.lit("upper_abs"))

    def instead(column: str, value: pl.Expr) -> pl.Expr:
        return pl.when(within).then(value).otherwise(pl.col(column)).alias(column)

    return rows.with_columns(
        instead("passed", pl.lit(True)),
        instead("effect", pl.lit("none")),
        instead("limit_binding", side.otherwise(pl.lit("lower_abs"))),
        instead("limit_value", pl.col("_allowed")),
        instead("limit_rule", pl.lit(ROUNDING_RULE)),
    ).drop("_allowed")


def _of(invoices: pl.DataFrame, expected: pl.Expr, actual: pl.Expr) -> pl.DataFrame:
    return invoices.select(
        subject_type=pl.lit("invoice"),
        subject_id="invoice_id",
        expected=expected,
        actual=actual,
    )
