"""Invoices entered or sent twice: exact copies, and what is told of them."""

from decimal import Decimal as D

import pytest

from tests.matching.ledger import Ledger, finding, outcome, payable
from tests.reconciliation.duplicates.pairs import found
from tests.reconciliation.support import reconciled

SUSPECT, EXACT = "DUP_SUSPECT", "DUP_EXACT"


def pair(first: dict[str, object], second: dict[str, object]) -> list[tuple[str, ...]]:
    ledger = Ledger()
    for name, row in (("A", first), ("B", second)):
        given = {"invoice_no_norm": "77", "net": "100", "day": 2, **row}
        ledger.invoice(name, given.pop("net"), given.pop("day"), **given)
    return found(ledger)


@pytest.mark.parametrize(
    ("second", "pairs"),
    [
        ({}, [("B", "A", EXACT)]),
        ({"day": 40}, [("B", "A", EXACT)]),
        ({"day": 1}, [("A", "B", EXACT)]),
        ({"net": "90", "day": 9}, [("B", "A", SUSPECT)]),
        ({"ccy": "EUR"}, [("B", "A", SUSPECT)]),
        ({"invoice_no_norm": "78"}, [("B", "A", SUSPECT)]),
        ({"invoice_no_norm": "78", "net": "90"}, []),
        ({"supplier_src_id": "S2"}, []),
        ({"status_canon": "void"}, []),
        ({"kind": "credit_value", "net": "-100"}, []),
        ({"kind": "credit_qty"}, []),
        ({"kind": "prepayment"}, []),
        ({"kind": "debit_value", "corrects_invoice_id": "A", "net": "5"}, []),
    ],
)
def test_pairs(second: dict[str, object], pairs: list[tuple[str, ...]]) -> None:
    assert pair({}, second) == pairs


def test_credits_are_checked_among_themselves() -> None:
    credit = {"kind": "credit_qty", "net": "-100"}
    assert pair(credit, credit) == [("B", "A", EXACT)]


def test_a_total_of_nothing_identifies_nothing() -> None:
    assert pair({"net": "0"}, {"net": "0", "invoice_no_norm": "78"}) == []


def test_invoices_without_a_number_are_known_by_their_amount_alone() -> None:
    assert pair({"invoice_no_norm": ""}, {"invoice_no_norm": ""}) == [("B", "A", SUSPECT)]
    assert pair({"invoice_no_norm": ""}, {"invoice_no_norm": "", "net": "90"}) == []


def test_every_copy_is_paired_with_the_first_and_no_pair_twice() -> None:
    ledger = Ledger()
    for name, net in (("A", "100"), ("B", "90"), ("C", "100"), ("D", "90")):
        ledger.invoice(name, net, invoice_no_norm="77")
    assert found(ledger) == [("B", "A", SUSPECT), ("C", "A", EXACT), ("D", "B", EXACT)]


def test_copies_of_one_number_are_not_reported_again_for_their_date() -> None:
    ledger = Ledger()
    for name, day in (("A", 1), ("B", 2), ("C", 2)):
        ledger.invoice(name, "100", day, invoice_no_norm="77")
    assert found(ledger) == [("B", "A", EXACT), ("C", "A", EXACT)]


def test_keys_that_count_on_are_in_the_order_of_entry() -> None:
    ledger = Ledger()
    for name in ("erp|99", "erp|100"):
        ledger.invoice(name, "100", invoice_no_norm="77")
    assert found(ledger) == [("erp|100", "erp|99", EXACT)]


def test_an_invoice_that_was_credited_in_full_and_issued_again_is_no_copy() -> None:
    ledger = Ledger()
    ledger.invoice("A", "100", 1, invoice_no_norm="77")
    ledger.invoice("K", "-100", 2, kind="credit_qty", corrects_invoice_id="A")
    ledger.invoice("B", "100", 3, invoice_no_norm="77")
    assert found(ledger) == []


def test_an_invoice_that_was_credited_in_part_still_has_its_copy() -> None:
    ledger = Ledger()
    ledger.invoice("A", "100", 1, invoice_no_norm="77")
    ledger.invoice("K", "-99.99", 2, kind="credit_value", corrects_invoice_id="A")
    ledger.invoice("B", "100", 3, invoice_no_norm="77")
    assert found(ledger) == [("B", "A", EXACT)]


def test_the_finding_stands_on_the_later_invoice_and_names_the_earlier() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "5", "10", day=3).quantity_invoice(
        "I2", "5", "10", day=4, invoice_no_norm="I1"
    )
    said = finding(reconciled(ledger), EXACT)
    assert (said["subject_id"], said["counter_key"]) == ("I2", "I1")
    assert said["amount_at_risk"] == D(50)
    assert "same number and amount as invoice I1 of 2024-01-04" in said["message"]


def test_a_copy_consumes_no_receipt_and_nothing_of_it_may_be_paid() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "5", "10", day=3)
    ledger.quantity_invoice("I2", "5", "10", day=4, invoice_no_norm="I1")
    ledger.bills("I2", "3", no="2", type="charge")
    ledger.quantity_invoice("I3", "5", "10", day=20)
    result = ledger.match()
    assert [outcome(result, name) for name in ("I1", "I2", "I3")] == [
        "MATCHED",
        "REJECTED_DUPLICATE",
        "MATCHED",
    ]
    assert payable(result, "I2") == 0
    assert result.allocations["invoice_id"].to_list() == ["I1", "I3"]
    lines = result.invoice_line_results.filter(invoice_id="I2")
    assert lines["outcome"].to_list() == ["REJECTED_DUPLICATE"] * 2
    assert "is a copy, of which nothing is to be paid" in lines["reason"][0]


def test_a_copy_without_an_order_is_rejected_as_a_copy() -> None:
    ledger = Ledger()
    for name in ("A", "B"):
        ledger.invoice(name, "100", invoice_no_norm="77").bills(name, "100", po=None)
    result = ledger.match()
    assert (outcome(result, "A"), outcome(result, "B")) == ("NO_PO", "REJECTED_DUPLICATE")
