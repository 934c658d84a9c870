"""What to say about lines that are blocked although less was billed than could be.

Belongs here: wording. Not here: other failures of these checks (line_notes.py, value_notes.py).
Less than was received or ordered is no variance as such, since more may follow; only a policy that
blocks below a limit (``below: block``, as D365's two-sided tolerances of totals) makes it one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from finsync_dagster.matching import tolerance as t
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money, quantity
from finsync_dagster.money import round_decimal

Row = Mapping[str, Any]
PRICE_UNDER = "PRICE_UNDER"
CHECKS = (t.QTY_RECEIVED, t.QTY_ORDERED, t.LINE_TOTAL)


def below_notes(c: Compared, failed: pl.DataFrame) -> list[Said]:
    """A note per line and failed check that blocks below its limit."""
    below = (failed["direction"] == "under") & (failed["effect"] == "block")
    if not below.any():
        return []
    blocked = failed.filter(below).filter(
        (pl.col("subject_type") == "invoice_line") & pl.col("check").is_in(CHECKS)
    )
    if blocked.is_empty():
        return []
    lines = c.lines.filter(pl.col("invoice_line_id").is_in(blocked["subject_id"].implode()))
    rows = blocked.join(lines, left_on="subject_id", right_on="invoice_line_id")
    rows = rows.sort("event_no", "check", "basis")
    return [_said(row) for row in rows.iter_rows(named=True)]


def _said(row: Row) -> Said:
    total = row["check"] == t.LINE_TOTAL
    ccy, uom = row["ccy"], row["uom_order"] or ""
    amount = row["variance_abs"] if total else row["variance_abs"] * (row["price"] or 0)
    actual, expected, less = (
        money(row[name], ccy) if total else quantity(row[name], uom)
        for name in ("actual", "expected", "variance_abs")
    )
    unit = " %" if row["limit_binding"].endswith("_pct") else f" {ccy if total else uom}".rstrip()
    order = f"Order {row['po_number']}"
    order += f" line {row['po_line_no']}" if row["po_line_no"] else ""
    message = (
        f"{order}: {actual} invoiced up to this invoice, {expected} {row['basis']}: {less} less; "
        f"the policy blocks what is more than {quantity(row['limit_value'])}{unit} below "
        f"({row['limit_rule']})."
    )
    note = Note(
        reason_code=PRICE_UNDER,
        subject_type="invoice_line",
        subject_id=row["subject_id"],
        subject_label=f"{row['invoice_no_supplier']} line {row['line_no']}",
        supplier_src_id=row["supplier_src_id"],
        amount=round_decimal(amount, 4),
        ccy=ccy,
        message=message,
        counter_key=f"{row['check']} {row['basis']}",
    )
    release = f"An invoice of the {less} that are left, or an order that is smaller by them."
    return Said(note, invoice_line_id=row["subject_id"], release=release)
