"""What a credit beyond what was invoiced counts for: nothing, in quantity and in money."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.matching.ledger import Ledger, finding, outcome, payable, reasons


def _check(result: Any, line: str, check: str) -> tuple[D, D]:
    rows = result.check_results.filter(subject_id=line, check=check, basis="ordered")
    return rows["expected"].item(), rows["actual"].item()


def test_a_credit_that_came_too_early_makes_no_room() -> None:
    """Nothing was invoiced when 5 were credited; 110.00 are billed on an order of 100.00."""
    ledger = Ledger().order().line("10", "10").receipt("R1", "10", day=0)
    ledger.quantity_invoice("C1", "-5", "10", day=1, kind="credit_qty")
    ledger.quantity_invoice("I1", "10", "10", day=2)
    ledger.invoice("D1", "10", day=3, kind="debit_value").bills("D1", "10", po_line_id="PO1-1")
    result = ledger.match()
    assert _check(result, "D1/1", "LINE_TOTAL") == (D(100), D(110))
    assert outcome(result, "C1") == "BLOCKED"
    assert finding(result, "CREDIT_EXCEEDS_INVOICED")["amount_at_risk"] == D(50)


def test_a_credit_of_nothing_lowers_no_price() -> None:
    """Billed 1 at 0.04 and 10.00 beside it: a unit costs 10.04, whatever was credited before."""
    ledger = Ledger().order().line("10", "0.0423").receipt("R1", "10", day=0)
    ledger.quantity_invoice("C1", "-5", "0.0423", day=1, kind="credit_qty")
    ledger.quantity_invoice("I1", "1", "0.0423", day=2)
    ledger.invoice("D1", "10", day=3, kind="debit_value").bills("D1", "10", po_line_id="PO1-1")
    result = ledger.match()
    row = result.invoice_line_results.filter(invoice_id="D1")
    assert row["price_billed"].item() == D("10.04")
    assert "PRICE_OVER" in reasons(result)
    assert "PRICE_UNDER" not in reasons(result)


def test_the_part_of_a_credit_within_what_was_invoiced_counts() -> None:
    """Of 6 credited, 4 were invoiced: 40.00 of 60.00 are taken back, then 10 more are billed."""
    ledger = Ledger().order().line("10", "10").receipt("R1", "10", day=0)
    ledger.quantity_invoice("I1", "4", "10", day=1)
    ledger.quantity_invoice("C1", "-6", "10", day=2, kind="credit_qty")
    ledger.quantity_invoice("I2", "11", "10", day=3)
    result = ledger.match()
    assert _check(result, "I2/1", "LINE_TOTAL") == (D(100), D(110))
    assert finding(result, "CREDIT_EXCEEDS_INVOICED")["amount_at_risk"] == D(20)


def test_more_money_than_was_billed_is_not_taken_back() -> None:
    """4 at 10.00 are credited with 60.00: 20.00 are beyond, and the next bill starts at 0."""
    ledger = Ledger().order().line("10", "10").receipt("R1", "10", day=0)
    ledger.quantity_invoice("I1", "4", "10", day=1)
    ledger.quantity_invoice("C1", "-4", "15", day=2, kind="credit_qty")
    ledger.quantity_invoice("I2", "10", "12", day=3)
    result = ledger.match()
    assert _check(result, "I2/1", "LINE_TOTAL") == (D(100), D(120))
    found = finding(result, "CREDIT_EXCEEDS_INVOICED")
    assert found["amount_at_risk"] == D(20)
    assert "60.00 USD credited, only 40.00 USD invoiced before" in found["message"]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_deduction_on_an_order_line_without_credits_stays(*, elsewhere: bool) -> None:
    """Whether another order was credited makes no difference to this one."""
    ledger = Ledger().order().line("10", "1").receipt("R1", "10", day=0)
    ledger.invoice("I1", "-5", day=1).bills("I1", "-5", po_line_id="PO1-1", qty="1", uom="EA")
    ledger.quantity_invoice("I2", "9", "2", day=2)
    if elsewhere:
        ledger.order("PO2").line("1", "1", "PO2")
        ledger.quantity_invoice("X1", "-1", "1", "PO2-1", day=1, kind="credit_qty")
    assert _check(ledger.match(), "I2/1", "LINE_TOTAL") == (D(10), D(13))


def test_a_credit_in_full_is_payable() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10", day=0)
    ledger.quantity_invoice("I1", "10", "10", day=1)
    ledger.quantity_invoice("C1", "-10", "10", day=2, kind="credit_qty")
    result = ledger.match()
    assert (outcome(result, "C1"), payable(result, "C1")) == ("MATCHED", D(-100))
