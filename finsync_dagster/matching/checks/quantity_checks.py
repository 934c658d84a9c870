"""Checks of lines that bill a quantity: against what arrived, what was ordered, and its price.

Belongs here: expected and actual of every check of such a line. Not here: limits (tolerance.py)
and what a failure leads to (outcomes.py).
"""

from __future__ import annotations

import polars as pl
import polars.selectors as cs

from finsync_dagster.matching.allocation.counted_credits import with_counted
from finsync_dagster.matching.checks.limited import NOTHING
from finsync_dagster.matching.figures.exact import guard_product, power_of_ten, to_qty
from finsync_dagster.matching.figures.positions import LINE_POS, looked_up, reach
from finsync_dagster.matching.figures.sequence import MIRRORED, not_given_back, running_total
from finsync_dagster.matching.figures.units import own_amount
from finsync_dagster.matching.linking.billing import CORRECTION, QUANTITY
from finsync_dagster.matching.ordering.agreed_deliveries import with_agreed
from finsync_dagster.matching.tolerance import (
    DOC_ARITHMETIC,
    LINE_TOTAL,
    PRICE_UNIT,
    QTY_ORDERED,
    QTY_RECEIVED,
    Comparison,
    differing,
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
    counts = (lines["billing"] == QUANTITY) | (lines["billing"] == CORRECTION)
    mine = lines.select(*_OF_LINE, cs.starts_with("_priced_"))
    mine = mine if counts.all() else mine.filter(counts)
    place = events.select("event_no", "before", "after", "excess")
    if mine.height != place.height:  # corrections are no events
        size = reach(mine["event_no"], place["event_no"])
        place = looked_up(mine["event_no"], place, "event_no", size)
    else:
        place = place.drop("event_no")
    mine = with_counted(mine.hstack(place))
    net = running_total(pl.col("counted_net"), "link_id")
    mine = mine.with_columns(invoiced="after", invoiced_net=net)
    if mine["credit"].any():
        mine = _less_credits(mine)
    return mine.with_columns(_effective_price(mine).alias("effective_price"))


_OF_LINE = (
    "invoice_line_id",
    "invoice_id",
    "invoice_no_supplier",
    "invoice_date",
    "kind",
    "supplier_src_id",
    "ccy",
    "minor",
    "event_no",
    "line_no",
    "type",
    "qty",
    "uom",
    "unit_price",
    "net_amount",
    "credit",
    "billing",
    "units",
    "invoice_price",
    "link_id",
    LINE_POS,
    "po_number",
    "po_line_no",
    "match_type",
    "receipt_basis",
    MIRRORED,
    "ordered",
    "received",
    "basis",
    "last_receipt_date",
    "uom_order",
    "price",
    "po_unit_price",
    "po_price_unit",
    "po_line_net",
    "over_delivery_pct",
    "unlimited_over",
)
"""What is asked of a line that bills a quantity, here and in what is said of it: little more than
half of what is known of it, and every row of that is copied."""


def _less_credits(mine: pl.DataFrame) -> pl.DataFrame:
    """The running figures less what later credits gave back: only where there are credits."""
    figures = ("invoiced", "invoiced_net")
    where = _of_same_lines(mine[LINE_POS], mine["credit"])
    rows = mine.select("link_id", *figures).filter(where)
    rows = rows.select(not_given_back(column, "link_id") for column in figures)
    return mine.with_columns(
        mine[column].clone().scatter(where.arg_true(), rows[column]) for column in figures
    )


def _of_same_lines(order_lines: pl.Series, those: pl.Series) -> pl.Series:
    """Which rows are of an order line that one of ``those`` is of, too."""
    none = pl.Series([False]).new_from_index(0, reach(order_lines))
    return none.scatter(order_lines.filter(those), True)[order_lines]


def quantity_checks(priced: pl.DataFrame) -> list[Comparison]:
    """What there is to judge of the lines: one row per line and check whose figures differ.

    A credit takes back and adds nothing: of its figures only its own arithmetic is checked.
    """
    own = own_arithmetic(priced)
    lines = priced.select(_JUDGED).filter(~priced["credit"] & _may_differ(priced))
    if lines.is_empty():
        return [own]
    lines = with_agreed(lines)
    by_quantity = lines["billing"] == QUANTITY
    beyond_received = (
        by_quantity
        & (lines["counted"] != lines["receivable"])
        & lines["match_type"].is_in(["3w", "4w"])
    )
    beyond_ordered = by_quantity & (lines["invoiced"] != lines["may_bill"])
    priced_apart = lines["effective_price"] != lines["price"]
    billed_apart = lines["invoiced_net"] != lines["may_bill_net"]
    quantities = (
        (beyond_received, to_qty("receivable"), to_qty("counted"), QTY_RECEIVED, RECEIVED),
        (beyond_ordered, to_qty("may_bill"), to_qty("invoiced"), QTY_ORDERED, ORDERED),
        (priced_apart, pl.col("price"), pl.col("effective_price"), PRICE_UNIT, ORDER_PRICE),
        (billed_apart, pl.col("may_bill_net"), pl.col("invoiced_net"), LINE_TOTAL, ORDERED),
    )
    return [*[_of(lines, *each) for each in quantities], own]


def own_arithmetic(priced: pl.DataFrame) -> Comparison:
    """Quantity times own price, rounded, against the net, of the lines that bill a quantity."""
    read = [column for column in _OWN if column in priced.columns]
    own = priced.select(read).filter((priced["billing"] == QUANTITY) & ~_adds_up(priced))
    if own.is_empty():
        return Comparison(DOC_ARITHMETIC, LINE, NOTHING)
    found = own.select(*_SUBJECT, expected=own_amount(own), actual="net_amount")
    return differing(found, DOC_ARITHMETIC, LINE)


def _adds_up(priced: pl.DataFrame) -> pl.Series:
    """Whether the quantity at the price stated is the net to the last digit: all that nearly every
    line needs to be asked. Of the others, rounding, signs and units decide (units.own_amount).
    """
    guard_product(priced, ("qty", QTY_SCALE), ("unit_price", PRICE_SCALE))
    exact = to_scaled(pl.col("qty"), QTY_SCALE) * to_scaled(pl.col("unit_price"), PRICE_SCALE)
    whole, rest = exact // _TO_PRICE, exact % _TO_PRICE
    equal = (whole == to_scaled(pl.col("net_amount"), AMOUNT_SCALE)) & (rest == 0)
    if "_priced_for" in priced.columns:
        equal &= pl.col("_priced_for").is_null()
    found = (equal & ~_beyond_minor("net_amount")).fill_null(False)
    return priced.select(found.alias("adds_up")).to_series()


def _may_differ(priced: pl.DataFrame) -> pl.Series:
    """Whether any figure differs from what it is compared with, as far as can be seen before what
    may be billed is computed (agreed_deliveries.py): of most lines, none does.
    """
    agreed = (pl.col("over_delivery_pct") > 0) | pl.col("unlimited_over")
    differs = [
        agreed,
        pl.col("counted") != pl.col("receivable"),
        pl.col("invoiced") != pl.col("ordered"),
        pl.col("effective_price") != pl.col("price"),
        pl.col("invoiced_net") != pl.col("po_line_net"),
        _beyond_minor("po_line_net"),
    ]
    found = pl.any_horizontal(each.fill_null(False) for each in differs)
    return priced.select(found.alias("may_differ")).to_series()


def _beyond_minor(amount: str) -> pl.Expr:
    """Has the amount digits that its currency does not?"""
    return (
        to_scaled(pl.col(amount), AMOUNT_SCALE) % power_of_ten(AMOUNT_SCALE, pl.col("minor")) != 0
    )


_SUBJECT = (
    pl.lit("invoice_line").alias("subject_type"),
    pl.col("invoice_line_id").alias("subject_id"),
)
_OWN = (
    "invoice_line_id",
    "kind",
    "qty",
    "unit_price",
    "net_amount",
    "minor",
    "_priced_qty",
    "_priced_at",
    "_priced_for",
)
"""What a line's own amount is computed from (units.own_amount)."""
_JUDGED = (
    "invoice_line_id",
    "billing",
    "match_type",
    "receivable",
    "counted",
    "invoiced",
    "invoiced_net",
    "price",
    "effective_price",
    "minor",
    # of what may be billed (agreed_deliveries.py)
    "link_id",
    "ordered",
    "po_line_net",
    "over_delivery_pct",
    "unlimited_over",
)
"""What the other checks read of a line: it has some seventy columns, and filtering copies them."""


def _of(
    lines: pl.DataFrame,
    differs: pl.Series,
    expected: pl.Expr,
    actual: pl.Expr,
    check: str,
    basis: str,
) -> Comparison:
    """The rows that differ; nothing is computed for the others."""
    read = {"invoice_line_id", *expected.meta.root_names(), *actual.meta.root_names()}
    rows = lines.select(sorted(read)).filter(differs)
    rows = rows.select(*_SUBJECT, expected=expected, actual=actual)
    return Comparison(check, basis, rows)


def _effective_price(mine: pl.DataFrame) -> pl.Series:
    """Price per order unit that the line, or a corrected order line, amounts to.

    The price field decides where there is one. Without it, a net equal to the quantity at the
    order's price (rounded) states that price; any other net is divided by the quantity. Where
    values were corrected, all nets of the order line over all its quantity decide, in the same way.
    """
    price = mine["invoice_price"].cast(PRICE)
    if price.null_count():
        silent = price.is_null()
        implied = _implied(mine.select("net_amount", *_AT_ORDER_PRICE).filter(silent))
        price = price.scatter(silent.arg_true(), implied)
    corrections = mine["billing"] == CORRECTION
    if corrections.any():
        where = _of_same_lines(mine[LINE_POS], corrections)
        rows = mine.select(
            "link_id", "billing", "counted_net", "counted_units", *_AT_ORDER_PRICE[1:]
        ).filter(where)
        average = rows.select("link_id").join(
            _corrected(rows), on="link_id", how="left", maintain_order="left"
        )
        price = price.clone().scatter(where.arg_true(), average["_average"])
    return price


def _implied(lines: pl.DataFrame) -> pl.Series:
    """The price of one unit that the net of each line stands for."""
    net = to_scaled(pl.col("net_amount"), AMOUNT_SCALE)
    guard_product(lines, ("net_amount", AMOUNT_SCALE), _TO_PRICE)
    lines = _at_order_price(lines).with_columns(
        _implied=_per_unit(net, pl.col("units").cast(pl.Int128))
    )
    at_order_price = pl.when(pl.col("_at_order_price") == pl.col("net_amount"))
    price = at_order_price.then("price").otherwise("_implied").cast(PRICE)
    return lines.select(price.alias("_implied"))["_implied"]


def _corrected(lines: pl.DataFrame) -> pl.DataFrame:
    """Per order line: ``_average``, what a unit costs after all corrections."""
    billed = pl.col("billing") == QUANTITY
    net = to_scaled(pl.col("counted_net"), AMOUNT_SCALE)
    guard_product(lines, ("counted_net", AMOUNT_SCALE), _TO_PRICE)
    # Nets that add up to what the quantities are worth, each rounded, are at the order's price.
    lines = _at_order_price(lines.rename({"counted_units": "units"})).select(
        "link_id",
        "counted_net",
        "price",
        _net=net,
        _units=pl.when(billed).then(pl.col("units").cast(pl.Int128)).otherwise(0),
        _worth=pl.when(billed).then("_at_order_price"),
    )
    totals = lines.group_by("link_id").agg(
        pl.col("_net", "_units", "_worth", "counted_net").sum(), pl.col("price").first()
    )
    totals = totals.with_columns(_average=_per_unit(pl.col("_net"), pl.col("_units")).cast(PRICE))
    in_full = pl.when(pl.col("counted_net") == pl.col("_worth"))
    return totals.select("link_id", _average=in_full.then("price").otherwise("_average"))


_AT_ORDER_PRICE = ("units", "price", "minor")


def _at_order_price(lines: pl.DataFrame) -> pl.DataFrame:
    """Adds ``_at_order_price``: the quantity at the order's price, rounded to the minor unit."""
    guard_product(lines, "units", ("price", PRICE_SCALE))
    exact = multiply_half_up(to_qty("units"), QTY_SCALE, pl.col("price"), PRICE_SCALE, PRICE_SCALE)
    # Step by step: a nested expression is planned anew for every place it stands in.
    return lines.with_columns(_exact=exact).with_columns(
        _at_order_price=round_half_up(pl.col("_exact"), PRICE_SCALE, pl.col("minor"))
    )


_TO_PRICE = 10 ** (PRICE_SCALE + QTY_SCALE - AMOUNT_SCALE)
"""An amount has 4 decimals and a quantity 6: 12 more give a price of 10."""


def _per_unit(net: pl.Expr, units: pl.Expr) -> pl.Expr:
    return from_scaled(divide_half_up(net * _TO_PRICE, units), PRICE_SCALE)
