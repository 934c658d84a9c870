"""Registers and events as small as the tests can have them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.storage.state.frames import frame_schema
from finsync_dagster.storage.state.tables import EXCEPTION_EVENTS, EXCEPTIONS

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 8, 0, 0, 123456, tzinfo=UTC)

_EXCEPTION: dict[str, Any] = {
    "exception_id": "x1",
    "reason_code": "QTY_OVER_RECEIVED",
    "severity": "HIGH",
    "owner_role": "buyer",
    "triage_class": "policy",
    "entity_id": "DE01",
    "supplier_src_id": None,
    "subject_type": "invoice_line",
    "subject_id": "i1/1",
    "subject_label": "R-2026/7 line 1",
    "counter_key": "",
    "state": "OPEN",
    "opened_at": MONDAY,
    "due_at": TUESDAY,
    "resolved_at": None,
    "amount_at_risk": Decimal("120.5000"),
    "ccy": "EUR",
    "message": "Invoiced 12 of 10 received.",
    "action": "Ask the supplier for a credit note.",
    "assignee": None,
    "first_run_id": "run1",
    "last_seen_run_id": "run1",
}


def register(*rows: dict[str, Any]) -> pl.DataFrame:
    """A register in which each row differs from the sample in what is given."""
    return pl.DataFrame([_EXCEPTION | row for row in rows], schema=frame_schema(EXCEPTIONS))


def event(
    exception_id: str,
    from_state: str | None,
    to_state: str,
    run_id: str = "run1",
    at: datetime = MONDAY,
) -> pl.DataFrame:
    """One transition made by a run."""
    row = {
        "event_id": f"{exception_id}-{to_state}-{run_id}",
        "exception_id": exception_id,
        "at": at,
        "run_id": run_id,
        "from_state": from_state,
        "to_state": to_state,
        "actor": "finsync",
    }
    return pl.DataFrame([row], schema=frame_schema(EXCEPTION_EVENTS))


def no_events() -> pl.DataFrame:
    """A run without transitions."""
    return frame_schema(EXCEPTION_EVENTS).to_frame()
