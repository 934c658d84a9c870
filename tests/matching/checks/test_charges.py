"""Freight and other charges against what orders agreed to."""

from decimal import Decimal as D

import polars as pl
import pytest

from tests.matching.ledger import Ledger, finding, outcome, payable, reasons

BOTH = {"upper_abs": "0", "lower_abs": "0"}


def ordered(**more: str) -> Ledger:
    """100 pieces at 10, received, with freight of 100 agreed for the line."""
    return Ledger().order().line("100", "10").receipt("R1", "100").agrees("FRT", "100", **more)


def bill(ledger: Ledger, name: str, qty: str, freight: str | None, day: int = 2) -> Ledger:
    """An invoice over pieces at 10 and, if any, a freight line."""
    goods = D(qty) * 10
    total = str(goods + D(freight or 0))
    ledger.invoice(name, total, day)
    if goods:
        ledger.bills(name, str(goods), po_line_id="PO1-1", qty=qty, uom="EA", unit_price="10")
    return ledger.charge(name, freight) if freight else ledger


def line_outcome(result: object, line: str) -> tuple[str, D]:
    rows = result.invoice_line_results.filter(invoice_line_id=line)  # type: ignore[attr-defined]
    return rows["outcome"].item(), rows["payable_amount"].item()


def test_freight_as_agreed_is_matched_and_payable() -> None:
    result = bill(ordered(), "I1", "100", "100").match()
    assert reasons(result) == []
    assert outcome(result, "I1") == "MATCHED"
    assert payable(result, "I1") == D(1100)
    freight = result.invoice_line_results.filter(invoice_line_id="I1/9")
    assert freight["expected_amount"].item() == D(100)


def test_only_the_share_of_what_is_billed_may_be_billed() -> None:
    result = bill(ordered(), "I1", "50", "100").match()
    found = finding(result, "CHARGE_VARIANCE")
    assert found["amount_at_risk"] == D(50)
    assert found["subject_id"] == "I1/9"
    assert found["message"] == (
        "Order PO1: 100.00 USD of FRT charges billed up to this invoice, of 100.00 USD agreed, "
        "50.00 USD for what is billed so far; 50.00 USD (100 %) more, no tolerance."
    )
    assert line_outcome(result, "I1/9") == ("BLOCKED", D(0))
    assert payable(result, "I1") == D(500)


def test_the_share_counts_over_all_invoices_of_the_order() -> None:
    ledger = bill(ordered(), "I1", "50", None)
    result = bill(ledger, "I2", "50", "100", day=3).match()
    assert reasons(result) == []
    result = bill(bill(ordered(), "I1", "50", "50"), "I2", "50", "51", day=3).match()
    found = finding(result, "CHARGE_VARIANCE")
    assert (found["subject_id"], found["amount_at_risk"]) == ("I2/9", D(1))


def test_a_share_is_rounded_half_up_at_the_minor_unit() -> None:
    ledger = Ledger().order().line("3", "10").receipt("R1", "3").agrees("FRT", "10", line="PO1-1")
    for freight, codes in (("6.67", []), ("6.68", ["CHARGE_VARIANCE"])):
        again = Ledger()
        again.rows = {table: list(rows) for table, rows in ledger.rows.items()}
        assert reasons(bill(again, "I1", "2", freight).match()) == codes


@pytest.mark.parametrize(
    ("ccy", "agreed", "share"), [("JPY", "101", "51"), ("BHD", "1.001", "0.501")]
)
def test_minor_units_of_the_currency_decide(ccy: str, agreed: str, share: str) -> None:
    ledger = Ledger().order(ccy=ccy).line("2", "10").receipt("R1", "2").agrees("FRT", agreed)
    ledger.invoice("I1", str(10 + D(share)), ccy=ccy)
    ledger.bills("I1", "10", po_line_id="PO1-1", qty="1", uom="EA", unit_price="10")
    assert reasons(ledger.charge("I1", share).match()) == []


def test_a_fixed_amount_may_come_with_the_first_delivery() -> None:
    result = bill(ordered(fixed=True), "I1", "50", "100").match()
    assert reasons(result) == []
    result = bill(bill(ordered(fixed=True), "I1", "50", "100"), "I2", "50", "1", day=3).match()
    assert finding(result, "CHARGE_VARIANCE")["amount_at_risk"] == D(1)


def test_the_carriers_bill_may_be_for_goods_that_arrived_and_are_not_billed() -> None:
    result = bill(ordered(), "I1", "0", "100").match()
    assert reasons(result) == []
    early = Ledger().order().line("100", "10").agrees("FRT", "100")
    assert reasons(bill(early, "I1", "0", "100").match()) == ["CHARGE_VARIANCE"]


