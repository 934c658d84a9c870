"""Checks of lines that bill a quantity: against what arrived, what was ordered, and its price.

Belongs here: expected and actual of every check of such a line. Not here: limits (tolerance.py)
and what a failure leads to (outcomes.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.allocation.counted_credits import with_counted
from finsync_dagster.matching.figures.exact import guard_product, to_qty
from finsync_dagster.matching.figures.sequence import not_given_back, running_total
from finsync_dagster.matching.figures.units import own_amount
from finsync_dagster.matching.linking.billing import CORRECTION, QUANTITY
from finsync_dagster.matching.ordering.agreed_deliveries import with_agreed
from finsync_dagster.matching.tolerance import (
    DOC_ARITHMETIC,
    LINE_TOTAL,
    PRICE_UNIT,
    QTY_ORDERED,
    QTY_RECEIVED,
    Limits,
)
from finsync_dagster.money import (
    AMOUNT_SCALE,
    PRICE,
    PRICE_SCALE,
    QTY_SCALE,
    divide_half_up,
    from_scaled,
    multiply_half_up,
    round_half_up,
    to_scaled,
)

RECEIVED = "received"
ORDERED = "ordered"
ORDER_PRICE = "order price"
LINE = "line"


def priced_lines(lines: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Quantity lines and price corrections, with what accumulated up to each of them.

    Adds what counted_credits.py adds, and per order line ``invoiced`` (running quantity) and
    ``invoiced_net`` (running net), both less what later credits gave back, and
    ``effective_price``: what a unit costs, corrections included. Both frames stand by order line
    and event.
    """
    place = events.select("event_no", "before", "after", "excess")
    mine = lines.filter(pl.col("billing").is_in([QUANTITY, CORRECTION]))
    if mine.height == place.height:  # no corrections: the events are these lines, one for one
        mine = mine.hstack(place.drop("event_no"))
    else:
        mine = mine.join(place, on="event_no", how="left", maintain_order="left")
    mine = with_counted(mine).with_columns(
        invoiced="after", invoiced_net=running_total(pl.col("counted_net"), "link_id")
    )
    if mine["credit"].any():
        mine = _less_credits(mine)
    return mine.with_columns(effective_price=_effective_price(mine))


def _less_credits(mine: pl.DataFrame) -> pl.DataFrame:
    """The running figures less what later credits gave back: only where there are credits."""
    figures = ("invoiced", "invoiced_net")
    taken_back = mine.filter("credit")["link_id"].unique().implode()
    rows = mine.select("link_id", *figures).with_row_index("_row")
    rows = rows.filter(pl.col("link_id").is_in(taken_back))
    rows = rows.with_columns(not_given_back(column, "link_id") for column in figures)
    return mine.with_columns(
        mine[column].clone().scatter(rows["_row"], rows[column]) for column in figures
    )


