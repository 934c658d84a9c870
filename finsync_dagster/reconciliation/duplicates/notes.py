"""What to say about a pair of documents that may be one.

Belongs here: wording. Not here: which pairs there are (find.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import day, money
from finsync_dagster.reconciliation.duplicates.rules import (
    BILLED_BEFORE,
    CLOSE,
    EXACT,
    OTHER_ENTITY,
    OTHER_SUPPLIER,
    PAID_AS_EXPENSE,
    SAME_DAY,
    SAME_NUMBER,
    SIMILAR_NUMBER,
)

Row = Mapping[str, Any]

_SAID = {
    EXACT: "has the same number and amount as {other} of the same supplier.",
    SAME_NUMBER: "has the same number as {other} of the same supplier, which is over another "
    "amount.",
    SIMILAR_NUMBER: "has the same amount as {other} of the same supplier, and nearly its number.",
    OTHER_SUPPLIER: "has the same number and amount as {other} of supplier {party}, which has the "
    "same bank account or tax registration.",
    OTHER_ENTITY: "has the same number and amount as {other} of the same supplier to legal entity "
    "{entity}.",
    SAME_DAY: "has the same date and amount as {other} of the same supplier.",
    CLOSE: "has the same amount as {other} of the same supplier, {days} days before it, which is "
    "no interval at which it bills regularly.",
    BILLED_BEFORE: "bills only what had been ordered, received and invoiced in full before, first "
    "by {other}.",
    PAID_AS_EXPENSE: "has the amount of an expense of {date} at {party} (line {number}), which was "
    "handed in by an employee: it may have been paid already.",
}


def duplicate_notes(pairs: pl.DataFrame) -> list[Note]:
    """A note per pair, on the later invoice."""
    return [
        Note(
            reason_code=row["reason_code"],
            subject_type="invoice",
            subject_id=row["invoice_id"],
            subject_label=row["invoice_no_supplier"],
            supplier_src_id=row["supplier_src_id"],
            amount=row["gross"],
            ccy=row["ccy"],
            message=f"Invoice {row['invoice_no_supplier']} of {day(row['invoice_date'])} over "
            f"{money(row['gross'], row['ccy'])} {_said(row)}",
            counter_key=row["earlier_invoice_id"],
        )
        for row in pairs.iter_rows(named=True)
    ]


def _said(row: Row) -> str:
    number, date = row["earlier_invoice_no_supplier"], day(row["earlier_invoice_date"])
    amount = money(row["earlier_gross"], row["earlier_ccy"])
    return _SAID[row["rule"]].format(
        other=f"invoice {number} of {date} over {amount}",
        number=number,
        date=date,
        party=row["earlier_supplier_src_id"],
        entity=row["earlier_entity_id"],
        days=(row["invoice_date"] - row["earlier_invoice_date"]).days,
    )