def test_freight_nobody_agreed_to() -> None:
    ledger = Ledger().order().line("100", "10").receipt("R1", "100")
    result = bill(ledger, "I1", "100", "45").match()
    found = finding(result, "CHARGE_UNPLANNED")
    assert found["amount_at_risk"] == D(45)
    assert found["message"] == (
        "Invoice I1 bills 45.00 USD of FRT charges that order PO1 did not agree to; no tolerance."
    )
    check = result.check_results.filter(check="CHARGE_UNPLANNED").row(0, named=True)
    assert (check["variance_infinite"], check["effect"]) == (True, "block")
    assert (outcome(result, "I1"), payable(result, "I1")) == ("BLOCKED", D(1000))


def test_a_cap_is_inclusive_and_counts_per_invoice() -> None:
    cap = {"upper_abs": "50"}
    for freight, codes in (("50", []), ("50.01", ["CHARGE_UNPLANNED"])):
        ledger = Ledger().order().line("100", "10").receipt("R1", "100")
        bill(bill(ledger, "I1", "50", freight), "I2", "50", "50", day=3)
        result = ledger.match(CHARGE_UNPLANNED=cap)
        assert reasons(result) == codes
        assert payable(result, "I2") == D(550)
    assert outcome(result, "I2") == "MATCHED_WITHIN_TOLERANCE"


def test_two_lines_of_one_invoice_are_one_charge() -> None:
    ledger = Ledger().order().line("100", "10").receipt("R1", "100").invoice("I1", "60")
    ledger.charge("I1", "30").charge("I1", "30", no="10", po_id="PO1")
    result = ledger.match(CHARGE_UNPLANNED={"upper_abs": "50"})
    assert finding(result, "CHARGE_UNPLANNED")["subject_id"] == "I1/10"


def test_what_is_not_checked_is_neither_told_nor_paid() -> None:
    ledger = Ledger().order().line("100", "10").receipt("R1", "100")
    result = bill(ledger, "I1", "100", "45").match(CHARGE_UNPLANNED={})
    assert reasons(result) == []
    assert line_outcome(result, "I1/9") == ("NOT_REQUIRED", D(0))


def test_charges_of_the_header_are_compared_too() -> None:
    ledger = ordered()
    ledger.quantity_invoice("I1", "100", "10", charges="110")
    result = ledger.match()
    found = finding(result, "CHARGE_VARIANCE")
    assert (found["subject_type"], found["subject_id"]) == ("invoice", "I1")
    assert found["amount_at_risk"] == D(10)
    assert (outcome(result, "I1"), payable(result, "I1")) == ("BLOCKED", D(0))
    ledger = Ledger().order().line("100", "10").receipt("R1", "100")
    result = ledger.quantity_invoice("I1", "100", "10", charges="45").match()
    assert finding(result, "CHARGE_UNPLANNED")["subject_id"] == "I1"


def test_the_total_on_the_orders_header_is_shared_by_value() -> None:
    ledger = Ledger().order(charges_amount="100").line("10", "30", no="1").line("10", "70", no="2")
    ledger.receipt("R1", "10", "PO1-1").receipt("R2", "10", "PO1-2")
    for freight, codes in (("30", []), ("31", ["CHARGE_VARIANCE"])):
        again = Ledger()
        again.rows = {table: list(rows) for table, rows in ledger.rows.items()}
        again.quantity_invoice("I1", "10", "30", charges=freight)
        assert reasons(again.match()) == codes


def test_of_an_order_billed_by_amount_the_share_in_value_counts() -> None:
    ledger = Ledger().order().line("1", "1000", match_type="2w", match_basis="amount")
    ledger.agrees("FRT", "100").invoice("I1", "550").bills("I1", "500", po_line_id="PO1-1")
    ledger.charge("I1", "50")
    assert reasons(ledger.match()) == []
    ledger.invoice("I2", "551", day=3).bills("I2", "500", po_line_id="PO1-1")
    ledger.charge("I2", "51", po="PO1")
    assert finding(ledger.match(), "CHARGE_VARIANCE")["amount_at_risk"] == D(1)


def test_a_discount_that_was_agreed_and_not_deducted() -> None:
    ledger = Ledger().order().line("100", "10").receipt("R1", "100").agrees("DISC", "-20")
    result = ledger.quantity_invoice("I1", "100", "10").match()
    found = finding(result, "CHARGE_VARIANCE")
    assert (found["subject_id"], found["amount_at_risk"]) == ("I1", D(20))
    assert outcome(result, "I1") == "BLOCKED"


def test_a_discount_that_was_deducted() -> None:
    ledger = Ledger().order().line("100", "10").receipt("R1", "100").agrees("DISC", "-20")
    ledger.invoice("I1", "980")
    ledger.bills("I1", "1000", po_line_id="PO1-1", qty="100", uom="EA", unit_price="10")
    result = ledger.charge("I1", "-20", "DISC").match()
    assert reasons(result) == []
    assert payable(result, "I1") == D(980)


