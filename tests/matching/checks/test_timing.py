"""Invoices that come before the goods, or before the day agreed for them."""

from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest

from finsync_dagster.landscape.policy_model import MatchingRule, Policy
from finsync_dagster.matching.match import MatchResult, match
from tests.matching.ledger import (
    AS_OF,
    ENTITY,
    Ledger,
    finding,
    on_day,
    outcome,
    payable,
    policy,
    reasons,
)

STRICT = {"upper_abs": "0"}
TOLD = {"upper_abs": "0", "above": "warn"}
EARLY = "INVOICE_BEFORE_RECEIPT"


def billed(day: int = 2, **line: Any) -> Ledger:
    """10 at 5, received on day 5, billed on a day."""
    ledger = Ledger().order().line("10", "5", **line).receipt("R1", "10", day=5)
    return ledger.quantity_invoice("I1", "10", "5", day=day)


def sequence(result: MatchResult) -> list[tuple[Any, ...]]:
    rows = result.check_results.filter(check="SEQUENCE")
    return rows.select("expected", "actual", "passed", "effect").rows()


def test_an_invoice_dated_before_its_goods_came() -> None:
    result = billed().match(SEQUENCE=STRICT)
    assert sequence(result) == [(D(0), D(3), False, "block")]
    said = finding(result, EARLY)
    assert said["message"] == (
        "Invoice I1 of 2024-01-03 bills 50.00 USD of order PO1 that was received only 3 days "
        "later, on 2024-01-06 (receipt R1)."
    )
    assert said["amount_at_risk"] == D(50)
    assert (outcome(result, "I1"), payable(result, "I1")) == ("BLOCKED", 0)


def test_a_policy_that_only_tells_pays_once_the_goods_are_there() -> None:
    result = billed().match(SEQUENCE=TOLD)
    assert reasons(result) == [EARLY]
    assert payable(result, "I1") == D(50)


@pytest.mark.parametrize("day", [5, 6])
def test_goods_of_the_same_day_or_before_are_in_time(day: int) -> None:
    result = billed(day).match(SEQUENCE=STRICT)
    assert (sequence(result), outcome(result, "I1")) == ([], "MATCHED")


@pytest.mark.parametrize(("limit", "codes"), [("3", []), ("2", [EARLY])])
def test_days_of_tolerance_are_inclusive(limit: str, codes: list[str]) -> None:
    assert reasons(billed().match(SEQUENCE={"upper_abs": limit})) == codes


def test_what_never_came_is_no_matter_of_time() -> None:
    ledger = Ledger().order().line("10", "5")
    result = ledger.quantity_invoice("I1", "10", "5").match(SEQUENCE=STRICT)
    assert reasons(result) == ["RECEIPT_MISSING"]


def test_only_the_part_that_came_later_is_told() -> None:
    ledger = Ledger().order().line("10", "5").receipt("R1", "4", day=1).receipt("R2", "6", day=9)
    ledger.quantity_invoice("I1", "3", "5", day=2).quantity_invoice("I2", "7", "5", day=4)
    result = ledger.match(SEQUENCE=TOLD)
    said = finding(result, EARLY)
    assert (said["subject_id"], said["amount_at_risk"]) == ("I2", D(30))
    assert "received only 5 days later, on 2024-01-10 (receipt R2)" in said["message"]


def test_goods_that_go_back_later_do_not_make_an_invoice_early() -> None:
    ledger = Ledger().order().line("20", "5").receipt("R1", "10", day=1)
    ledger.quantity_invoice("I1", "10", "5", day=2).receipt("R2", "10", day=8)
    ledger.receipt("B1", "-4", day=12, reverses_id="R1")
    ledger.quantity_invoice("I2", "10", "5", day=9)
    assert EARLY not in reasons(ledger.match(SEQUENCE=TOLD))


def test_goods_that_had_gone_back_were_not_there() -> None:
    ledger = Ledger().order().line("10", "5").receipt("R1", "10", day=1)
    ledger.receipt("B1", "-10", day=2, reverses_id="R1").receipt("R2", "10", day=7)
    result = ledger.quantity_invoice("I1", "10", "5", day=3).match(SEQUENCE=TOLD)
    assert "4 days later" in finding(result, EARLY)["message"]


