"""An order that was billed in full before."""

from __future__ import annotations

from finsync_dagster.reconciliation.duplicates.rules import BILLED_BEFORE, SAME_NUMBER
from tests.matching.ledger import Ledger, finding
from tests.reconciliation.duplicates.pairs import rules
from tests.reconciliation.support import reconciled


def billed(*quantities: str, match_type: str = "3w") -> Ledger:
    """Ten ordered and received at 10, billed in invoices 40 days apart, at another price each."""
    ledger = Ledger().order().line("10", "10", match_type=match_type).receipt("R1", "10")
    for number, qty in enumerate(quantities):
        ledger.quantity_invoice(f"I{number}", qty, f"{10 + number}", day=5 + 40 * number)
    return ledger


def one_number(*orders: str, receipts: int = 2) -> Ledger:
    """Two invoices of one number over different amounts, for what was ordered and received."""
    ledger = Ledger()
    for po in sorted(set(orders)):
        ledger.order(po).line("10", "10", po=po)
    for number, (po, qty) in enumerate(zip(orders, ("4", "6"), strict=True)):
        if number < receipts:
            ledger.receipt(f"R{number}", qty, line=f"{po}-1")
        ledger.quantity_invoice(
            f"I{number}", qty, "10", f"{po}-1", day=5 + 40 * number, invoice_no_norm="77"
        )
    return ledger


def test_a_number_given_twice_for_goods_of_two_orders_is_no_second_bill() -> None:
    assert rules(one_number("PO1", "PO2")) == []
    assert rules(one_number("PO1", "PO1")) == [("I1", "I0", SAME_NUMBER)]
    assert rules(one_number("PO1", "PO2", receipts=1)) == [("I1", "I0", SAME_NUMBER)]


def test_all_that_was_ordered_had_been_billed() -> None:
    ledger = billed("10", "4")
    assert rules(ledger) == [("I1", "I0", BILLED_BEFORE)]
    said = finding(reconciled(ledger), "DUP_SUSPECT")["message"]
    assert "invoiced in full before, first by invoice I0 of 2024-01-06 over 100.00 USD" in said


def test_in_parts_and_without_receipts() -> None:
    assert rules(billed("6", "4", "1")) == [("I2", "I0", BILLED_BEFORE)]
    assert rules(billed("10", "10", match_type="2w")) == [("I1", "I0", BILLED_BEFORE)]


def test_what_completes_the_order_or_exceeds_it_in_part_is_no_second_bill() -> None:
    assert rules(billed("6", "4")) == []
    assert rules(billed("6", "5")) == []


def test_more_arrived_than_was_ordered_and_is_billed_now() -> None:
    assert rules(billed("10", "5").receipt("R2", "5", day=30)) == []


def test_an_invoice_that_also_bills_something_new_is_no_second_bill() -> None:
    ledger = billed("10").line("1", "7", no="2").receipt("R2", "1", line="PO1-2")
    ledger.invoice("I9", "27", 90)
    for no, net, qty in (("1", "20", "2"), ("2", "7", "1")):
        ledger.bills("I9", net, no=no, po_line_id=f"PO1-{no}", qty=qty, uom="EA")
    assert rules(ledger) == []
