"""Invoices without lines: what the data prove, and what they leave open."""

from decimal import Decimal as D

import pytest

from tests.matching.ledger import Ledger, allocated, finding, outcome, payable, reasons


def two_lines(**more: object) -> Ledger:
    """Received in full: 20.00 + 33.33 = 53.33."""
    ledger = Ledger().order().line("10", "2", no="1", **more).line("3", "11.11", no="2", **more)
    return (
        ledger.receipt("R1", "6", "PO1-1")
        .receipt("R2", "4", "PO1-1", day=2)
        .receipt("R3", "3", "PO1-2")
    )


def bill(ledger: Ledger, name: str, net: str, day: int = 2, **more: object) -> Ledger:
    return ledger.invoice(name, net, day, **more).bills(name, net)


def test_a_net_equal_to_all_that_was_received_bills_exactly_that() -> None:
    result = bill(two_lines(), "I1", "53.33").match()
    assert outcome(result, "I1") == "MATCHED"
    assert allocated(result, "I1") == [("R1", D(6)), ("R2", D(4)), ("R3", D(3))]
    assert set(result.allocations["method"]) == {"header_total"}
    assert payable(result, "I1") == D("53.33")
    assert reasons(result) == []
    line = result.invoice_line_results.row(0, named=True)
    assert (line["qty_allocated"], line["amount_allocated"]) == (None, D("53.33"))


@pytest.mark.parametrize("day", [1, 5])
def test_proven_nets_before_and_after_a_line_with_a_quantity(day: int) -> None:
    ledger = two_lines().order("PO2").line("4", "3", po="PO2").receipt("R4", "4", "PO2-1")
    bill(ledger, "I1", "53.33", day=3)
    result = ledger.quantity_invoice("I2", "4", "3", "PO2-1", day=day).match()
    assert {outcome(result, "I1"), outcome(result, "I2")} == {"MATCHED"}
    assert allocated(result, "I2") == [("R4", D(4))]


def test_proven_nets_where_no_line_has_a_quantity() -> None:
    ledger = two_lines().order("PO2").line("4", "3", po="PO2").receipt("R4", "4", "PO2-1")
    bill(ledger, "I1", "53.33").invoice("I2", "12", 3).bills("I2", "12", po="PO2")
    result = ledger.match()
    assert {outcome(result, "I1"), outcome(result, "I2")} == {"MATCHED"}


def test_value_is_rounded_per_order_line_and_the_rounding_is_allocated() -> None:
    ledger = Ledger().order().line("3", "0.335", no="1").line("3", "0.335", no="2")
    ledger.receipt("R1", "3", "PO1-1").receipt("R2", "3", "PO1-2")
    # 1.005 + 1.005 is 2.01, but each line is billed at 1.01.
    result = bill(ledger, "I1", "2.02").match()
    assert outcome(result, "I1") == "MATCHED"
    assert result.allocations["amount_at_po_price"].sum() == D("2.01")
    assert result.allocations["rounding"].to_list() == [D("0.005"), D("0.005")]
    assert result.allocations["price_variance"].to_list() == [D(0), D(0)]


@pytest.mark.parametrize(("ccy", "net"), [("JPY", "5"), ("BHD", "5.001")])
def test_the_currency_decides_the_minor_unit(ccy: str, net: str) -> None:
    ledger = Ledger().order(ccy=ccy).line("3", "1.6669").receipt("R1", "3")
    assert outcome(bill(ledger, "I1", net, ccy=ccy).match(), "I1") == "MATCHED"


def test_nothing_received_yet() -> None:
    ledger = bill(Ledger().order().line("10", "2"), "I1", "20")
    result = ledger.match()
    assert finding(result, "RECEIPT_MISSING")["amount_at_risk"] == D(20)
    assert (outcome(result, "I1"), payable(result, "I1")) == ("PENDING_RECEIPT", 0)


def test_nothing_received_and_more_billed_than_ordered() -> None:
    result = bill(Ledger().order().line("10", "2"), "I1", "21").match()
    assert reasons(result) == ["LINE_TOTAL_EXCEEDED", "RECEIPT_MISSING"]
    assert outcome(result, "I1") == "BLOCKED"


