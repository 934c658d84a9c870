"""What to say about gates that invoices did not pass.

Belongs here: wording. Not here: the gates (gates.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.matching import gates as g
from finsync_dagster.matching.notes import Note, Said, noted_all
from finsync_dagster.matching.orders import EXTRACT_INCOMPLETE, UOM_CONVERSION_MISSING
from finsync_dagster.matching.references import (
    LINK_AMBIGUOUS,
    LINK_MISSING,
    NO_PO,
    PO_NOT_FOUND,
)
from finsync_dagster.matching.text import day, money, quantity

Row = Mapping[str, Any]

_PER_LINE = (LINK_MISSING, LINK_AMBIGUOUS, UOM_CONVERSION_MISSING)


def gate_notes(lines: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    """Notes (a frame of NOTES): one per invoice, gate and order, or per line where the line is at
    fault; beside them, without a reason code, the sentence of every other line concerned.

    An order of which a record is missing is reported once, as an order; its invoices only get the
    sentence.
    """
    rows = failed.join(_facts(lines), on="invoice_line_id").sort("event_no", "gate")
    told: set[tuple[str, ...]] = set()
    said: list[Said] = []
    sentences: list[Said] = []
    for row in rows.iter_rows(named=True):
        note = _note(row, _MESSAGES[row["gate"]](row))
        key = (note.reason_code, note.subject_type, note.subject_id, note.counter_key)
        each = Said(note, invoice_line_id=row["invoice_line_id"])
        (sentences if row["gate"] == row["doubt"] or key in told else said).append(each)
        told.add(key)
    without = pl.lit(None, dtype=pl.String).alias("reason_code")
    return pl.concat([noted_all(said), noted_all(sentences).with_columns(without)])


def _facts(lines: pl.DataFrame) -> pl.DataFrame:
    named = pl.coalesce("po_number", "po_number_ref", "order_id", "po_id", "po_line_id")
    counter = pl.coalesce("order_id", "po_id", "po_number_ref", "po_line_id", pl.lit(""))
    # What one invoice bills to one order is one amount, however many lines it has.
    total = pl.col("net_amount").sum().over("invoice_id", "_counter")
    return lines.with_columns(_order=named, _counter=counter).with_columns(_net=total)


def _note(row: Row, message: str) -> Note:
    per_line = row["gate"] in _PER_LINE
    label = row["invoice_no_supplier"]
    return Note(
        reason_code=row["gate"],
        subject_type="invoice_line" if per_line else "invoice",
        subject_id=row["invoice_line_id"] if per_line else row["invoice_id"],
        subject_label=f"{label} line {row['line_no']}" if per_line else label,
        supplier_src_id=row["supplier_src_id"],
        amount=row["net_amount"] if per_line else row["_net"],
        ccy=row["ccy"],
        message=message,
        counter_key="" if per_line else row["_counter"],
    )


def _bills(row: Row, total: bool = True) -> str:
    amount: Decimal = row["_net"] if total else row["net_amount"]
    return f"Invoice {row['invoice_no_supplier']} of {day(row['invoice_date'])} bills " + money(
        amount, row["ccy"]
    )


def _not_approved(row: Row) -> str:
    state = "was rejected" if row["po_status"] == "rejected" else "is still pending approval"
    return f"{_bills(row)} for order {row['_order']}, which {state}."


def _unlinked(row: Row) -> str:
    return (
        f"Credit {row['invoice_no_supplier']} of {money(row['_net'], row['ccy'])} names no order."
    )


def _missing_line(row: Row) -> str:
    named = f"line {row['po_line_ref']}" if row["po_line_ref"] else f"item {row['item_id']}"
    named = f"order line {row['po_line_id']}" if row["po_line_id"] else named
    return (
        f"{_bills(row, total=False)} on line {row['line_no']} for {named}, which order "
        f"{row['_order']} does not have."
    )


def _ambiguous(row: Row) -> str:
    return (
        f"{_bills(row, total=False)} on line {row['line_no']} under reference {row['_order']}; "
        "more than one order line fits, or its references contradict each other."
    )


def _unit(row: Row) -> str:
    if row["gate"] == row["doubt"]:
        return f"A receipt of order {row['_order']} is in a unit that cannot be converted exactly."
    return (
        f"{_bills(row, total=False)} for {quantity(row['qty'], row['uom'] or '')} on line "
        f"{row['line_no']}; order {row['_order']} is in {row['uom_order']}, and no exact "
        "conversion is known."
    )


def _day_or(stated: date | None) -> str:
    return day(stated) if stated else "any day"


_MESSAGES: dict[str, Callable[[Row], str]] = {
    NO_PO: lambda r: f"{_bills(r)} and names no order.",
    g.CREDIT_UNLINKED: _unlinked,
    PO_NOT_FOUND: lambda r: f"{_bills(r)} for order {r['_order']}, which no system knows.",
    LINK_MISSING: _missing_line,
    LINK_AMBIGUOUS: _ambiguous,
    EXTRACT_INCOMPLETE: lambda r: (
        f"A record of order {r['_order']} is in quarantine, so that nothing can be compared."
    ),
    UOM_CONVERSION_MISSING: _unit,
    g.PO_NOT_APPROVED: _not_approved,
    g.PO_CANCELLED: lambda r: f"{_bills(r)} for order {r['_order']}, which is cancelled.",
    g.SUPPLIER_MISMATCH: lambda r: (
        f"{_bills(r)} on behalf of {r['supplier_name'] or r['supplier_src_id']}; order "
        f"{r['_order']} was placed with {r['po_supplier_name'] or r['po_supplier']}."
    ),
    g.CURRENCY_MISMATCH: lambda r: (
        f"{_bills(r)} for order {r['_order']}, which is in {r['po_ccy']}."
    ),
    g.LIMIT_EXPIRED: lambda r: (
        f"{_bills(r)} for order {r['_order']}, which may be used from "
        f"{_day_or(r['valid_from_date'])} to {_day_or(r['valid_to_date'])}."
    ),
    g.PO_AFTER_INVOICE: lambda r: (
        f"{_bills(r)} for order {r['_order']}, which was placed only on {day(r['po_date'])}."
    ),
}
