"""Whether an invoice adds up in itself.

Belongs here: DOC_ARITHMETIC of the header. Not here: a line's own arithmetic (quantity_checks.py).

Source: ServiceNow AP ("invoice isn't balanced"), SAP MIRO (balance must be zero).
"""

from __future__ import annotations

from functools import partial

import polars as pl

from finsync_dagster.matching.checks.whole_invoices import WholeInvoices
from finsync_dagster.matching.figures.positions import INVOICE_POS
from finsync_dagster.matching.tolerance import DOC_ARITHMETIC, Comparison, differing
from finsync_dagster.money import AMOUNT, PRICE, minor_unit_expr

GROSS = "gross"
LINES = "lines"
ROUNDING_RULE = "document_rounding"

_ZERO = pl.lit(0, dtype=AMOUNT)


def document_checks(whole: WholeInvoices, per_line: int) -> list[Comparison]:
    """Gross against net, tax, charges and rounding; net against the sum of its lines (tax aside).

    Lines that only round count towards the net where the net has them, else towards the gross. An
    invoice without lines has a sum of 0. Where the policy lets a document round
    (``document_rounding``, here ``per_line``), its parts may miss a total by so many minor units
    per line.
    """
    kinds, lines = whole.lines["type"], whole.lines.select(INVOICE_POS, "net_amount")
    sums = _sums(whole, lines.filter(kinds != "tax") if (kinds == "tax").any() else lines)
    both = whole.invoices.select("invoice_id", "ccy", "net", "tax", "charges", "gross")
    both = both.hstack(sums).with_columns(_beside=_ZERO)
    rounds = kinds == "rounding"
    if rounds.any():
        both = _with_rounding(both, _sums(whole, lines.filter(rounds))["_lines"])
    total = pl.sum_horizontal("net", "tax", "charges", "_beside").cast(AMOUNT)
    then = partial(_rounded, both, per_line) if per_line else None
    return [
        differing(_of(both, total, pl.col("gross")), DOC_ARITHMETIC, GROSS, then),
        differing(_of(both, pl.col("_lines"), pl.col("net")), DOC_ARITHMETIC, LINES, then),
    ]


def _sums(whole: WholeInvoices, lines: pl.DataFrame) -> pl.DataFrame:
    """Per invoice what its lines add up to (``_lines``), and how many they are (``_n``)."""
    each = lines.group_by(INVOICE_POS).agg(_lines=pl.col("net_amount").sum(), _n=pl.len())
    count = whole.invoices.height
    nets = pl.repeat(0, count, dtype=AMOUNT, eager=True)
    numbers = pl.zeros(count, dtype=pl.Int64, eager=True)
    return pl.DataFrame(
        {
            "_lines": nets.scatter(each[INVOICE_POS], each["_lines"]),
            "_n": numbers.scatter(each[INVOICE_POS], each["_n"].cast(pl.Int64)),
        }
    )


def _with_rounding(both: pl.DataFrame, rounding: pl.Series) -> pl.DataFrame:
    """Takes lines that round out of the sum, where the net is the sum of the others."""
    found = both.with_columns(rounding.alias("_rounding"))
    without = pl.col("_lines") - pl.col("_rounding")
    outside = (pl.col("_lines") != pl.col("net")) & (without == pl.col("net"))
    return found.with_columns(
        _lines=pl.when(outside).then(without).otherwise("_lines"),
        _beside=pl.when(outside).then("_rounding").otherwise(_ZERO),
    )


def _rounded(invoices: pl.DataFrame, per_line: int, found: pl.DataFrame) -> pl.DataFrame:
    """The check results, those within the rounding of their document passed."""
    minor = minor_unit_expr(pl.col("ccy"))
    minor_units = minor.replace_strict(
        {n: 10 ** (4 - n) for n in range(5)}, return_dtype=pl.Int64
    ) * (pl.col("_n").clip(1, None) * per_line)
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
