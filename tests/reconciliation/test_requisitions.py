"""Requisitions against the orders that should, or should not, have come of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.reconciliation.requisitions import requisition_notes
from tests.matching.ledger import Ledger, on_day

AS_OF = on_day(30)


def asked(status: str, **more: object) -> Ledger:
    """A requisition of one line."""
    ledger = Ledger()
    row = {
        "requisition_line_id": "q1",
        "requisition_no": "Q1",
        "line_no": "1",
        "status_src": status,
        "status_canon": status,
        "net_amount": "100",
        "ccy": "USD",
        "created_date": on_day(3),
    }
    ledger._add("requisition_lines", "q1", {**row, **more})
    return ledger


def told(ledger: Ledger) -> list[str]:
    return [n.reason_code for n in _notes(ledger)]


def _notes(ledger: Ledger) -> list[Note]:
    return requisition_notes(ledger.documents(), AS_OF)


def test_approved_and_never_ordered() -> None:
    (note,) = _notes(asked("approved"))
    assert (note.reason_code, note.subject_type, note.subject_label) == (
        "PARITY_MISSING_TRIGGER",
        "requisition",
        "Q1",
    )
    assert note.message == (
        "Requisition Q1 over 100.00 USD was approved by 2024-01-04, and no order has come of it."
    )


@pytest.mark.parametrize("status", ["draft", "submitted", "rejected", "ordered", "closed"])
def test_states_of_which_no_order_is_due(status: str) -> None:
    assert told(asked(status)) == []


def test_a_week_from_the_approval() -> None:
    for day, codes in ((22, ["PARITY_MISSING_TRIGGER"]), (23, []), (29, [])):
        at = datetime.combine(on_day(day), datetime.min.time(), UTC)
        assert told(asked("approved", approved_at=at)) == codes


def test_an_order_that_names_it_or_is_named_by_it() -> None:
    ledger = asked("approved").order().line("1", "100", requisition_no_ref="Q1")
    assert told(ledger) == []
    assert told(asked("approved", po_number_ref="PO1").order()) == []


def test_of_several_currencies_no_sum_is_told() -> None:
    ledger = asked("approved")
    second = {**ledger.rows["requisition_lines"][0], "requisition_line_id": "q2", "ccy": "EUR"}
    ledger.rows["requisition_lines"].append(second)
    (note,) = _notes(ledger)
    assert (note.amount, note.ccy) == (0, "XXX")


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_ordered_all_the_same(state: str) -> None:
    (note,) = _notes(asked(state).order().line("1", "100", requisition_no_ref="Q1"))
    assert (note.reason_code, note.counter_key) == ("PARITY_WRONG_STATE", "PO1")
    assert note.message.endswith(f"is {state}; order PO1 was placed all the same.")


@pytest.mark.parametrize("status", ["cancelled", "rejected"])
def test_an_order_that_was_taken_back_is_none(status: str) -> None:
    ledger = asked("rejected").order(status_canon=status)
    assert told(ledger.line("1", "100", requisition_no_ref="Q1")) == []
