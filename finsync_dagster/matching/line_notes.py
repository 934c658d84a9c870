"""What to say about quantities and prices that failed a check.

Belongs here: reason code, amount at risk and wording per failed check of a line with a quantity.
Not here: the checks (quantity_checks.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.matching import tolerance as t
from finsync_dagster.matching.billing import CORRECTION
from finsync_dagster.matching.exact import to_qty
from finsync_dagster.matching.notes import Note
from finsync_dagster.matching.text import money, price, quantity
from finsync_dagster.money import round_decimal

Row = Mapping[str, Any]


def line_notes(priced: pl.DataFrame, checks: pl.DataFrame) -> list[tuple[str, Note]]:
    """``(invoice_line_id, note)`` per failed check, and per credit beyond what was invoiced.

    A failure below a limit on quantity or total is no finding: less was billed than could be.
    """
    facts = priced.with_columns(
        _units=to_qty(pl.col("units").fill_null(0)),
        _received=to_qty("received"),
        _excess=to_qty(pl.col("excess").fill_null(0)),
    )
    failed = checks.filter(~pl.col("passed") & (pl.col("subject_type") == "invoice_line"))
    rows = failed.join(facts, left_on="subject_id", right_on="invoice_line_id")
    rows = rows.sort("event_no", "check")
    notes = []
    for row in rows.iter_rows(named=True):
        told = _TELL[row["check"]](row)
        if told is not None:
            code, amount, message = told
            notes.append((row["subject_id"], _note(row, row["subject_id"], code, amount, message)))
    return notes + _credits(facts)


def _note(row: Row, line_id: str, code: str, amount: Decimal, message: str) -> Note:
    return Note(
        reason_code=code,
        subject_type="invoice_line",
        subject_id=line_id,
        subject_label=f"{row['invoice_no_supplier']} line {row['line_no']}",
        supplier_src_id=row["supplier_src_id"],
        amount=amount,
        ccy=row["ccy"],
        message=message,
    )


Told = tuple[str, Decimal, str] | None


def _line(row: Row) -> str:
    return f"Order {row['po_number']} line {row['po_line_no']}"


def _beyond(row: Row) -> tuple[Decimal, Decimal]:
    """This line's part of the quantity beyond what was expected, and its value at order price."""
    excess = min(row["variance_abs"], row["_units"])
    return excess, round_decimal(excess * row["price"], 4)


def _received(row: Row) -> Told:
    if row["direction"] != "over":
        return None
    uom, invoiced = row["uom_order"], quantity(row["actual"], row["uom_order"])
    excess, amount = _beyond(row)
    if row["_received"] <= 0:
        return (
            "RECEIPT_MISSING",
            row["net_amount"],
            f"{_line(row)}: {invoiced} invoiced ({money(row['net_amount'], row['ccy'])} on this "
            "line), nothing received yet.",
        )
    if row["match_type"] == "4w" and row["actual"] <= row["_received"]:
        return (
            "QTY_NOT_ACCEPTED",
            amount,
            f"{_line(row)}: {invoiced} invoiced, of {quantity(row['_received'], uom)} received "
            f"only {quantity(row['expected'], uom)} accepted; {quantity(excess, uom)} "
            f"({money(amount, row['ccy'])}) of this line are not.",
        )
    return (
        "QTY_OVER_RECEIVED",
        amount,
        f"{_line(row)}: {invoiced} invoiced, {quantity(row['expected'], uom)} received; "
        f"{quantity(excess, uom)} ({money(amount, row['ccy'])}) of this line exceed it.",
    )


def _ordered(row: Row) -> Told:
    if row["direction"] != "over":
        return None
    uom = row["uom_order"]
    excess, amount = _beyond(row)
    return (
        "QTY_OVER_ORDERED",
        amount,
        f"{_line(row)}: {quantity(row['actual'], uom)} invoiced, "
        f"{quantity(row['expected'], uom)} ordered; {quantity(excess, uom)} "
        f"({money(amount, row['ccy'])}) of this line exceed it.",
    )


def _price(row: Row) -> Told:
    over, ccy = row["direction"] == "over", row["ccy"]
    amount = round_decimal(abs(row["_units"]) * row["variance_abs"], 4)
    if row["billing"] == CORRECTION:
        amount = abs(row["net_amount"])
    pct = row["variance_pct"]
    share = "" if pct is None else f", {round_decimal(pct, 2)} %"
    return (
        "PRICE_OVER" if over else "PRICE_UNDER",
        amount,
        f"{_line(row)}: billed at {price(row['actual'], ccy)} per {row['uom_order']}, ordered at "
        f"{price(row['expected'], ccy)} ({price(row['variance_abs'], ccy)}{share} "
        f"{'above' if over else 'below'}); {money(amount, ccy)} on this line.",
    )


def _total(row: Row) -> Told:
    if row["direction"] != "over":
        return None
    ccy = row["ccy"]
    amount = round_decimal(min(row["variance_abs"], abs(row["net_amount"])), 4)
    return (
        "LINE_TOTAL_EXCEEDED",
        amount,
        f"{_line(row)}: {money(row['actual'], ccy)} invoiced in total, "
        f"{money(row['expected'], ccy)} ordered; {money(amount, ccy)} of this line exceed it.",
    )


def _arithmetic(row: Row) -> Told:
    ccy = row["ccy"]
    return (
        "DOC_NOT_BALANCED",
        round_decimal(row["variance_abs"], 4),
        f"Invoice {row['invoice_no_supplier']} line {row['line_no']}: "
        f"{quantity(row['qty'], row['uom'] or '')} at {price(row['unit_price'], ccy)} are "
        f"{money(row['expected'], ccy)}, but the line bills {money(row['actual'], ccy)}.",
    )


_TELL: dict[str, Callable[[Row], Told]] = {
    t.QTY_RECEIVED: _received,
    t.QTY_ORDERED: _ordered,
    t.PRICE_UNIT: _price,
    t.LINE_TOTAL: _total,
    t.DOC_ARITHMETIC: _arithmetic,
}


def _credits(facts: pl.DataFrame) -> list[tuple[str, Note]]:
    """Credits beyond what was invoiced: in quantity, or else in value."""
    notes = []
    below = pl.col("credit") & (pl.col("net_after") < 0) & (pl.col("_excess") <= 0)
    for row in facts.filter(below).sort("event_no").iter_rows(named=True):
        ccy, credited = row["ccy"], abs(row["net_amount"])
        amount = min(credited, abs(row["net_after"]))
        message = (
            f"{_line(row)}: {money(credited, ccy)} credited, only "
            f"{money(row['net_after'] + credited, ccy)} invoiced before."
        )
        line_id = row["invoice_line_id"]
        notes.append((line_id, _note(row, line_id, "CREDIT_EXCEEDS_INVOICED", amount, message)))
    beyond = facts.filter((pl.col("_excess") > 0) & (pl.col("units") < 0)).sort("event_no")
    for row in beyond.iter_rows(named=True):
        uom = row["uom_order"]
        amount = round_decimal(row["_excess"] * row["price"], 4)
        billed = quantity(abs(row["_units"]) - row["_excess"], uom)
        message = (
            f"{_line(row)}: {quantity(abs(row['_units']), uom)} credited, only {billed} invoiced "
            f"before; {quantity(row['_excess'], uom)} ({money(amount, row['ccy'])}) credit nothing."
        )
        line_id = row["invoice_line_id"]
        notes.append((line_id, _note(row, line_id, "CREDIT_EXCEEDS_INVOICED", amount, message)))
    return notes