def quantity_checks(priced: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Check results of the lines, one row per line and check that applies to it.

    A credit takes back and adds nothing: of its figures only its own arithmetic is checked.
    """
    lines = priced.select(
        *[column for column in _JUDGED if column in priced.columns],
        subject_type=pl.lit("invoice_line"),
        subject_id="invoice_line_id",
    )
    own = lines.filter(pl.col("billing") == QUANTITY)
    lines = with_agreed(lines.filter(~pl.col("credit")))
    billed = lines.filter(pl.col("billing") == QUANTITY)
    needs_receipt = billed.filter(pl.col("match_type").is_in(["3w", "4w"]))
    return pl.concat(
        [
            limits.differences(
                _of(needs_receipt, to_qty("receivable"), to_qty("counted")), *_RECEIVED
            ),
            limits.differences(_of(billed, to_qty("may_bill"), to_qty("invoiced")), *_ORDERED),
            limits.differences(
                _of(lines, pl.col("price"), pl.col("effective_price")), PRICE_UNIT, ORDER_PRICE
            ),
            limits.differences(
                _of(lines, pl.col("may_bill_net"), pl.col("invoiced_net")), LINE_TOTAL, ORDERED
            ),
            limits.differences(
                _of(own, own_amount(own), pl.col("net_amount")), DOC_ARITHMETIC, LINE
            ),
        ]
    )


_JUDGED = (
    "billing",
    "credit",
    "match_type",
    "receivable",
    "counted",
    "invoiced",
    "invoiced_net",
    "price",
    "effective_price",
    "net_amount",
    "minor",
    # of its own amount (units.own_amount)
    "kind",
    "qty",
    "unit_price",
    "_priced_qty",
    "_priced_at",
    "_priced_for",
    # of what may be billed (agreed_deliveries.py)
    "link_id",
    "ordered",
    "po_line_net",
    "over_delivery_pct",
    "unlimited_over",
)
"""What the checks read of a line: it has some seventy columns, and filtering copies them all."""

_RECEIVED = (QTY_RECEIVED, RECEIVED)
_ORDERED = (QTY_ORDERED, ORDERED)


def _of(lines: pl.DataFrame, expected: pl.Expr, actual: pl.Expr) -> pl.DataFrame:
    return lines.select(
        "subject_type", "subject_id", expected.alias("expected"), actual.alias("actual")
    )


def _effective_price(mine: pl.DataFrame) -> pl.Series:
    """Price per order unit that the line, or a corrected order line, amounts to.

    The price field decides where there is one. Without it, a net equal to the quantity at the
    order's price (rounded) states that price; any other net is divided by the quantity. Where
    values were corrected, all nets of the order line over all its quantity decide, in the same way.
    """
    price = mine["invoice_price"]
    silent = mine.filter(pl.col("invoice_price").is_null())
    if silent.height:
        implied = silent.select("event_no", _implied=_implied(silent))
        with_both = mine.select("event_no", "invoice_price").join(
            implied, on="event_no", how="left", maintain_order="left"
        )
        price = with_both.select(pl.coalesce("invoice_price", "_implied").cast(PRICE)).to_series()
    corrected = mine.filter(pl.col("billing") == CORRECTION).select("link_id").unique()
    if corrected.height:
        average = _corrected(mine.join(corrected, on="link_id", how="semi"))
        rows = mine.select("link_id", _price=price)
        rows = rows.join(average, on="link_id", how="left", maintain_order="left")
        whole = pl.when(pl.col("_average").is_null() & ~pl.col("_known").fill_null(False))
        price = rows.select(whole.then("_price").otherwise("_average").cast(PRICE)).to_series()
    return price.cast(PRICE)


def _implied(lines: pl.DataFrame) -> pl.Expr:
    net, units = to_scaled(pl.col("net_amount"), AMOUNT_SCALE), pl.col("units").cast(pl.Int128)
    guard_product(lines, net, pl.lit(10 ** (PRICE_SCALE + QTY_SCALE - AMOUNT_SCALE)))
    at_order_price = pl.when(_at_order_price(lines) == pl.col("net_amount"))
    return at_order_price.then(pl.col("price")).otherwise(_per_unit(net, units))


def _corrected(lines: pl.DataFrame) -> pl.DataFrame:
    """Per order line: ``_average``, what a unit costs after all corrections."""
    lines = lines.with_columns(units="counted_units")
    net, units = to_scaled(pl.col("counted_net"), AMOUNT_SCALE), pl.col("units").cast(pl.Int128)
    guard_product(lines, net, pl.lit(10 ** (PRICE_SCALE + QTY_SCALE - AMOUNT_SCALE)))
    billed = pl.col("billing") == QUANTITY
    # Nets that add up to what the quantities are worth, each rounded, are at the order's price.
    worth = pl.when(billed).then(_at_order_price(lines))
    totals = lines.group_by("link_id").agg(
        _net=net.sum(),
        _units=pl.when(billed).then(units).otherwise(0).sum(),
        _in_full=pl.col("counted_net").sum() == worth.sum(),
        _order=pl.col("price").first(),
    )
    average = _per_unit(pl.col("_net"), pl.col("_units")).cast(PRICE)
    return totals.select(
        "link_id",
        _average=pl.when("_in_full").then("_order").otherwise(average),
        _known=pl.lit(True),
    )


def _at_order_price(lines: pl.DataFrame) -> pl.Expr:
    """The line's quantity at the order's price, rounded to the minor unit."""
    guard_product(lines, "units", to_scaled(pl.col("price"), PRICE_SCALE))
    exact = multiply_half_up(to_qty("units"), QTY_SCALE, pl.col("price"), PRICE_SCALE, PRICE_SCALE)
    return round_half_up(exact, PRICE_SCALE, pl.col("minor"))


def _per_unit(net: pl.Expr, units: pl.Expr) -> pl.Expr:
    # Amount has 4 decimals and quantity 6: 12 more give a price of 10.
    scaled = net * 10 ** (PRICE_SCALE + QTY_SCALE - AMOUNT_SCALE)
    return from_scaled(divide_half_up(scaled, units), PRICE_SCALE)
