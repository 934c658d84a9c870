"""Differences that are posted away, lines that only round, documents that may round."""

from collections.abc import Mapping
from decimal import Decimal as D
from typing import Any

import pytest

from finsync_dagster.landscape.model import Policy, Tolerance
from finsync_dagster.matching.match import match
from tests.matching.ledger import (
    AS_OF,
    ENTITY,
    EXACT,
    Ledger,
    finding,
    outcome,
    payable,
    reasons,
)

FIVE = {"upper_abs": "5", "lower_abs": "5"}


def order() -> Ledger:
    return Ledger().order().line("100", "10").receipt("R1", "100")


@pytest.mark.parametrize(("price", "small"), [("10.05", True), ("10.06", False), ("9.95", True)])
def test_a_price_that_differs_by_little_in_all(price: str, small: bool) -> None:
    result = order().quantity_invoice("I1", "100", price).match(BALANCE_SMALL_DIFF=FIVE)
    assert (reasons(result) == []) == small
    assert (outcome(result, "I1") == "MATCHED_SMALL_DIFF") == small
    if small:
        assert payable(result, "I1") == D(price) * 100
        rows = result.check_results.filter(check="PRICE_UNIT").row(0, named=True)
        assert (rows["passed"], rows["effect"]) == (True, "none")
        assert rows["limit_rule"] == "small difference: default"
        balance = result.check_results.filter(check="BALANCE_SMALL_DIFF").row(0, named=True)
        assert balance["actual"] == D(price) * 100 - 1000


def test_differences_of_several_lines_add_up() -> None:
    ledger = order().line("100", "10", no="2").receipt("R2", "100", "PO1-2").invoice("I1", "2006")
    for no in ("1", "2"):
        ledger.bills("I1", "1003", no, po_line_id=f"PO1-{no}", qty="100", unit_price="10.03")
    assert "PRICE_OVER" in reasons(ledger.match(BALANCE_SMALL_DIFF=FIVE))


def test_two_errors_that_cancel_each_other_are_no_small_difference() -> None:
    ledger = order().line("100", "10", no="2").receipt("R2", "100", "PO1-2").invoice("I1", "2001")
    ledger.bills("I1", "1100", "1", po_line_id="PO1-1", qty="100", unit_price="11")
    ledger.bills("I1", "901", "2", po_line_id="PO1-2", qty="100", unit_price="9.01")
    assert "LINE_TOTAL_EXCEEDED" in reasons(ledger.match(BALANCE_SMALL_DIFF=FIVE))


def test_missing_goods_are_never_small() -> None:
    ledger = Ledger().order().line("100", "0.01")
    result = ledger.quantity_invoice("I1", "100", "0.01").match(BALANCE_SMALL_DIFF=FIVE)
    assert reasons(result) == ["RECEIPT_MISSING"]
    ledger = Ledger().order().line("1", "3").invoice("I1", "3").bills("I1", "3")
    assert reasons(ledger.match(BALANCE_SMALL_DIFF=FIVE)) == ["RECEIPT_MISSING"]


@pytest.mark.parametrize("limits", [{}, {"upper_abs": "0", "lower_abs": "0"}])
def test_without_a_limit_nothing_is_small(limits: Mapping[str, Any]) -> None:
    result = order().quantity_invoice("I1", "100", "10.01").match(BALANCE_SMALL_DIFF=limits)
    assert "PRICE_OVER" in reasons(result)


def test_a_total_that_misses_its_parts_by_little_is_paid() -> None:
    result = (
        order().quantity_invoice("I1", "100", "10", gross="1003").match(BALANCE_SMALL_DIFF=FIVE)
    )
    assert (reasons(result), outcome(result, "I1")) == ([], "MATCHED_SMALL_DIFF")
    assert payable(result, "I1") == D(1003)
    result = (
        order().quantity_invoice("I1", "100", "10", gross="1006").match(BALANCE_SMALL_DIFF=FIVE)
    )
    assert reasons(result) == ["DOC_NOT_BALANCED"]


def rounded(rounding: str, net: str, gross: str) -> Ledger:
    ledger = order().invoice("I1", net, gross=gross)
    ledger.bills("I1", "1000", po_line_id="PO1-1", qty="100", uom="EA", unit_price="10")
    return ledger.bills("I1", rounding, no="2", po=None, type="rounding")


@pytest.mark.parametrize(("net", "gross"), [("1000.02", "1000.02"), ("1000", "1000.02")])
def test_a_line_that_rounds_counts_in_the_net_or_beside_it(net: str, gross: str) -> None:
    result = rounded("0.02", net, gross).match()
    assert (reasons(result), outcome(result, "I1")) == ([], "MATCHED")
    assert payable(result, "I1") == D("1000.02")


def test_what_is_called_rounding_and_is_none() -> None:
    result = rounded("3", "1003", "1003").match()
    assert finding(result, "DOC_NOT_BALANCED")["amount_at_risk"] == D(3)
    assert (outcome(result, "I1"), payable(result, "I1")) == ("BLOCKED", 0)
    result = rounded("3", "1003", "1003").match(BALANCE_SMALL_DIFF=FIVE)
    assert (reasons(result), outcome(result, "I1")) == ([], "MATCHED_SMALL_DIFF")


@pytest.mark.parametrize(
    ("ccy", "gross", "codes"),
    [
        ("EUR", "1000.02", []),
        ("EUR", "1000.03", ["DOC_NOT_BALANCED"]),
        ("JPY", "1002", []),
        ("JPY", "1003", ["DOC_NOT_BALANCED"]),
        ("KWD", "1000.002", []),
        ("KWD", "1000.003", ["DOC_NOT_BALANCED"]),
        ("BHD", "999.998", []),
    ],
)
def test_a_document_may_round_a_minor_unit_per_line_where_the_policy_says_so(
    ccy: str, gross: str, codes: list[str]
) -> None:
    ledger = Ledger().order(ccy=ccy).line("100", "10").receipt("R1", "100")
    ledger.invoice("I1", "1000", gross=gross, ccy=ccy)
    for no in ("1", "2"):
        ledger.bills("I1", "500", no, po_line_id="PO1-1", qty="50", uom="EA", unit_price="10")
    docs = ledger.documents()
    strict = {check: Tolerance(**limits) for check, limits in EXACT.items()}
    lenient = Policy(version="t", tolerances=strict, document_rounding=1)
    result = match(docs, lenient, AS_OF, ENTITY)
    assert reasons(result) == codes
    assert reasons(ledger.match()) == ["DOC_NOT_BALANCED"]
    row = result.check_results.filter(check="DOC_ARITHMETIC").row(0, named=True)
    assert row["passed"] == (not codes)
