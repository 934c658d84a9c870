"""The views say what their names promise, in either warehouse."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finsync_dagster.publishing import VIEWS, publish
from finsync_dagster.publishing.ddl import published_columns
from finsync_dagster.publishing.read import query
from tests.publishing.samples import COUNTS, EXCEPTIONS, FACTS, META, NOON, exceptions, facts

LATER = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
def filled(url: str) -> str:
    found = exceptions(
        {"exception_id": "late"},
        {"exception_id": "in time", "due_at": LATER, "amount_at_risk": Decimal("0.0001")},
        {"exception_id": "due now", "due_at": NOON, "severity": "LOW"},
        {"exception_id": "waived", "state": "WAIVED", "ccy": "USD"},
        {"exception_id": "auto", "state": "RESOLVED_AUTO", "resolved_at": NOON},
        {"exception_id": "human", "state": "RESOLVED_HUMAN", "resolved_at": NOON},
    )
    spent = facts(
        {"supplier_id": "s1"},
        {"supplier_id": "s2", "amount_functional": Decimal("0.0001")},
        {"supplier_id": "s3", "amount_group": None},
        {"supplier_id": "s4", "stage": "accrued", "amount_group": None},
    )
    publish([(EXCEPTIONS, found), (FACTS, spent), COUNTS], url, VIEWS, META)
    return url


def test_open_exceptions_and_what_is_overdue_at_publication(filled: str) -> None:
    rows = query(filled, "SELECT exception_id, overdue FROM operations.open_exceptions ORDER BY 1")
    assert rows.rows() == [
        ("due now", False),
        ("in time", False),
        ("late", True),
        ("waived", False),
    ]


def test_exceptions_by_reason(filled: str) -> None:
    rows = query(
        filled,
        "SELECT entity_id, reason_code, severity, ccy, exceptions, overdue, amount_at_risk "
        "FROM operations.exceptions_by_reason ORDER BY 3, 4",
    )
    assert rows.rows() == [
        ("DE01", "QTY", "HIGH", "EUR", 2, 1, Decimal("5.0001")),
        ("DE01", "QTY", "HIGH", "USD", 1, 0, Decimal("5.0000")),
        ("DE01", "QTY", "LOW", "EUR", 1, 0, Decimal("5.0000")),
    ]


def test_spend_by_stage(filled: str) -> None:
    rows = query(filled, "SELECT * FROM spend.by_stage ORDER BY stage")
    assert rows.rows() == [
        ("DE01", "accrued", "EUR", "USD", 1, Decimal("10.0000"), None, 1),
        ("DE01", "paid", "EUR", "USD", 3, Decimal("20.0001"), Decimal("22.0000"), 1),
    ]


@pytest.mark.parametrize("view", VIEWS, ids=lambda v: v.spec.full_name)
def test_a_view_has_the_columns_it_declares(filled: str, view: object) -> None:
    spec = view.spec  # type: ignore[attr-defined]
    rows = query(filled, f"SELECT * FROM {spec.full_name}")
    declared = spec.polars_schema
    assert rows.columns == [c.name for c in published_columns(spec)]
    for name, dtype in declared.items():
        assert rows.schema[name].is_decimal() == dtype.is_decimal()
        assert dtype.is_decimal() or rows.schema[name] == dtype
