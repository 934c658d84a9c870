"""Reference rates as one legal entity needs them: into its functional currency.

Belongs here: the quotations turned round to the entity's currency, cross rates included. Not here:
which day's rate a document takes (matching/figures/functional.py), nor what spend converts with.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from finsync_dagster.money import RATE, RATE_SCALE, divide_half_up, from_scaled, to_scaled

COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "ccy": pl.String,
    "rate_date": pl.Date,
    "functional_ccy": pl.String,
    "rate": RATE,
}
"""One unit of ``ccy`` is worth ``rate`` units of ``functional_ccy`` on ``rate_date``."""

_ALWAYS = date(1, 1, 1)


class RatesError(ValueError):
    """The rates contradict each other, so that none of them can be relied on."""


def functional_rates(quoted: pl.DataFrame, functional_ccy: str) -> pl.DataFrame:
    """Rates into the functional currency, sorted by currency and day; the currency itself is 1.

    A rate against the base of the quotation is turned round, a cross rate is the quotient of two
    quotations of one day; either is rounded once, half up, at twelve decimals, and is the rate from
    then on. A day on which one of the two was not quoted has no rate.

    Args:
        quoted: ``from_ccy``, ``to_ccy``, ``rate_date``, ``rate``: units of ``to_ccy`` for one unit
            of ``from_ccy``, the base, the same for all.
        functional_ccy: the currency the entity keeps its books in.

    Raises:
        RatesError: the rates have several bases, or two rates for one currency and day.
    """
    own = _rows([(functional_ccy, _ALWAYS, functional_ccy, 1)])
    bases = quoted["from_ccy"].unique().sort().to_list()
    repeated = quoted.filter(pl.struct("to_ccy", "rate_date").is_duplicated())
    if len(bases) > 1 or repeated.height:
        told = repeated.sort("rate_date", "to_ccy").select("to_ccy", "rate_date").rows()[:1]
        raise RatesError(
            "exchange rates: there must be one base currency, and one rate per currency and day; "
            f"found the bases {', '.join(bases)}"
            + "".join(f", and {ccy} of {day} twice" for ccy, day in told)
            + ". Connect one source of rates per legal entity."
        )
    if not bases:
        return own
    days = (
        quoted.select("rate_date")
        .unique()
        .with_columns(ccy=pl.lit(bases[0]), _per_base=pl.lit(1, dtype=RATE))
    )
    every = pl.concat(
        [quoted.select("rate_date", ccy="to_ccy", _per_base="rate"), days], how="diagonal"
    )
    target = every.filter(pl.col("ccy") == functional_ccy).select("rate_date", _target="_per_base")
    both = every.filter(pl.col("ccy") != functional_ccy).join(target, on="rate_date")
    one = pl.lit(10**RATE_SCALE, dtype=pl.Int128)
    rate = divide_half_up(
        to_scaled(pl.col("_target"), RATE_SCALE) * one, to_scaled(pl.col("_per_base"), RATE_SCALE)
    )
    turned = both.select(
        "ccy",
        "rate_date",
        functional_ccy=pl.lit(functional_ccy),
        rate=from_scaled(rate, RATE_SCALE),
    )
    return pl.concat([own, turned]).sort("ccy", "rate_date")


def _rows(rows: list[tuple[str, date, str, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")