def test_an_invoice_without_lines_is_judged_by_all_that_its_order_received() -> None:
    ledger = Ledger().order().line("10", "5").line("1", "7", no="2")
    ledger.receipt("R1", "10", day=1).receipt("R2", "1", "PO1-2", day=6)
    result = ledger.invoice("I1", "57").bills("I1", "57").match(SEQUENCE=TOLD)
    assert finding(result, EARLY)["amount_at_risk"] == D(7)


@pytest.mark.parametrize("match_type", ["2w", "none"])
def test_orders_that_wait_for_no_receipt_have_no_sequence(match_type: str) -> None:
    assert sequence(billed(match_type=match_type).match(SEQUENCE=STRICT)) == []


@pytest.mark.parametrize(
    ("rule", "effects"),
    [
        ({"invoice_before_receipt": "block"}, ["block"]),
        ({"invoice_before_receipt": "hold"}, ["warn"]),
        ({"invoice_before_receipt": "allow"}, []),
        ({"grace_days": 3}, []),
        ({"grace_days": 2}, ["warn"]),
        ({"invoice_before_receipt": "block", "item": "X9"}, ["warn"]),
    ],
)
def test_matching_rules_say_what_follows(rule: dict[str, Any], effects: list[str]) -> None:
    given = policy(SEQUENCE=TOLD)
    ruled = Policy(version="test", tolerances=given.tolerances, matching=(MatchingRule(**rule),))
    result = match(billed().supplier().documents(), ruled, AS_OF, ENTITY)
    assert result.check_results.filter(check="SEQUENCE")["effect"].to_list() == effects


def test_a_line_that_is_to_be_blocked_is_though_nobody_limits_the_days() -> None:
    ruled = Policy(
        version="test",
        tolerances=policy().tolerances,
        matching=(MatchingRule(invoice_before_receipt="block"),),
    )
    result = match(billed().documents(), ruled, AS_OF, ENTITY)
    assert (outcome(result, "I1"), reasons(result)) == ("BLOCKED", [EARLY])
    result = match(billed(6).documents(), ruled, AS_OF, ENTITY)
    assert (outcome(result, "I1"), reasons(result)) == ("MATCHED", [])


def test_amount_times_days_early() -> None:
    """SAP's key ST: 50 billed 30 days early is 1,500, whatever the currency of the limit."""
    ledger = billed(6, due_date=on_day(36))
    for limit, codes in (("1500", []), ("1499.99", ["DATE_EARLY"])):
        result = ledger.match(DATE_VALUE={"upper_abs": limit})
        row = result.check_results.filter(check="DATE_VALUE").row(0, named=True)
        assert (row["actual"], row["basis"]) == (D(1500), "due date")
        assert reasons(result) == codes
    said = finding(result, "DATE_EARLY")
    assert said["message"] == (
        "Invoice I1 of 2024-01-07 bills 50.00 USD of order PO1, 30 days before the "
        "delivery date agreed, 2024-02-06."
    )


@pytest.mark.parametrize("due", [None, 6, 2])
def test_billed_when_due_or_later_or_never_agreed(due: int | None) -> None:
    due_date = None if due is None else on_day(due)
    result = billed(6, due_date=due_date).match(DATE_VALUE=STRICT)
    assert result.check_results.filter(check="DATE_VALUE").is_empty()


def test_several_lines_of_an_early_invoice_are_one_finding() -> None:
    ledger = Ledger().order()
    ledger.invoice("I1", "100", day=2)
    for no in ("1", "2"):
        ledger.line("10", "5", no=no, due_date=on_day(10 + int(no)))
        ledger.receipt(f"R{no}", "10", f"PO1-{no}", day=4)
        ledger.bills("I1", "50", no, po_line_id=f"PO1-{no}", qty="10", unit_price="5")
    result = ledger.match(SEQUENCE=TOLD, DATE_VALUE=TOLD)
    assert reasons(result) == ["DATE_EARLY", EARLY]
    assert result.findings["amount_at_risk"].to_list() == [D(100), D(100)]
    message = finding(result, "DATE_EARLY")["message"]
    assert "10 days before the delivery date agreed, 2024-01-13." in message
    assert result.check_results.filter(pl.col("check") == "DATE_VALUE").height == 2
