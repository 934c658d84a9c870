"""What to say about lines above the cap, and about variances in money.

Belongs here: amount at risk and wording. Not here: the checks (caps.py), variances per unit
(line_notes.py).
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

ITEM_AMOUNT_CAP = "ITEM_AMOUNT_CAP"
PRICE_OVER = "PRICE_OVER"
PRICE_UNDER = "PRICE_UNDER"
QTY_OVER_RECEIVED = "QTY_OVER_RECEIVED"


def above_cap(c: Compared, failed: pl.DataFrame) -> list[Said]:
    """Notes on lines that bill more than the policy lets one line bill.

    A cap is in the currency of the books, whichever currency the line is in.
    """
    if failed.is_empty():
        return []
    books = _books(c)
    notes = []
    for row in _lines(c, failed).iter_rows(named=True):
        cap = money(row["limit_value"], books or row["ccy"])
        order = f"order {row['_order']}" if row["_order"] else "no order"
        message = (
            f"Invoice {row['invoice_no_supplier']} line {row['line_no']} ({order}) bills "
            f"{money(row['actual'], row['ccy'])}{_in_books(row, books)}; one line may bill at most "
            f"{cap}."
        )
        amount = _amount(row["actual"])
        notes.append(_said(row, ITEM_AMOUNT_CAP, amount, message, "Approval of the amount."))
    return notes


def price_in_total(c: Compared, failed: pl.DataFrame, told: pl.DataFrame) -> list[Said]:
    """Notes on prices that cost more (or less) in total than the policy lets them.

    Args:
        c: the documents.
        failed: check results of PRICE_VALUE that failed.
        told: those of PRICE_UNIT; what these say already is not said twice.
    """
    failed = failed.join(told, on=["subject_id", "direction"], how="anti")
    if failed.is_empty():
        return []
    notes = []
    rows = _lines(c, failed)
    for row in rows.iter_rows(named=True):
        over, ccy = row["direction"] == "over", row["ccy"]
        difference = money(row["variance_abs"], ccy)
        message = (
            f"Order {row['_order']} line {row['po_line_no']}: this invoice bills "
            f"{money(row['actual'], ccy)} for what costs {money(row['expected'], ccy)} at the "
            f"order's price; {difference}{share_words(row)} {'more' if over else 'less'}; "
            f"{limit_words(row, ccy)}."
        )
        code = PRICE_OVER if over else PRICE_UNDER
        release = f"A credit of {difference}, or the order at this price." if over else None
        notes.append(_said(row, code, _amount(row["variance_abs"]), message, release))
    return notes


def too_much_in_total(c: Compared, failed: pl.DataFrame, told: pl.DataFrame) -> list[Said]:
    """Notes on what was billed beyond the receipts, where its value is what exceeds a limit.

    Args:
        c: the documents.
        failed: check results of QTY_RECEIVED_VALUE that failed.
        told: those of QTY_RECEIVED; what these say already is not said twice.
    """
    failed = failed.join(told, on=["subject_id", "direction"], how="anti")
    if failed.is_empty():
        return []
    notes = []
    rows = _lines(c, failed)
    for row in rows.iter_rows(named=True):
        excess = money(row["actual"], row["ccy"])
        message = (
            f"Order {row['_order']} line {row['po_line_no']}: {excess} of this line, at the "
            f"order's price, were not received; {limit_words(row, row['ccy'])}."
        )
        release = f"A receipt of what is missing, or a credit of {excess}."
        amount = _amount(row["actual"])
        notes.append(_said(row, QTY_OVER_RECEIVED, amount, message, release))
    return notes


def _in_books(row: Row, books: str | None) -> str:
    """`` (63,040.85 GBP)``: the amount in the currency of the cap, where that is another one."""
    if books is None or books == row["ccy"] or row["functional_rate"] is None:
        return ""
    return f" ({money(row['actual'] * row['functional_rate'], books)})"


def _books(c: Compared) -> str | None:
    rates = c.docs.functional_rates
    return rates["functional_ccy"][0] if rates.height else None


def _amount(value: Decimal) -> Decimal:
    return round_decimal(value, 4)


def _lines(c: Compared, failed: pl.DataFrame) -> pl.DataFrame:
    facts = c.lines.select(
        "invoice_line_id",
        "event_no",
        "invoice_no_supplier",
        "line_no",
        "supplier_src_id",
        "ccy",
        "functional_rate",
        "po_line_no",
        _order=pl.coalesce("po_number", "po_number_ref", "order_id"),
    )
    rows = failed.join(facts, left_on="subject_id", right_on="invoice_line_id")
    return rows.sort("event_no", "check")


def _said(row: Row, code: str, amount: Decimal, message: str, release: str | None) -> Said:
    note = Note(
        reason_code=code,
        subject_type="invoice_line",
        subject_id=row["subject_id"],
        subject_label=f"{row['invoice_no_supplier']} line {row['line_no']}",
        supplier_src_id=row["supplier_src_id"],
        amount=amount,
        ccy=row["ccy"],
        message=message,
    )
    return Said(note, invoice_line_id=row["subject_id"], release=release)
