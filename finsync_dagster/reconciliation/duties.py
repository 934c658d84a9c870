"""One person in roles that must be apart.

Belongs here: SOD_CONFLICT on orders. Not here: who may approve how much.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import money
from finsync_dagster.money import AMOUNT

SOD_CONFLICT = "SOD_CONFLICT"

_RECEIVED = ("receipt", "service_entry")


def duty_notes(docs: Documents) -> list[Note]:
    """A note per order of which one person was requester and buyer, and entered every receipt.

    Whoever orders what they asked for, and alone confirms that it came, can have the company pay
    for nothing. Where a source does not name all three, nothing is concluded; what one system calls
    a person is compared with what it calls a person only.
    """
    people = docs.purchase_orders.filter(
        (pl.col("buyer") == pl.col("requester")) & (pl.col("status_canon") != "cancelled")
    )
    if people.is_empty():
        return []
    receipts = docs.receipt_lines.filter(pl.col("kind").is_in(_RECEIVED)).select(
        "po_id", "source_system", "received_by"
    )
    by_person = pl.col("received_by") == pl.col("buyer")
    alone = (
        people.join(receipts, on=["po_id", "source_system"])
        .group_by("po_id")
        .agg(alone=by_person.fill_null(False).all())
        .filter("alone")
    )
    worth = docs.purchase_order_lines.group_by("po_id").agg(value=pl.col("net_amount").sum())
    found = people.join(alone, on="po_id", how="semi").join(worth, on="po_id", how="left")
    found = found.with_columns(pl.col("value").fill_null(pl.lit(0, dtype=AMOUNT))).sort("po_id")
    return [
        Note(
            reason_code=SOD_CONFLICT,
            subject_type="purchase_order",
            subject_id=row["po_id"],
            subject_label=row["po_number"],
            supplier_src_id=row["supplier_src_id"],
            amount=row["value"],
            ccy=row["ccy"],
            message=f"Order {row['po_number']} over {money(row['value'], row['ccy'])}: "
            f"{row['buyer']} asked for it, ordered it, and alone entered what was received.",
        )
        for row in found.iter_rows(named=True)
    ]
