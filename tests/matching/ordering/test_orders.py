"""Order lines on their own: deliveries, rejections, approvals."""

from decimal import Decimal as D

import pytest

from tests.matching.ledger import Ledger, finding, on_day, reasons


@pytest.mark.parametrize(
    ("received", "outcome", "complete", "codes"),
    [
        (None, "NOT_RECEIVED", False, []),
        (None, "NOT_RECEIVED", True, ["UNDER_DELIVERY"]),
        ("4", "RECEIVED_SHORT", False, []),
        ("4", "RECEIVED_SHORT", True, ["UNDER_DELIVERY"]),
        ("10", "RECEIVED_IN_FULL", True, []),
        ("11", "OVER_DELIVERED", False, ["OVER_DELIVERY"]),
    ],
)
def test_delivery(received: str | None, outcome: str, complete: bool, codes: list[str]) -> None:
    ledger = Ledger().order().line("10", "2.5", delivery_complete=complete)
    if received:
        ledger.receipt("R1", received)
    result = ledger.match()
    assert result.order_line_status["delivery_outcome"].to_list() == [outcome]
    assert reasons(result) == codes


def test_a_short_delivery_says_what_is_missing() -> None:
    ledger = Ledger().order().line("10", "2.5", delivery_complete=True).receipt("R1", "4")
    found = finding(ledger.match(), "UNDER_DELIVERY")
    assert found["amount_at_risk"] == D(15)
    assert found["subject_label"] == "PO1 line 1"
    assert "received 4 EA, ordered 10 EA" in found["message"]
    assert "6 EA (15.00 USD) missing" in found["message"]
    assert reasons(ledger.match(UNDER_DELIVERY={"lower_pct": "60"})) == []
    assert reasons(ledger.match(UNDER_DELIVERY={"lower_pct": "59.999"})) == ["UNDER_DELIVERY"]


@pytest.mark.parametrize(
    ("status", "said"), [("draft", "pending approval"), ("rejected", "was rejected")]
)
def test_goods_received_on_an_order_nobody_approved(status: str, said: str) -> None:
    ledger = Ledger().order(status_canon=status).line("10", "2").line("1", "7", no="2")
    ledger.receipt("R1", "10").receipt("R2", "1", "PO1-2")
    found = finding(ledger.match(), "PO_NOT_APPROVED")
    assert (found["subject_type"], found["amount_at_risk"]) == ("purchase_order", D(27))
    assert said in found["message"]


def test_an_unapproved_order_without_receipts_is_no_finding() -> None:
    assert reasons(Ledger().order(status_canon="draft").line("10", "2").match()) == []


def test_rejected_goods() -> None:
    ledger = Ledger().order().line("10", "2.345", match_type="4w")
    ledger.receipt("R1", "10", qty_accepted="7", qty_rejected="3")
    result = ledger.match()
    assert finding(result, "QTY_NOT_ACCEPTED")["amount_at_risk"] == D("7.035")
    line = result.order_line_status.row(0, named=True)
    assert (line["qty_received"], line["qty_basis"], line["qty_rejected"]) == (D(10), D(7), D(3))
    assert (line["received_value"], line["basis_value"]) == (D("23.45"), D("16.415"))
    assert line["last_receipt_date"] == on_day(1)


def test_values_keep_four_decimals_and_the_price_unit() -> None:
    ledger = Ledger().order().line("7", "1.2345", price_unit="3").receipt("R1", "7")
    line = ledger.match().order_line_status.row(0, named=True)
    assert line["received_value"] == D("2.8805")


def test_cancelled_and_limit_lines_are_not_short() -> None:
    ledger = Ledger().order().line("10", "2", delivery_complete=True, cancelled=True)
    ledger.line("1", "500", no="2", match_type="limit", delivery_complete=True)
    assert reasons(ledger.match()) == []


def test_more_returned_than_received_is_nothing_received() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "3").receipt("X1", "-5", day=2)
    line = ledger.match().order_line_status.row(0, named=True)
    assert (line["qty_received"], line["qty_basis"], line["basis_value"]) == (D(-2), D(0), D(0))


def test_a_receipt_of_an_order_line_nobody_knows_is_reported() -> None:
    result = Ledger().order().line("10", "2").receipt("R1", "3", "PO9-1").match()
    assert finding(result, "LINK_MISSING")["subject_type"] == "receipt_line"
