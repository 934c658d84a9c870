"""What an allocated quantity is worth at the order's price, and what the invoice bills beyond.

Belongs here: amounts of allocations in the currency of the order. Not here: quantities
(allocate.py), nor what they are in the currency of the books (exchange.py).

A stretch is worth the value of the running total at its end less that at its beginning, so that
the amounts of an order line add up to the value of its quantity however it was cut; the same
holds for the parts of an invoice line's net. What is billed beyond the order's price is a variance
of price, but for what comes of rounding the line to the minor unit: a line whose net is its
quantity at its own price, rounded, differs from that exact value by rounding and nothing else.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.exact import amounts, guard_prices, guard_product, worth
from finsync_dagster.matching.figures.positions import beside
from finsync_dagster.money import AMOUNT_SCALE, PRICE, divide_half_up, to_scaled

FACTS = (
    "invoice_id",
    "order_id",
    "ccy",
    "units",
    "net_amount",
    "invoice_price",
    "price",
    "po_unit_price",
    "po_price_unit",
    "minor",
)
"""What is asked of a line to value its stretches."""

_OF_LINE = FACTS[FACTS.index("units") :]


def value_stretches(
    stretches: pl.DataFrame, events: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """Adds ``qty`` (signed), ``amount_at_po_price``, ``price_variance``, ``rounding`` (AMOUNTs that
    add up to what the invoice bills for the stretch), ``invoice_id``, ``po_id``, ``ccy``.

    Args:
        stretches: as ``allocate`` returns them; the rows keep their order.
        events: ``event_no`` and ``before`` of every line allocated.
        lines: billed lines, at least those (``FACTS``).

    Raises:
        PrecisionError: a figure is too large to be computed exactly.
    """
    rows = beside(stretches, lines, "event_no", FACTS)
    rows = beside(rows, events, "event_no", ("before",)).rename({"order_id": "po_id"})
    at_order = rows.select("low", "high", unit_price="po_unit_price", price_unit="po_price_unit")
    guard_prices(at_order, "low", "high")
    rows = rows.with_columns(
        _at_order=_between(at_order, "low", "high") * pl.col("sign"),
        qty=(pl.col("high") - pl.col("low")) * pl.col("sign"),
        _billed=_billed(rows),
    )
    rows = rows.with_columns(_beyond=pl.col("_billed") - pl.col("_at_order"))
    rounding = _rounding(rows)
    return rows.with_columns(
        amount_at_po_price=amounts("_at_order"),
        price_variance=amounts(pl.col("_beyond") - rounding),
        rounding=amounts(rounding),
    )


def _between(prices: pl.DataFrame, low: str, high: str) -> pl.Series:
    """Int128 amount units of the quantity between two places, at the price of the row."""
    begins = prices.select(low, "unit_price", "price_unit").with_row_index("_row")
    begins = begins.filter(pl.col(low) != 0)  # nothing is worth nothing: most stretches begin at 0
    ends = prices.select(worth(prices, high)).to_series()
    if begins.is_empty():
        return ends
    less = begins.select(worth(begins, low)).to_series()
    return ends.scatter(begins["_row"], ends.gather(begins["_row"]) - less)


def _billed(rows: pl.DataFrame) -> pl.Series:
    """Int128 amount units that the invoice bills for each stretch: the net, or its share of it."""
    net = to_scaled(pl.col("net_amount"), AMOUNT_SCALE)
    size = pl.col("high") - pl.col("low")
    whole = rows.select(net).to_series()
    facts = rows.select("low", "high", "sign", "before", "units", "net_amount")
    parts = facts.with_row_index("_row").filter(size != pl.col("units").abs())
    if parts.is_empty():
        return whole
    guard_product(parts, "units", net)
    begins = (
        pl.when(pl.col("sign") < 0)
        .then(pl.col("before") - pl.col("high"))
        .otherwise(pl.col("low") - pl.col("before"))
    )
    upto = (
        divide_half_up(net * place.cast(pl.Int128), pl.col("units").abs().cast(pl.Int128))
        for place in (begins, begins + size)
    )
    first, last = upto
    shares = parts.select(last - first).to_series()
    return whole.scatter(parts["_row"], shares)


def _rounding(rows: pl.DataFrame) -> pl.Series:
    """Int128 amount units of each stretch that come of rounding its line to the minor unit."""
    none = pl.zeros(rows.height, dtype=pl.Int128, eager=True)
    facts = rows.select("low", "high", "sign", "before", "_billed", "_beyond", *_OF_LINE)
    beyond = facts.with_row_index("_row").filter(pl.col("_beyond") != 0)
    if beyond.is_empty():
        return none
    units = pl.col("units").abs()
    beyond = beyond.with_columns(_size=units, _net=to_scaled(pl.col("net_amount"), AMOUNT_SCALE))
    at_order = beyond.select(
        "_size", "minor", unit_price="po_unit_price", price_unit="po_price_unit"
    )
    at_own = beyond.select(
        "_size",
        "minor",
        unit_price=pl.coalesce("invoice_price", "price").cast(PRICE),
        price_unit=pl.lit(1, dtype=pl.Decimal(38, 6)),
    )
    for prices in (at_order, at_own):
        guard_prices(prices, "_size")
    minor = pl.col("minor")
    beyond = beyond.with_columns(
        _order_net=at_order.select(worth(at_order, "_size", minor)).to_series(),
        _own_net=at_own.select(worth(at_own, "_size", minor)).to_series(),
    )
    same_sign = (pl.col("_net") < 0) == (pl.col("units") < 0)
    stated = pl.col("invoice_price").is_not_null() & (pl.col("invoice_price") != pl.col("price"))
    net = pl.col("_net").abs()
    as_ordered = same_sign & ~stated & (net == pl.col("_order_net"))
    as_stated = same_sign & stated & (net == pl.col("_own_net"))
    rounding = (
        pl.when(as_ordered)
        .then("_beyond")
        .when(as_stated)
        .then(pl.col("_billed") - pl.lit(_at_own_price(beyond)))
        .otherwise(pl.lit(0, dtype=pl.Int128))
    )
    return none.scatter(beyond["_row"], beyond.select(rounding).to_series())


def _at_own_price(rows: pl.DataFrame) -> pl.Series:
    """Int128 amount units of each stretch at the price its invoice states, cut as the net is."""
    begins = (
        pl.when(pl.col("sign") < 0)
        .then(pl.col("before") - pl.col("high"))
        .otherwise(pl.col("low") - pl.col("before"))
    )
    places = rows.select(
        "sign",
        begins=begins,
        ends=begins + pl.col("high") - pl.col("low"),
        unit_price=pl.coalesce("invoice_price", "price").cast(PRICE),
        price_unit=pl.lit(1, dtype=pl.Decimal(38, 6)),
    )
    value = _between(places, "begins", "ends")
    return places.select(pl.lit(value) * pl.col("sign")).to_series()
