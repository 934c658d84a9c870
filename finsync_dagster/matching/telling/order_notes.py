"""What to say about orders themselves, whether or not they were invoiced.

Belongs here: reason code, amount at risk and wording. Not here: what came short or in excess
(delivery_notes.py), invoices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.linking.gates import NOT_APPROVED_STATUSES
from finsync_dagster.matching.ordering.orders import EXTRACT_INCOMPLETE, OrderBook
from finsync_dagster.matching.telling.notes import NO_CURRENCY, Note
from finsync_dagster.matching.telling.return_notes import return_notes
from finsync_dagster.matching.telling.text import money, quantity

Row = Mapping[str, Any]

_ORDER = ("po_id", "po_number", "supplier_src_id", "ccy")


def order_notes(compared: Compared) -> list[Note]:
    """Notes on orders: unapproved, rejected, or not known as a whole; and goods that went back
    without a credit.
    """
    docs, book, status = compared.docs, compared.book, compared.status
    return [
        *_not_approved(status),
        *_rejected(status),
        *return_notes(book, status, compared.stretches, compared.lines),
        *_incomplete(docs, book),
        *_unconverted(book),
        *_orphans(book),
    ]


def _line_note(row: Row, code: str, amount: Decimal, message: str) -> Note:
    return Note(
        reason_code=code,
        subject_type="purchase_order_line",
        subject_id=row["po_line_id"],
        subject_label=f"{row['po_number']} line {row['line_no']}",
        supplier_src_id=row["supplier_src_id"],
        amount=amount,
        ccy=row["ccy"],
        message=f"Order {row['po_number']} line {row['line_no']}: {message}",
    )


def _not_approved(status: pl.DataFrame) -> list[Note]:
    received = status.select(*_ORDER, "order_status", "received", "received_value").filter(
        pl.col("order_status").is_in(NOT_APPROVED_STATUSES) & (pl.col("received") > 0)
    )
    if received.is_empty():
        return []
    orders = received.group_by(*_ORDER, "order_status").agg(
        value=pl.col("received_value").sum(), lines=pl.len()
    )
    notes = []
    for row in orders.sort("po_id").iter_rows(named=True):
        state = "was rejected" if row["order_status"] == "rejected" else "is pending approval"
        message = (
            f"Order {row['po_number']} {state}, yet goods worth "
            f"{money(row['value'], row['ccy'])} were received on {_lines(row['lines'])}."
        )
        notes.append(
            Note(
                reason_code="PO_NOT_APPROVED",
                subject_type="purchase_order",
                subject_id=row["po_id"],
                subject_label=row["po_number"],
                supplier_src_id=row["supplier_src_id"],
                amount=row["value"],
                ccy=row["ccy"],
                message=message,
            )
        )
    return notes


def _lines(number: int) -> str:
    return f"{number} line" if number == 1 else f"{number} lines"


def _rejected(status: pl.DataFrame) -> list[Note]:
    notes = []
    refused = status["rejected"] > 0
    if not refused.any():
        return []
    for row in status.filter(refused).iter_rows(named=True):
        uom = row["uom_order"]
        received, rejected = quantity(row["qty_received"], uom), quantity(row["qty_rejected"], uom)
        message = (
            f"inspection rejected {rejected} of {received} received "
            f"({money(row['rejected_value'], row['ccy'])})."
        )
        notes.append(_line_note(row, "QTY_NOT_ACCEPTED", row["rejected_value"], message))
    return notes


def _incomplete(docs: Documents, book: OrderBook) -> list[Note]:
    if book.doubtful.is_empty():
        return []
    orders = book.doubtful.filter(pl.col("doubt") == EXTRACT_INCOMPLETE).join(
        docs.purchase_orders.select(_ORDER), on="po_id", how="left"
    )
    notes = []
    for row in orders.sort("po_id").iter_rows(named=True):
        label = row["po_number"] or row["po_id"]
        notes.append(
            Note(
                reason_code=EXTRACT_INCOMPLETE,
                subject_type="purchase_order",
                subject_id=row["po_id"],
                subject_label=label,
                supplier_src_id=row["supplier_src_id"],
                amount=Decimal(0),
                ccy=row["ccy"] or NO_CURRENCY,
                message=f"Order {label}: at least one of its records is in quarantine; its "
                "invoices and receipts are not compared until it is repaired.",
            )
        )
    return notes


def _unconverted(book: OrderBook) -> list[Note]:
    notes = []
    for row in book.unconverted.sort("receipt_line_id").iter_rows(named=True):
        note = _line_note(
            row,
            "UOM_CONVERSION_MISSING",
            Decimal(0),
            f"receipt {row['receipt_no']} is {quantity(row['qty'], row['uom'])}, the order is in "
            f"{row['uom_order']}, and no exact conversion is known; the order is not compared.",
        )
        notes.append(replace(note, counter_key=row["receipt_line_id"]))
    return notes


def _orphans(book: OrderBook) -> list[Note]:
    if book.orphans.is_empty():
        return []
    notes = []
    # Where the order line itself may be in quarantine, the order says so already.
    orphans = book.orphans.join(book.doubtful, on="po_id", how="anti")
    for row in orphans.sort("receipt_line_id").iter_rows(named=True):
        notes.append(
            Note(
                reason_code="LINK_MISSING",
                subject_type="receipt_line",
                subject_id=row["receipt_line_id"],
                subject_label=f"{row['receipt_no']} line {row['line_no']}",
                supplier_src_id=None,
                amount=Decimal(0),
                ccy=NO_CURRENCY,
                message=f"Receipt {row['receipt_no']} line {row['line_no']}: "
                f"{quantity(row['qty'], row['uom'])} received for an order line that is not known.",
            )
        )
    return notes
