"""The rate at which an invoice is worth something in the currency of its entity's books.

Belongs here: which rate an invoice, or a day, has. Not here: where reference rates come from
(canonical/functional_rates.py), nor whether a booked rate is acceptable (checks/fx.py).
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from finsync_dagster.money import RATE

_UNKNOWN = pl.lit(None, dtype=RATE)
_ONE = pl.lit(Decimal(1), dtype=RATE)
BOOKED_ON = pl.coalesce("posting_date", "invoice_date")
"""The day on which an invoice is in the books; where no posting date is known, its own date."""


def with_functional_rate(invoices: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """The invoices, in their order, with ``functional_rate``: what one unit of ``ccy`` is worth in
    functional currency. 1 for an invoice in that currency; the rate it was booked at, where that is
    stated; else the last reference rate on or before the day it was booked; null if there is none.

    Args:
        invoices: canonical invoices.
        rates: as ``Documents.functional_rates``.
    """
    functional = functional_currency(rates)
    booked = pl.col("fx_rate_booked").cast(RATE)
    if functional is None:
        return invoices.with_columns(functional_rate=booked)
    domestic = pl.col("ccy") == functional
    rated = invoices.with_columns(functional_rate=pl.when(domestic).then(_ONE).otherwise(booked))
    open_ = pl.col("functional_rate").is_null()
    unrated = rated.filter(open_)
    if unrated.is_empty():
        return rated
    found = referred(unrated, rates, BOOKED_ON).select("invoice_id", _reference="reference_rate")
    joined = rated.join(found, on="invoice_id", how="left", maintain_order="left")
    return joined.with_columns(functional_rate=pl.coalesce("functional_rate", "_reference")).drop(
        "_reference"
    )


def functional_currency(rates: pl.DataFrame) -> str | None:
    """The currency of the books; None where it is not known."""
    return rates["functional_ccy"][0] if rates.height else None


def referred(frame: pl.DataFrame, rates: pl.DataFrame, day: pl.Expr) -> pl.DataFrame:
    """The frame (any order) with ``reference_rate`` of its ``ccy``, the last one on or before
    ``day``, and ``reference_date``, the day it is of; both null where there is none.
    """
    known = rates.select("ccy", reference_rate="rate", reference_date="rate_date").sort(
        "ccy", "reference_date"
    )
    return (
        frame.with_columns(_day=day)
        .sort("_day")
        .join_asof(
            known,
            left_on="_day",
            right_on="reference_date",
            by="ccy",
            strategy="backward",
            check_sortedness=False,
            coalesce=False,
        )
        .drop("_day")
    )
