"""What to say about charges that differ from what orders agreed to.

Belongs here: reason code, amount at risk, wording. Not here: the checks (charges.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.telling.limit_words import limit_words, share_words
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money
from finsync_dagster.money import round_decimal

Row = Mapping[str, Any]

CHARGE_VARIANCE = "CHARGE_VARIANCE"
CHARGE_UNPLANNED = "CHARGE_UNPLANNED"


def charge_notes(compared: Compared, failed: pl.DataFrame, planned: str) -> list[Said]:
    """A note per failed check of a charge, on its line, or on the invoice.

    Args:
        compared: the documents; ``charges`` names those that were checked.
        failed: failed check results of the family.
        planned: name of the check of charges that were agreed to.
    """
    if failed.is_empty():
        return []
    rows = failed.join(_subjects(compared), on=["subject_type", "subject_id"])
    rows = rows.filter(pl.col("planned") == (pl.col("check") == planned))
    rows = rows.sort("subject_type", "subject_id", "check", "basis")
    return [_said(row, row["check"] == planned) for row in rows.iter_rows(named=True)]


def _subjects(compared: Compared) -> pl.DataFrame:
    """The charges by what their check is about, with what their sentences need."""
    charges = compared.charges.filter(~pl.col("credit"))
    of_line = pl.col("invoice_line_id").is_not_null()
    charges = charges.with_columns(
        subject_type=pl.when(of_line).then(pl.lit("invoice_line")).otherwise(pl.lit("invoice")),
        subject_id=pl.coalesce("invoice_line_id", "invoice_id"),
    )
    orders = compared.docs.purchase_orders.select("po_number", order_id="po_id")
    numbers = orders.join(charges, on="order_id", how="semi")
    lines = compared.docs.invoice_lines.select("invoice_line_id", "line_no", "po_number_ref")
    line_no = lines.join(charges, on="invoice_line_id", how="semi")
    charges = charges.join(numbers, on="order_id", how="left")
    charges = charges.join(line_no, on="invoice_line_id", how="left")
    each = charges.group_by("subject_type", "subject_id", "planned").agg(
        pl.col("invoice_id", "ccy", "line_no", "po_number_ref", "plan_ccy").first(),
        pl.col("amount", "agreed").sum(),
        kinds=pl.col("charge_code").drop_nulls().unique().sort().str.join(", "),
        orders=pl.col("po_number").drop_nulls().unique().sort().str.join(", "),
    )
    heads = compared.invoices.select("invoice_id", "invoice_no_supplier", "supplier_src_id")
    return each.join(heads, on="invoice_id")


def _said(row: Row, planned: bool) -> Said:
    own = row["subject_type"] == "invoice_line"
    label = row["invoice_no_supplier"] + (f" line {row['line_no']}" if own else "")
    message, amount = _variance(row) if planned else _unplanned(row)
    note = Note(
        reason_code=CHARGE_VARIANCE if planned else CHARGE_UNPLANNED,
        subject_type=row["subject_type"],
        subject_id=row["subject_id"],
        subject_label=label,
        supplier_src_id=row["supplier_src_id"],
        amount=round_decimal(amount, 4),
        ccy=row["ccy"],
        message=message,
    )
    gone = money(amount, row["ccy"])
    release = (
        f"The buyer's consent to {gone} more in charges, or a credit of it."
        if row["direction"] == "over"
        else "The buyer's word that no more charges follow."
    )
    return Said(
        note,
        invoice_line_id=row["subject_id"] if own else None,
        invoice_id=None if own else row["invoice_id"],
        release=release,
    )


def _kind(row: Row) -> str:
    return f"of {row['kinds']} charges" if row["kinds"] else "of charges"


def _variance(row: Row) -> tuple[str, Decimal]:
    ccy, over = row["ccy"], row["direction"] == "over"
    billed, allowed = money(row["actual"], ccy), money(row["expected"], ccy)
    whole = money(row["agreed"], ccy)
    share = f"of {whole} agreed, {allowed} for what is billed so far"
    agreed = f"{allowed} agreed" if row["expected"] == row["agreed"] else share
    amount = row["variance_abs"]
    if over and row["amount"] > 0:
        amount = min(amount, row["amount"])
    way = "more" if over else "less"
    return (
        f"Order {row['orders']}: {billed} {_kind(row)} billed up to this invoice, {agreed}; "
        f"{money(row['variance_abs'], ccy)}{share_words(row)} {way}, {limit_words(row, ccy)}.",
        amount,
    )


def _unplanned(row: Row) -> tuple[str, Decimal]:
    ccy = row["ccy"]
    bills = f"Invoice {row['invoice_no_supplier']} bills {money(row['actual'], ccy)} {_kind(row)}"
    if row["plan_ccy"]:
        why = (
            f"; order {row['orders']} agreed to charges in {row['plan_ccy']}, which cannot be "
            "compared"
        )
    elif row["orders"]:
        why = f" that order {row['orders']} did not agree to"
    elif row["po_number_ref"]:
        why = f" for order {row['po_number_ref']}, which no system knows"
    else:
        why = " without naming the one order that agreed to them"
    return f"{bills}{why}; {limit_words(row, ccy)}.", row["variance_abs"]
