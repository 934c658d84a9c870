"""What an order line lets be billed beyond what it orders: the over-delivery agreed on it.

Belongs here: the agreed quantity and value. Not here: deliveries themselves (order_status.py).

SAP: over-delivery tolerance in per cent, or unlimited, on the purchase order item; an invoice may
bill what may be delivered (QTY_ORDERED: ordered x (1 + per cent)).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.exact import guard_product, power_of_ten
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
    to: what was billed within it is no variance, and what was billed less is one of the order. The
    value follows the quantity: a higher price is no over-delivery.

    Args:
        lines: sorted by ``link_id`` and event, with ``ordered``, ``po_line_net``, ``minor``,
            ``over_delivery_pct`` and ``unlimited_over`` of the order line, and ``invoiced``; null
            where no quantity is billed: then that of the line before counts.

    Raises:
        PrecisionError: a figure is too large to be computed exactly.
    """
    net = round_half_up(pl.col("po_line_net"), AMOUNT_SCALE, pl.col("minor"))
    lines = lines.with_columns(may_bill="ordered", may_bill_net=net)
    beyond = (pl.col("over_delivery_pct") > 0) | pl.col("unlimited_over")
    if not lines.select(beyond.any()).item():
        return lines
    rows = lines.with_row_index("_row").filter(beyond.fill_null(False) & (pl.col("ordered") > 0))
    share = _HUNDRED + to_scaled(pl.col("over_delivery_pct").fill_null(0), PRICE_SCALE)
    guard_product(rows, "ordered", share)
    # A quantity has six decimals: what does not reach the next one is not agreed to.
    most = (pl.col("ordered").cast(pl.Int128) * share // _HUNDRED).cast(pl.Int64)
    billed = pl.col("invoiced").forward_fill().over("link_id").fill_null(0)
    within = pl.when("unlimited_over").then(billed).otherwise(pl.min_horizontal(billed, most))
    rows = rows.with_columns(may_bill=pl.max_horizontal("ordered", within))
    net, may_bill = to_scaled(pl.col("po_line_net"), AMOUNT_SCALE), pl.col("may_bill")
    guard_product(rows, net, may_bill)
    worth = divide_half_up(
        net * may_bill.cast(pl.Int128),
        power_of_ten(AMOUNT_SCALE, pl.col("minor")) * pl.col("ordered"),
    )
    worth = from_scaled(worth * power_of_ten(AMOUNT_SCALE, pl.col("minor")), AMOUNT_SCALE)
    rows = rows.with_columns(may_bill_net=worth)
    return lines.with_columns(
        lines[name].clone().scatter(rows["_row"], rows[name].cast(lines[name].dtype))
        for name in ("may_bill", "may_bill_net")
    )
