"""Shares of a cash discount are rounded, and still add up to what was paid."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from finsync_dagster.canonical.settlement import settle
from finsync_dagster.canonical.stated_settlement import judged
from tests.matching.ledger import Ledger


def paid(amount: str, *shares: tuple[str, str | None], ccy: str = "EUR") -> Ledger:
    """One payment over invoices: what is applied to each, and its share of the discount."""
    ledger = Ledger().payment("P1", amount, ccy=ccy)
    for number, (applied, discount) in enumerate(shares, 1):
        ledger.invoice(f"I{number}", str(D(applied) + D(discount or 0)), ccy=ccy)
        ledger.states("P1", f"I{number}", applied, discount_taken=discount, ccy=ccy)
    return ledger


def allocated(ledger: Ledger) -> list[tuple[D, D | None]]:
    frame = settle(ledger.documents()).sort("invoice_id")
    return frame.select("amount_applied", "discount_taken").rows()


def refused(ledger: Ledger) -> list[str | None]:
    docs = ledger.documents()
    return judged(docs.payment_applications, docs.payments, docs.invoices)["refused"].to_list()


def test_what_rounding_left_is_of_the_largest_share() -> None:
    """93.18 shared by amounts is 46.99 + 5.20 + 40.98: a cent too little."""
    shares = ("5294.84", "46.99"), ("586.47", "5.20"), ("4617.98", "40.98")
    assert allocated(paid("10499.28", *shares)) == [
        (D("5294.83"), D("47.00")),
        (D("586.47"), D("5.20")),
        (D("4617.98"), D("40.98")),
    ]


def test_a_cent_that_was_paid_more_is_less_discount() -> None:
    assert allocated(paid("194.01", ("97", "3"), ("97", "3"))) == [
        (D("97.01"), D("2.99")),
        (D("97"), D("3")),
    ]


@pytest.mark.parametrize(
    ("amount", "ccy", "counts"),
    [
        ("194.00", "EUR", True),
        ("193.99", "EUR", True),  # two halves of a cent
        ("193.98", "EUR", False),
        ("193", "JPY", True),
        ("192", "JPY", False),
    ],
)
def test_only_what_rounding_can_explain(amount: str, ccy: str, counts: bool) -> None:
    said = refused(paid(amount, ("97", "3"), ("97", "3"), ccy=ccy))
    assert [each is None for each in said] == [counts, counts]


@pytest.mark.parametrize("discounts", [(None, None), ("0", "0"), ("3", None)])
def test_without_shares_there_is_nothing_to_round(discounts: tuple[str | None, str | None]) -> None:
    first, second = discounts
    said = refused(paid("193.99", ("97", first), ("97", second)))
    assert all(each is not None and "cannot be of a payment" in each for each in said)


def test_what_is_left_on_account_stays_there() -> None:
    assert allocated(paid("200", ("97", "3"), ("97", "3"))) == [
        (D("97"), D("3")),
        (D("97"), D("3")),
    ]
