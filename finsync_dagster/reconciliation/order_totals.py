"""Order headers against their lines.

Belongs here: the comparison of totals within the purchasing system. Not here: receipts, invoices.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import money
from finsync_dagster.matching.tolerance import Limits
from finsync_dagster.money import AMOUNT

ORDER_TOTAL = "ORDER_TOTAL"

_ZERO = pl.lit(0, dtype=AMOUNT)


def order_totals(docs: Documents, limits: Limits) -> pl.DataFrame:
    """One row per order that states a net total, sorted by key.

    Amounts are compared as stored, at four decimals: neither side is a document with rounded
    lines. Orders of which a record is in quarantine are left out: their lines may be missing.
    """
    # The header of an order that was cancelled as a whole goes on stating what it was worth.
    whole = docs.purchase_orders.filter(pl.col("status_canon") == "cancelled")["po_id"]
    # So does one of which every line was, whatever its own status is called.
    nothing_left = pl.col("cancelled").all().over("po_id")
    counting = ~pl.col("cancelled") | pl.col("po_id").is_in(whole.implode()) | nothing_left
    lines = docs.purchase_order_lines.filter(counting)
    sums = lines.group_by("po_id").agg(lines_net=pl.col("net_amount").sum())
    orders = (
        docs.purchase_orders.filter(pl.col("net_amount").is_not_null())
        .join(docs.incomplete_orders, on="po_id", how="anti")
        .join(sums, on="po_id", how="left")
        .with_columns(pl.col("lines_net").fill_null(_ZERO), stated_net="net_amount")
        .sort("po_id")
    )
    compared = limits.evaluate(
        orders.select(
            subject_type=pl.lit("purchase_order"),
            subject_id="po_id",
            expected="lines_net",
            actual="stated_net",
        ),
        ORDER_TOTAL,
        "lines",
    )
    return orders.join(
        compared.select(po_id="subject_id", agrees="passed"), on="po_id", maintain_order="left"
    ).with_columns(difference=pl.col("stated_net") - pl.col("lines_net"))


def order_total_notes(totals: pl.DataFrame) -> list[Note]:
    """A note per order whose header and lines disagree."""
    return [
        Note(
            reason_code="DOC_NOT_BALANCED",
            subject_type="purchase_order",
            subject_id=row["po_id"],
            subject_label=row["po_number"],
            supplier_src_id=row["supplier_src_id"],
            amount=row["difference"],
            ccy=row["ccy"],
            message=f"Order {row['po_number']}: the header says "
            f"{money(row['stated_net'], row['ccy'])} net, its lines add up to "
            f"{money(row['lines_net'], row['ccy'])}.",
        )
        for row in totals.filter(~pl.col("agrees")).iter_rows(named=True)
    ]
