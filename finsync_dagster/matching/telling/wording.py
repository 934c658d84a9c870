"""Figures as people write them, for whole columns of messages.

Belongs here: formatting only, the same as text.py gives for a single value. Not here: sentences.

Each figure is written step by step on its own columns. As one expression its parts would repeat
within each other, and planning a sentence of five figures would take longer than writing a million.
"""

from __future__ import annotations

from collections.abc import Callable

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


def money_text(amount: str | pl.Expr, ccy: str | pl.Expr = "ccy") -> pl.Expr:
    """``1,234.50 USD``: an Amount, half up at the currency's minor unit."""
    return _written(_money, _column(amount), _column(ccy))


def quantity_text(qty: str | pl.Expr, uom: str | pl.Expr | None = None) -> pl.Expr:
    """``1,050 EA``: a Qty without zeros that say nothing; without unit where there is none."""
    unit = pl.lit(None, dtype=pl.String) if uom is None else _column(uom)
    return _written(_quantity, _column(qty), unit)


def price_text(price: str | pl.Expr, ccy: str | pl.Expr = "ccy") -> pl.Expr:
    """A Price with the decimals it has, at least those of the minor unit, and its currency."""
    return _written(_price, _column(price), _column(ccy))


def number_text(value: str | pl.Expr, least: int = 0) -> pl.Expr:
    """A Price-typed figure with the decimals it has, at least ``least``: percentages, limits."""
    return _written(_number, _column(value), pl.lit(least, dtype=pl.Int64))


def _column(value: str | pl.Expr) -> pl.Expr:
    return pl.col(value) if isinstance(value, str) else value


def _written(write: Callable[[pl.DataFrame], pl.Series], figure: pl.Expr, unit: pl.Expr) -> pl.Expr:
    both = pl.struct(figure.alias("figure"), unit.alias("unit"))
    return both.map_batches(lambda rows: write(rows.struct.unnest()), return_dtype=pl.String)


def _money(rows: pl.DataFrame) -> pl.Series:
    rows = rows.with_columns(
        minor=minor_unit_expr(pl.col("unit")), units=to_scaled(pl.col("figure"), AMOUNT_SCALE)
    )
    step, one = power_of_ten(AMOUNT_SCALE - pl.col("minor")), power_of_ten(pl.col("minor"))
    rows = rows.with_columns(rounded=divide_half_up(pl.col("units").abs(), step), one=one)
    rows = rows.with_columns(
        whole=pl.col("rounded") // pl.col("one"), rest=pl.col("rounded") % pl.col("one")
    )
    digits = rows.select(pl.col("rest").cast(pl.String).str.zfill(pl.col("minor"))).to_series()
    fraction = pl.when(pl.col("minor") > 0).then("." + digits).otherwise(pl.lit(""))
    below = (pl.col("units") < 0) & (pl.col("rounded") != 0)
    return _put_together(rows.with_columns(fraction=fraction, below=below))


def _quantity(rows: pl.DataFrame) -> pl.Series:
    return _plain(rows, QTY_SCALE, pl.lit(0, dtype=pl.Int64))


def _price(rows: pl.DataFrame) -> pl.Series:
    return _plain(rows, PRICE_SCALE, minor_unit_expr(pl.col("unit")))


def _number(rows: pl.DataFrame) -> pl.Series:
    least = pl.lit(rows["unit"])
    return _plain(rows.with_columns(unit=pl.lit(None, dtype=pl.String)), PRICE_SCALE, least)


def _plain(rows: pl.DataFrame, scale: int, fewest: pl.Expr) -> pl.Series:
    one = pl.lit(10**scale, dtype=pl.Int128)
    rows = rows.with_columns(units=to_scaled(pl.col("figure"), scale), fewest=fewest)
    rows = rows.with_columns(whole=pl.col("units").abs() // one, rest=pl.col("units").abs() % one)
    digits = pl.col("rest").cast(pl.String).str.zfill(scale).str.strip_chars_end("0")
    rows = rows.with_columns(digits=digits)
    lacking = (pl.col("fewest") - pl.col("digits").str.len_bytes()).clip(0, None)
    zeros = pl.lit("0" * scale).str.head(lacking)
    rows = rows.with_columns(fraction=pl.concat_str("digits", zeros))
    some = pl.col("fraction") != ""
    point = pl.when(some).then("." + rows["fraction"]).otherwise(pl.lit(""))
    return _put_together(rows.with_columns(fraction=point, below=pl.col("units") < 0))


def _put_together(rows: pl.DataFrame) -> pl.Series:
    """``below``, ``whole`` and ``fraction`` as one text, and the ``unit`` behind it."""
    rows = rows.with_columns(whole=_grouped(rows["whole"]))
    sign = pl.when(pl.col("below")).then(pl.lit("-")).otherwise(pl.lit(""))
    figure = pl.concat_str(sign, "whole", "fraction")
    return rows.select(
        pl.concat_str(figure, "unit", separator=" ", ignore_nulls=True).alias("text")
    ).to_series()


_LARGE = 10**15  # from here on digits stand in a row: nobody reads groups of that many


def _grouped(whole: pl.Series) -> pl.Series:
    """Digits of numbers not below zero, in groups of three."""
    rows = pl.select(digits=whole.cast(pl.String)).with_columns(
        length=pl.col("digits").str.len_bytes().cast(pl.Int64)
    )
    if int(rows.select(pl.col("length").max().fill_null(0)).item()) <= 3:
        return rows["digits"]
    parts = rows.select(
        "length", "digits", text=pl.col("digits").str.head((pl.col("length") - 1) % 3 + 1)
    )
    for n in range((len(str(_LARGE)) - 1) // 3 - 1, 0, -1):
        group = pl.concat_str(
            "text", pl.lit(","), pl.col("digits").str.slice(pl.col("length") - 3 * n, 3)
        )
        parts = parts.with_columns(
            text=pl.when(pl.col("length") > 3 * n).then(group).otherwise("text")
        )
    large = pl.col("length") >= len(str(_LARGE))
    return parts.select(pl.when(large).then("digits").otherwise("text").alias("text")).to_series()
