"""Orders of the system of record against the copies that other systems keep of them.

Belongs here: missing on either side, other state, other value. Not here: which system is of record
(canonical/authority.py), nor what is received or billed against a copy (across_systems.py).

A pair of systems is compared if at least one order number is in both: a system that holds orders of
other business is no copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.canonical.across_systems import copied_lines
from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.linking.gates import NOT_APPROVED_STATUSES
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import money, quantity
from finsync_dagster.money import AMOUNT

Row = Mapping[str, Any]

MISSING_TARGET = "XSYS_MISSING_TARGET"
MISSING_SOURCE = "XSYS_MISSING_SOURCE"
DELETED_AT_SOURCE = "XSYS_DELETED_AT_SOURCE"
STATUS_DRIFT = "XSYS_STATUS_DRIFT"
VALUE_DRIFT = "XSYS_VALUE_DRIFT"

_ON_ITS_WAY = timedelta(days=2)
"""An order this young may still be on its way into the other system."""
_IDLE = (*NOT_APPROVED_STATUSES, "cancelled")
_ZERO = pl.lit(0, dtype=AMOUNT)


def order_copy_notes(docs: Documents, as_of: date) -> list[Note]:
    """What the system of record and a system with copies of its orders tell differently.

    Orders and copies of which a record is in quarantine are not compared.
    """
    if docs.order_copies.is_empty():
        return []
    orders = _valued(docs.purchase_orders, docs.purchase_order_lines, docs)
    copies = _valued(docs.order_copies, docs.order_line_copies, docs)
    both = orders.join(copies, on="po_number", suffix="_copy")
    pairs = both.select("source_system", "source_system_copy").unique()
    return [
        *_missing_targets(orders, copies, pairs, as_of),
        *_missing_sources(orders, copies, docs),
        *_status_drifts(both),
        *_value_drifts(both, docs),
    ]


def _valued(orders: pl.DataFrame, lines: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Whole orders with ``value``, the net of their lines."""
    sums = lines.group_by("po_id").agg(value=pl.col("net_amount").sum())
    columns = ("po_id", "po_number", "source_system", "supplier_src_id", "ccy", "order_date")
    return (
        orders.select(*columns, "status_canon", "status_src")
        .join(docs.incomplete_orders, on="po_id", how="anti")
        .join(sums, on="po_id", how="left")
        .with_columns(pl.col("value").fill_null(_ZERO))
        .sort("po_id")
    )


def _missing_targets(
    orders: pl.DataFrame, copies: pl.DataFrame, pairs: pl.DataFrame, as_of: date
) -> list[Note]:
    since = copies.group_by(source_system_copy="source_system").agg(
        _since=pl.col("order_date").min()
    )
    known = copies.select("po_number", source_system_copy="source_system")
    due = (pl.col("order_date") >= pl.col("_since")) & (pl.col("order_date") <= as_of - _ON_ITS_WAY)
    missing = (
        orders.filter(~pl.col("status_canon").is_in(_IDLE))
        .join(pairs, on="source_system")
        .join(since, on="source_system_copy")
        .filter(due)
        .join(known, on=["po_number", "source_system_copy"], how="anti")
        .sort("po_id", "source_system_copy")
    )
    return [
        _note(
            row,
            MISSING_TARGET,
            f"Order {row['po_number']} over {_worth(row)} is in {row['source_system']} "
            f"({row['status_src']}) and has no copy in {row['source_system_copy']}.",
            row["source_system_copy"],
        )
        for row in missing.iter_rows(named=True)
    ]


def _missing_sources(orders: pl.DataFrame, copies: pl.DataFrame, docs: Documents) -> list[Note]:
    lost = copies.filter(pl.col("status_canon") != "cancelled").join(
        docs.purchase_orders, on="po_number", how="anti"
    )
    length = pl.col("po_number").str.len_chars()
    given_out = orders.group_by(_length=length).agg(
        _lowest=pl.col("po_number").min(), _highest=pl.col("po_number").max()
    )
    known = docs.purchase_orders.select("po_id")
    unread = docs.incomplete_orders.join(known, on="po_id", how="anti").height
    judged = lost.with_columns(_length=length).join(given_out, on="_length", how="left")
    # A number from within those that the system of record gives out was given out by it.
    its_own = pl.col("po_number").is_between(pl.col("_lowest"), pl.col("_highest"))
    judged = judged.with_columns(gone=its_own.fill_null(False)).sort("po_id")
    return [_lost(row, unread) for row in judged.iter_rows(named=True)]


