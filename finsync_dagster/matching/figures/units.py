"""Billed quantities and prices in the unit of the order line.

Belongs here: the unit a quantity is compared in, and the price of one such unit. Not here: whether
the ratio between two units is the agreed one (checks/unit_ratio.py), nor receipts (orders.py).

Ratios are exact: a quantity that is not a whole number of millionths of the order unit is not
converted. In this order: the unit of the order; its base unit, by the two quantities the order
line states; the unit it is priced in, by the ratio it states; a unit whose ratio to the order's is
a definition (standard_units.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.exact import (
    exact_ratio,
    guard_product,
    guard_sum,
    power_of_ten,
    to_units,
)
from finsync_dagster.matching.figures.places import rows_at
from finsync_dagster.matching.figures.positions import LINE_POS
from finsync_dagster.matching.figures.standard_units import standard_ratios
from finsync_dagster.money import (
    AMOUNT_SCALE,
    PRICE,
    PRICE_SCALE,
    QTY_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)

_ONE = 10**QTY_SCALE
_SINGLE = pl.lit(1, dtype=pl.Decimal(38, QTY_SCALE))


def weighed_lines(invoice_lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that bill a quantity in two units, such as pieces priced by the kilogram.

    Returns:
        ``invoice_line_id``, ``uom_price``, ``qty_price``, and ``priced_at`` per ``priced_for``
        units of ``uom_price`` (null where no price is stated).
    """
    if invoice_lines["qty_price"].null_count() == invoice_lines.height:
        rows = invoice_lines.clear()
    else:
        stated = pl.col("qty_price").is_not_null() & pl.col("uom_price").is_not_null()
        rows = invoice_lines.filter(stated & (pl.col("qty") != 0).fill_null(False))
    return rows.select(
        "invoice_line_id",
        "uom_price",
        "qty_price",
        priced_at="unit_price",
        priced_for=pl.coalesce("price_unit", _SINGLE),
    )


def per_unit(lines: pl.DataFrame, weighed: pl.DataFrame) -> pl.DataFrame:
    """The lines with ``unit_price`` for one unit of ``uom``, where it is stated for 100 or 1000, or
    for a unit of another kind; ``price_unit`` is gone. Where one is not 1, what was stated stays as
    ``_priced_at`` for ``_priced_for``, and ``_priced_qty``, the quantity in that unit, so that a
    conversion to another unit, and the line's own arithmetic, round once.

    Raises:
        PrecisionError: a price is too large to be computed exactly.
    """
    concerned = (lines["price_unit"] != 1).fill_null(False)
    stated = lines.select("unit_price", "price_unit", "qty")
    if weighed.height:
        weights = lines.select("invoice_line_id").join(
            weighed.select("invoice_line_id", "qty_price"),
            on="invoice_line_id",
            how="left",
            maintain_order="left",
        )["qty_price"]
        concerned |= weights.is_not_null()
        stated = stated.with_columns(weights)
    at = concerned.arg_true()
    if at.is_empty():
        return lines.drop("price_unit")
    prices = lines["unit_price"].cast(PRICE)
    lines = _keeping_what_was_stated(lines, stated)
    rows = rows_at(stated, at)
    price = to_scaled(pl.col("unit_price"), PRICE_SCALE)
    per = to_scaled(pl.coalesce("price_unit", _SINGLE), QTY_SCALE)
    num, den = pl.lit(_ONE, dtype=pl.Int128), pl.lit(1, dtype=pl.Int128)
    if weighed.height:
        two = pl.col("qty_price").is_not_null()
        weight, qty = (to_scaled(pl.col(c).abs(), QTY_SCALE) for c in ("qty_price", "qty"))
        num = pl.when(two).then(weight * _ONE).otherwise(num)
        den = pl.when(two).then(qty).otherwise(den)
    guard_product(rows, price, num)
    guard_product(rows, per, den)
    single = from_scaled(divide_half_up(price * num, per * den), PRICE_SCALE).cast(PRICE)
    return lines.with_columns(prices.scatter(at, rows.select(single).to_series()))


