"""What a change of the exchange rate between receipt and invoice costs.

Belongs here: the exchange variance of every allocation, in the currency of the books. Not here:
variances of price (valuation.py), nor whether a booked rate is acceptable (checks/fx.py).

As Oracle's exchange rate variance (ERV): what was received at the order's price, times the rate of
the invoice less the rate of the receipt. The receipt is in the books at the reference rate of the
day it was posted; what is billed without a receipt stands against the day of the order. So that in
the currency of the books, with r the rate of the receipt and i that of the invoice,

    net x i = amount at the order's price x r + (price variance + rounding) x i + exchange variance.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from finsync_dagster.matching.figures.exact import guard_product
from finsync_dagster.matching.figures.functional import functional_currency, referred
from finsync_dagster.matching.figures.positions import beside
from finsync_dagster.money import (
    AMOUNT,
    AMOUNT_SCALE,
    RATE,
    RATE_SCALE,
    multiply_half_up,
    to_scaled,
)

_NOTHING = pl.lit(Decimal(0), dtype=AMOUNT)
_ONE = pl.lit(Decimal(1), dtype=RATE)


def with_exchange(
    stretches: pl.DataFrame, lines: pl.DataFrame, receipts: pl.DataFrame, rates: pl.DataFrame
) -> pl.DataFrame:
    """The stretches, in their order, with ``rate_received``, ``rate_invoiced`` and ``fx_variance``
    (AMOUNT in functional currency, rounded once at four decimals). In the currency of the books
    both rates are 1. A rate that is not known is null, and then the variance, too; where the
    currency of the books is not known, all three are.

    Args:
        stretches: valued, with ``event_no``.
        lines: billed lines: ``event_no``, ``functional_rate``, ``po_date``.
        receipts: ``receipt_line_id``, ``posting_date``.
        rates: as ``Documents.functional_rates``.

    Raises:
        PrecisionError: a figure is too large to be computed exactly.
    """
    functional = functional_currency(rates)
    if functional is None:
        unknown = pl.lit(None, dtype=RATE)
        return stretches.with_columns(
            rate_received=unknown, rate_invoiced=unknown, fx_variance=pl.lit(None, dtype=AMOUNT)
        )
    abroad = stretches.with_row_index("_row").filter(pl.col("ccy") != functional)
    plain = {"rate_received": _ONE, "rate_invoiced": _ONE, "fx_variance": _NOTHING}
    if abroad.is_empty():
        return stretches.with_columns(**plain)
    found = _varied(abroad, lines, receipts, rates)
    if found.height == stretches.height:
        return stretches.hstack(found.select(*plain))
    rows = stretches.with_columns(**plain)
    return rows.with_columns(rows[c].scatter(found["_row"], found[c]) for c in plain)


def _varied(
    abroad: pl.DataFrame, lines: pl.DataFrame, receipts: pl.DataFrame, rates: pl.DataFrame
) -> pl.DataFrame:
    rows = abroad.select("_row", "event_no", "receipt_line_id", "ccy", "amount_at_po_price")
    rows = beside(rows, lines, "event_no", ("functional_rate", "po_date"))
    posted = receipts.select("receipt_line_id", "posting_date")
    rows = rows.join(posted, on="receipt_line_id", how="left")
    rows = referred(rows, rates, pl.coalesce("posting_date", "po_date")).sort("_row")
    rows = rows.with_columns(
        rate_received="reference_rate", rate_invoiced="functional_rate"
    ).with_columns(_more=pl.col("rate_invoiced") - pl.col("rate_received"))
    guard_product(rows, *_figures("amount_at_po_price", "_more"))
    variance = multiply_half_up(
        pl.col("amount_at_po_price"), AMOUNT_SCALE, pl.col("_more"), RATE_SCALE, AMOUNT_SCALE
    )
    return rows.with_columns(fx_variance=variance)


def _figures(amount: str, rate: str) -> tuple[pl.Expr, pl.Expr]:
    return to_scaled(pl.col(amount), AMOUNT_SCALE), to_scaled(pl.col(rate), RATE_SCALE)
