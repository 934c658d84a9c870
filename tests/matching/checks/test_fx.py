"""Rates that invoices were booked at, against reference rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from finsync_dagster.matching.match import MatchResult
from tests.matching.allocation.test_exchange import matched, rates
from tests.matching.ledger import Ledger, finding, on_day, outcome, payable, reasons

FIVE = {"FX_RATE": {"upper_pct": "5", "lower_pct": "5"}}


def booked(rate: str, day: int = 2, net: str = "1000", **more: Any) -> Ledger:
    """An invoice in dollars, of which one is worth 0.90 on days 0 to 2, and 0.95 from day 3."""
    ledger = Ledger().order().line("10", str(D(net) / 10)).receipt("R1", "10", day=0)
    price = str(D(net) / 10)
    return ledger.quantity_invoice("I1", "10", price, day=day, fx_rate_booked=rate, **more)


def check(result: MatchResult) -> dict[str, Any]:
    return result.check_results.filter(check="FX_RATE").row(0, named=True)


def test_a_rate_above_the_limit_blocks_and_says_what_it_costs() -> None:
    result = matched(booked("0.972"), **FIVE)
    found = finding(result, "FX_RATE_VARIANCE")
    assert (found["subject_type"], found["subject_id"]) == ("invoice", "I1")
    assert (found["amount_at_risk"], found["ccy"]) == (D(72), "EUR")
    assert found["message"] == (
        "Invoice I1 over 1,000.00 USD was booked on 2024-01-03 at 0.972 EUR for one USD; the "
        "reference rate of 2024-01-01 is 0.9. It is booked at 972.00 EUR and would be 900.00 EUR "
        "at the reference rate: 72.00 EUR (8 %) too much, tolerance 5 %."
    )
    assert (check(result)["expected"], check(result)["actual"]) == (D("0.9"), D("0.972"))
    assert check(result)["basis"] == "reference rate"
    assert (outcome(result, "I1"), payable(result, "I1")) == ("BLOCKED", D(0))


@pytest.mark.parametrize(
    ("rate", "codes"),
    [
        ("0.945", []),
        ("0.945001", ["FX_RATE_VARIANCE"]),
        ("0.855", []),
        ("0.854999", ["FX_RATE_VARIANCE"]),
    ],
)
def test_boundaries_are_inclusive(rate: str, codes: list[str]) -> None:
    assert reasons(matched(booked(rate), **FIVE)) == codes


def test_a_rate_below_warns() -> None:
    result = matched(booked("0.8"), **FIVE)
    assert reasons(result) == ["FX_RATE_VARIANCE"]
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"
    assert payable(result, "I1") == D(1000)


def test_an_absolute_limit_is_money_of_the_whole_invoice() -> None:
    """0.01 more per dollar: 10.00 EUR of an invoice over 1,000, 10.01 of one over 1,001."""
    limit = {"FX_RATE": {"upper_abs": "10"}}
    assert reasons(matched(booked("0.91"), **limit)) == []
    result = matched(booked("0.91", net="1001"), **limit)
    assert finding(result, "FX_RATE_VARIANCE")["amount_at_risk"] == D("10.01")
    failed = result.check_results.filter(check="FX_RATE", passed=False).row(0, named=True)
    assert (failed["expected"], failed["actual"]) == (D("900.90"), D("910.91"))
    assert failed["limit_value"] == D(10)


def test_either_limit_is_enough_if_the_policy_says_any() -> None:
    small = {"upper_pct": "1", "upper_abs": "10"}
    assert reasons(matched(booked("0.92", net="100"), FX_RATE=small)) == ["FX_RATE_VARIANCE"]
    assert reasons(matched(booked("0.92", net="100"), FX_RATE={**small, "combine": "ANY"})) == []


def test_the_day_of_posting_decides() -> None:
    assert reasons(matched(booked("0.95"))) == ["FX_RATE_VARIANCE"]
    assert reasons(matched(booked("0.95", posting_date=on_day(4)))) == []


def test_rounding_to_the_decimals_booked_is_no_variance() -> None:
    known = rates([("EUR", date(1, 1, 1), "1"), ("USD", on_day(0), "0.900004999999")])
    result = matched(booked("0.90000"), known)
    assert (reasons(result), outcome(result, "I1")) == ([], "MATCHED")
    assert reasons(matched(booked("0.90001"), known)) == ["FX_RATE_VARIANCE"]
    assert reasons(matched(booked("0.9000049"), known)) == ["FX_RATE_VARIANCE"]


@pytest.mark.parametrize(
    ("reference", "told"), [("0.911022550204", "0.911023"), ("0.000061234567", "0.0000612346")]
)
def test_a_rate_is_told_with_six_digits(reference: str, told: str) -> None:
    known = rates([("EUR", date(1, 1, 1), "1"), ("USD", on_day(0), reference)])
    found = finding(matched(booked("2"), known, **FIVE), "FX_RATE_VARIANCE")
    assert f"the reference rate of 2024-01-01 is {told}." in found["message"]


def test_what_is_not_limited_leaves_no_trace() -> None:
    result = matched(booked("2"), FX_RATE={})
    assert result.check_results.filter(check="FX_RATE").is_empty()
    assert outcome(result, "I1") == "MATCHED"


def test_nobody_is_accused_by_an_old_rate() -> None:
    known = rates([("EUR", date(1, 1, 1), "1"), ("USD", on_day(0), "0.9")])
    assert reasons(matched(booked("2", day=7), known)) == ["FX_RATE_VARIANCE"]
    assert reasons(matched(booked("2", day=8), known)) == []


def test_without_a_booked_rate_or_a_reference_there_is_nothing_to_compare() -> None:
    ledger = Ledger().order().line("10", "100").receipt("R1", "10", day=0)
    assert reasons(matched(ledger.quantity_invoice("I1", "10", "100"))) == []
    assert reasons(matched(booked("2", ccy="EUR"))) == ["CURRENCY_MISMATCH"]
    assert reasons(matched(booked("2"), rates([("EUR", date(1, 1, 1), "1")]))) == []
    assert reasons(booked("2").match()) == []


def test_a_credit_at_another_rate_is_told_too() -> None:
    ledger = booked("0.9").quantity_invoice(
        "C1", "-5", "100", day=3, kind="credit_qty", fx_rate_booked="0.8"
    )
    found = finding(matched(ledger, **FIVE), "FX_RATE_VARIANCE")
    assert (found["subject_id"], found["amount_at_risk"]) == ("C1", D(75))
