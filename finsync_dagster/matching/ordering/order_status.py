"""How far each purchase order line is, and what that says about orders, invoices aside.

Belongs here: the status table and the delivery checks. Not here: wording (order_notes.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.exact import (
    amounts,
    guard_prices,
    guard_product,
    to_qty,
    worth,
)
from finsync_dagster.matching.figures.positions import LINE_POS, totals
from finsync_dagster.matching.figures.sequence import MIRRORED
from finsync_dagster.matching.ordering.orders import OrderBook
from finsync_dagster.matching.tolerance import OVER_DELIVERY, UNDER_DELIVERY, Comparison, differing
from finsync_dagster.money import PRICE_SCALE, to_scaled

_RECEIVED = ("3w", "4w")
_QUANTITIES = ("ordered", "received", "accepted", "rejected", "basis", "invoiced")
_VALUES = {
    "ordered_value": "ordered",
    "received_value": "received",
    "rejected_value": "rejected",
    "basis_value": "basis",
    "invoiced_value": "invoiced",
}


_READ = (
    "po_line_id",
    "match_type",
    MIRRORED,
    "cancelled",
    "incomplete",
    "delivery_outcome",
    "delivery_complete",
    "qty_ordered",
    "qty_received",
    "ordered",
    "received",
    "over_delivery_pct",
    "under_delivery_pct",
    "unlimited_over",
)
"""What the delivery checks read of an order line."""


def order_line_status(book: OrderBook, stretches: pl.DataFrame) -> pl.DataFrame:
    """One row per order line, without the columns that name the run.

    ``stretches`` are the valued allocations; what is invoiced is what they add up to. Values keep
    four decimals: rounding to the minor unit is for amounts that someone states.
    """
    invoiced = totals(stretches, LINE_POS, book.lines.height, "qty")
    lines = book.lines.with_columns(invoiced=invoiced["qty"])
    guard_prices(lines, *_QUANTITIES)
    return lines.with_columns(
        *[to_qty(name).alias(f"qty_{name}") for name in _QUANTITIES],
        **_values(lines),
        incomplete=pl.col("doubt").is_not_null(),
        delivery_outcome=_delivery(),
        order_status="status_canon",
        # Taken anew: whether order lines had to be sorted must leave no trace, not even in bits
        # that no value uses.
        item_id=pl.col("item_id").gather(LINE_POS),
    )


def _values(lines: pl.DataFrame) -> dict[str, pl.Expr]:
    """Each quantity at the order's price; what is nothing everywhere is worth nothing."""
    nothing = amounts(pl.lit(0, dtype=pl.Int128))
    return {
        name: amounts(worth(lines, qty)) if (lines[qty] != 0).any() else nothing
        for name, qty in _VALUES.items()
    }


def _delivery() -> pl.Expr:
    # Of a return that was ordered: what went back of what should.
    received, ordered = (
        pl.when(MIRRORED).then(0 - pl.col(c)).otherwise(c) for c in ("received", "ordered")
    )
    return (
        pl.when(received <= 0)
        .then(pl.lit("NOT_RECEIVED"))
        .when(received < ordered)
        .then(pl.lit("RECEIVED_SHORT"))
        .when(received == ordered)
        .then(pl.lit("RECEIVED_IN_FULL"))
        .otherwise(pl.lit("OVER_DELIVERED"))
    )


def delivery_checks(status: pl.DataFrame) -> list[Comparison]:
    """Received against ordered: too much wherever something arrived, too little only where the
    source expects no further receipt. Lines that are cancelled, or of orders of which a record is
    missing, are not compared; nor are limit lines, which order no quantity, returns that were
    ordered, and lines of which no receipt is expected. What the order itself tolerates is no
    variance.
    """
    # Few lines are left here: what the order tolerates is computed of them alone.
    compared = status.select(_READ).filter(
        (pl.col("received") != pl.col("ordered"))
        & ~pl.col("cancelled")
        & ~pl.col("incomplete")
        & ~pl.col(MIRRORED)
        & pl.col("match_type").is_in(_RECEIVED)
    )
    if compared.is_empty():
        return []
    lines = compared.select(
        "delivery_outcome",
        "delivery_complete",
        _agreed=_agreed(compared),
        subject_type=pl.lit("purchase_order_line"),
        subject_id="po_line_id",
        expected="qty_ordered",
        actual="qty_received",
    )
    apart = ~pl.col("_agreed")
    arrived = lines.filter((pl.col("delivery_outcome") == "OVER_DELIVERED") & apart)
    short = pl.col("delivery_outcome").is_in(["NOT_RECEIVED", "RECEIVED_SHORT"])
    complete = lines.filter(pl.col("delivery_complete") & short & apart)
    return [
        differing(arrived, OVER_DELIVERY, "ordered"),
        differing(complete, UNDER_DELIVERY, "ordered"),
    ]


def _agreed(status: pl.DataFrame) -> pl.Expr:
    """Differs from what was ordered, by no more than the order line tolerates."""
    over, under = (
        to_scaled(pl.col(f"{side}_delivery_pct").fill_null(0), PRICE_SCALE)
        for side in ("over", "under")
    )
    hundred = 100 * 10**PRICE_SCALE
    received, ordered = pl.col("received").cast(pl.Int128), pl.col("ordered").cast(pl.Int128)
    guard_product(status, "ordered", hundred + over)
    guard_product(status, "received", hundred)
    most, least = ordered * (hundred + over), ordered * (hundred - under)
    more = (received > ordered) & (
        (received * hundred <= most) | pl.col("unlimited_over").fill_null(False)
    )
    return more | ((received < ordered) & (received * hundred >= least))
