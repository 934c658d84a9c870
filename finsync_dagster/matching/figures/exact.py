"""Quantities as whole numbers, and their value at a price, rounded once.

Belongs here: the border between stored Decimals and the integers that allocation computes with,
and the guard that refuses a figure those integers cannot hold. Not here: which quantity counts.

Quantities are Int64 in millionths (money.QTY_SCALE). Values are Decimal(38, 4).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster import money
from finsync_dagster.money import (
    AMOUNT,
    AMOUNT_SCALE,
    PRICE_SCALE,
    QTY_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)

_INT64 = 2**63 - 1
_INT128 = 2**127 - 1


class PrecisionError(ArithmeticError):
    """A figure is too large to be computed exactly; nothing was computed from it."""


def to_units(column: str | pl.Expr) -> pl.Expr:
    """A stored quantity in Int64 millionths; raises if it does not fit."""
    value = pl.col(column) if isinstance(column, str) else column
    return to_scaled(value, QTY_SCALE).cast(pl.Int64)


def to_qty(column: str | pl.Expr) -> pl.Expr:
    """Int64 millionths back to a stored quantity."""
    value = pl.col(column) if isinstance(column, str) else column
    return from_scaled(value.cast(pl.Int128), QTY_SCALE)


def exact_ratio(value: pl.Expr, numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """``value * numerator / denominator`` in Int64 where it comes out whole, else null."""
    product = value.cast(pl.Int128) * numerator.cast(pl.Int128)
    whole = (denominator != 0) & (product % denominator.cast(pl.Int128) == 0)
    return pl.when(whole).then(product // denominator.cast(pl.Int128)).cast(pl.Int64)


def guard_sum(frame: pl.DataFrame, *columns: str) -> None:
    """Refuses Int64 columns whose running sums could leave Int64.

    Raises:
        PrecisionError: Polars would wrap around without a word.
    """
    for column in columns:
        figures = frame[column]
        if _largest(figures) * len(figures) <= _INT64:
            continue
        if (figures.cast(pl.Int128).abs().sum() or 0) > _INT64:
            raise PrecisionError(f"quantities in {column} add up to more than can be held exactly")


Factor = pl.Expr | str | tuple[str, int] | int
"""A whole number, or one per row: a column of integers, one of Decimals in units of 10^-scale, or
what an expression gives, which takes a step of its own to find out."""


def guard_product(frame: pl.DataFrame, *factors: Factor) -> None:
    """Refuses integer columns whose product could leave Int128 (times 4, for the rounding).

    Raises:
        PrecisionError: Polars would wrap around without a word.
    """
    if frame.is_empty():
        return
    bound = 4
    computed: list[pl.Expr] = []
    for factor in factors:
        if isinstance(factor, int):
            bound *= factor
        elif isinstance(factor, str):
            bound *= _largest(frame[factor])
        elif isinstance(factor, tuple):
            bound *= _largest_decimal(frame[factor[0]], factor[1])
        else:
            computed.append(factor.cast(pl.Int128).abs().max().alias(str(len(computed))))
    if computed:
        for largest in frame.select(computed).row(0):
            bound *= largest or 0
    if bound > _INT128:
        raise PrecisionError("a product of quantities or prices is too large to be held exactly")


def _largest(figures: pl.Series) -> int:
    """The size of the largest figure; 0 if there is none."""
    if figures.null_count() == len(figures):
        return 0
    return max(int(figures.max()), -int(figures.min()))  # type: ignore[arg-type]


def _largest_decimal(figures: pl.Series, scale: int) -> int:
    own: int = figures.dtype.scale  # type: ignore[attr-defined]
    return _largest(figures.to_physical()) * 10 ** max(scale - own, 0)


def value_at_price(
    qty: str | pl.Expr,
    decimals: pl.Expr | int = AMOUNT_SCALE,
    price: str = "unit_price",
    per: str = "price_unit",
) -> pl.Expr:
    """``qty`` at ``unit_price / price_unit`` of the same row, as an amount.

    Rounded half up once, at ``decimals`` places (the minor unit, or the four an amount is stored
    with); rounding first to four places and then to two would round some values twice. The frame
    must have passed ``guard_prices``.
    """
    units = pl.col(qty) if isinstance(qty, str) else qty
    product = units.cast(pl.Int128) * to_scaled(pl.col(price), PRICE_SCALE)
    # qty has 6 decimals, price 10, price unit 6: the quotient has 10.
    divisor = to_scaled(pl.col(per), QTY_SCALE) * power_of_ten(PRICE_SCALE, decimals)
    rounded = divide_half_up(product, divisor)
    return from_scaled(rounded * power_of_ten(AMOUNT_SCALE, decimals), AMOUNT_SCALE)


def worth(prices: pl.DataFrame, qty: str, decimals: pl.Expr | int = AMOUNT_SCALE) -> pl.Expr:
    """``qty`` at ``unit_price / price_unit`` of the same row, as Int128 units of an amount: what
    ``value_at_price`` gives, for the many rows of allocations.

    ``prices`` is looked at for what all its rows have in common: nearly all prices are for 1, and
    hardly any quantity is negative.
    """
    units = pl.col(qty).cast(pl.Int128)
    below = (prices[qty] < 0).any()
    product = (units.abs() if below else units) * to_scaled(pl.col("unit_price"), PRICE_SCALE)
    per = to_scaled(pl.col("price_unit"), QTY_SCALE)
    one = 10**QTY_SCALE
    if isinstance(decimals, int) and (prices["price_unit"] == 1).all():
        divisor = pl.lit(one * 10 ** (PRICE_SCALE - decimals), dtype=pl.Int128)
    else:
        divisor = per * power_of_ten(PRICE_SCALE, decimals)
    # Nothing here is negative, and divisors are even: half of one is a whole number.
    rounded = (product + divisor // 2) // divisor
    if below:
        rounded = pl.when(units < 0).then(0 - rounded).otherwise(rounded)
    if isinstance(decimals, int) and decimals == AMOUNT_SCALE:
        return rounded
    return rounded * power_of_ten(AMOUNT_SCALE, decimals)


def amounts(units: str | pl.Expr | pl.Series) -> pl.Expr:
    """Int128 units of an amount as the amount, without touching the figures."""
    if isinstance(units, str):
        units = pl.col(units)
    value = units if isinstance(units, pl.Expr) else pl.lit(units)
    return value.reinterpret(dtype=AMOUNT)


def guard_prices(frame: pl.DataFrame, *quantities: str) -> None:
    """Refuses a frame whose quantities at ``unit_price`` cannot be computed exactly."""
    for qty in quantities:
        guard_product(frame, qty, ("unit_price", PRICE_SCALE))


def power_of_ten(of: int, less: pl.Expr | int) -> pl.Expr:
    """Int128 ``10 ** (of - less)``; ``less`` may be a column of minor units."""
    if isinstance(less, int):
        return pl.lit(10 ** (of - less), dtype=pl.Int128)
    return money.power_of_ten(of - less)
