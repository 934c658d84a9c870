"""Figures as people write them, for whole columns of messages.

Belongs here: formatting only, the same as text.py gives for a single value. Not here: sentences.

All figures of a sentence are written together and step by step, each step on columns of its own. As
one expression their parts would repeat within each other, and planning a sentence of five figures
would take longer than writing a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from finsync_dagster.money import (
    AMOUNT_SCALE,
    PRICE_SCALE,
    QTY_SCALE,
    minor_unit,
    minor_unit_expr,
)

CCY = "ccy"
"""Column of the currency that amounts and prices are in."""


@dataclass(frozen=True)
class Figure:
    """A column of Decimals, and how it is written."""

    value: pl.Expr
    scale: int
    """Decimals that the column has."""
    unit: str | None = None
    """Column of what stands behind the figure; nothing does where that is null."""
    least: int | None = 0
    """Decimals that are written even if they are zero; None: as many as the currency has."""
    rounded: bool = False
    """Half up, so that no more than those are written."""


def money_text(amount: str | pl.Expr) -> Figure:
    """``1,234.50 USD``: an Amount, half up at the currency's minor unit."""
    return Figure(_column(amount), AMOUNT_SCALE, CCY, least=None, rounded=True)


def quantity_text(qty: str | pl.Expr, uom: str | None = None) -> Figure:
    """``1,050 EA``: a Qty without zeros that say nothing; without unit where there is none."""
    return Figure(_column(qty), QTY_SCALE, uom)


def price_text(price: str | pl.Expr) -> Figure:
    """A Price with the decimals it has, at least those of the minor unit, and its currency."""
    return Figure(_column(price), PRICE_SCALE, CCY, least=None)


def number_text(value: str | pl.Expr, least: int = 0) -> Figure:
    """A Price-typed figure with the decimals it has, at least ``least``: percentages, limits."""
    return Figure(_column(value), PRICE_SCALE, least=least)


def _column(value: str | pl.Expr) -> pl.Expr:
    return pl.col(value) if isinstance(value, str) else value


def with_texts(rows: pl.DataFrame, **figures: Figure) -> pl.DataFrame:
    """The rows with each figure as a text, under the name given.

    Where currencies differ in their decimals, the rows keep how many they have: often some of them
    are told more.

    Args:
        rows: with the columns of the figures, and ``ccy`` where one of them is in money.
        figures: by name, a new one each.
    """
    minors = _minor_units(rows) if any(each.least is None for each in figures.values()) else [0]
    if len(minors) > 1 and _MINOR not in rows.columns:
        rows = rows.with_columns(minor_unit_expr(pl.col(CCY)).alias(_MINOR))
    values = rows.select(_value(figure, minors).alias(name) for name, figure in figures.items())
    below = {value.name: value < 0 for value in values.get_columns() if _least(value) < 0}
    if below:
        values = values.with_columns(pl.col(name).abs() for name in below)
    units = {figure.unit: rows[figure.unit] for figure in figures.values() if figure.unit}
    digits = pl.DataFrame(
        [
            *(value.cast(pl.String) for value in values.get_columns()),
            *(sign.alias(_BELOW + name) for name, sign in below.items()),
            *(unit.alias(_UNIT + name) for name, unit in units.items()),
            *([rows[_MINOR]] if len(minors) > 1 else []),
        ]
    )
    texts = digits.select(
        _written(values[name], figure, minors, name in below).alias(name)
        for name, figure in figures.items()
    )
    return rows.hstack(texts)


_MINOR, _BELOW, _UNIT = "decimals of the currency", "below zero: ", "unit: "


def _minor_units(rows: pl.DataFrame) -> list[int]:
    """How many decimals the currencies of the rows have."""
    currencies = rows[CCY]
    some = currencies.head(1) if currencies.n_unique() == 1 else currencies.unique()
    return sorted({minor_unit(ccy) for ccy in some}) or [0]


def _value(figure: Figure, minors: Sequence[int]) -> pl.Expr:
    value = figure.value.cast(pl.Decimal(38, figure.scale))
    if not figure.rounded:
        return value
    first, *others = minors
    rounded = value.round(first, "half_away_from_zero")
    for places in others:
        fits = pl.col(_MINOR) == places
        rounded = pl.when(fits).then(value.round(places, "half_away_from_zero")).otherwise(rounded)
    return rounded


def _least(value: pl.Series) -> Decimal:
    return value.min() or Decimal(0)  # type: ignore[return-value]


def _groups(value: pl.Series) -> int:
    """How many groups of three digits the largest has in front of its last three."""
    largest: Decimal = value.max() or Decimal(0)  # type: ignore[assignment]
    return (len(str(int(largest))) - 1) // 3


def _written(value: pl.Series, figure: Figure, minors: Sequence[int], negative: bool) -> pl.Expr:
    """The text of a column that has all digits of a figure: groups, sign and unit."""
    digits, end, groups = pl.col(value.name), figure.scale + 1 + 3, _groups(value)
    text = _end(digits, figure, minors)
    if groups:
        front = [digits.str.slice(-end - 3 * n, 3) for n in range(groups - 1, 0, -1)]
        first = digits.str.head(-end - 3 * (groups - 1))
        # Where there are fewer digits, nothing stands before the comma.
        text = pl.concat_str(first, *front, text, separator=",").str.strip_chars_start(",")
    if negative:
        sign = pl.when(_BELOW + value.name).then(pl.lit("-")).otherwise(pl.lit(""))
        text = pl.concat_str(sign, text)
    if figure.unit is None:
        return text
    # A figure without a unit is a figure all the same.
    return pl.concat_str(text, _UNIT + figure.unit, separator=" ", ignore_nulls=True)


def _end(digits: pl.Expr, figure: Figure, minors: Sequence[int]) -> pl.Expr:
    """The last three digits before the point and the decimals, without zeros that say nothing."""
    end = figure.scale + 1 + 3
    possible = minors if figure.least is None else [figure.least]
    if possible == [0]:
        return digits.str.tail(end).str.strip_chars_end("0").str.strip_chars_end(".")
    least = pl.lit(possible[0]) if len(possible) == 1 else pl.col(_MINOR)
    text = digits.str.slice(-end, least + 1 + 3)
    if not figure.rounded:
        more = digits.str.tail(figure.scale - least).str.strip_chars_end("0")
        text = pl.concat_str(text, more)
    return text.str.strip_chars_end(".") if 0 in possible else text
