"""Invoices that an employee has already paid."""

from __future__ import annotations

from datetime import date

import pytest

from finsync_dagster.reconciliation.duplicates.rules import PAID_AS_EXPENSE
from tests.matching.ledger import Ledger, finding, on_day
from tests.reconciliation.duplicates.pairs import rules
from tests.reconciliation.support import reconciled


def paid(amount: str = "119", status: str = "approved", **more: object) -> Ledger:
    ledger = Ledger().supplier("S1", name="Hôtel Adler GmbH").invoice("I1", "100", 9, tax="19")
    ledger.report("E1", status)
    given = {"merchant": "HOTEL ADLER", "transaction_date": on_day(3), **more}
    return ledger.expense("X1", amount, **given)


def test_amount_and_merchant_of_an_expense() -> None:
    assert rules(paid()) == [("I1", "X1", PAID_AS_EXPENSE)]
    said = finding(reconciled(paid()), "DUP_SUSPECT")["message"]
    assert "the amount of an expense of 2024-01-04 at HOTEL ADLER (line X1)" in said


@pytest.mark.parametrize(
    "more",
    [
        {"amount": "119.01"},
        {"merchant": "Hotel Post"},
        {"merchant": None},
        {"ccy": "EUR"},
        {"personal": True},
        {"status": "rejected"},
        {"status": "draft"},
        {"transaction_date": date(2024, 3, 1)},
    ],
)
def test_other_expenses(more: dict[str, object]) -> None:
    assert rules(paid(**more)) == []
