"""Figures as people write them, for whole columns of messages.

Belongs here: formatting only, the same as text.py gives for a single value. Not here: sentences.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.money import (
    AMOUNT_SCALE,
    PRICE_SCALE,
    QTY_SCALE,
    divide_half_up,
    minor_unit_expr,
    power_of_ten,
    to_scaled,
)

_GROUPS = 5  # of three digits: figures below 10^15 get commas


def money_text(amount: str | pl.Expr, ccy: str | pl.Expr = "ccy") -> pl.Expr:
    """``1,234.50 USD``: an Amount, half up at the currency's minor unit."""
    currency = _column(ccy)
    minor = minor_unit_expr(currency)
    units = to_scaled(_column(amount), AMOUNT_SCALE)
    rounded = divide_half_up(units.abs(), power_of_ten(AMOUNT_SCALE - minor))
    whole, rest = rounded // power_of_ten(minor), rounded % power_of_ten(minor)
    fraction = pl.format(".{}", rest.cast(pl.String).str.zfill(minor))
    fraction = pl.when(minor > 0).then(fraction).otherwise(pl.lit(""))
    sign = pl.when((units < 0) & (rounded != 0)).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, _grouped(whole), fraction, pl.lit(" "), currency)


def quantity_text(qty: str | pl.Expr, uom: str | pl.Expr | None = None) -> pl.Expr:
    """``1,050 EA``: a Qty without zeros that say nothing; without unit where there is none."""
    return _with_unit(_plain(_column(qty), QTY_SCALE, 0), uom)


def price_text(price: str | pl.Expr, ccy: str | pl.Expr = "ccy") -> pl.Expr:
    """A Price with the decimals it has, at least those of the minor unit, and its currency."""
    currency = _column(ccy)
    return _with_unit(_plain(_column(price), PRICE_SCALE, minor_unit_expr(currency)), currency)


def number_text(value: str | pl.Expr, least: int = 0) -> pl.Expr:
    """A Price-typed figure with the decimals it has, at least ``least``: percentages, limits."""
    return _plain(_column(value), PRICE_SCALE, least)


def _column(value: str | pl.Expr) -> pl.Expr:
    return pl.col(value) if isinstance(value, str) else value


def _with_unit(figure: pl.Expr, unit: str | pl.Expr | None) -> pl.Expr:
    if unit is None:
        return figure
    return pl.concat_str(figure, _column(unit), separator=" ", ignore_nulls=True)


def _plain(value: pl.Expr, scale: int, least: pl.Expr | int) -> pl.Expr:
    units = to_scaled(value, scale)
    one = pl.lit(10**scale, dtype=pl.Int128)
    whole, rest = units.abs() // one, units.abs() % one
    digits = rest.cast(pl.String).str.zfill(scale).str.strip_chars_end("0")
    fewest = pl.lit(least, dtype=pl.Int64) if isinstance(least, int) else least
    padding = pl.lit("0" * scale).str.head((fewest - digits.str.len_bytes()).clip(0, None))
    fraction = pl.concat_str(digits, padding)
    fraction = pl.when(fraction == "").then(fraction).otherwise(pl.format(".{}", fraction))
    sign = pl.when(units < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, _grouped(whole), fraction)


def _grouped(whole: pl.Expr) -> pl.Expr:
    """Digits of an Int128 not below zero, in groups of three."""
    digits = whole.cast(pl.String)
    length = digits.str.len_bytes().cast(pl.Int64)
    head = digits.str.head(((length - 1) % 3) + 1)
    parts = [head]
    for n in range(_GROUPS - 1, 0, -1):
        part = pl.concat_str(pl.lit(","), digits.str.slice(length - 3 * n, 3))
        parts.append(pl.when(length > 3 * n).then(part).otherwise(pl.lit("")))
    return pl.when(length > 3 * _GROUPS).then(digits).otherwise(pl.concat_str(parts))
