"""Deliveries within what the order line itself tolerates."""

from decimal import Decimal
from typing import Any

import pytest

from finsync_dagster.matching.match import MatchResult
from tests.matching.ledger import Ledger, finding, outcome, reasons


def delivered(qty: str, **agreed: Any) -> list[str]:
    ledger = Ledger().order().line("100", "2", delivery_complete=True, **agreed)
    result = ledger.receipt("R1", qty).match()
    return result.findings["reason_code"].to_list()


@pytest.mark.parametrize(("qty", "codes"), [("105", []), ("106", ["OVER_DELIVERY"])])
def test_what_the_order_tolerates_is_not_too_much(qty: str, codes: list[str]) -> None:
    assert delivered(qty, over_delivery_pct="5", under_delivery_pct="5") == codes


@pytest.mark.parametrize(("qty", "codes"), [("95", []), ("94.999999", ["UNDER_DELIVERY"])])
def test_what_the_order_tolerates_is_not_too_little(qty: str, codes: list[str]) -> None:
    assert delivered(qty, over_delivery_pct="5", under_delivery_pct="5") == codes


def test_any_delivery_may_be_agreed() -> None:
    assert delivered("1000", unlimited_over=True) == []


def test_without_an_agreement_the_policy_counts_alone() -> None:
    assert delivered("101") == ["OVER_DELIVERY"]


def billed(qty: str, received: str = "200", **agreed: Any) -> MatchResult:
    ledger = Ledger().order().line("100", "2", **agreed).receipt("R1", received)
    return ledger.quantity_invoice("I1", qty, "2").match(OVER_DELIVERY={})


@pytest.mark.parametrize(("qty", "matched"), [("80", True), ("105", True), ("105.000001", False)])
def test_what_may_be_delivered_may_be_billed(qty: str, matched: bool) -> None:
    result = billed(qty, over_delivery_pct="5")
    assert outcome(result, "I1") == ("MATCHED" if matched else "BLOCKED")
    codes = [] if matched else ["LINE_TOTAL_EXCEEDED", "QTY_OVER_ORDERED"]
    # A millionth at 2.00 is less than a cent.
    assert reasons(result) == [c for c in codes if c != "LINE_TOTAL_EXCEEDED"]


def test_beyond_the_agreed_over_delivery_quantity_and_total_are_told() -> None:
    result = billed("107", over_delivery_pct="5")
    assert reasons(result) == ["LINE_TOTAL_EXCEEDED", "QTY_OVER_ORDERED"]
    message = finding(result, "QTY_OVER_ORDERED")["message"]
    assert "billed 107 EA, ordered 105 EA with the 5 % of over-delivery agreed" in message
    assert finding(result, "LINE_TOTAL_EXCEEDED")["amount_at_risk"] == Decimal(4)


def test_an_agreed_over_delivery_must_have_arrived_to_be_billed() -> None:
    assert reasons(billed("105", received="103", over_delivery_pct="5")) == ["QTY_OVER_RECEIVED"]


def test_whatever_arrives_may_be_billed_if_any_delivery_is_agreed() -> None:
    assert reasons(billed("190", unlimited_over=True)) == []
    assert reasons(billed("210", unlimited_over=True)) == ["QTY_OVER_RECEIVED"]


def test_a_higher_price_is_no_over_delivery_that_was_agreed() -> None:
    """100 ordered and billed at 2.10: nothing was delivered beyond the order, 10.00 are billed."""
    for agreed in ({"over_delivery_pct": "5"}, {"unlimited_over": True}):
        ledger = Ledger().order().line("100", "2", **agreed).receipt("R1", "100")
        result = ledger.quantity_invoice("I1", "100", "2.10").match(PRICE_UNIT={})
        assert finding(result, "LINE_TOTAL_EXCEEDED")["amount_at_risk"] == Decimal(10)


def test_a_debit_counts_with_the_quantity_billed_before_it() -> None:
    ledger = Ledger().order().line("100", "2", over_delivery_pct="5").receipt("R1", "105")
    ledger.quantity_invoice("I1", "105", "1.99")
    ledger.invoice("D1", "1.05", day=3, kind="debit_value")
    result = ledger.bills("D1", "1.05", po_line_id="PO1-1").match(OVER_DELIVERY={})
    assert reasons(result) == []
    assert outcome(result, "D1") == "MATCHED"


def test_an_over_delivery_that_nobody_billed_is_not_named() -> None:
    """Only the price is too high: what was ordered stands for itself."""
    ledger = Ledger().order().line("10", "10", over_delivery_pct="5").receipt("R1", "10")
    result = ledger.quantity_invoice("I1", "10", "11", day=3).match()
    message = finding(result, "LINE_TOTAL_EXCEEDED")["message"]
    assert "billed 110.00 USD in total, ordered 100.00 USD;" in message
