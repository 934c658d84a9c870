"""What an invoice has to state, whether its supplier may be paid, whether its order was open."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from tests.matching.ledger import (
    DAY_ONE,
    Ledger,
    allocated,
    finding,
    outcome,
    payable,
    reasons,
)


def stamp(day: int) -> datetime:
    return datetime.combine(DAY_ONE, datetime.min.time(), UTC) + timedelta(days=day, hours=14)


def billed(day: int = 5, supplier: dict[str, Any] | None = None, **invoice: Any) -> Ledger:
    """10 at 5 of supplier S1, received, billed on a day; S2 is a supplier, too."""
    ledger = Ledger().order().line("10", "5").receipt("R1", "10").supplier("erp|s|2")
    own = {"supplier_src_id": "erp|s|1", "name": "Miller", **(supplier or {})}
    ledger.supplier("S1", **own)
    for row in ledger.rows["purchase_orders"]:
        row["supplier_src_id"] = "erp|s|1"
    return ledger.quantity_invoice("I1", "10", "5", day=day, supplier_src_id="erp|s|1", **invoice)


def stopped(ledger: Ledger, code: str) -> dict[str, Any]:
    """The finding; the invoice is blocked and keeps its place at the receipts."""
    result = ledger.match()
    assert outcome(result, "I1") == "BLOCKED"
    assert payable(result, "I1") == 0
    assert allocated(result, "I1") == [("R1", D(10))]
    return finding(result, code)


def test_an_invoice_that_lacks_what_it_has_to_state() -> None:
    said = stopped(billed(missing_fields="supplier's invoice number"), "MISSING_REQUIRED_FIELD")
    assert said["message"] == (
        "Invoice I1 of 2024-01-06 bills 50.00 USD, but the document lacks the supplier's invoice "
        "number."
    )
    assert (said["subject_type"], said["amount_at_risk"]) == ("invoice", D(50))


def test_nothing_missing_no_gate() -> None:
    assert reasons(billed().match()) == []


def test_a_document_that_is_still_being_entered_may_lack_something() -> None:
    parked = billed(missing_fields="supplier's invoice number", status_canon="parked")
    assert reasons(parked.match()) == []


@pytest.mark.parametrize(
    ("status", "words"), [("blocked", "is blocked"), ("inactive", "is no longer active")]
)
def test_a_supplier_that_may_not_be_paid(status: str, words: str) -> None:
    said = stopped(billed(supplier={"status": status}), "SUPPLIER_BLOCKED")
    assert f"on behalf of Miller, a supplier that {words}" in said["message"]


@pytest.mark.parametrize(
    ("changed", "invoice", "found"),
    [
        (9, {"status_canon": "paid"}, False),
        (9, {"settled_date": DAY_ONE}, False),
        (5, {"status_canon": "paid"}, False),
        (4, {"status_canon": "paid"}, True),
        (9, {"status_canon": "part_paid"}, True),
    ],
)
def test_what_was_paid_before_the_block_was_paid_in_order(
    changed: int, invoice: dict[str, Any], found: bool
) -> None:
    held = {"status": "blocked", "source_updated_at": stamp(changed), "valid_from": stamp(100)}
    result = billed(supplier=held, **invoice).match()
    assert ("SUPPLIER_BLOCKED" in reasons(result)) is found


def test_a_prepayment_to_a_blocked_supplier_is_stopped() -> None:
    ledger = billed(supplier={"status": "blocked"})
    ledger.invoice("P1", "100", kind="prepayment", supplier_src_id="erp|s|1").bills("P1", "100")
    assert outcome(ledger.match(), "P1") == "BLOCKED"


def test_a_supplier_that_nobody_knows_is_told_once() -> None:
    ledger = billed(supplier={"supplier_src_id": "erp|s|3"})
    ledger.quantity_invoice("I2", "1", "5", day=9, supplier_src_id="erp|s|1")
    result = ledger.match()
    said = finding(result, "SUPPLIER_UNRESOLVED")
    assert (said["subject_type"], said["subject_id"]) == ("supplier", "erp|s|1")
    assert said["amount_at_risk"] == D(55)
    assert said["message"].startswith("Supplier erp|s|1: 2 invoices bill 55.00 USD on its behalf")
    rows = result.invoice_results.sort("invoice_id")
    assert rows["outcome"].to_list() == ["BLOCKED", "BLOCKED"]
    assert "bills 50.00 USD on behalf of supplier erp|s|1; no record" in rows["reason"][0]


def test_of_a_system_whose_suppliers_are_not_read_nobody_is_missing() -> None:
    ledger = Ledger().order().line("10", "5").receipt("R1", "10").supplier("other|s|1")
    assert reasons(ledger.quantity_invoice("I1", "10", "5").match()) == []


def closed(day: int, held: int = 100, **order: Any) -> Ledger:
    """An order that was last changed on a day, and that is held as it is since another."""
    ledger = Ledger().order(
        status_canon="closed", source_updated_at=stamp(day), valid_from=stamp(held), **order
    )
    return ledger.line("10", "5").receipt("R1", "10")


@pytest.mark.parametrize(("day", "found"), [(4, True), (5, False), (9, False)])
def test_an_order_that_was_closed_before_the_invoice(day: int, found: bool) -> None:
    result = closed(day).quantity_invoice("I1", "10", "5", day=5).match()
    assert reasons(result) == (["PO_CLOSED"] if found else [])
    if found:
        assert outcome(result, "I1") == "BLOCKED"
        assert finding(result, "PO_CLOSED")["message"] == (
            "Invoice I1 of 2024-01-06 bills 50.00 USD for order PO1, which was closed by "
            "2024-01-05."
        )


def test_an_order_known_as_closed_before_the_invoice_though_its_stamp_moved() -> None:
    result = closed(9, held=4).quantity_invoice("I1", "10", "5", day=5).match()
    assert reasons(result) == ["PO_CLOSED"]


def test_a_closed_order_may_still_be_credited() -> None:
    ledger = closed(3).quantity_invoice("I1", "10", "5", day=2)
    ledger.quantity_invoice("C1", "-2", "5", day=9, kind="credit_qty")
    assert reasons(ledger.match()) == []


@pytest.mark.parametrize(("final", "found"), [(True, True), (False, False)])
def test_nothing_follows_a_final_invoice(final: bool, found: bool) -> None:
    ledger = Ledger().order()
    ledger.line("10", "5", final_invoice=final, source_updated_at=stamp(4), valid_from=stamp(99))
    ledger.receipt("R1", "10").quantity_invoice("I1", "10", "5", day=5)
    result = ledger.match()
    assert ("PO_CLOSED" in reasons(result)) is found
    if found:
        assert "had its final invoice by 2024-01-05" in finding(result, "PO_CLOSED")["message"]


@pytest.mark.parametrize(("approved", "codes"), [(3, ["PO_AFTER_INVOICE"]), (2, [])])
def test_an_order_counts_from_its_approval(approved: int, codes: list[str]) -> None:
    ledger = Ledger().order(day=0, approved_at=stamp(approved)).line("10", "5").receipt("R1", "10")
    result = ledger.quantity_invoice("I1", "10", "5", day=2).match()
    assert reasons(result) == codes
    assert outcome(result, "I1") == "MATCHED"
    if codes:
        said = finding(result, "PO_AFTER_INVOICE")["message"]
        assert "which was approved only on 2024-01-04" in said
