"""Requisitions against the orders that should, or should not, have come of them.

Belongs here: approved and not ordered; not approved and ordered all the same. Not here: orders
against their own approval (matching/linking/gates.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.telling.notes import NO_CURRENCY, Note
from finsync_dagster.matching.telling.text import day, money
from finsync_dagster.money import AMOUNT

MISSING_TRIGGER = "PARITY_MISSING_TRIGGER"
WRONG_STATE = "PARITY_WRONG_STATE"

_IN_TIME = timedelta(days=7)
"""What is approved should be ordered within a week."""
_REFUSED = ("rejected", "cancelled")
_KEY = ["source_system", "requisition_no"]


def requisition_notes(docs: Documents, as_of: date) -> list[Note]:
    """PARITY_MISSING_TRIGGER per requisition approved more than a week ago of which no line was
    ordered; PARITY_WRONG_STATE per requisition that was refused or withdrawn as a whole, and order
    made of it that is neither cancelled nor rejected.

    A requisition counts as ordered if its source says so, if it names an order, or if an order
    names it. Where the day of approval is not known, the day it was written counts.
    """
    lines = docs.requisition_lines
    if lines.is_empty():
        return []
    asked = _asked(lines)
    orders = _orders(docs, lines)
    return [*_never_ordered(asked, orders, as_of), *_ordered_all_the_same(asked, orders)]


def _asked(lines: pl.DataFrame) -> pl.DataFrame:
    since = pl.coalesce(pl.col("approved_at").dt.date(), "created_date")
    return (
        lines.group_by(_KEY)
        .agg(
            approved=(pl.col("status_canon") == "approved").all(),
            refused=pl.col("status_canon").is_in(_REFUSED).all(),
            state=pl.col("status_canon").min(),
            since=since.max(),
            value=pl.col("net_amount").sum().cast(AMOUNT),
            ccy=pl.col("ccy").drop_nulls().unique(),
            supplier_src_id=pl.col("supplier_src_id").min(),
        )
        .with_columns(one=pl.col("ccy").list.len() == 1, ccy=pl.col("ccy").list.first())
        .sort(_KEY)
    )


def _orders(docs: Documents, lines: pl.DataFrame) -> pl.DataFrame:
    """``source_system``, ``requisition_no``, ``po_id`` and facts of every order made of one."""
    numbers = docs.purchase_orders.select(
        "po_id", "po_number", "status_canon", source_system="source_system"
    )
    by_requisition = lines.filter(pl.col("po_number_ref").is_not_null()).select(
        *_KEY, po_number="po_number_ref"
    )
    stated = docs.purchase_order_lines.filter(pl.col("requisition_no_ref").is_not_null()).select(
        "source_system", "po_id", requisition_no="requisition_no_ref"
    )
    found = [
        by_requisition.join(numbers, on=["source_system", "po_number"]).select(*_KEY, "po_id"),
        stated.select(*_KEY, "po_id"),
    ]
    facts = numbers.drop("source_system")
    return pl.concat(found).unique().join(facts, on="po_id").sort(*_KEY, "po_id")


def _never_ordered(asked: pl.DataFrame, orders: pl.DataFrame, as_of: date) -> list[Note]:
    late = asked.filter(pl.col("approved") & (pl.col("since") < as_of - _IN_TIME))
    notes = []
    for row in late.join(orders, on=_KEY, how="anti", maintain_order="left").iter_rows(named=True):
        said = f"was approved by {day(row['since'])}, and no order has come of it."
        notes.append(_note(row, MISSING_TRIGGER, said))
    return notes


def _ordered_all_the_same(asked: pl.DataFrame, orders: pl.DataFrame) -> list[Note]:
    placed = orders.filter(~pl.col("status_canon").is_in(_REFUSED))
    wrong = asked.filter("refused").join(placed, on=_KEY).sort(*_KEY, "po_id")
    notes = []
    for row in wrong.iter_rows(named=True):
        said = f"is {row['state']}; order {row['po_number']} was placed all the same."
        notes.append(_note(row, WRONG_STATE, said, row["po_id"]))
    return notes


def _note(row: dict[str, object], code: str, said: str, counter: str = "") -> Note:
    worth, known = row["value"], bool(row["one"])
    amount = worth if known and isinstance(worth, Decimal) else Decimal(0)
    ccy = str(row["ccy"]) if known else NO_CURRENCY
    over = f" over {money(amount, ccy)}" if known else ""
    supplier = row["supplier_src_id"]
    return Note(
        reason_code=code,
        subject_type="requisition",
        subject_id=f"{row['source_system']}|{row['requisition_no']}",
        subject_label=str(row["requisition_no"]),
        supplier_src_id=None if supplier is None else str(supplier),
        amount=amount,
        ccy=ccy,
        message=f"Requisition {row['requisition_no']}{over} {said}",
        counter_key=counter,
    )
