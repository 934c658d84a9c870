"""Billed quantities and prices in the unit of the order line.

Belongs here: the unit a quantity is compared in, and the price of one such unit. Not here: whether
the ratio between two units is the agreed one (checks/unit_ratio.py), nor receipts (orders.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.exact import exact_ratio, guard_product, guard_sum, to_units
from finsync_dagster.money import (
    PRICE,
    PRICE_SCALE,
    QTY_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)


def per_unit(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with ``unit_price`` for one unit, where it is stated for 100 or 1000."""
    price, per = to_scaled(pl.col("unit_price"), PRICE_SCALE), to_scaled(pl.col("price_unit"), 6)
    guard_product(lines, price, pl.lit(10**QTY_SCALE))
    single = from_scaled(divide_half_up(price * 10**QTY_SCALE, per), PRICE_SCALE).cast(PRICE)
    stated = pl.col("price_unit").is_null()
    return lines.with_columns(unit_price=pl.when(stated).then("unit_price").otherwise(single)).drop(
        "price_unit"
    )


def in_order_units(lines: pl.DataFrame, by_quantity: pl.Expr) -> pl.DataFrame:
    """The lines with ``units``, their quantity in the order unit, and ``invoice_price`` of one.

    Args:
        lines: with ``qty``, ``uom``, ``unit_price``, ``kind`` and of the order line ``uom_order``,
            ``ordered``, ``ordered_base``, ``uom_kept`` (the base unit).
        by_quantity: where a line bills a quantity; elsewhere ``units`` is null.

    Returns:
        The lines with ``units`` (signed Int64 millionths, null without an exact ratio) and
        ``invoice_price`` (PRICE per order unit: as stated where the units are the same).

    Raises:
        PrecisionError: a figure is too large to be computed exactly.
    """
    lines = lines.with_columns(_stated=to_units("qty"))
    guard_product(lines, "_stated", "ordered")
    as_stated = pl.col("uom").is_null() | (pl.col("uom") == pl.col("uom_order"))
    ratio = exact_ratio(pl.col("_stated"), pl.col("ordered"), pl.col("ordered_base"))
    units = (
        pl.when(as_stated)
        .then(pl.col("_stated"))
        .when(pl.col("uom") == pl.col("uom_kept"))
        .then(ratio)
    )
    magnitude = pl.when(pl.col("kind") == "credit_qty").then(0 - units.abs()).otherwise(units)
    lines = lines.with_columns(units=pl.when(by_quantity).then(magnitude))
    guard_sum(lines, "units")
    guard_product(lines, to_scaled(pl.col("unit_price"), PRICE_SCALE), "_stated")
    per_order_unit = divide_half_up(
        to_scaled(pl.col("unit_price"), PRICE_SCALE) * pl.col("_stated").abs().cast(pl.Int128),
        pl.col("units").abs().cast(pl.Int128),
    )
    invoice_price = (
        pl.when(as_stated)
        .then(pl.col("unit_price"))
        .otherwise(from_scaled(per_order_unit, PRICE_SCALE).cast(PRICE))
    )
    return lines.with_columns(invoice_price=invoice_price)
