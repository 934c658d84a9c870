"""Findings, legal entities and reasons in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.exceptions.reasons import load_reasons
from finsync_dagster.exceptions.register import advance
from finsync_dagster.exceptions.tables import EVENTS, EXCEPTIONS
from finsync_dagster.findings import FINDINGS
from finsync_dagster.landscape.model import Calendar, LegalEntity
from finsync_dagster.schema import require_valid

REASONS = load_reasons()
MONDAY = datetime(2024, 3, 4, 10, 0, tzinfo=UTC)
"""Ten o'clock on a working day."""


def entity(materiality: str = "1000", **more: Any) -> LegalEntity:
    return LegalEntity(
        name="Acme",
        country="US",
        functional_currency="USD",
        owner="team:acme",
        materiality=Decimal(materiality),
        calendar=Calendar(**more),
    )


ENTITIES = {"acme": entity(), "other": entity()}


def finding(reason: str = "PRICE_OVER", subject: str = "L1", **more: Any) -> dict[str, Any]:
    row = {
        "reason_code": reason,
        "entity_id": "acme",
        "subject_type": "invoice_line",
        "subject_id": subject,
        "subject_label": subject,
        "counter_key": "",
        "supplier_src_id": "S1",
        "amount_at_risk": Decimal(10),
        "ccy": "USD",
        "message": "what is wrong",
        "action": "what to do",
    }
    return {**row, **more}


def found(*rows: dict[str, Any]) -> pl.DataFrame:
    return FINDINGS.conform(pl.DataFrame(list(rows), schema=FINDINGS.polars_schema))


class Register:
    """The register over several runs, with every event so far."""

    def __init__(self) -> None:
        self.rows = EXCEPTIONS.empty()
        self.events = EVENTS.empty()
        self.last = EVENTS.empty()

    def run(
        self, findings: Sequence[dict[str, Any]], now: datetime = MONDAY, run_id: str = "r1"
    ) -> Register:
        rows, events = advance(
            self.rows,
            found(*findings),
            now=now,
            run_id=run_id,
            entities=ENTITIES,
            reasons=REASONS,
        )
        self.rows = require_valid(EXCEPTIONS, rows)
        self.last = require_valid(EVENTS, events)
        self.events = pl.concat([self.events, events])
        return self

    def decide(self, state: str, assignee: str | None = None) -> Register:
        """What a person says about everything in the register."""
        self.rows = self.rows.with_columns(
            pl.lit(state).alias("state"), pl.lit(assignee, dtype=pl.String).alias("assignee")
        )
        return self

    @property
    def one(self) -> dict[str, Any]:
        (row,) = self.rows.to_dicts()
        return row

    @property
    def moves(self) -> list[tuple[str | None, str]]:
        """Transitions of the last run."""
        return self.last.select("from_state", "to_state").rows()
