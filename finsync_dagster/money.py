"""Exact arithmetic on amounts, prices, quantities, rates: the one place where anything is rounded.

Belongs here: scaled-integer expressions for Polars and their rounding rule. Not here: which rate
or price applies (matching, spend), nor how a value is stored (schema).

Stored values are Polars Decimals. Polars rounds half-even and its Decimal product silently loses
digits, so a product or quotient is computed on 128-bit integers and rounded half away from zero,
which for an amount is the commercial "half up".
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl

AMOUNT_SCALE = 4
PRICE_SCALE = 10
QTY_SCALE = 6
RATE_SCALE = 12

AMOUNT = pl.Decimal(38, AMOUNT_SCALE)
PRICE = pl.Decimal(38, PRICE_SCALE)
QTY = pl.Decimal(38, QTY_SCALE)
RATE = pl.Decimal(38, RATE_SCALE)

# ISO 4217 list one, 2026-01-01: every currency not named here has two decimals.
MINOR_UNITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
DEFAULT_MINOR_UNIT = 2


def minor_unit(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217): JPY 0, EUR 2, BHD 3."""
    return MINOR_UNITS.get(currency, DEFAULT_MINOR_UNIT)


def minor_unit_expr(currency: pl.Expr) -> pl.Expr:
    """Int64 column: decimals of the minor unit of each row's currency."""
    return currency.replace_strict(MINOR_UNITS, default=DEFAULT_MINOR_UNIT, return_dtype=pl.Int64)


def to_scaled(value: pl.Expr, scale: int) -> pl.Expr:
    """A Decimal column as Int128 units of ``10**-scale``. The column's own scale must be ``scale``.

    The cast is exact because the physical value of a Decimal already is that integer.
    """
    return value.cast(pl.Decimal(38, scale)).to_physical().cast(pl.Int128)


def from_scaled(units: pl.Expr, scale: int) -> pl.Expr:
    """Integer units of ``10**-scale`` (at most 38 digits) back to Decimal(38, scale), exactly.

    The integer already is the physical value of the Decimal: nothing is computed.
    """
    return units.cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, scale))


def divide_half_up(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Integer quotient rounded half away from zero; null where the denominator is 0 or null."""
    magnitude = (2 * numerator.abs() + denominator.abs()) // (2 * denominator.abs())
    negative = (numerator < 0) != (denominator < 0)
    return (
        pl.when(denominator != 0).then(pl.when(negative).then(0 - magnitude).otherwise(magnitude))
    ).otherwise(None)


def multiply_half_up(
    left: pl.Expr, left_scale: int, right: pl.Expr, right_scale: int, out_scale: int
) -> pl.Expr:
    """``left * right`` as Decimal(38, out_scale), rounded half up once at the end.

    The integer product must stay below 1.7e38: 28 digits before the point are left for an amount
    (scale 4) times a price (scale 10) shown at scale 4, far above any ledger.
    """
    product = to_scaled(left, left_scale) * to_scaled(right, right_scale)
    surplus = left_scale + right_scale - out_scale
    if surplus > 0:
        product = divide_half_up(product, pl.lit(10**surplus, dtype=pl.Int128))
    elif surplus < 0:
        product = product * pl.lit(10**-surplus, dtype=pl.Int128)
    return from_scaled(product, out_scale)


def line_value(qty: pl.Expr, price: pl.Expr, price_unit: pl.Expr) -> pl.Expr:
    """``qty`` at ``price`` per ``price_unit``, as an Amount, rounded half up once at the end."""
    product = to_scaled(qty, QTY_SCALE) * to_scaled(price, PRICE_SCALE)
    surplus = pl.lit(10 ** (PRICE_SCALE - AMOUNT_SCALE), dtype=pl.Int128)
    return from_scaled(
        divide_half_up(product, to_scaled(price_unit, QTY_SCALE) * surplus), AMOUNT_SCALE
    )


def round_half_up(value: pl.Expr, scale: int, decimals: pl.Expr | int) -> pl.Expr:
    """A Decimal(38, scale) column rounded half up at ``decimals`` places, keeping its dtype.

    ``decimals`` may be a column (the minor unit of each row's currency).
    """
    units = to_scaled(value, scale)
    if isinstance(decimals, int):
        step = pl.lit(10 ** max(scale - decimals, 0), dtype=pl.Int128)
    else:
        step = power_of_ten(scale - decimals.clip(None, scale))
    return from_scaled(divide_half_up(units, step) * step, scale)


_POWERS = pl.Series([10**n for n in range(39)], dtype=pl.Int128)


def power_of_ten(exponent: pl.Expr) -> pl.Expr:
    """Int128 ``10 ** exponent`` of a column of whole numbers from 0 to 38; null where it is."""
    return pl.lit(_POWERS).gather(exponent)


def round_decimal(value: Decimal, decimals: int) -> Decimal:
    """One Python Decimal rounded half up, for text meant for people."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
