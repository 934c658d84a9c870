"""Numbers that are nearly the same, over the same amount."""

from __future__ import annotations

import pytest

from finsync_dagster.reconciliation.duplicates.rules import CLOSE, SIMILAR_NUMBER
from tests.matching.ledger import Ledger
from tests.reconciliation.duplicates.pairs import rules


def two(first: str, second: str, days: int = 60, net: str = "100") -> list[str]:
    """Rules by which an invoice and one so many days later are a pair."""
    ledger = Ledger()
    for name, number, day, amount in (("A", first, 1, "100"), ("B", second, 1 + days, net)):
        plain = "".join(c for c in number.upper() if c.isalnum()).lstrip("0")
        ledger.invoice(name, amount, day, invoice_no_supplier=number, invoice_no_norm=plain)
    return [rule for _, _, rule in rules(ledger)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("102", "102A"),
        ("4711", "4711-1"),
        ("4711-1", "4711"),
        ("26/35321", "26/35321 COPY"),
        ("I02", "102"),
        ("RE1O01", "RE1001"),
        ("RE-10O1I", "RE-1O011"),
        ("51761", "31761"),
        ("RE51761", "RE5176"),
        ("RE5176", "RE5X176"),
        ("INV77001", "INV77O01"),
        # Counting on goes upwards.
        ("RE1002", "RE1001"),
    ],
)
def test_nearly_equal(first: str, second: str) -> None:
    assert two(first, second) == [SIMILAR_NUMBER]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("RE1001", "RE1002"),
        ("RE1001", "RE1011"),
        ("RE100A", "RE100B"),
        ("20261", "202612"),
        ("M202401", "M202501"),
        ("31761", "51761"),
        ("51761", "31762"),
        ("77", "97"),
        ("4711-1", "4711-2"),
        ("2026", "INV"),
    ],
)
def test_counted_on_or_another_number(first: str, second: str) -> None:
    assert two(first, second) == []


def test_another_amount_under_a_similar_number_is_no_pair() -> None:
    assert two("4711", "4711A", net="100.01") == []


def test_numbers_that_count_on_within_14_days_are_judged_by_their_amount() -> None:
    assert two("RE1001", "RE1002", days=10) == [CLOSE]


def test_a_rent_over_two_years_is_no_pair() -> None:
    ledger = Ledger()
    for month in range(24):
        number = f"M{2024 + month // 12}{month % 12 + 1:02}"
        ledger.invoice(number, "950", 30 * month)
    assert rules(ledger) == []