def test_less_than_agreed_is_told_where_the_policy_asks() -> None:
    assert reasons(bill(ordered(), "I1", "100", "90").match()) == []
    result = bill(ordered(), "I1", "100", "90").match(CHARGE_PLANNED=BOTH)
    assert finding(result, "CHARGE_VARIANCE")["amount_at_risk"] == D(10)
    assert outcome(result, "I1") == "MATCHED"


def test_a_credit_gives_back_what_was_billed_too_much() -> None:
    ledger = bill(ordered(), "I1", "100", "140")
    ledger.invoice("C1", "-40", day=5, kind="credit_value").charge("C1", "-40")
    result = ledger.match()
    assert reasons(result) == []
    assert (payable(result, "I1"), payable(result, "C1")) == (D(1140), D(-40))


def test_kinds_are_told_apart_unless_one_says_no_kind() -> None:
    ledger = ordered().agrees("INS", "20")
    bill(ledger, "I1", "100", "110").charge("I1", "10", "INS", no="10")
    assert finding(ledger.match(), "CHARGE_VARIANCE")["subject_id"] == "I1/9"
    ledger = ordered().agrees("INS", "20")
    bill(ledger, "I1", "100", None).charge("I1", "120", None)
    assert "CHARGE_VARIANCE" not in reasons(ledger.match())


def test_charges_in_another_currency_than_the_plan() -> None:
    ledger = ordered().invoice("I1", "100", ccy="EUR").charge("I1", "100")
    found = finding(ledger.match(), "CHARGE_UNPLANNED")
    assert "agreed to charges in USD" in found["message"]


def test_an_invoice_without_order_is_told_once() -> None:
    ledger = Ledger().invoice("I1", "145").bills("I1", "100", po=None)
    assert reasons(ledger.charge("I1", "45", po=None).match()) == ["INV_NO_PO"]


def test_a_bill_of_charges_alone_without_order() -> None:
    result = Ledger().invoice("I1", "45").charge("I1", "45", po=None).match()
    assert "without naming" in finding(result, "CHARGE_UNPLANNED")["message"]


def test_charges_of_an_order_nobody_knows() -> None:
    result = Ledger().invoice("I1", "45").charge("I1", "45", po="PO9").match()
    assert "PO9" in finding(result, "CHARGE_UNPLANNED")["message"]


def test_several_orders_and_a_charge_that_names_none() -> None:
    ledger = ordered().order("PO2").line("5", "1", po="PO2").receipt("R2", "5", "PO2-1")
    ledger.invoice("I1", "1105")
    ledger.bills("I1", "1000", po_line_id="PO1-1", qty="100", uom="EA", unit_price="10")
    ledger.bills("I1", "5", no="2", po="PO2", po_line_id="PO2-1", qty="5", uom="EA", unit_price="1")
    assert reasons(ledger.charge("I1", "100", po=None).match()) == ["CHARGE_UNPLANNED"]


def test_cancelled_lines_agree_to_nothing() -> None:
    ledger = Ledger().order().line("100", "10").receipt("R1", "100")
    ledger.line("5", "1", no="2", cancelled=True).agrees("FRT", "100", line="PO1-2")
    assert reasons(bill(ledger, "I1", "100", "100").match()) == ["CHARGE_UNPLANNED"]


@pytest.mark.parametrize("how", ["order", "lines"])
def test_freight_of_cancelled_goods_is_not_told_beside_them(how: str) -> None:
    order, line = (
        ({"status_canon": "cancelled"}, {}) if how == "order" else ({}, {"cancelled": True})
    )
    ledger = Ledger().order(**order).line("100", "10", match_type="2w", **line)
    ledger.agrees("FRT", "100", line="PO1-1")
    assert reasons(bill(ledger, "I1", "100", "100").match()) == ["PO_CANCELLED"]


def test_freight_alone_of_a_cancelled_order() -> None:
    ledger = Ledger().order(status_canon="cancelled").line("100", "10").agrees("FRT", "100")
    ledger.invoice("I1", "100").charge("I1", "100")
    assert "CHARGE_UNPLANNED" in reasons(ledger.match())


def test_rows_in_any_order_give_the_same() -> None:
    ledger = bill(bill(ordered().agrees("INS", "9"), "I1", "50", "51"), "I2", "50", "60", day=3)
    there = ledger.match()
    for rows in ledger.rows.values():
        rows.reverse()
    back = ledger.match()
    assert there.check_results.equals(back.check_results)
    assert there.findings.equals(back.findings)
    assert isinstance(there.findings, pl.DataFrame)
