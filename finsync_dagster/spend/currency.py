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
    """
    quoted = _quotations(rates)
    rows = frame.with_row_index("_row")
    rows = _last_known(rows, quoted, names.ccy, names.day, "_from")
    rows = _last_known(rows, quoted, names.to, names.day, "_to")
    same = pl.col(names.ccy) == pl.col(names.to)
    source, target = to_scaled(pl.col("_from"), RATE_SCALE), to_scaled(pl.col("_to"), RATE_SCALE)
    converted = _scaled_quotient(
        to_scaled(pl.col(names.amount), AMOUNT_SCALE) * target, source, pl.col(names.to)
    )
    cross = from_scaled(
        divide_half_up(source * pl.lit(10**RATE_SCALE, dtype=pl.Int128), target), RATE_SCALE
    )
    return (
        rows.with_columns(
            pl.when(same).then(names.amount).otherwise(converted).alias(names.into),
            pl.when(same).then(pl.lit(_ONE, dtype=RATE)).otherwise(cross).alias("rate_used"),
            pl.when(~same).then(pl.min_horizontal("_from_date", "_to_date")).alias("rate_date"),
        )
        .sort("_row")
        .drop("_row", "_from", "_to", "_from_date", "_to_date")
    )


def _scaled_quotient(numerator: pl.Expr, denominator: pl.Expr, ccy: pl.Expr) -> pl.Expr:
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
    return pl.concat([quoted, base]).unique(["_ccy", "_day"]).sort("_day", "_ccy")


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