def test_more_billed_than_received_but_not_than_ordered() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "6")
    result = bill(ledger, "I1", "20").match()
    assert finding(result, "LINE_TOTAL_EXCEEDED")["amount_at_risk"] == D(8)
    assert outcome(result, "I1") == "PARTIALLY_MATCHED"
    assert allocated(result, "I1") == []


def test_more_billed_than_received_and_ordered() -> None:
    result = bill(two_lines(), "I1", "60").match()
    found = finding(result, "LINE_TOTAL_EXCEEDED")
    assert found["amount_at_risk"] == D("6.67")
    assert "53.33 USD received and 53.33 USD ordered" in found["message"]
    assert outcome(result, "I1") == "BLOCKED"


def test_over_delivery_is_proven_and_still_exceeds_the_order() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "12")
    result = bill(ledger, "I1", "24").match()
    assert allocated(result, "I1") == [("R1", D(12))]
    assert reasons(result) == ["LINE_TOTAL_EXCEEDED", "OVER_DELIVERY"]
    assert outcome(result, "I1") == "BLOCKED"


def test_less_billed_than_received_leaves_open_which_receipts() -> None:
    result = bill(two_lines(), "I1", "20").match()
    assert reasons(result) == ["LINK_AMBIGUOUS"]
    assert outcome(result, "I1") == "PARTIALLY_MATCHED"
    assert allocated(result, "I1") == []


def test_several_invoices_within_what_was_received_are_ambiguous_not_over_billed() -> None:
    ledger = bill(bill(two_lines(), "I1", "20"), "I2", "33.33", day=5)
    result = ledger.match()
    assert reasons(result) == ["LINK_AMBIGUOUS", "LINK_AMBIGUOUS"]
    assert result.allocations.is_empty()
    assert (outcome(result, "I1"), outcome(result, "I2")) == ("PARTIALLY_MATCHED",) * 2


def test_a_second_invoice_over_everything_exceeds_it() -> None:
    ledger = bill(bill(two_lines(), "I1", "53.33"), "I2", "53.33", day=5)
    result = ledger.match()
    assert finding(result, "LINE_TOTAL_EXCEEDED")["subject_id"] == "I2"
    assert outcome(result, "I2") == "BLOCKED"
    assert result.allocations.is_empty()


def test_a_void_invoice_does_not_stand_in_the_way_of_the_proof() -> None:
    ledger = bill(bill(two_lines(), "I1", "53.33", status_canon="void"), "I2", "53.33", day=5)
    assert outcome(ledger.match(), "I2") == "MATCHED"


def test_within_tolerance_is_payable_and_proves_no_receipt() -> None:
    result = bill(two_lines(), "I1", "53.34").match(LINE_TOTAL={"upper_abs": "0.01"})
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"
    assert payable(result, "I1") == D("53.34")
    assert allocated(result, "I1") == []


def test_several_invoices_within_tolerance_of_the_total_stay_ambiguous() -> None:
    ledger = bill(bill(two_lines(), "I1", "20"), "I2", "33.34", day=5)
    result = ledger.match(LINE_TOTAL={"upper_abs": "0.01"})
    assert reasons(result) == ["LINK_AMBIGUOUS", "LINK_AMBIGUOUS"]
    assert (outcome(result, "I2"), payable(result, "I2")) == ("PARTIALLY_MATCHED", 0)


def test_tax_of_a_proven_invoice_is_recomputed_per_order_line() -> None:
    ledger = two_lines(tax_rate="15")
    # 3.00 and 4.9995, rounded to 5.00.
    assert reasons(bill(ledger, "I1", "53.33", tax="8.00").match()) == []
    wrong = bill(two_lines(tax_rate="15"), "I1", "53.33", tax="9.00").match()
    assert finding(wrong, "TAX_OVER")["amount_at_risk"] == D(1)


