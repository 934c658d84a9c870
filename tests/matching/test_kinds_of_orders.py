"""Orders and invoices of special kinds: consignment, self-billing, services, prepayments."""

from decimal import Decimal as D

from finsync_dagster.landscape.model import Domain
from finsync_dagster.reconciliation.gr_ir import gr_ir
from tests.matching.ledger import AS_OF, Ledger, allocated, outcome, payable, reasons


def test_what_lies_in_consignment_is_owed_to_nobody() -> None:
    ledger = Ledger().order(type="consignment").line("10", "5").receipt("R1", "10")
    ledger.quantity_invoice("S1", "4", "5", kind="self_billed", day=20)
    result = ledger.match()
    assert reasons(result) == []
    assert (outcome(result, "S1"), payable(result, "S1")) == ("NOT_REQUIRED", D(20))
    of_line = result.order_line_status.row(0, named=True)
    assert (of_line["match_type"], of_line["qty_received"], of_line["qty_basis"]) == ("none", 10, 0)
    assert gr_ir(ledger.documents(), result, AS_OF, set(Domain)).is_empty()


def test_goods_of_which_no_invoice_is_expected_are_no_open_receipt() -> None:
    ledger = Ledger().order().line("10", "5", match_type="none").receipt("R1", "10")
    assert gr_ir(ledger.documents(), ledger.match(), AS_OF, set(Domain)).is_empty()


def test_an_evaluated_receipt_is_settled_by_the_buyer() -> None:
    ledger = Ledger().order(type="ers").line("10", "5").receipt("R1", "6")
    ledger.quantity_invoice("S1", "6", "5", kind="self_billed", day=3)
    result = ledger.match()
    assert (outcome(result, "S1"), allocated(result, "S1")) == ("MATCHED", [("R1", D(6))])
    twice = ledger.quantity_invoice("I1", "6", "5", day=9).match()
    assert payable(twice, "I1") == 0
    assert "QTY_OVER_RECEIVED" in reasons(twice)


def test_what_was_performed_is_received() -> None:
    ledger = Ledger().order(type="service").line("10", "80")
    ledger.receipt("R1", "6.5", kind="service_entry").receipt(
        "R2", "2", day=2, kind="service_entry"
    )
    ledger.receipt("X1", "-2", day=3, kind="reversal", reverses_id="R2")
    result = ledger.quantity_invoice("I1", "6.5", "80", day=4).match()
    assert (outcome(result, "I1"), allocated(result, "I1")) == ("MATCHED", [("R1", D("6.5"))])


def test_the_final_invoice_settles_a_prepayment() -> None:
    ledger = Ledger().order().line("10", "5").receipt("R1", "10", day=5)
    ledger.invoice("P1", "20", day=1, kind="prepayment")
    ledger.bills("P1", "20", po_line_id="PO1-1", qty="4", uom="EA", unit_price="5")
    result = ledger.quantity_invoice("I1", "10", "5", day=6).match()
    assert reasons(result) == []
    assert (outcome(result, "P1"), payable(result, "P1")) == ("NOT_REQUIRED", D(0))
    assert (outcome(result, "I1"), payable(result, "I1")) == ("MATCHED", D(50))


def test_a_framework_order_is_called_off_over_time() -> None:
    ledger = Ledger().order(type="framework").line("1000", "2")
    for month in range(1, 6):
        ledger.receipt(f"R{month}", "150", day=30 * month)
        ledger.quantity_invoice(f"I{month}", "150", "2", day=30 * month + 2)
    result = ledger.match()
    assert reasons(result) == []
    assert allocated(result, "I4") == [("R4", D(150))]
