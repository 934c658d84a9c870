"""Invoices entered or sent twice."""

from decimal import Decimal as D

import pytest

from finsync_dagster.reconciliation.duplicates import duplicates
from tests.matching.ledger import Ledger, finding
from tests.reconciliation.support import reconciled


def pair(first: dict[str, object], second: dict[str, object]) -> list[tuple[str, str, str]]:
    ledger = Ledger()
    for name, row in (("A", first), ("B", second)):
        given = {"invoice_no_norm": "77", "net": "100", "day": 2, **row}
        ledger.invoice(name, given.pop("net"), given.pop("day"), **given)
    found = duplicates(ledger.documents())
    return found.select("invoice_id", "earlier_invoice_id", "reason_code").rows()


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ({}, [("B", "A", "DUP_EXACT")]),
        ({"day": 40}, [("B", "A", "DUP_EXACT")]),
        ({"day": 1}, [("A", "B", "DUP_EXACT")]),
        ({"net": "90", "day": 9}, [("B", "A", "DUP_SUSPECT")]),
        ({"ccy": "EUR"}, [("B", "A", "DUP_SUSPECT")]),
        ({"invoice_no_norm": "78"}, [("B", "A", "DUP_SUSPECT")]),
        ({"invoice_no_norm": "78", "day": 3}, []),
        ({"invoice_no_norm": "78", "net": "90"}, []),
        ({"supplier_src_id": "S2"}, []),
        ({"status_canon": "void"}, []),
        ({"kind": "credit_value", "net": "-100"}, []),
        ({"kind": "credit_qty"}, []),
    ],
)
def test_pairs(second: dict[str, object], found: list[tuple[str, str, str]]) -> None:
    assert pair({}, second) == found


def test_numbers_and_totals_that_identify_nothing() -> None:
    assert pair({"invoice_no_norm": "", "day": 1}, {"invoice_no_norm": ""}) == []
    assert pair({"net": "0"}, {"net": "0", "invoice_no_norm": "78"}) == []


def test_every_copy_is_paired_with_the_first_and_no_pair_twice() -> None:
    ledger = Ledger()
    for name, net in (("A", "100"), ("B", "90"), ("C", "100"), ("D", "90")):
        ledger.invoice(name, net, invoice_no_norm="77")
    rows = (
        duplicates(ledger.documents())
        .select("invoice_id", "earlier_invoice_id", "reason_code")
        .rows()
    )
    assert rows == [
        ("B", "A", "DUP_SUSPECT"),
        ("C", "A", "DUP_EXACT"),
        ("D", "A", "DUP_SUSPECT"),
        ("D", "B", "DUP_EXACT"),
    ]


def test_copies_of_one_number_are_not_reported_again_for_their_date() -> None:
    ledger = Ledger()
    for name, day in (("A", 1), ("B", 2), ("C", 2)):
        ledger.invoice(name, "100", day, invoice_no_norm="77")
    rows = duplicates(ledger.documents()).select("invoice_id", "earlier_invoice_id").rows()
    assert rows == [("B", "A"), ("C", "A")]


def test_the_finding_stands_on_the_later_invoice_and_names_the_earlier() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "5", "10", day=3).quantity_invoice(
        "I2", "5", "10", day=4, invoice_no_norm="I1"
    )
    found = finding(reconciled(ledger), "DUP_EXACT")
    assert (found["subject_id"], found["counter_key"]) == ("I2", "I1")
    assert found["amount_at_risk"] == D(50)
    assert "same number and amount as invoice I1 of 2024-01-04" in found["message"]
