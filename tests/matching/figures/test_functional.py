"""Which rate an invoice has in the currency of the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.functional_rates import RatesError, functional_rates
from finsync_dagster.matching.figures.functional import with_functional_rate
from tests.matching.ledger import Ledger, on_day

QUOTED = [
    ("EUR", "USD", date(2024, 1, 2), "1.25"),
    ("EUR", "USD", date(2024, 1, 5), "1.28"),
    ("EUR", "GBP", date(2024, 1, 2), "0.8"),
    ("EUR", "JPY", date(2024, 1, 5), "160"),
]


def quoted(*rows: tuple[str, str, date, str]) -> pl.DataFrame:
    exact = [(f, t, d, Decimal(r)) for f, t, d, r in rows]
    schema = {
        "from_ccy": pl.String,
        "to_ccy": pl.String,
        "rate_date": pl.Date,
        "rate": pl.Decimal(38, 12),
    }
    return pl.DataFrame(exact, schema=schema, orient="row")


def rate(rates: pl.DataFrame, ccy: str, day: date) -> Decimal:
    return rates.filter((pl.col("ccy") == ccy) & (pl.col("rate_date") == day))["rate"].item()


def test_rates_against_the_base_are_turned_round() -> None:
    rates = functional_rates(quoted(*QUOTED), "EUR")
    assert rate(rates, "USD", date(2024, 1, 2)) == Decimal("0.8")
    assert rate(rates, "JPY", date(2024, 1, 5)) == Decimal("0.00625")


def test_a_cross_rate_is_rounded_once_at_twelve_decimals() -> None:
    rates = functional_rates(quoted(*QUOTED), "GBP")
    assert rate(rates, "USD", date(2024, 1, 2)) == Decimal("0.64")
    assert rate(rates, "EUR", date(2024, 1, 2)) == Decimal("0.8")
    thirds = functional_rates(
        quoted(("EUR", "USD", on_day(0), "3"), ("EUR", "GBP", on_day(0), "2")), "GBP"
    )
    assert rate(thirds, "USD", on_day(0)) == Decimal("0.666666666667")


def test_a_day_without_one_of_the_two_has_no_rate() -> None:
    rates = functional_rates(quoted(*QUOTED), "GBP")
    assert rates.filter(pl.col("ccy") == "JPY").is_empty()


def test_two_bases_are_refused() -> None:
    with pytest.raises(RatesError, match="bases EUR, USD"):
        functional_rates(quoted(*QUOTED, ("USD", "EUR", on_day(0), "0.8")), "EUR")


def test_a_rate_that_is_there_twice_is_refused() -> None:
    with pytest.raises(RatesError, match="USD of 2024-01-02 twice"):
        functional_rates(quoted(*QUOTED, QUOTED[0]), "EUR")


def _rated(functional: str | None, **more: Any) -> Decimal | None:
    invoices = Ledger().invoice("I", "100", day=9, **more).documents().invoices
    rates = (
        Documents.of().functional_rates
        if functional is None
        else functional_rates(quoted(*QUOTED), functional)
    )
    return with_functional_rate(invoices, rates)["functional_rate"].item()


def test_the_booked_rate_outranks_the_reference() -> None:
    assert _rated("EUR", fx_rate_booked="0.9") == Decimal("0.9")


def test_without_it_the_last_reference_rate_counts() -> None:
    assert _rated("EUR") == Decimal("0.78125")
    assert _rated("EUR", posting_date=date(2024, 1, 4)) == Decimal("0.8")


def test_an_invoice_in_the_currency_of_the_books_is_worth_what_it_says() -> None:
    assert _rated("USD", fx_rate_booked="0.9") == Decimal(1)


def test_no_rate_is_made_up() -> None:
    assert _rated("EUR", ccy="CHF") is None
    assert _rated("EUR", posting_date=date(2024, 1, 1)) is None
    assert _rated(None) is None
    assert _rated(None, fx_rate_booked="0.9") == Decimal("0.9")


def test_rates_after_the_cut_off_are_not_known() -> None:
    rates = functional_rates(quoted(*QUOTED), "EUR")
    known = Documents.of(functional_rates=rates).until(date(2024, 1, 3)).functional_rates
    assert known["rate_date"].max() == date(2024, 1, 2)


def test_invoices_keep_their_order() -> None:
    ledger = Ledger().invoice("B", "1", ccy="CHF").invoice("A", "1").invoice("C", "1", ccy="EUR")
    invoices = ledger.documents().invoices
    found = with_functional_rate(invoices, functional_rates(quoted(*QUOTED), "EUR"))
    assert found["invoice_id"].to_list() == ["B", "A", "C"]
