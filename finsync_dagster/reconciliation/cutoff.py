"""Goods that stand in another period of the books than the one in which they came.

Belongs here: CUTOFF_ERROR of receipts. Not here: goods received and not yet invoiced at the end of
a period, which is an accrual and no error (gr_ir.py).

A period is a calendar month. Received is what the delivery note says; where a source does not tell
its date, nothing can be said. An auditor's cut-off test: the last receipts before and the first
after the end of a period belong where they were booked.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import day, money
from finsync_dagster.money import round_decimal

CUTOFF_ERROR = "CUTOFF_ERROR"

Row = Mapping[str, Any]


def cutoff_notes(docs: Documents) -> list[Note]:
    """One note per receipt that was posted in another month than its delivery note is of."""
    lines = docs.purchase_order_lines.select(
        "po_line_id",
        "uom_order",
        "unit_price",
        "price_unit",
        "qty_ordered",
        "net_amount",
        _base_ordered="qty_ordered_base",
        _base_unit="uom_base",
    )
    orders = docs.purchase_orders.select("po_id", "po_number", "supplier_src_id", "ccy")
    rows = (
        _misplaced(docs.receipt_lines)
        .join(lines, on="po_line_id", how="inner")
        .join(orders, on="po_id", how="inner")
        .sort("source_system", "receipt_no", "ccy", "receipt_line_id")
    )
    receipts: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows.iter_rows(named=True):
        receipts.setdefault((row["source_system"], row["receipt_no"], row["ccy"]), []).append(row)
    return [_note(receipt) for receipt in receipts.values()]


def _misplaced(receipts: pl.DataFrame) -> pl.DataFrame:
    """Receipt lines of another month than their delivery note; what was taken back is out of it."""
    dated = receipts.filter(
        pl.col("document_date").dt.truncate("1mo") != pl.col("posting_date").dt.truncate("1mo")
    )
    if dated.is_empty():
        return dated
    reversals = receipts.filter(pl.col("kind") == "reversal").select("reverses_id").drop_nulls()
    kept = dated.filter(pl.col("kind") != "reversal")
    return kept.join(reversals, left_on="receipt_line_id", right_on="reverses_id", how="anti")


def _note(rows: list[Row]) -> Note:
    first = rows[0]
    amount = sum((_worth(row) for row in rows), Decimal(0))
    late = first["document_date"] < first["posting_date"]
    message = (
        f"Receipt {first['receipt_no']}: goods of order {first['po_number']} worth "
        f"{money(amount, first['ccy'])} came on {day(first['document_date'])}, as their delivery "
        f"note says, and were posted on {day(first['posting_date'])}, in "
        f"{'a later' if late else 'an earlier'} month."
    )
    return Note(
        reason_code=CUTOFF_ERROR,
        subject_type="receipt_line",
        subject_id=first["receipt_line_id"],
        subject_label=first["receipt_no"],
        supplier_src_id=first["supplier_src_id"],
        amount=amount,
        ccy=first["ccy"],
        message=message,
    )


def _worth(row: Row) -> Decimal:
    """The goods at the order's price; in another unit, their share of the order line."""
    # Products of two stored figures have more digits than Python keeps unasked.
    with localcontext(prec=2 * 38 + 10):
        if row["uom"] == row["uom_order"]:
            return round_decimal(row["qty"] * row["unit_price"] / row["price_unit"], 4)
        if row["uom_base"] == row["_base_unit"] and row["_base_ordered"]:
            return round_decimal(row["net_amount"] * row["qty_base"] / row["_base_ordered"], 4)
    return Decimal(0)