def _lost(row: Row, unread: int) -> Note:
    said = f"Order {row['po_number']} over {_worth(row)} is in {row['source_system']} "
    if row["gone"]:
        said += "and no longer in the system of record, whose number it bears."
        if unread:
            one = unread == 1
            said += f" {unread} {'order' if one else 'orders'} there could not be read; "
            said += f"this may be {'it' if one else 'one of them'}."
        return _note(row, DELETED_AT_SOURCE, said)
    return _note(row, MISSING_SOURCE, said + "and was never in the system of record.")


def _status_drifts(both: pl.DataFrame) -> list[Note]:
    idle, live = pl.col("status_canon").is_in(_IDLE), pl.col("status_canon_copy") != "cancelled"
    drifted = both.filter(idle == live).sort("po_id", "po_id_copy")
    return [
        _note(
            row,
            STATUS_DRIFT,
            f"Order {row['po_number']} over {_worth(row)} is {row['status_canon']} in "
            f"{row['source_system']}; its copy in {row['source_system_copy']} is "
            f"{row['status_canon_copy']}.",
            row["po_id_copy"],
        )
        for row in drifted.iter_rows(named=True)
    ]


def _value_drifts(both: pl.DataFrame, docs: Documents) -> list[Note]:
    numbers = ("po_id", "source_system", "po_number")
    named = {"po_number": "_number"}
    lines = pl.concat([docs.purchase_order_lines, docs.order_line_copies])
    of_line = copied_lines(
        lines,
        docs.order_copies.select(numbers).rename(named),
        docs.purchase_orders.select(numbers).rename(named),
    )
    facts = ("po_line_id", "line_no", "qty_ordered", "uom_order", "net_amount")
    own = docs.purchase_order_lines.filter(~pl.col("cancelled")).select("po_id", *facts)
    theirs = docs.order_line_copies.filter(~pl.col("cancelled")).select("po_id", *facts)
    theirs = theirs.join(of_line, on="po_line_id").rename({c: f"{c}_copy" for c in facts})
    live = both.filter(
        ~pl.col("status_canon").is_in(_IDLE) & (pl.col("status_canon_copy") != "cancelled")
    )
    met = live.join(own, on="po_id").join(
        theirs.drop("_of_line"),
        left_on=["po_id_copy", pl.col("line_no").str.strip_chars_start("0")],
        right_on=["po_id", pl.col("_line_no").str.strip_chars_start("0")],
    )
    counted = (pl.col("uom_order") == pl.col("uom_order_copy")) & (
        pl.col("qty_ordered") != pl.col("qty_ordered_copy")
    )
    differs = (
        (pl.col("net_amount") != pl.col("net_amount_copy"))
        | (pl.col("ccy") != pl.col("ccy_copy"))
        | counted
    )
    return [_drift(row) for row in met.filter(differs).sort("po_line_id").iter_rows(named=True)]


def _drift(row: Row) -> Note:
    sides = [
        f"{quantity(row['qty_ordered' + side], row['uom_order' + side])} for "
        f"{money(row['net_amount' + side], row['ccy' + side])} net in {row['source_system' + side]}"
        for side in ("", "_copy")
    ]
    return Note(
        reason_code=VALUE_DRIFT,
        subject_type="purchase_order_line",
        subject_id=row["po_line_id"],
        subject_label=f"{row['po_number']} line {row['line_no']}",
        supplier_src_id=row["supplier_src_id"],
        amount=row["net_amount_copy"] - row["net_amount"],
        ccy=row["ccy"],
        message=f"Order {row['po_number']} line {row['line_no']} is {sides[0]}, and {sides[1]}.",
        counter_key=row["po_id_copy"],
    )


def _worth(row: Row) -> str:
    value: Decimal = row["value"]
    return money(value, row["ccy"])


def _note(row: Row, code: str, said: str, counter: str = "") -> Note:
    return Note(
        reason_code=code,
        subject_type="purchase_order",
        subject_id=row["po_id"],
        subject_label=row["po_number"],
        supplier_src_id=row["supplier_src_id"],
        amount=row["value"],
        ccy=row["ccy"],
        message=said,
        counter_key=counter,
    )
