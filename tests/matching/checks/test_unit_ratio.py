"""Quantities in two units: what is ordered by the piece and priced by the kilogram."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.matching.ledger import Ledger, finding, outcome, payable, reasons

BY_WEIGHT = {"uom_price": "KGM", "price_ratio_num": "10", "price_ratio_den": "4"}


def ordered(**more: Any) -> Ledger:
    """100 pieces at 20 per kilogram, 4 pieces being 10 kg: 250 kg, 5,000."""
    return (
        Ledger().order().line("100", "200", price_unit="4", net_amount="5000", **BY_WEIGHT, **more)
    )


def received(**more: Any) -> Ledger:
    return ordered().receipt("R1", "100", **more)


def bill(
    ledger: Ledger, kilograms: str, net: str, name: str = "I1", qty: str = "100", **more: Any
) -> Ledger:
    ledger.invoice(name, net)
    told = {"po_line_id": "PO1-1", "qty": qty, "uom": "EA", "uom_price": "KGM"}
    return ledger.bills(name, net, **told, qty_price=kilograms, **more)


@pytest.mark.parametrize("price", ["20", None])
def test_o_the_ratio_of_the_order_is_no_variance(price: str | None) -> None:
    result = bill(received(), "250", "5000", unit_price=price).match()
    assert reasons(result) == []
    assert (outcome(result, "I1"), payable(result, "I1")) == ("MATCHED", D(5000))
    assert result.invoice_line_results["expected_amount"].to_list() == [D(5000)]
    assert result.invoice_line_results["price_billed"].to_list() == [D(50)]


@pytest.mark.parametrize("price", ["20", None])
def test_o_another_ratio_is_a_variance_of_ratio_and_not_of_price(price: str | None) -> None:
    result = bill(received(), "275", "5500", unit_price=price).match()
    assert reasons(result) == ["LINE_TOTAL_EXCEEDED", "UOM_RATIO_VARIANCE"]
    found = finding(result, "UOM_RATIO_VARIANCE")
    assert found["amount_at_risk"] == D(500)
    assert found["message"] == (
        "100 EA are billed as 275 KGM, 2.75 KGM for one EA; order PO1 says 2.5, that is 250 KGM. "
        "25 KGM (10 %) more, 500.00 USD at the order's price of 20.00 USD for one KGM, "
        "no tolerance."
    )
    check = result.check_results.filter(check="UOM_RATIO").row(0, named=True)
    assert (check["expected"], check["actual"]) == (D("2.5"), D("2.75"))
    assert (check["basis"], check["effect"]) == ("order ratio", "block")
    assert (outcome(result, "I1"), payable(result, "I1")) == ("BLOCKED", D(0))


def test_a_higher_price_for_the_weight_is_one_of_price() -> None:
    result = bill(received(), "250", "5250", unit_price="21").match()
    assert reasons(result) == ["LINE_TOTAL_EXCEEDED", "PRICE_OVER"]
    assert result.invoice_line_results["price_billed"].to_list() == [D("52.5")]


@pytest.mark.parametrize(
    ("kilograms", "net", "codes"),
    [
        ("255", "5100", []),
        ("255.001", "5100.02", ["UOM_RATIO_VARIANCE"]),
    ],
)
def test_the_limit_is_inclusive(kilograms: str, net: str, codes: list[str]) -> None:
    looser = {"UOM_RATIO": {"upper_pct": "2"}, "LINE_TOTAL": {}}
    assert reasons(bill(received(), kilograms, net).match(**looser)) == codes


def test_what_was_weighed_on_receipt_outranks_the_order() -> None:
    """Catch weight: the hundred pieces that came weigh 262 kg, and are billed as that."""
    weighed = {"qty_base": "262", "uom_base": "KGM"}
    result = bill(received(**weighed), "262", "5240", unit_price="20").match(LINE_TOTAL={})
    assert reasons(result) == []
    result = bill(received(**weighed), "250", "5000", unit_price="20").match()
    found = finding(result, "UOM_RATIO_VARIANCE")
    assert "its receipts say 2.62, that is 262 KGM" in found["message"]
    check = result.check_results.filter(check="UOM_RATIO").row(0, named=True)
    assert (check["basis"], check["direction"], check["effect"]) == (
        "receipt ratio",
        "under",
        "warn",
    )


def test_each_invoice_is_compared_with_the_receipt_it_bills() -> None:
    ledger = ordered().receipt("R1", "50", day=1, qty_base="120", uom_base="KGM")
    ledger.receipt("R2", "50", day=2, qty_base="140", uom_base="KGM")
    bill(ledger, "120", "2400", "I1", qty="50")
    bill(ledger, "140", "2800", "I2", qty="50")
    assert reasons(ledger.match(LINE_TOTAL={})) == []


def test_a_weight_rounded_to_three_decimals_is_no_variance() -> None:
    """3 pieces are 1 kg: 100 pieces are 33.333 kg."""
    thirds = {"uom_price": "KGM", "price_ratio_num": "1", "price_ratio_den": "3"}
    ledger = Ledger().order().line("100", "20", price_unit="3", net_amount="666.67", **thirds)
    ledger.receipt("R1", "100")
    assert reasons(bill(ledger, "33.333", "666.66").match()) == []
    ledger = Ledger().order().line("100", "20", price_unit="3", net_amount="666.67", **thirds)
    ledger.receipt("R1", "100")
    told = reasons(bill(ledger, "33.334", "666.68").match(LINE_TOTAL={}))
    assert told == ["UOM_RATIO_VARIANCE"]


def test_a_credit_of_the_same_weight_takes_it_back() -> None:
    ledger = bill(received(), "250", "5000", unit_price="20")
    ledger.invoice("C1", "-2000", day=3, kind="credit_qty")
    told = {"po_line_id": "PO1-1", "qty": "-40", "uom": "EA", "uom_price": "KGM"}
    ledger.bills("C1", "-2000", **told, qty_price="-100", unit_price="20")
    result = ledger.match()
    assert reasons(result) == []
    assert result.allocations["qty"].sum() == D(60)


def test_another_price_unit_than_the_order_s_is_not_compared_by_ratio() -> None:
    """Priced per tonne where kilograms were agreed: only the price of a piece can be compared."""
    ledger = received().invoice("I1", "5000")
    told = {"po_line_id": "PO1-1", "qty": "100", "uom": "EA", "uom_price": "TNE"}
    ledger.bills("I1", "5000", **told, qty_price="0.25", unit_price="20000")
    result = ledger.match()
    assert reasons(result) == []
    assert result.invoice_line_results["price_billed"].to_list() == [D(50)]