def test_four_way_bills_what_was_accepted() -> None:
    ledger = Ledger().order().line("10", "2", match_type="4w")
    ledger.receipt("R1", "10", qty_accepted="7", qty_rejected="3")
    result = bill(ledger, "I1", "14").match()
    assert allocated(result, "I1") == [("R1", D(7))]


def test_two_way_needs_no_receipt() -> None:
    ledger = Ledger().order().line("10", "2", match_type="2w")
    assert outcome(bill(ledger, "I1", "15").match(), "I1") == "MATCHED"
    assert reasons(bill(ledger, "I2", "6", day=4).match()) == ["LINE_TOTAL_EXCEEDED"]


def test_credits_lower_the_total_and_may_not_exceed_it() -> None:
    ledger = bill(two_lines(), "I1", "60")
    ledger.invoice("C1", "-6.67", day=5, kind="credit_value").bills("C1", "-6.67")
    result = ledger.match()
    assert "LINE_TOTAL_EXCEEDED" not in reasons(result)
    assert (outcome(result, "C1"), payable(result, "C1")) == ("MATCHED", D("-6.67"))
    ledger.invoice("C2", "-60", day=6, kind="credit_value").bills("C2", "-60")
    assert finding(ledger.match(), "CREDIT_EXCEEDS_INVOICED")["amount_at_risk"] == D("6.67")


def test_an_amount_for_one_order_line_is_compared_with_that_line() -> None:
    ledger = two_lines().invoice("I1", "20").bills("I1", "20", po_line_id="PO1-1")
    result = ledger.match()
    assert allocated(result, "I1") == [("R1", D(6)), ("R2", D(4))]
    assert outcome(result, "I1") == "MATCHED"


def test_a_quantity_and_an_amount_for_one_order_prove_nothing_for_the_amount() -> None:
    ledger = two_lines().quantity_invoice("I1", "10", "2", "PO1-1")
    bill(ledger, "I2", "33.33", day=5)
    result = ledger.match()
    assert outcome(result, "I1") == "MATCHED"
    assert reasons(result) == ["LINK_AMBIGUOUS"]
    assert allocated(result, "I2") == []


def test_services_by_amount_are_compared_in_total() -> None:
    ledger = Ledger().order().line("1", "900", match_type="2w", match_basis="amount")
    ledger.invoice("I1", "400").bills("I1", "400", po_line_id="PO1-1", qty="0.4", unit_price="1000")
    result = ledger.match()
    assert outcome(result, "I1") == "MATCHED"
    assert result.check_results.filter(check="PRICE_UNIT").is_empty()


@pytest.mark.parametrize("line", [None, "PO1-1"])
def test_a_credit_of_an_amount_takes_back_an_amount(line: str | None) -> None:
    """Nothing was billed by quantity on this line, so that there is no price to correct."""
    ledger = Ledger().order().line("10", "2").receipt("R1", "10")
    ledger.invoice("I1", "20").bills("I1", "20", po_line_id=line)
    ledger.invoice("C1", "-5", day=5, kind="credit_value").bills("C1", "-5", po_line_id=line)
    result = ledger.match()
    assert (outcome(result, "C1"), payable(result, "C1")) == ("MATCHED", D(-5))
    assert "CREDIT_EXCEEDS_INVOICED" not in reasons(result)


def test_a_debit_without_anything_billed_is_compared_with_what_was_received() -> None:
    ledger = Ledger().order().line("10", "2")
    ledger.invoice("D1", "5", kind="debit_value").bills("D1", "5", po_line_id="PO1-1")
    result = ledger.match()
    assert (outcome(result, "D1"), payable(result, "D1")) == ("PENDING_RECEIPT", D(0))


def test_a_quantity_that_another_supplier_bills_has_no_price_to_correct() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "10")
    ledger.quantity_invoice("I1", "10", "2", supplier_src_id="S2")
    ledger.invoice("D1", "5", day=5, kind="debit_value").bills("D1", "5", po_line_id="PO1-1")
    result = ledger.match()
    assert reasons(result) == ["LINK_AMBIGUOUS", "SUPPLIER_MISMATCH"]
    assert payable(result, "D1") == D(0)
