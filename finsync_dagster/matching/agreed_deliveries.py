"""What an order line lets be billed beyond what it orders: the over-delivery agreed on it.

Belongs here: the agreed quantity and value. Not here: deliveries themselves (order_status.py).

SAP: over-delivery tolerance in per cent, or unlimited, on the purchase order item; an invoice may
bill what may be delivered (MATCHING step 4, QTY_ORDERED: ordered x (1 + per cent)).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.exact import guard_product
from finsync_dagster.money import (
    AMOUNT_SCALE,
    PRICE_SCALE,
    divide_half_up,
    from_scaled,
    round_half_up,
    to_scaled,
)

_HUNDRED = 100 * 10**PRICE_SCALE


def with_agreed(lines: pl.DataFrame) -> pl.DataFrame:
    """Adds ``may_bill`` (Int64 millionths) and ``may_bill_net`` (AMOUNT) to billed lines.

    They are what is ordered, of more than that the part billed so far that the order line agrees
    to: what was billed within it is no variance, and what was billed less is one of the order.

    Args:
        lines: with ``ordered``, ``po_line_net``, ``minor``, ``invoiced``, ``invoiced_net``,
            ``over_delivery_pct`` and ``unlimited_over`` of the order line.

    Raises:
        PrecisionError: a figure is too large to be computed exactly.
    """
    net = round_half_up(pl.col("po_line_net"), AMOUNT_SCALE, pl.col("minor"))
    lines = lines.with_columns(may_bill="ordered", may_bill_net=net)
    beyond = (pl.col("over_delivery_pct") > 0) | pl.col("unlimited_over")
    if not lines.select(beyond.any()).item():
        return lines
    share = _HUNDRED + to_scaled(pl.col("over_delivery_pct").fill_null(0), PRICE_SCALE)
    guard_product(lines, "ordered", share)
    guard_product(lines, to_scaled(pl.col("po_line_net"), AMOUNT_SCALE), share)
    limited = ~pl.col("unlimited_over").fill_null(False)
    # A quantity has six decimals: what does not reach the next one is not agreed to.
    most = pl.col("ordered").cast(pl.Int128) * share // _HUNDRED
    scaled = to_scaled(pl.col("po_line_net"), AMOUNT_SCALE) * share
    most_net = round_half_up(
        from_scaled(divide_half_up(scaled, pl.lit(_HUNDRED, dtype=pl.Int128)), AMOUNT_SCALE),
        AMOUNT_SCALE,
        pl.col("minor"),
    )
    return lines.with_columns(
        _within("ordered", "invoiced", pl.when(limited).then(most.cast(pl.Int64))).alias(
            "may_bill"
        ),
        _within("may_bill_net", "invoiced_net", pl.when(limited).then(most_net)).alias(
            "may_bill_net"
        ),
    )


def _within(ordered: str, billed: str, most: pl.Expr) -> pl.Expr:
    """What is billed, at least what is ordered, and at most what is agreed (null: anything)."""
    agreed = pl.when(most.is_null()).then(billed).otherwise(pl.min_horizontal(billed, most))
    return pl.max_horizontal(ordered, agreed)
