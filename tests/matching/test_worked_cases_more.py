"""Further worked cases of the matching rules, under their letters."""

from decimal import Decimal as D
from typing import Any

import pytest

from tests.matching.ledger import Ledger, finding, outcome, payable, reasons

TEN_PCT = {"upper_pct": "10"}
HUNDRED = {"upper_abs": "100.00"}
BOTH = {**TEN_PCT, **HUNDRED}
ONE_IS_ENOUGH = {**BOTH, "combine": "ANY"}


@pytest.mark.parametrize(
    ("limits", "billed", "passes"),
    [
        (TEN_PCT, "105", True),
        (TEN_PCT, "150", False),
        (HUNDRED, "150", True),
        (HUNDRED, "205", False),
        (BOTH, "105", True),
        (BOTH, "150", False),
        (BOTH, "205", False),
        (ONE_IS_ENOUGH, "150", True),
        (ONE_IS_ENOUGH, "205", False),
    ],
)
def test_c_an_amount_a_percentage_or_both(
    limits: dict[str, Any], billed: str, passes: bool
) -> None:
    ledger = Ledger().order().line("1", "100").receipt("R1", "1")
    result = ledger.quantity_invoice("I1", "1", billed).match(
        LINE_TOTAL=limits, PRICE_UNIT={"upper_pct": "200"}
    )
    assert result.check_results.filter(check="LINE_TOTAL")["passed"].to_list() == [passes]
    assert outcome(result, "I1") == ("MATCHED_WITHIN_TOLERANCE" if passes else "BLOCKED")
    assert payable(result, "I1") == (D(billed) if passes else 0)


@pytest.mark.parametrize(("second", "codes"), [("510", []), ("511", ["LIMIT_EXCEEDED"])])
def test_l_a_limit_of_1000_may_be_exceeded_by_10(second: str, codes: list[str]) -> None:
    terms = {"match_type": "limit", "match_basis": "amount", "limit_amount": "1000"}
    ledger = Ledger().order().line("1", "1000", **terms)
    for name, net, day in (("I1", "500", 2), ("I2", second, 3)):
        ledger.invoice(name, net, day).bills(name, net, po_line_id="PO1-1")
    result = ledger.match(LINE_TOTAL={"upper_abs": "10"})
    assert reasons(result) == codes
    assert outcome(result, "I1") == "MATCHED"
    assert outcome(result, "I2") == ("BLOCKED" if codes else "MATCHED_WITHIN_TOLERANCE")


def test_e_the_unit_price_passes_wherever_the_total_fails() -> None:
    ledger = Ledger().order().line("1000", "10").receipt("R1", "1100")
    for n, qty in enumerate(["800", "100", "200"]):
        ledger.quantity_invoice(f"I{n}", qty, "10.80", day=2 + n)
    loose = {"upper_pct": "100"}
    result = ledger.match(
        PRICE_UNIT={"upper_pct": "10"},
        LINE_TOTAL={"upper_pct": "15", "upper_abs": "500"},
        QTY_ORDERED=loose,
        OVER_DELIVERY=loose,
    )
    assert set(result.check_results.filter(check="PRICE_UNIT")["passed"]) == {True}
    assert [outcome(result, f"I{n}") for n in range(3)] == [
        "MATCHED_WITHIN_TOLERANCE",
        "MATCHED_WITHIN_TOLERANCE",
        "BLOCKED",
    ]
    assert finding(result, "LINE_TOTAL_EXCEEDED")["subject_id"] == "I2/1"
    last = result.check_results.filter(check="LINE_TOTAL", subject_id="I2/1").row(0, named=True)
    # 15 % are 1,500: the amount of 500 decides.
    assert (last["limit_binding"], last["limit_value"]) == ("upper_abs", D(500))


def test_w_never_the_same_receipt_twice_though_the_invoices_come_on_one_day() -> None:
    ledger = Ledger().order().line("500", "2").receipt("R1", "100").receipt("R2", "10", day=3)
    ledger.quantity_invoice("I2", "10", "2", day=4).quantity_invoice("I1", "100", "2", day=4)
    billed = ledger.match().allocations
    assert sorted(billed.select("invoice_id", "receipt_line_id", "qty").rows()) == [
        ("I1", "R1", D(100)),
        ("I2", "R2", D(10)),
    ]


def test_x_a_credit_up_to_what_was_invoiced_leaves_nothing() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "10", "10")
    ledger.quantity_invoice("C1", "-10", "10", day=5, kind="credit_qty")
    result = ledger.match()
    assert reasons(result) == []
    assert result.receipt_status["qty_invoiced"].to_list() == [D(0)]
    assert payable(result, "I1") + payable(result, "C1") == 0


def test_z_five_per_cent_more_than_received_may_be_allowed() -> None:
    ledger = Ledger().order().line("1000", "0.10").receipt("R1", "1000")
    ledger.quantity_invoice("I1", "1050", "0.10")
    five = {"upper_pct": "5"}
    result = ledger.match(QTY_RECEIVED=five, QTY_ORDERED=five, LINE_TOTAL=five)
    assert reasons(result) == []
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"
    assert payable(result, "I1") == D(105)
