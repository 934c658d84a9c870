"""Small tables to publish: one with every type there is, and those the views read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandera.polars as pa
import polars as pl

from finsync_dagster.canonical.tables.audit import Audited
from finsync_dagster.canonical.tables.operations import CONSERVATION
from finsync_dagster.publishing import Publication
from finsync_dagster.schema import Amount, Price, Qty, Rate, Table, TableSpec, TsUTC

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
META = Publication(NOON, "run1", date(2026, 3, 1), "0.1.0")


class Bills(Audited):
    """Every type a declared table may have, some of them empty."""

    bill_id: str = pa.Field(description="Bill; the supplier's own number, isn't it?")
    note: str = pa.Field(nullable=True, description='A note with a "quote".')
    lines: int = pa.Field(nullable=True, description="Number of lines.")
    open: bool = pa.Field(nullable=True, description="Open?")
    billed_on: pl.Date = pa.Field(nullable=True, description="Date.")
    seen_at: TsUTC = pa.Field(nullable=True, description="Moment.")
    net: Amount = pa.Field(nullable=True, description="Amount; net.")
    unit_price: Price = pa.Field(nullable=True, description="Price.")
    quantity: Qty = pa.Field(nullable=True, description="Quantity.")
    rate: Rate = pa.Field(nullable=True, description="Rate | quoted.")


class Facts(Table):
    """What spend.by_stage reads."""

    entity_id: str = pa.Field(description="Legal entity.")
    stage: str = pa.Field(description="Stage.")
    supplier_id: str = pa.Field(description="Supplier.")
    period: str = pa.Field(description="Period.")
    ccy: str = pa.Field(description="Document currency.")
    amount_doc: Amount = pa.Field(description="In ccy.")
    functional_ccy: str = pa.Field(description="Entity's currency.")
    amount_functional: Amount = pa.Field(nullable=True, description="In functional_ccy.")
    group_ccy: str = pa.Field(description="Group's currency.")
    amount_group: Amount = pa.Field(nullable=True, description="In group_ccy.")


class Exceptions(Table):
    """What operations.open_exceptions reads."""

    exception_id: str = pa.Field(description="Exception.")
    reason_code: str = pa.Field(description="Reason.")
    severity: str = pa.Field(description="Severity.")
    owner_role: str = pa.Field(description="Owner.")
    entity_id: str = pa.Field(description="Legal entity.")
    supplier_src_id: str = pa.Field(nullable=True, description="Supplier.")
    subject_type: str = pa.Field(description="Kind of subject.")
    subject_id: str = pa.Field(description="Subject.")
    subject_label: str = pa.Field(description="Its number.")
    state: str = pa.Field(description="State.")
    opened_at: TsUTC = pa.Field(description="Opened.")
    due_at: TsUTC = pa.Field(description="Due.")
    resolved_at: TsUTC = pa.Field(nullable=True, description="Resolved.")
    amount_at_risk: Amount = pa.Field(description="Money.")
    ccy: str = pa.Field(description="Currency.")
    message: str = pa.Field(description="What.")
    action: str = pa.Field(description="What to do.")
    assignee: str = pa.Field(nullable=True, description="Who.")


BILLS = TableSpec("canonical", "bills", "bill", ("bill_id",), Bills)
FACTS = TableSpec("spend", "facts", "spend fact", ("supplier_id", "stage"), Facts)
EXCEPTIONS = TableSpec("operations", "exceptions", "exception", ("exception_id",), Exceptions)

_BILL: dict[str, Any] = {
    "record_id": "r",
    "source_system": "wwi",
    "source_object": "bills",
    "source_pk": "1",
    "source_updated_at": None,
    "source_deleted": False,
    "extracted_at": NOON,
    "extract_id": "x",
    "landing_page": "p",
    "landing_row": 0,
    "mapping_version": "m",
    "row_hash": "h",
    "valid_from": NOON,
}
_FACT: dict[str, Any] = {
    "entity_id": "DE01",
    "stage": "paid",
    "supplier_id": "s1",
    "period": "2026-03",
    "ccy": "USD",
    "amount_doc": Decimal("11.0000"),
    "functional_ccy": "EUR",
    "amount_functional": Decimal("10.0000"),
    "group_ccy": "USD",
    "amount_group": Decimal("11.0000"),
}
_EXCEPTION: dict[str, Any] = {
    "exception_id": "e1",
    "reason_code": "QTY",
    "severity": "HIGH",
    "owner_role": "buyer",
    "entity_id": "DE01",
    "subject_type": "invoice",
    "subject_id": "i1",
    "subject_label": "R-1",
    "state": "OPEN",
    "opened_at": datetime(2026, 3, 1, tzinfo=UTC),
    "due_at": datetime(2026, 3, 2, tzinfo=UTC),
    "amount_at_risk": Decimal("5.0000"),
    "ccy": "EUR",
    "message": "m",
    "action": "a",
}


def _frame(
    spec: TableSpec, sample: dict[str, Any], rows: tuple[dict[str, Any], ...]
) -> pl.DataFrame:
    return pl.DataFrame([sample | row for row in rows], schema=spec.polars_schema)


def bills(*rows: dict[str, Any]) -> pl.DataFrame:
    """Bills; what a row does not give is empty."""
    return _frame(BILLS, _BILL, rows)


def facts(*rows: dict[str, Any]) -> pl.DataFrame:
    """Spend facts."""
    return _frame(FACTS, _FACT, rows)


def exceptions(*rows: dict[str, Any]) -> pl.DataFrame:
    """Exceptions."""
    return _frame(EXCEPTIONS, _EXCEPTION, rows)


COUNTS = (CONSERVATION, CONSERVATION.empty())
