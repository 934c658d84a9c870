"""Goods that were posted in another month than the one in which they came."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest

from finsync_dagster.reconciliation.cutoff import cutoff_notes
from tests.matching.ledger import Ledger, finding
from tests.reconciliation.support import reconciled

JANUARY, FEBRUARY = date(2024, 1, 31), date(2024, 2, 1)


def received(document: date | None, posted: date, **more: Any) -> Ledger:
    ledger = Ledger().order().line("10", "5")
    return ledger.receipt("R1", "10", posting_date=posted, document_date=document, **more)


@pytest.mark.parametrize(
    ("document", "posted", "where"),
    [(JANUARY, FEBRUARY, "a later month"), (FEBRUARY, JANUARY, "an earlier month")],
)
def test_goods_stand_in_another_month(document: date, posted: date, where: str) -> None:
    notes = cutoff_notes(received(document, posted).documents())
    assert len(notes) == 1
    assert notes[0].message == (
        f"Receipt R1: goods of order PO1 worth 50.00 USD came on {document}, as their delivery "
        f"note says, and were posted on {posted}, in {where}."
    )


@pytest.mark.parametrize("document", [None, date(2024, 2, 28), FEBRUARY])
def test_the_same_month_or_no_date_is_no_error(document: date | None) -> None:
    assert cutoff_notes(received(document, FEBRUARY).documents()) == []


def test_the_same_month_of_another_year_is_another_period() -> None:
    assert len(cutoff_notes(received(date(2023, 2, 1), FEBRUARY).documents())) == 1


def test_what_was_taken_back_stands_nowhere() -> None:
    ledger = received(JANUARY, FEBRUARY)
    ledger.receipt(
        "B1", "-10", kind="reversal", reverses_id="R1", posting_date=FEBRUARY, document_date=JANUARY
    )
    assert cutoff_notes(ledger.documents()) == []


def test_the_lines_of_a_receipt_are_one_finding() -> None:
    ledger = received(JANUARY, FEBRUARY).line("4", "25", no="2", price_unit="2")
    ledger.receipt(
        "R1b", "4", "PO1-2", receipt_no="R1", posting_date=FEBRUARY, document_date=JANUARY
    )
    said = finding(reconciled(ledger), "CUTOFF_ERROR")
    assert (said["subject_type"], said["subject_id"]) == ("receipt_line", "R1")
    assert said["amount_at_risk"] == D(100)


def test_goods_in_another_unit_are_worth_their_share_of_the_line() -> None:
    ledger = received(JANUARY, FEBRUARY, uom="BX", qty_base="5")
    assert [n.amount for n in cutoff_notes(ledger.documents())] == [D(25)]
    other = ledger.documents().receipt_lines.with_columns(uom_base=pl.lit("KGM"))
    docs = type(ledger.documents())(**{**vars(ledger.documents()), "receipt_lines": other})
    assert [n.amount for n in cutoff_notes(docs)] == [D(0)]
