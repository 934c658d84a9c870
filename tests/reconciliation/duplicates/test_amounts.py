"""Equal amounts of one supplier, on one day or close together."""

from __future__ import annotations

import pytest

from finsync_dagster.reconciliation.duplicates.rules import CLOSE, SAME_DAY
from tests.matching.ledger import Ledger
from tests.reconciliation.duplicates.pairs import rules

NUMBERS = ("4410", "7325", "1198", "6003", "2277")


def on(*days: int, **more: object) -> list[tuple[str, ...]]:
    ledger = Ledger()
    for number, day in zip(NUMBERS, days, strict=False):
        ledger.invoice(number, "100", day, **more)
    return rules(ledger)


def test_one_day() -> None:
    assert on(5, 5) == [("7325", "4410", SAME_DAY)]
    assert on(5, 5, 5) == [("4410", "1198", SAME_DAY), ("7325", "1198", SAME_DAY)]


def test_up_to_14_days() -> None:
    assert on(1, 15) == [("7325", "4410", CLOSE)]
    assert on(1, 16) == []


@pytest.mark.parametrize("days", [(1, 8, 15, 22), (1, 15, 29), (2, 8, 16, 22), (1, 6, 11)])
def test_regular_bills_are_no_pair(days: tuple[int, ...]) -> None:
    assert on(*days) == []


def test_days_in_a_row_are_no_rhythm() -> None:
    assert on(1, 2, 3) == [("1198", "7325", CLOSE), ("7325", "4410", CLOSE)]


def test_a_second_bill_in_a_regular_row_is_a_pair() -> None:
    assert on(1, 31, 61, 63, 91) == [("6003", "1198", CLOSE)]


def test_credits_are_judged_among_themselves() -> None:
    ledger = Ledger().invoice("4410", "100", 1).invoice("7325", "-100", 2, kind="credit_qty")
    assert rules(ledger) == []
    ledger.invoice("1198", "-100", 4, kind="credit_qty")
    assert rules(ledger) == [("1198", "7325", CLOSE)]


def delivered(receipts: int) -> Ledger:
    ledger = Ledger().order().line("10", "10")
    for number in range(receipts):
        ledger.receipt(f"R{number}", "5")
    ledger.quantity_invoice("4410", "5", "10", day=3)
    return ledger.quantity_invoice("7325", "5", "10", day=8)


def test_two_deliveries_that_were_both_received_are_two_bills() -> None:
    assert rules(delivered(2)) == []
    assert rules(delivered(1)) == [("7325", "4410", CLOSE)]


def test_two_orders_without_receipts_are_two_bills_and_one_order_is_not() -> None:
    ledger = Ledger()
    for po in ("PO1", "PO2"):
        ledger.order(po).line("10", "10", po=po, match_type="2w")
    ledger.quantity_invoice("4410", "5", "10", "PO1-1", day=3)
    ledger.quantity_invoice("7325", "5", "10", "PO2-1", day=8)
    assert rules(ledger) == []
    ledger.quantity_invoice("1198", "5", "10", "PO2-1", day=12)
    assert rules(ledger) == [("1198", "7325", CLOSE)]
