"""Figures as people write them, for whole columns of messages.

Belongs here: formatting only, the same as text.py gives for a single value. Not here: sentences.

All figures of a sentence are written together and step by step, each step on columns of its own. As
one expression their parts would repeat within each other, and planning a sentence of five figures
would take longer than writing a million.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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

    Args:
        rows: with the columns of the figures, and ``ccy`` where one of them is in money.
        figures: by name.
    """
    if all(figure.least is not None for figure in figures.values()):
        return rows.with_columns(_texts(rows, figures, 0).get_columns())
    ccy = rows[CCY]
    currencies = ccy.head(1) if ccy.n_unique() == 1 else ccy.unique()
    first, *others = sorted({minor_unit(each) for each in currencies}) or [0]
    texts = _texts(rows, figures, first)
    if others:
        minor = rows.select(minor_unit_expr(pl.col(CCY))).to_series()
        for decimals in others:
            fits, so_many = minor == decimals, _texts(rows, figures, decimals)
            texts = pl.DataFrame([so_many[t.name].zip_with(fits, t) for t in texts.get_columns()])
    return rows.with_columns(texts.get_columns())


def _texts(rows: pl.DataFrame, figures: dict[str, Figure], minor: int) -> pl.DataFrame:
    """The figures alone; those in money as if their currency had ``minor`` decimals."""
    figures = {
        name: replace(figure, least=minor) if figure.least is None else figure
        for name, figure in figures.items()
    }
    values = rows.select(_value(figure).alias(name) for name, figure in figures.items())
    below = {value.name: value < 0 for value in values.get_columns() if _least(value) < 0}
    units = {figure.unit: rows[figure.unit] for figure in figures.values() if figure.unit}
    digits = _grouped(
        values.with_columns(pl.col(name).abs() for name in below) if below else values
    )
    return digits.hstack(
        [
            *(sign.alias(_BELOW + name) for name, sign in below.items()),
            *(unit.alias(_UNIT + name) for name, unit in units.items()),
        ]
    ).select(_written(name, figure, name in below) for name, figure in figures.items())


_BELOW, _UNIT = "below zero: ", "unit: "


def _least(value: pl.Series) -> Decimal:
    return value.min() or Decimal(0)  # type: ignore[return-value]


def _largest(value: pl.Series) -> Decimal:
    return value.max() or Decimal(0)  # type: ignore[return-value]


def _value(figure: Figure) -> pl.Expr:
    value = figure.value.cast(pl.Decimal(38, figure.scale))
    if not figure.rounded:
        return value
    places = figure.least or 0
    return value.round(places, "half_away_from_zero").cast(pl.Decimal(38, places))


def _grouped(values: pl.DataFrame) -> pl.DataFrame:
    """Decimals that are not below zero, the digits before the point in groups of three."""
    digits = pl.DataFrame([value.cast(pl.String) for value in values.get_columns()])
    behind = {name: _point(dtype) for name, dtype in values.schema.items()}
    commas = {value.name: (len(str(int(_largest(value)))) - 1) // 3 for value in values}
    for n in range(max(commas.values())):
        # Commas that are there already push the next one further from the end.
        those = (name for name, number in commas.items() if number > n)
        digits = digits.with_columns(_comma(name, behind[name] + 4 * n + 3) for name in those)
    return digits


def _point(dtype: pl.DataType) -> int:
    """How many characters of a Decimal stand behind its whole number."""
    scale = dtype.scale if isinstance(dtype, pl.Decimal) else 0
    return scale + 1 if scale else 0


def _comma(name: str, behind: int) -> pl.Expr:
    """With a comma that so many characters follow, where there are digits before it."""
    parts = pl.col(name).str.head(-behind), pl.col(name).str.tail(behind)
    return pl.concat_str(*parts, separator=",").str.strip_chars_start(",")


def _written(name: str, figure: Figure, negative: bool) -> pl.Expr:
    """The digits, without zeros that say nothing, with their sign and unit."""
    text = _without_zeros(pl.col(name), figure)
    if negative:
        sign = pl.when(_BELOW + name).then(pl.lit("-")).otherwise(pl.lit(""))
        text = pl.concat_str(sign, text)
    if figure.unit is not None:
        # A figure without a unit is a figure all the same.
        text = pl.concat_str(text, _UNIT + figure.unit, separator=" ", ignore_nulls=True)
    return text.alias(name)


def _without_zeros(text: pl.Expr, figure: Figure) -> pl.Expr:
    least = figure.least or 0
    if figure.rounded or least == figure.scale:
        return text
    if least == 0:
        return text.str.strip_chars_end("0").str.strip_chars_end(".")
    more = figure.scale - least
    return pl.concat_str(text.str.head(-more), text.str.tail(more).str.strip_chars_end("0"))
