"""A line that does not add up is told, whatever it is compared with."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from finsync_dagster.matching.match import MatchResult
from tests.matching.ledger import Ledger, finding, outcome, payable, reasons

EIGHT_AT_FIVE: dict[str, Any] = {"qty": "8", "uom": "EA", "unit_price": "5"}


def _bill(ledger: Ledger, net: str = "45", **line: Any) -> MatchResult:
    return ledger.invoice("I1", net).bills("I1", net, **{**EIGHT_AT_FIVE, **line}).match()


def test_of_an_order_that_is_not_to_be_matched() -> None:
    """8 at 5.00 are 40.00, not 45.00."""
    result = _bill(Ledger().order().line("10", "5", match_type="none"), po_line_id="PO1-1")
    assert (outcome(result, "I1"), payable(result, "I1")) == ("BLOCKED", D(0))
    found = finding(result, "DOC_NOT_BALANCED")
    assert found["amount_at_risk"] == D(5)
    assert "8 EA at 5.00 USD are 40.00 USD, but the line bills 45.00 USD" in found["message"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"po": None}, "INV_NO_PO"),
        ({"po": "NOWHERE"}, "PO_NOT_FOUND"),
        ({"po_line_ref": "7"}, "LINK_MISSING"),
        ({"po_line_id": "PO1-1", "uom": "KGM"}, "UOM_CONVERSION_MISSING"),
    ],
)
def test_of_a_line_that_leads_to_no_order_line(line: dict[str, Any], problem: str) -> None:
    ledger = Ledger().order().line("10", "5").line("10", "5", no="2")
    result = _bill(ledger, **line)
    assert reasons(result) == sorted(["DOC_NOT_BALANCED", problem])


def test_of_another_supplier_s_invoice() -> None:
    ledger = Ledger().order().line("10", "5").receipt("R1", "10")
    ledger.invoice("I1", "45", supplier_src_id="S2")
    ledger.bills("I1", "45", po_line_id="PO1-1", **EIGHT_AT_FIVE)
    assert reasons(ledger.match()) == ["DOC_NOT_BALANCED", "SUPPLIER_MISMATCH"]


def test_of_services_that_are_compared_by_amount() -> None:
    ledger = Ledger().order().line("10", "4.5", match_basis="amount").receipt("R1", "10")
    result = _bill(ledger, po_line_id="PO1-1")
    assert outcome(result, "I1") == "BLOCKED"
    assert reasons(result) == ["DOC_NOT_BALANCED"]


def test_of_a_charge() -> None:
    ledger = Ledger().order().line("10", "5").agrees("FRT", "45").receipt("R1", "10", day=0)
    ledger.invoice("I1", "95").bills("I1", "50", po_line_id="PO1-1", qty="10", unit_price="5")
    ledger.charge("I1", "45", **EIGHT_AT_FIVE)
    result = ledger.match()
    assert reasons(result) == ["DOC_NOT_BALANCED"]
    assert payable(result, "I1") == D(50)


def test_what_adds_up_is_no_variance() -> None:
    ledger = Ledger().order("PO1", ccy="JPY").line("10", "5", match_type="none")
    ledger.invoice("I1", "42", ccy="JPY")
    ledger.bills("I1", "42", po_line_id="PO1-1", qty="3", unit_price="13.9", uom="EA")
    result = ledger.match()
    assert outcome(result, "I1") == "NOT_REQUIRED"
    assert result.check_results.is_empty()


def test_a_prepayment_bills_a_part_of_what_its_lines_state() -> None:
    ledger = Ledger().order().line("10", "5").invoice("I1", "12", kind="prepayment")
    ledger.bills("I1", "12", po_line_id="PO1-1", **EIGHT_AT_FIVE)
    assert reasons(ledger.match()) == []


def test_a_copy_is_told_as_a_copy_only() -> None:
    ledger = Ledger().order().line("10", "5", match_type="none")
    for name in ("I1", "I2"):
        ledger.invoice(name, "45", invoice_no_supplier="7", invoice_no_norm="7")
        ledger.bills(name, "45", po_line_id="PO1-1", **EIGHT_AT_FIVE)
    result = ledger.match()
    assert outcome(result, "I2") == "REJECTED_DUPLICATE"
    assert finding(result, "DOC_NOT_BALANCED")["subject_id"] == "I1/1"


@pytest.mark.parametrize(
    ("kind", "qty", "net", "stated"),
    [
        ("invoice", "-4", "0.96", "-4"),
        ("invoice", "4", "-4", "4"),
        ("credit_qty", "-4", "0.96", "-4"),
        ("credit_qty", "4", "-4", None),
        ("credit_qty", "-4", "-4", None),
    ],
)
def test_the_sign_of_a_quantity(kind: str, qty: str, net: str, stated: str | None) -> None:
    """Only a credit memo may leave the sign to its amount."""
    ledger = Ledger().order().line("10", "1").receipt("R1", "10", day=0)
    ledger.quantity_invoice("I0", "10", "1", day=1)
    ledger.invoice("I1", net, day=3, kind=kind)
    ledger.bills("I1", net, po_line_id="PO1-1", qty=qty, uom="EA", unit_price="1")
    rows = ledger.match().check_results.filter(check="DOC_ARITHMETIC", basis="line")
    assert rows["expected"].to_list() == ([] if stated is None else [D(stated)])
