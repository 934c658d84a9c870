"""What to say about invoices that came before the goods, or before the day agreed for them.

Belongs here: amount at risk and wording, one note per invoice. Not here: the checks (timing.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import day, money

Row = Mapping[str, Any]

INVOICE_BEFORE_RECEIPT = "INVOICE_BEFORE_RECEIPT"
DATE_EARLY = "DATE_EARLY"

_FACTS = (
    "invoice_line_id",
    "invoice_id",
    "invoice_no_supplier",
    "invoice_date",
    "supplier_src_id",
    "ccy",
    "net_amount",
    "due_date",
    pl.coalesce("po_number", "po_number_ref", "order_id").alias("_order"),
)


def before_receipt(c: Compared, failed: pl.DataFrame, late: pl.DataFrame) -> list[Said]:
    """Notes on invoices that bill what was received only later.

    Args:
        c: the documents.
        failed: check results of lines that came too early.
        late: as ``timing.received_later``.
    """
    receipts = c.docs.receipt_lines.select("receipt_line_id", "receipt_no")
    rows = _lines(c, failed).join(late, on="invoice_line_id")
    rows = rows.join(receipts, on="receipt_line_id", how="left")
    found = _per_invoice(
        rows.sort("received_on", "receipt_no", "_order"),
        amount=pl.col("late_net").sum(),
        days=pl.col("days").last(),
        received_on=pl.col("received_on").last(),
        receipt_no=pl.col("receipt_no").last(),
        order=pl.col("_order").last(),
    )
    return [
        _said(
            row,
            INVOICE_BEFORE_RECEIPT,
            f"Invoice {row['invoice_no_supplier']} of {day(row['invoice_date'])} bills "
            f"{money(row['amount'], row['ccy'])} of order {row['order']} that was received only "
            f"{_days(row['days'])} later, on {day(row['received_on'])} (receipt "
            f"{row['receipt_no']}).",
        )
        for row in found
    ]


def billed_early(c: Compared, failed: pl.DataFrame) -> list[Said]:
    """Notes on invoices that bill goods before the day on which they were to come.

    Args:
        c: the documents.
        failed: check results of lines that came too early.
    """
    days = (pl.col("due_date") - pl.col("invoice_date")).dt.total_days()
    rows = _lines(c, failed).with_columns(days=days)
    found = _per_invoice(
        rows.sort("days", "_order"),
        amount=pl.col("net_amount").sum(),
        days=pl.col("days").last(),
        due_date=pl.col("due_date").last(),
        order=pl.col("_order").last(),
    )
    return [
        _said(
            row,
            DATE_EARLY,
            f"Invoice {row['invoice_no_supplier']} of {day(row['invoice_date'])} bills "
            f"{money(row['amount'], row['ccy'])} of order {row['order']}, {_days(row['days'])} "
            f"before the delivery date agreed, {day(row['due_date'])}.",
        )
        for row in found
    ]


def _lines(c: Compared, failed: pl.DataFrame) -> pl.DataFrame:
    subjects = failed.select(invoice_line_id="subject_id").unique()
    return c.lines.join(subjects, on="invoice_line_id", how="semi").select(_FACTS)


def _per_invoice(rows: pl.DataFrame, **figures: pl.Expr) -> list[dict[str, Any]]:
    """A row per invoice of rows in an order: the last line of each stands for it."""
    keys = ("invoice_id", "invoice_no_supplier", "invoice_date", "supplier_src_id", "ccy")
    return rows.group_by(keys, maintain_order=True).agg(**figures).sort("invoice_id").to_dicts()


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _said(row: Row, code: str, message: str) -> Said:
    note = Note(
        reason_code=code,
        subject_type="invoice",
        subject_id=row["invoice_id"],
        subject_label=row["invoice_no_supplier"],
        supplier_src_id=row["supplier_src_id"],
        amount=row["amount"],
        ccy=row["ccy"],
        message=message,
    )
    return Said(note, invoice_id=row["invoice_id"])
