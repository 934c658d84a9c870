"""Money sent to a bank account that had just been entered."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.reconciliation.bank_changes import bank_change_notes
from tests.matching.ledger import Ledger, on_day


def notes(ledger: Ledger, day: int = 10, supplier: str = "S1") -> list[Note]:
    ledger.supplier("S1", name="Acme")
    changes = pl.DataFrame({"supplier_src_id": [supplier], "changed_on": [on_day(day)]})
    return bank_change_notes(replace(ledger.documents(), bank_changes=changes))


def test_the_first_payment_after_the_change() -> None:
    ledger = Ledger().payment("P1", "5", day=9).payment("P3", "70", day=30)
    (note,) = notes(ledger.payment("P2", "60", day=20))
    assert (note.reason_code, note.subject_id, note.amount) == ("BANK_CHANGE_UNVERIFIED", "S1", 60)
    assert note.counter_key == "2024-01-11"
    assert note.message == (
        "The bank account of supplier S1 (Acme) was changed on 2024-01-11; payment P2 of "
        "2024-01-21 over 60.00 USD was the first after it, and no system says that anyone verified "
        "the change."
    )


@pytest.mark.parametrize(("day", "told"), [(9, 0), (10, 1), (100, 1), (101, 0)])
def test_up_to_90_days_after(day: int, told: int) -> None:
    assert len(notes(Ledger().payment("P1", "5", day=day))) == told


@pytest.mark.parametrize(
    "more", [{"status_canon": "proposed"}, {"status_canon": "void"}, {"supplier_src_id": "S2"}]
)
def test_no_money_of_that_supplier_has_left(more: dict[str, str]) -> None:
    assert notes(Ledger().payment("P1", "5", day=20, **more)) == []


def test_money_that_came_back_is_none() -> None:
    assert notes(Ledger().payment("P1", "-5", day=20)) == []
