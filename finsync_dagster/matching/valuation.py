"""What an allocated quantity is worth at the order's price, and what the invoice bills beyond.

Belongs here: amounts of allocations. Not here: quantities (allocate.py).

A stretch is worth the value of the running total at its end less that at its beginning, so that
the amounts of an order line add up to the value of its quantity however it was cut; the same
holds for the parts of an invoice line's net.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.exact import guard_prices, guard_product, value_at_price
from finsync_dagster.money import AMOUNT_SCALE, divide_half_up, from_scaled, to_scaled


def value_stretches(
    stretches: pl.DataFrame, events: pl.DataFrame, order_lines: pl.DataFrame
) -> pl.DataFrame:
    """Adds ``qty`` (signed), ``amount_at_po_price`` and ``price_variance`` to the stretches.

    ``events`` gives ``units``, ``before`` and ``net_amount`` of each invoice line, ``order_lines``
    the price. Keeps row order.
    """
    lines = events.select("invoice_line_id", "invoice_id", "units", "before", "net_amount")
    prices = order_lines.select("po_line_id", "po_id", "unit_price", "price_unit", "ccy")
    rows = stretches.join(lines, on="invoice_line_id", maintain_order="left")
    rows = rows.join(prices, on="po_line_id", maintain_order="left")
    guard_prices(rows, "low", "high")
    guard_product(rows, pl.col("units"), to_scaled(pl.col("net_amount"), AMOUNT_SCALE))
    worth = value_at_price("high") - value_at_price("low")
    credit = pl.col("sign") < 0
    # Where the stretch begins and ends within its invoice line.
    begins = (
        pl.when(credit)
        .then(pl.col("before") - pl.col("high"))
        .otherwise(pl.col("low") - pl.col("before"))
    )
    ends = begins + pl.col("high") - pl.col("low")
    billed = _share_of_net(ends) - _share_of_net(begins)
    rows = rows.with_columns(
        qty=(pl.col("high") - pl.col("low")) * pl.col("sign"),
        amount_at_po_price=pl.when(credit).then(0 - worth).otherwise(worth),
    )
    return rows.with_columns(price_variance=billed - pl.col("amount_at_po_price"))


def _share_of_net(upto: pl.Expr) -> pl.Expr:
    net = to_scaled(pl.col("net_amount"), AMOUNT_SCALE)
    share = divide_half_up(net * upto.cast(pl.Int128), pl.col("units").abs().cast(pl.Int128))
    return from_scaled(share, AMOUNT_SCALE)
