"""What a change of the exchange rate between receipt and invoice costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest

from finsync_dagster.canonical.functional_rates import COLUMNS
from finsync_dagster.matching.match import MatchResult, match
from tests.matching.ledger import AS_OF, ENTITY, Ledger, on_day, policy

RATES = [
    ("EUR", date(1, 1, 1), "1"),
    ("USD", on_day(0), "0.90"),
    ("USD", on_day(3), "0.95"),
]


def rates(rows: list[tuple[str, date, str]] | None = None) -> pl.DataFrame:
    told = [(c, d, "EUR", D(r)) for c, d, r in (RATES if rows is None else rows)]
    return pl.DataFrame(told, schema=COLUMNS, orient="row").sort("ccy", "rate_date")


def matched(ledger: Ledger, known: pl.DataFrame | None = None, **limits: Any) -> MatchResult:
    docs = replace(ledger.documents(), functional_rates=rates() if known is None else known)
    return match(docs, policy(**limits), AS_OF, ENTITY)


def row(result: MatchResult) -> dict[str, Any]:
    return result.allocations.row(0, named=True)


def conserved(result: MatchResult) -> None:
    """In the currency of the books, too, every allocation adds up (to half a ten-thousandth)."""
    for a in result.allocations.iter_rows(named=True):
        beyond = a["price_variance"] + a["rounding"]
        billed = (a["amount_at_po_price"] + beyond) * a["rate_invoiced"]
        parts = a["amount_at_po_price"] * a["rate_received"] + beyond * a["rate_invoiced"]
        assert abs(billed - parts - a["fx_variance"]) <= D("0.00005")


def test_price_and_exchange_variance_are_told_apart() -> None:
    """Received 10 at 100 USD when the dollar was worth 0.90, billed at 101 and booked at 0.93."""
    ledger = Ledger().order().line("10", "100").receipt("R1", "10", day=1)
    ledger.quantity_invoice("I1", "10", "101", day=2, fx_rate_booked="0.93")
    result = matched(ledger)
    found = row(result)
    assert found["amount_at_po_price"] == D(1000)
    assert found["price_variance"] == D(10)
    assert found["rounding"] == 0
    assert (found["rate_received"], found["rate_invoiced"]) == (D("0.90"), D("0.93"))
    assert found["fx_variance"] == D(30)
    conserved(result)


def test_without_a_booked_rate_the_invoice_takes_the_reference_of_its_day() -> None:
    ledger = Ledger().order().line("10", "100").receipt("R1", "10", day=1)
    ledger.quantity_invoice("I1", "10", "100", day=4)
    assert row(matched(ledger))["fx_variance"] == D(50)


def test_what_is_billed_without_a_receipt_stands_against_the_day_of_the_order() -> None:
    ledger = Ledger().order(day=0).line("10", "100")
    ledger.quantity_invoice("I1", "10", "100", day=4)
    found = row(matched(ledger))
    assert (found["receipt_line_id"], found["rate_received"]) == (None, D("0.90"))
    assert found["fx_variance"] == D(50)


def test_a_credit_gives_the_variance_back() -> None:
    ledger = Ledger().order().line("10", "100").receipt("R1", "10", day=1)
    ledger.quantity_invoice("I1", "10", "100", day=2, fx_rate_booked="0.93")
    ledger.quantity_invoice("C1", "-4", "100", day=3, kind="credit_qty", fx_rate_booked="0.93")
    result = matched(ledger)
    assert result.allocations["fx_variance"].sum() == D(18)
    conserved(result)


def test_in_the_currency_of_the_books_there_is_none() -> None:
    ledger = Ledger().order(ccy="EUR").line("10", "100").receipt("R1", "10", day=1)
    ledger.quantity_invoice("I1", "10", "101", day=4, ccy="EUR")
    found = row(matched(ledger))
    assert (found["rate_received"], found["rate_invoiced"]) == (D(1), D(1))
    assert found["fx_variance"] == 0


@pytest.mark.parametrize("known", [rates([]), rates([("EUR", date(1, 1, 1), "1")])])
def test_a_rate_that_is_not_known_leaves_the_variance_open(known: pl.DataFrame) -> None:
    ledger = Ledger().order().line("10", "100").receipt("R1", "10", day=1)
    ledger.quantity_invoice("I1", "10", "100", day=2)
    found = row(matched(ledger, known))
    assert (found["rate_received"], found["fx_variance"]) == (None, None)


def test_documents_in_several_currencies_keep_their_own_rates() -> None:
    ledger = Ledger().order("PA", ccy="EUR").line("1", "10", po="PA").receipt("RA", "1", "PA-1")
    ledger.order("PB").line("1", "10", po="PB").receipt("RB", "1", "PB-1")
    ledger.quantity_invoice("IA", "1", "10", line="PA-1", ccy="EUR")
    ledger.quantity_invoice("IB", "1", "10", line="PB-1", fx_rate_booked="1")
    found = matched(ledger).allocations.sort("invoice_id")
    assert found["rate_received"].to_list() == [D(1), D("0.90")]
    assert found["fx_variance"].to_list() == [D(0), D(1)]


def test_a_currency_without_rates_beside_one_of_the_books() -> None:
    ledger = Ledger().order("PA", ccy="EUR").line("1", "10", po="PA").receipt("RA", "1", "PA-1")
    ledger.order("PB", ccy="CHF").line("1", "10", po="PB").receipt("RB", "1", "PB-1")
    ledger.quantity_invoice("IA", "1", "10", line="PA-1", ccy="EUR")
    ledger.quantity_invoice("IB", "1", "10", line="PB-1", ccy="CHF", fx_rate_booked="1.05")
    found = matched(ledger).allocations.sort("invoice_id")
    assert found["rate_received"].to_list() == [D(1), None]
    assert found["rate_invoiced"].to_list() == [D(1), D("1.05")]
    assert found["fx_variance"].to_list() == [D(0), None]


def test_the_variance_is_rounded_once() -> None:
    """3 at 0.05: 0.15 x (0.33333 - 0.90) = -0.0850005 is -0.0850."""
    ledger = Ledger().order().line("3", "0.05").receipt("R1", "3", day=1)
    ledger.quantity_invoice("I1", "3", "0.05", day=2, fx_rate_booked="0.33333")
    result = matched(ledger)
    assert row(result)["fx_variance"] == D("-0.0850")
    conserved(result)
