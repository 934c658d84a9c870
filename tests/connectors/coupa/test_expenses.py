"""Expense reports of Coupa as canonical rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from tests.connectors.coupa.api import Coupa, serving
from tests.connectors.coupa.books import Record, account, expense, report
from tests.connectors.coupa.taking import Home

pytestmark = pytest.mark.slow
SPLIT: list[Record] = [
    {"id": 1, "pct": "60.0", "amount": "30.00", "account": account(code="GB-1")},
    {"id": 2, "pct": "40.0", "amount": "20.00", "account": account(code="GB-2")},
]
ABROAD: Record = {
    "amount": "50.00",
    "foreign-currency-amount": "57.50",
    "foreign-currency": {"code": "EUR"},
    "exchange-rate": "0.869565217",
}
REPORTS = [
    report(
        30,
        expense(
            301,
            **{
                "expense-line-taxes": [{"amount": "30.00"}, {"amount": "3.33"}],
                "itemized-expense-lines": [
                    expense(302, amount="150.00"),
                    expense(303, amount="50.00", account=None, **{"account-allocations": SPLIT}),
                ],
            },
        ),
        expense(304, **ABROAD, **{"line-number": 2, "employee-reimbursable": False}),
    ),
    report(
        31,
        # A rate that leads elsewhere is none to go by.
        expense(
            311,
            account=None,
            **{**ABROAD, "exchange-rate": "1.15", "account-allocations": SPLIT},
        ),
        paid=True,
        payment={"payment-date": "2026-03-20T00:00:00+00:00"},
        **{"reimbursable-total-currency": {"code": "EUR"}},
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    coupa = Coupa()
    coupa.add("expense_reports", *REPORTS)
    with serving(coupa):
        yield Home(coupa).run()


def test_nothing_is_set_aside(home: Home) -> None:
    assert home.told() == []
    assert home.world.counts["holds"].all()


def test_reports(home: Home) -> None:
    names = ("report_no", "entity_id", "employee_id", "ccy", "total", "due_employee")
    assert home.rows("expense_reports", *names) == [
        ("30", "lumen_uk", "mmiller", "GBP", D(250), D(250)),
        ("31", "lumen_uk", "mmiller", "GBP", D(250), None),
    ]
    states = home.rows("expense_reports", "status_canon", "paid_date", "submitted_at")
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert states == [("approved", None, at), ("paid", date(2026, 3, 20), at)]


def test_expenses_their_parts_and_those_abroad(home: Home) -> None:
    names = ("expense_line_id", "parent_line_id", "amount", "ccy", "posted_amount", "posted_ccy")
    ours = "erp|expense_lines|"
    assert home.rows("expense_lines", *names) == [
        (f"{ours}301", None, D(200), "GBP", D(200), "GBP"),
        (f"{ours}302", f"{ours}301", D(150), "GBP", D(150), "GBP"),
        (f"{ours}303", f"{ours}301", D(50), "GBP", D(50), "GBP"),
        (f"{ours}304", None, D("57.5"), "EUR", D(50), "GBP"),
        (f"{ours}311", None, D("57.5"), "EUR", D(50), "GBP"),
    ]
    more = home.rows("expense_lines", "expense_line_id", "exchange_rate", "tax_amount", "paid_by")
    assert more[0][1:] == (None, D("33.33"), "employee")
    assert more[3][1:] == (D("0.869565217"), None, "company")
    assert more[4][1:] == (None, None, "employee")


def test_what_expenses_are_charged_to(home: Home) -> None:
    names = ("expense_line_id", "account", "percentage", "amount")
    whole, ours = "GB-4711-600100", "erp|expense_lines|"
    assert home.rows("expense_allocations", *names) == [
        (f"{ours}301", whole, D(100), D(200)),
        (f"{ours}302", whole, D(100), D(150)),
        (f"{ours}303", "GB-1", D(60), D(30)),
        (f"{ours}303", "GB-2", D(40), D(20)),
        (f"{ours}304", whole, D(100), D(50)),
        (f"{ours}311", "GB-1", D(60), D(30)),
        (f"{ours}311", "GB-2", D(40), D(20)),
    ]
