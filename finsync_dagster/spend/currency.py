"""Converting amounts at the last rate known on or before a day.

Belongs here: which rate applies and the exact arithmetic. Not here: where rates come from.

Rates are quoted against one base: ``rate`` units of a currency for one unit of the base. Going from
currency A to currency B takes both quotations: amount × rate(B) / rate(A), one rounding at the end,
half up, at B's minor unit. There is no maximum age; the date of the rate is kept beside the amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from finsync_dagster.money import (
    AMOUNT_SCALE,
    RATE,
    RATE_SCALE,
    divide_half_up,
    from_scaled,
    minor_unit_expr,
    to_scaled,
)

_ONE = Decimal(1)


class QuotationError(ValueError):
    """The rates contradict each other, so that none of them can be relied on."""


@dataclass(frozen=True)
class Conversion:
    """Names of the columns a conversion reads and writes."""

    amount: str
    ccy: str
    to: str
    day: str
    into: str


def convert(frame: pl.DataFrame, rates: pl.DataFrame, names: Conversion) -> pl.DataFrame:
    """The frame with the converted amount, ``rate_used`` and ``rate_date``; rows keep their order.

    Equal currencies: the amount as it is, rate 1, no date: nothing is converted, so nothing is
    rounded. No rate known: null.
    ``rate_used`` is units of ``ccy`` for one unit of ``to``; where ``to`` is the base of the
    quotation it is the quoted rate itself, otherwise the quotient of two, at twelve decimals.
    ``rate_date`` is the older one of the two days.

    Raises:
        QuotationError: the rates have several bases, or two rates for one currency and day.
    """
    quoted = _quotations(rates)
    rows = frame.with_row_index("_row")
    rows = _last_known(rows, quoted, names.ccy, names.day, "_from")
    rows = _last_known(rows, quoted, names.to, names.day, "_to")
    same = pl.col(names.ccy) == pl.col(names.to)
    known = pl.col("_from").is_not_null() & pl.col("_to").is_not_null()
    source, target = to_scaled(pl.col("_from"), RATE_SCALE), to_scaled(pl.col("_to"), RATE_SCALE)
    converted = quotient_at_minor_unit(
        to_scaled(pl.col(names.amount), AMOUNT_SCALE) * target, source, pl.col(names.to)
    )
    cross = from_scaled(
        divide_half_up(source * pl.lit(10**RATE_SCALE, dtype=pl.Int128), target), RATE_SCALE
    )
    return (
        rows.with_columns(
            pl.when(same).then(names.amount).otherwise(converted).alias(names.into),
            pl.when(same).then(pl.lit(_ONE, dtype=RATE)).otherwise(cross).alias("rate_used"),
            pl.when(~same & known)
            .then(pl.min_horizontal("_from_date", "_to_date"))
            .alias("rate_date"),
        )
        .sort("_row")
        .drop("_row", "_from", "_to", "_from_date", "_to_date")
    )


def quotient_at_minor_unit(numerator: pl.Expr, denominator: pl.Expr, ccy: pl.Expr) -> pl.Expr:
    """An Amount from an integer quotient in its scaled units, rounded half up once, at the minor
    unit of ``ccy``; null where the denominator is 0 or null.
    """
    step = (AMOUNT_SCALE - minor_unit_expr(ccy)).replace_strict(
        {n: 10**n for n in range(AMOUNT_SCALE + 1)}, return_dtype=pl.Int128
    )
    return from_scaled(divide_half_up(numerator, denominator * step) * step, AMOUNT_SCALE)


def _quotations(rates: pl.DataFrame) -> pl.DataFrame:
    """Currency, day and rate per unit of the base; the base itself is 1 on every day."""
    quoted = rates.select(pl.col("to_ccy").alias("_ccy"), pl.col("rate_date").alias("_day"), "rate")
    base = rates.select(
        pl.col("from_ccy").alias("_ccy"),
        pl.col("rate_date").alias("_day"),
        pl.lit(_ONE, dtype=RATE).alias("rate"),
    )
    every = pl.concat([quoted, base.unique()])
    twice = every.filter(pl.struct("_ccy", "_day").is_duplicated()).sort("_day", "_ccy")
    if rates["from_ccy"].n_unique() > 1 or twice.height:
        raise QuotationError(
            "rates must have one base and one rate per currency and day; found the bases "
            f"{sorted(rates['from_ccy'].unique())} and repeated {twice.rows()[:2]}"
        )
    return every.sort("_day", "_ccy")


def _last_known(
    rows: pl.DataFrame, quoted: pl.DataFrame, ccy: str, day: str, prefix: str
) -> pl.DataFrame:
    named = quoted.rename({"rate": prefix}).with_columns(pl.col("_day").alias(f"{prefix}_date"))
    return (
        rows.sort(day)
        .join_asof(
            named,
            left_on=day,
            right_on="_day",
            by_left=ccy,
            by_right="_ccy",
            strategy="backward",
            check_sortedness=False,
        )
        .drop("_day", strict=False)
    )