def _keeping_what_was_stated(lines: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    weight = ("qty_price",) if "qty_price" in stated.columns else ()
    priced = stated.select(
        _priced_for="price_unit", _priced_at="unit_price", _priced_qty=pl.coalesce(*weight, "qty")
    )
    return lines.drop("price_unit").hstack(priced)


def own_amount(lines: pl.DataFrame) -> pl.Expr:
    """What a line's quantity is at the price it states, as an AMOUNT rounded half up once at the
    ``minor`` unit; null without a price.

    A credit memo may state its quantity with or without a sign: without one, the sign of its net
    decides. On any other document a quantity means what it says.

    Raises:
        PrecisionError: a figure is too large to be computed exactly.
    """
    as_stated = "_priced_for" in lines.columns
    qty = to_scaled(pl.col("_priced_qty" if as_stated else "qty"), QTY_SCALE).abs()
    price = to_scaled(pl.col("_priced_at" if as_stated else "unit_price"), PRICE_SCALE).abs()
    guard_product(lines, qty, price)
    minor = pl.col("minor")
    per = to_scaled(pl.coalesce("_priced_for", _SINGLE), QTY_SCALE) if as_stated else pl.lit(_ONE)
    # Quantity has 6 decimals, price 10, and what it is for 6: the quotient has 10.
    rounded = divide_half_up(qty * price, per * power_of_ten(PRICE_SCALE, minor))
    amount = rounded * power_of_ten(AMOUNT_SCALE, minor)
    stated = (pl.col("qty") < 0) != (pl.col("unit_price") < 0)
    unsigned = (pl.col("kind") == "credit_qty") & ~stated
    back = stated | (unsigned & (pl.col("net_amount") < 0))
    return from_scaled(pl.when(back).then(0 - amount).otherwise(amount), AMOUNT_SCALE)


def in_order_units(
    lines: pl.DataFrame, by_quantity: pl.Series, weighed: pl.DataFrame, order_lines: pl.DataFrame
) -> pl.DataFrame:
    """The lines with ``units``, their quantity in the order unit, and ``invoice_price`` of one.

    Args:
        lines: with ``qty``, ``uom``, ``unit_price`` (of one ``uom``), ``net_amount``, ``kind``, and
            of the order line what order_facts.py brings.
        by_quantity: where a line bills a quantity; elsewhere ``units`` is null.
        weighed: as ``weighed_lines`` returns them.
        order_lines: as the order book has them.

    Returns:
        The lines with ``units`` (signed Int64 millionths, null without an exact ratio) and
        ``invoice_price`` (PRICE per order unit: as stated where the units are the same; of what is
        priced in the order's price unit, by the order's ratio, so that a ratio of the invoice's
        own is no variance of price).

    Raises:
        PrecisionError: a figure is too large to be computed exactly.
    """
    as_stated = (pl.col("uom").is_null() | (pl.col("uom") == pl.col("uom_order"))).fill_null(False)
    plain = lines.select(as_stated).to_series()
    price = pl.when(plain).then(pl.col("unit_price").cast(PRICE))
    units = pl.when(by_quantity & plain).then(to_units("qty"))
    lines = lines.with_columns(units=units, invoice_price=price)
    others = by_quantity & ~plain
    if weighed.height:
        others |= lines["invoice_line_id"].is_in(weighed["invoice_line_id"].implode())
    lines = _with_others(lines, others.arg_true(), by_quantity, weighed, order_lines)
    credit = (pl.col("kind") == "credit_qty") & (pl.col("units") > 0)
    lines = lines.with_columns(units=pl.when(credit).then(0 - pl.col("units")).otherwise("units"))
    guard_sum(lines, "units")
    return lines


def _with_others(
    lines: pl.DataFrame,
    others: pl.Series,
    by_quantity: pl.Series,
    weighed: pl.DataFrame,
    order_lines: pl.DataFrame,
) -> pl.DataFrame:
    """``units`` and ``invoice_price`` of the few lines that are not simply in the order unit."""
    if others.is_empty():
        return lines
    rows = with_other_ratios(rows_at(lines, others), order_lines).with_columns(
        _stated=to_units("qty")
    )
    rows = rows.join(weighed, on="invoice_line_id", how="left", maintain_order="left")
    converted = pl.coalesce("units", _converted(rows))
    rows = rows.with_columns(units=pl.when(by_quantity.gather(others)).then(converted))
    rows = rows.with_columns(invoice_price=_price_of_order_unit(rows))
    return lines.with_columns(
        lines[name].clone().scatter(others, rows[name]) for name in ("units", "invoice_price")
    )


def _converted(rows: pl.DataFrame) -> pl.Expr:
    """The quantity stated in another unit, in the order's, if there is an exact ratio."""
    guard_product(rows, "_stated", "ordered")
    base = pl.when(pl.col("uom") == pl.col("uom_kept")).then(
        exact_ratio(pl.col("_stated"), pl.col("ordered"), pl.col("ordered_base"))
    )
    return pl.coalesce(base, by_other_ratio(rows))


def with_other_ratios(rows: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    """The rows, in their order, with what ``by_other_ratio`` asks for of the order line at
    ``line_pos``, and its base unit (``uom_kept``, ``ordered_base``)."""
    ratios = order_lines.select(
        "price_ratio_num",
        "price_ratio_den",
        "ordered_base",
        po_uom_price="uom_price",
        uom_kept="uom_base",
    )
    units = ["uom", "uom_order"]
    return rows.hstack(rows_at(ratios, rows[LINE_POS])).join(
        standard_ratios(*units), on=units, how="left", maintain_order="left"
    )


def by_other_ratio(rows: pl.DataFrame) -> pl.Expr:
    """``_stated`` (Int64 millionths of ``uom``) in order units, by the ratio of the unit the order
    is priced in, or one that is a definition; null where neither gives whole millionths.

    Raises:
        PrecisionError: a quantity is too large to be converted exactly.
    """
    num, den = to_units("price_ratio_num"), to_units("price_ratio_den")
    guard_product(rows, "_stated", ("price_ratio_den", QTY_SCALE))
    guard_product(rows, "_stated", "_std_num")
    priced = pl.when(pl.col("uom") == pl.col("po_uom_price")).then(
        exact_ratio(pl.col("_stated"), den, num)
    )
    standard = exact_ratio(pl.col("_stated"), pl.col("_std_num"), pl.col("_std_den"))
    return pl.coalesce(priced, standard)


def _price_of_order_unit(rows: pl.DataFrame) -> pl.Expr:
    """What the line asks for one order unit."""
    stated, units = pl.col("_stated").abs().cast(pl.Int128), pl.col("units").abs().cast(pl.Int128)
    price = to_scaled(pl.col("unit_price"), PRICE_SCALE)
    guard_product(rows, ("unit_price", PRICE_SCALE), "_stated")
    plain = from_scaled(divide_half_up(price * stated, units), PRICE_SCALE)
    if "_priced_for" in rows.columns:
        asked = to_scaled(pl.col("_priced_at"), PRICE_SCALE)
        per = to_scaled(pl.coalesce("_priced_for", _SINGLE), QTY_SCALE)
        guard_product(rows, ("_priced_at", PRICE_SCALE), "_stated", _ONE)
        guard_product(rows, per, "units")
        once = from_scaled(divide_half_up(asked * stated * _ONE, per * units), PRICE_SCALE)
        plain = pl.when(pl.col("qty_price").is_null()).then(once).otherwise(plain)
    agreed = (pl.col("uom_price") == pl.col("po_uom_price")) & pl.col(
        "price_ratio_num"
    ).is_not_null()
    return pl.when(agreed).then(_by_the_order_s_ratio(rows)).otherwise(plain.cast(PRICE))


def _by_the_order_s_ratio(rows: pl.DataFrame) -> pl.Expr:
    """The price of a price unit, by the ratio that the order states, for one order unit.

    Without a stated price, a net that is the weight at the order's price, rounded, is at that
    price; of any other net, the price is what it asks for the weight.
    """
    num = to_scaled(pl.col("price_ratio_num"), QTY_SCALE)
    den = to_scaled(pl.col("price_ratio_den"), QTY_SCALE)
    asked, per = (
        to_scaled(pl.col("priced_at"), PRICE_SCALE),
        to_scaled(pl.col("priced_for"), QTY_SCALE),
    )
    guard_product(rows, asked, num, pl.lit(_ONE))
    stated = divide_half_up(asked * num * _ONE, per * den)
    weight = to_scaled(pl.col("qty_price"), QTY_SCALE).abs()
    net = to_scaled(pl.col("net_amount"), AMOUNT_SCALE).abs()
    shift = 10 ** (PRICE_SCALE + QTY_SCALE - AMOUNT_SCALE)
    guard_product(rows, net, num, pl.lit(shift))
    implied = divide_half_up(net * num * shift, weight * den)
    ordered = to_scaled(pl.col("po_unit_price"), PRICE_SCALE) * den
    guard_product(rows, weight, ordered)
    for_ordered = to_scaled(pl.col("po_price_unit"), QTY_SCALE) * num
    minor = pl.col("minor")
    step = power_of_ten(PRICE_SCALE, minor)
    guard_product(rows, for_ordered, step)
    at_order = divide_half_up(weight * ordered, for_ordered * step) * power_of_ten(
        AMOUNT_SCALE, minor
    )
    price = pl.coalesce(
        from_scaled(stated, PRICE_SCALE).cast(PRICE),
        pl.when(at_order == net).then(pl.col("price").cast(PRICE)),
        from_scaled(implied, PRICE_SCALE).cast(PRICE),
    )
    return price
