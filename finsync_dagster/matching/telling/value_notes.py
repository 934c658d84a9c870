"""What to say about invoices that bill an amount instead of quantities.

Belongs here: reason code, amount at risk and wording. Not here: the decision (outcomes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money

Row = Mapping[str, Any]


def value_notes(decided: pl.DataFrame) -> list[Said]:
    """Notes, with what would release each, on amount-billed lines that are not plainly matched.

    ``decided`` are the lines of ``value_lines`` with ``outcome``, ``beyond_received``,
    ``beyond_ordered`` and ``ambiguous`` (see outcomes.py).
    """
    notes = []
    for row in decided.sort("event_no").iter_rows(named=True):
        line = row["invoice_line_id"]
        notes += [Said(note, invoice_line_id=line, release=_release(note)) for note in _notes(row)]
    return notes


def _release(note: Note) -> str:
    """What would let the line through."""
    amount = money(note.amount, note.ccy)
    return {
        "CREDIT_EXCEEDS_INVOICED": "The invoice that the credit belongs to, or a corrected credit.",
        "LIMIT_EXCEEDED": f"A limit {amount} higher, or a credit of {amount}.",
        "LINE_TOTAL_EXCEEDED": f"An order and receipts of {amount} more, or a credit of it.",
        "RECEIPT_MISSING": f"A receipt worth {amount}.",
    }.get(note.reason_code, "The receipts that it bills, assigned by hand.")


def _notes(row: Row) -> list[Note]:
    if row["credit_excess"]:
        return [_note(row, "CREDIT_EXCEEDS_INVOICED", -row["net_after"], _credit(row))]
    notes = []
    if row["beyond_ordered"] or (row["beyond_received"] and row["any_received"]):
        notes.append(_exceeded(row))
    if row["beyond_received"] and not row["any_received"]:
        notes.append(_note(row, "RECEIPT_MISSING", row["net_amount"], _missing(row)))
    if row["ambiguous"]:
        notes.append(_note(row, "LINK_AMBIGUOUS", row["net_amount"], _ambiguous(row)))
    return notes


def _note(row: Row, code: str, amount: Decimal, message: str) -> Note:
    return Note(
        reason_code=code,
        subject_type="invoice",
        subject_id=row["invoice_id"],
        subject_label=row["invoice_no_supplier"],
        supplier_src_id=row["supplier_src_id"],
        amount=amount,
        ccy=row["ccy"],
        message=message,
        counter_key=row["group"],
    )


def _billed(row: Row) -> str:
    line = "" if row["group_is_order"] else f" line {row['po_line_no']}"
    return f"Order {row['po_number']}{line}: {money(row['invoiced_net'], row['ccy'])} invoiced"


def _exceeded(row: Row) -> Note:
    ccy, limits = row["ccy"], []
    if row["beyond_received"]:
        limits.append(("received", row["due"]))
    if row["beyond_ordered"]:
        limits.append(("ordered", row["ordered_value"]))
    beyond = max(row["invoiced_net"] - limit for _, limit in limits)
    amount = min(beyond, abs(row["net_amount"]))
    against = " and ".join(f"{money(limit, ccy)} {what}" for what, limit in limits)
    message = (
        f"{_billed(row)} up to this invoice, {against}; {money(amount, ccy)} of this invoice "
        "exceed it."
    )
    if row["limited"]:
        message = (
            f"{_billed(row)} up to this invoice, the limit is {money(row['ordered_value'], ccy)}; "
            f"{money(amount, ccy)} of this invoice exceed it."
        )
        return _note(row, "LIMIT_EXCEEDED", amount, message)
    return _note(row, "LINE_TOTAL_EXCEEDED", amount, message)


def _missing(row: Row) -> str:
    return f"{_billed(row)} up to this invoice, nothing received yet."


def _credit(row: Row) -> str:
    ccy = row["ccy"]
    return (
        f"Order {row['po_number']}: {money(abs(row['net_amount']), ccy)} credited, only "
        f"{money(row['net_before'], ccy)} invoiced before."
    )


def _ambiguous(row: Row) -> str:
    ccy = row["ccy"]
    why = (
        f"the invoice bills {money(row['net_amount'], ccy)} without saying which receipts"
        if row["sole"]
        else "several documents bill it by amount, and which receipts each of them bills is not "
        "stated"
    )
    return f"{_billed(row)} up to this invoice, {money(row['due'], ccy)} received: {why}."
