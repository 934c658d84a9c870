"""One person in roles that must be apart."""

from __future__ import annotations

import pytest

from finsync_dagster.reconciliation.duties import duty_notes
from tests.matching.ledger import Ledger


def order(buyer: str | None, requester: str | None, *receivers: str | None) -> Ledger:
    """An order, and a receipt by each of the receivers."""
    ledger = Ledger().order(buyer=buyer, requester=requester).line("10", "10")
    for number, person in enumerate(receivers):
        ledger.receipt(f"R{number}", "1", received_by=person)
    return ledger


def test_asked_for_ordered_and_received_by_one_person() -> None:
    (note,) = duty_notes(order("kim", "kim", "kim", "kim").documents())
    assert (note.reason_code, note.subject_id, note.amount) == ("SOD_CONFLICT", "PO1", 100)
    assert note.message == (
        "Order PO1 over 100.00 USD: kim asked for it, ordered it, and alone entered what was "
        "received."
    )


@pytest.mark.parametrize(
    "ledger",
    [
        order("kim", "kim"),
        order("kim", "lee", "kim"),
        order("lee", "kim", "kim"),
        order("kim", "kim", "lee"),
        order("kim", "kim", "kim", "lee"),
        order("kim", "kim", "kim", None),
        order("kim", None, "kim"),
        order(None, None, None),
    ],
)
def test_somebody_else_had_a_hand_in_it_or_nobody_knows(ledger: Ledger) -> None:
    assert duty_notes(ledger.documents()) == []


def test_a_cancelled_order_and_what_went_back_are_nothing() -> None:
    ledger = order("kim", "kim", "kim")
    ledger.rows["purchase_orders"][0]["status_canon"] = "cancelled"
    assert duty_notes(ledger.documents()) == []
    returned = order("kim", "kim").receipt("R9", "-1", received_by="kim")
    assert duty_notes(returned.documents()) == []


def test_people_of_two_systems_are_not_compared() -> None:
    ledger = order("kim", "kim").receipt("R1", "1", received_by="kim", source_system="other")
    assert duty_notes(ledger.documents()) == []
