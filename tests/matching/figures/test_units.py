"""Quantities and prices in the unit of the order."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.matching.ledger import Ledger, outcome, reasons


def billed(uom: str, qty: str, price: str | None, net: str = "1000", **order: Any) -> Ledger:
    ledger = Ledger().order().line("100", "10", **order)
    uom_order = order.get("uom_order", "EA")
    ledger.receipt("R1", "100", uom=uom_order).invoice("I1", net)
    return ledger.bills("I1", net, po_line_id="PO1-1", qty=qty, uom=uom, unit_price=price)


def test_the_base_unit_both_sides_state() -> None:
    """100 boxes of 12: 1,200 pieces billed at 10 / 12 are 100 boxes at 10."""
    ledger = billed("EA", "1200", "0.83", "996", uom_order="BX", qty_ordered_base="1200")
    result = ledger.match(PRICE_UNIT={"lower_pct": "0.5"})
    assert result.invoice_line_results["qty_billed"].to_list() == [D(100)]
    assert result.invoice_line_results["price_billed"].to_list() == [D("9.96")]
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"


def test_the_unit_the_order_is_priced_in() -> None:
    """4 pieces are 10 kg: 250 kg are 100 pieces."""
    weight = {"uom_price": "KGM", "price_ratio_num": "10", "price_ratio_den": "4"}
    result = billed("KGM", "250", "4", **weight).match()
    assert result.invoice_line_results["qty_billed"].to_list() == [D(100)]
    assert result.invoice_line_results["price_billed"].to_list() == [D(10)]
    assert outcome(result, "I1") == "MATCHED"


@pytest.mark.parametrize(
    ("ordered", "billed_in", "qty", "price"),
    [
        ("TNE", "KGM", "100000", "0.01"),
        ("KGM", "GRM", "100000", "0.01"),
        ("HUR", "MIN", "6000", None),
        ("DZN", "EA", "1200", None),
        ("EA", "C62", "100", "10"),
        ("MTR", "CMT", "10000", "0.1"),
    ],
)
def test_a_ratio_that_is_a_definition(
    ordered: str, billed_in: str, qty: str, price: str | None
) -> None:
    result = billed(billed_in, qty, price, uom_order=ordered, uom_base=ordered).match()
    assert reasons(result) == []
    assert result.invoice_line_results["qty_billed"].to_list() == [D(100)]


@pytest.mark.parametrize("uom", ["BX", "DAY", "LTR"])
def test_nothing_is_guessed_of_other_units(uom: str) -> None:
    result = billed(uom, "100", "10", uom_order="KGM", uom_base="KGM").match()
    assert reasons(result) == ["UOM_CONVERSION_MISSING"]


def test_a_quantity_that_does_not_come_out_even_is_not_rounded() -> None:
    """10 pieces are 0.8333... dozen."""
    result = billed("EA", "10", None, uom_order="DZN", uom_base="DZN").match()
    assert reasons(result) == ["UOM_CONVERSION_MISSING"]


@pytest.mark.parametrize(("per", "price"), [("100", "1000"), ("1000", "10000"), ("3", "30")])
def test_a_price_for_several_units(per: str, price: str) -> None:
    ledger = Ledger().order().line("100", "10").receipt("R1", "100").invoice("I1", "1000")
    ledger.bills(
        "I1", "1000", po_line_id="PO1-1", qty="100", uom="EA", unit_price=price, price_unit=per
    )
    ledger.invoice("I2", "5").bills("I2", "5", po=None, qty="1", unit_price="5", price_unit="1")
    result = ledger.match()
    assert reasons(result) == ["INV_NO_PO"]
    assert outcome(result, "I1") == "MATCHED"


def test_a_price_for_several_units_and_a_credit_without_sign() -> None:
    """SAP and others state the quantity of a credit without a sign."""
    ledger = Ledger().order().line("100", "10").receipt("R1", "100")
    ledger.quantity_invoice("I1", "100", "10", day=2)
    ledger.invoice("C1", "-100", day=3, kind="credit_qty").bills(
        "C1", "-100", po_line_id="PO1-1", qty="10", uom="EA", unit_price="1000", price_unit="100"
    )
    result = ledger.match()
    assert reasons(result) == []
    assert result.allocations["qty"].sum() == D(90)


def test_a_price_for_a_dozen_of_another_unit_is_rounded_once() -> None:
    """1.6669 for 12 pieces is 1.6669 for the case they make; 1.6669 / 12 has no end."""
    ledger = Ledger().order().line("5", "1.6669", uom_order="CS", qty_ordered_base="60")
    ledger.receipt("R1", "60").invoice("I1", "8.33")
    terms = {"qty": "60", "uom": "EA", "unit_price": "1.6669", "price_unit": "12"}
    result = ledger.bills("I1", "8.33", po_line_id="PO1-1", **terms).match()
    assert result.invoice_line_results["price_billed"].to_list() == [D("1.6669")]
    assert outcome(result, "I1") == "MATCHED"


def test_receipts_are_converted_in_the_same_ways() -> None:
    """Ordered 2 tonnes of what is priced by the piece of 10 kg; 1,500 kg and 50 pieces arrive."""
    pieces = {"uom_price": "EA", "price_ratio_num": "100", "price_ratio_den": "1"}
    ledger = Ledger().order().line("2", "500", uom_order="TNE", uom_base="TNE", **pieces)
    ledger.receipt("R1", "1500", uom="KGM", uom_base="KGM")
    ledger.receipt("R2", "50", day=2, uom="EA", uom_base="EA").invoice("I1", "1000", day=3)
    ledger.bills("I1", "1000", po_line_id="PO1-1", qty="2", uom="TNE", unit_price="500")
    result = ledger.match()
    assert reasons(result) == []
    assert result.receipt_status["qty_available"].to_list() == [D("1.5"), D("0.5")]


def test_rejected_parts_are_converted_with_their_receipt() -> None:
    ledger = Ledger().order().line("2", "500", uom_order="TNE", uom_base="TNE", match_type="4w")
    ledger.receipt("R1", "2000", uom="KGM", uom_base="KGM", qty_accepted="1500", qty_rejected="500")
    status = ledger.match().order_line_status.row(0, named=True)
    assert (status["qty_accepted"], status["qty_rejected"]) == (D("1.5"), D("0.5"))


@pytest.mark.parametrize(
    ("qty", "price", "per", "net"),
    [("60", "12.50", "12", "63"), ("3", "10", "3", "10"), ("7", "0.5", "1", "4")],
)
def test_a_line_s_own_arithmetic_is_rounded_once(qty: str, price: str, per: str, net: str) -> None:
    """60 pieces at 12.50 yen for 12 are 62.5, rounded 63."""
    ledger = Ledger().order(ccy="JPY").line(qty, price, price_unit=per).receipt("R1", qty)
    ledger.invoice("I1", net, ccy="JPY").bills(
        "I1", net, po_line_id="PO1-1", qty=qty, uom="EA", unit_price=price, price_unit=per
    )
    assert "DOC_NOT_BALANCED" not in reasons(ledger.match())


def test_a_line_priced_by_weight_adds_up_by_its_weight() -> None:
    weight = {"uom_price": "KGM", "price_ratio_num": "10", "price_ratio_den": "3"}
    ledger = Ledger().order().line("3", "0.5285", net_amount="5.29", **weight)
    told = {"qty": "3", "uom": "EA", "uom_price": "KGM", "qty_price": "10", "unit_price": "0.5285"}
    for name, net in (("I1", "5.29"), ("I2", "5.28")):
        ledger.invoice(name, net).bills(name, net, po_line_id="PO1-1", **told)
    result = ledger.match()
    balanced = result.check_results.filter(check="DOC_ARITHMETIC")
    assert balanced["subject_id"].to_list() == ["I2/1"]
    assert balanced["expected"].to_list() == [D("5.29")]
