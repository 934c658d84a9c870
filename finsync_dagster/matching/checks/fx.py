"""FX_RATE: the rate an invoice was booked at against the reference rate of that day.

Belongs here: which invoices are compared, and with which rate. Not here: where reference rates come
from (canonical/functional_rates.py), wording (fx_notes.py).

Source: Oracle Payables, MAX RATE AMOUNT (a hold where the rate costs more than an amount in
functional currency); SAP, maximum exchange rate deviation in per cent per company code. A per cent
limit is of the rate; an absolute one is money in functional currency, what the whole invoice costs
more or less, and is compared beside the rates where the policy states one.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from finsync_dagster.matching.checks.family import Family
from finsync_dagster.matching.checks.fx_notes import fx_note
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.exact import guard_product
from finsync_dagster.matching.figures.functional import BOOKED_ON, functional_currency, referred
from finsync_dagster.matching.telling.notes import Said
from finsync_dagster.matching.tolerance import Comparison, Limits, differing
from finsync_dagster.money import (
    AMOUNT_SCALE,
    RATE,
    RATE_SCALE,
    minor_unit,
    multiply_half_up,
    round_half_up,
    to_scaled,
)

FX_RATE = "FX_RATE"
REFERENCE = "reference rate"
AMOUNT = "amount at the reference rate"

_OLDEST = timedelta(days=7)
"""An older reference rate accuses nobody: it is FX_RATE_STALE."""
_FEWEST_DECIMALS = 5
"""Rates are booked with five decimals at least (SAP: DEC 9.5); what is less is a rounding."""


def compare(compared: Compared, limits: Limits) -> list[Comparison]:
    """Rates of invoices that state their rate and are not in the currency of the books.

    A rate that is the reference rate, rounded to the decimals it is booked with, is no variance;
    neither is one that the policy does not limit.
    """
    rows = booked_rates(compared)
    if rows.is_empty():
        return []
    found = [differing(_rates(rows), FX_RATE, REFERENCE, _limited)]
    if _money_limited(limits):
        found.append(differing(_amounts(rows, compared), FX_RATE, AMOUNT, _limited))
    return found


def _limited(results: pl.DataFrame) -> pl.DataFrame:
    return results.filter(pl.col("limit_binding") != "none")


def booked_rates(compared: Compared) -> pl.DataFrame:
    """Invoices of which both rates are known and differ: canonical invoices with
    ``reference_rate`` and ``reference_date``.
    """
    rates = compared.docs.functional_rates
    functional = functional_currency(rates) or ""
    booked = compared.invoices["fx_rate_booked"].is_not_null()
    stated = compared.invoices.filter(booked & (compared.invoices["ccy"] != functional))
    if stated.is_empty():
        none = pl.lit(None, dtype=RATE), pl.lit(None, dtype=pl.Date)
        return stated.with_columns(reference_rate=none[0], reference_date=none[1])
    rows = referred(stated, rates, BOOKED_ON)
    rows = rows.filter(BOOKED_ON - pl.col("reference_date") <= _OLDEST)
    return rows.filter(pl.col("fx_rate_booked") != _as_precise("reference_rate", "fx_rate_booked"))


def _as_precise(rate: str, other: str) -> pl.Expr:
    """``rate`` rounded half up to the decimals that ``other`` has, but at least five."""
    units = to_scaled(pl.col(other), RATE_SCALE)
    rounded = pl.col(rate)
    for decimals in range(RATE_SCALE - 1, _FEWEST_DECIMALS - 1, -1):
        step = pl.lit(10 ** (RATE_SCALE - decimals), dtype=pl.Int128)
        fits = units % step == 0
        rounded = (
            pl.when(fits).then(round_half_up(pl.col(rate), RATE_SCALE, decimals)).otherwise(rounded)
        )
    return rounded


def _rates(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        subject_type=pl.lit("invoice"),
        subject_id="invoice_id",
        expected="reference_rate",
        actual="fx_rate_booked",
    )


def _money_limited(limits: Limits) -> bool:
    """Whether any limit of the check is an amount."""
    stated = [limits.by_check[FX_RATE].tolerance]
    stated += [rule.limits for rule in limits.narrower.get(FX_RATE, ())]
    return any(t.upper_abs is not None or t.lower_abs is not None for t in stated)


def _amounts(rows: pl.DataFrame, compared: Compared) -> pl.DataFrame:
    """What the whole invoice is in functional currency at either rate, at its minor unit."""
    functional = functional_currency(compared.docs.functional_rates)
    return rows.select(
        subject_type=pl.lit("invoice"),
        subject_id="invoice_id",
        expected=in_books(rows, "reference_rate", functional),
        actual=in_books(rows, "fx_rate_booked", functional),
    )


def in_books(rows: pl.DataFrame, rate: str, functional: str | None) -> pl.Expr:
    """The size of ``gross`` at a rate, as an AMOUNT rounded once at the functional minor unit.

    Raises:
        PrecisionError: the product is too large to be computed exactly.
    """
    gross = pl.col("gross").abs()
    guard_product(rows, ("gross", AMOUNT_SCALE), (rate, RATE_SCALE))
    exact = multiply_half_up(gross, AMOUNT_SCALE, pl.col(rate), RATE_SCALE, RATE_SCALE)
    rounded = round_half_up(exact, RATE_SCALE, minor_unit(functional or ""))
    return rounded.cast(pl.Decimal(38, AMOUNT_SCALE))


def tell(compared: Compared, failed: pl.DataFrame) -> list[Said]:
    """One note per invoice whose rate is not within the limits."""
    if failed.is_empty():
        return []
    functional = functional_currency(compared.docs.functional_rates) or ""
    rows = booked_rates(compared).join(failed, left_on="invoice_id", right_on="subject_id")
    rows = rows.with_columns(
        at_reference=in_books(rows, "reference_rate", functional),
        at_booked=in_books(rows, "fx_rate_booked", functional),
        booked_on=BOOKED_ON,
    )
    first = rows.sort("invoice_id", "basis", descending=[False, True]).unique(
        "invoice_id", keep="first", maintain_order=True
    )
    return [fx_note(row, functional) for row in first.iter_rows(named=True)]


FAMILY = Family(checks=(FX_RATE,), compare=compare, tell=tell)
