"""Money that should not have left: paid again, paid beyond the bill, paid in spite of a block.

Belongs here: controls over payments and what they settle. Not here: balances (payments.py), nor
which payment settles which invoice (canonical/settlement.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import day, money
from finsync_dagster.money import AMOUNT
from finsync_dagster.reconciliation.payments import moved_allocations

Row = Mapping[str, Any]

PAID_TWICE = "PAID_TWICE"
PAID_WHILE_BLOCKED = "PAID_WHILE_BLOCKED"
OVERPAID = "OVERPAID"

_ZERO = pl.lit(0, dtype=AMOUNT)
_SETTLED = pl.col("applied") + pl.col("discount")


@dataclass(frozen=True)
class Told:
    """Notes, and what need not be told again because of them."""

    notes: list[Note] = field(default_factory=list)
    invoices: frozenset[str] = frozenset()
    """Invoices of which the excess is told."""
    payments: frozenset[str] = frozenset()
    """Payments of which it is told what they were for."""


def paid_again(docs: Documents, payables: pl.DataFrame) -> Told:
    """PAID_TWICE for invoices that several payments settled, each by itself or by equal parts.

    Two payments of the whole total, or two equal payments of which one is the excess. An invoice
    paid in parts that add up to its total is none.

    Args:
        docs: the entity's documents.
        payables: rows of reconciliation.payables with the invoice's own columns (payments.py).
    """
    over = payables.filter((pl.col("gross") > 0) & (pl.col("open_amount") < 0))
    parts = _parts(docs, over)
    equal = pl.len().over("invoice_id", "part") > 1
    whole = (pl.col("part") >= pl.col("gross")).sum().over("invoice_id") > 1
    twin = (equal & (pl.col("part") <= -pl.col("open_amount"))).any().over("invoice_id")
    twice = parts.filter(whole | twin)
    notes = []
    for rows in twice.partition_by("invoice_id", maintain_order=True):
        row = rows.row(0, named=True)
        ccy = row["ccy"]
        paid = _in_words(rows)
        said = (
            f"Invoice {row['invoice_no_supplier']} over {money(row['gross'], ccy)} was paid "
            f"more than once: {paid}; {money(-row['open_amount'], ccy)} too much."
        )
        notes.append(_note(row, PAID_TWICE, said, row["open_amount"]))
    return Told(notes, frozenset(twice["invoice_id"]))


def _parts(docs: Documents, invoices: pl.DataFrame) -> pl.DataFrame:
    """The payments of the invoices, oldest first: ``part`` settled by each, discount included."""
    columns = ("invoice_id", "invoice_no_supplier", "supplier_src_id", "ccy", "gross")
    wanted = invoices.select(*columns, "open_amount")
    payments = docs.payments.select("payment_id", "payment_no", "payment_date")
    return (
        moved_allocations(docs)
        .join(wanted, on=["invoice_id", "ccy"])
        .join(payments, on="payment_id")
        .with_columns(part=pl.col("amount_applied") + pl.col("discount_taken").fill_null(_ZERO))
        .sort("invoice_id", "payment_date", "payment_id")
    )


def _in_words(parts: pl.DataFrame) -> str:
    return ", ".join(
        f"{money(p['amount_applied'], p['ccy'])} by {p['payment_no']} of {day(p['payment_date'])}"
        for p in parts.iter_rows(named=True)
    )


def paid_on_account(docs: Documents, payables: pl.DataFrame, applied: pl.DataFrame) -> Told:
    """What is left of payments that name an invoice which is settled without it.

    Books that clear an invoice once keep what is paid beyond it on account. PAID_TWICE if another
    payment settled the invoice and the rest is its total at least, else OVERPAID.

    Args:
        docs: the entity's documents.
        payables: as in ``paid_again``.
        applied: rows of reconciliation.payment_applications.
    """
    left = applied.filter(pl.col("unapplied") > 0).select(
        "payment_id", "payment_no", "payment_date", "ccy", "unapplied"
    )
    named = docs.golden(docs.payments).select(
        "payment_id", "golden", invoice_no_norm=_plain("invoice_no_ref")
    )
    left = left.join(named.filter(pl.col("invoice_no_norm") != ""), on="payment_id")
    if left.is_empty():
        return Told()
    settled = docs.golden(payables).filter((pl.col("gross") > 0) & (pl.col("open_amount") <= 0))
    key = ["golden", "invoice_no_norm", "ccy"]
    only = settled.filter(pl.len().over(key) == 1)
    own = moved_allocations(docs).select("invoice_id", "payment_id", own=pl.lit(True))
    found = (
        left.join(only, on=key)
        .join(own, on=["invoice_id", "payment_id"], how="left")
        .sort("invoice_id", "payment_id")
    )
    notes = []
    for row in found.iter_rows(named=True):
        ccy, number = row["ccy"], row["invoice_no_supplier"]
        again = row["unapplied"] >= row["gross"] and not row["own"]
        what = (
            "which other payments had settled"
            if not row["own"]
            else "of which it settled all that was open"
        )
        said = (
            f"Payment {row['payment_no']} of {day(row['payment_date'])} names invoice {number} "
            f"over {money(row['gross'], ccy)}, {what}: {money(row['unapplied'], ccy)} was paid "
            "beyond it and stands on the supplier's account."
        )
        code = PAID_TWICE if again else OVERPAID
        notes.append(_note(row, code, said, row["unapplied"], row["payment_id"]))
    return Told(notes, frozenset(), frozenset(found["payment_id"]))


def _plain(column: str) -> pl.Expr:
    letters = pl.col(column).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    return letters.str.strip_chars_start("0").fill_null("")


def copies_paid(payables: pl.DataFrame, copies: pl.DataFrame) -> list[Note]:
    """PAID_TWICE for exact copies (matching/linking/duplicates.py) paid as their original was."""
    paid = payables.filter((pl.col("gross") > 0) & (pl.col("gross") <= _SETTLED))
    both = (
        copies.select("invoice_id", "earlier_invoice_id", "earlier_invoice_date")
        .join(paid, on="invoice_id")
        .join(paid, left_on="earlier_invoice_id", right_on="invoice_id", how="semi")
        .sort("invoice_id")
    )
    notes = []
    for row in both.iter_rows(named=True):
        said = (
            f"Invoice {row['invoice_no_supplier']} of {day(row['invoice_date'])} and the earlier "
            f"one of {day(row['earlier_invoice_date'])} of which it is a copy were both paid: "
            f"{money(row['gross'], row['ccy'])} too much."
        )
        notes.append(_note(row, PAID_TWICE, said, row["gross"], row["earlier_invoice_id"]))
    return notes


def paid_while_blocked(docs: Documents, payables: pl.DataFrame) -> list[Note]:
    """PAID_WHILE_BLOCKED for invoices that their source blocks for payment and that were paid.

    A payment counts, and so does a source that states the invoice as paid. (SAP: a payment that is
    released in financial accounting while the block of invoice verification stands.)
    """
    blocked = (pl.col("payment_block").fill_null("") != "") | (pl.col("status_canon") == "blocked")
    stated = pl.col("status_canon").is_in(["paid", "part_paid"])
    rows = payables.filter(blocked & ((pl.col("applied") != 0) | stated)).sort("invoice_id")
    parts = _parts(docs, rows)
    notes = []
    for row in rows.iter_rows(named=True):
        mine = parts.filter(pl.col("invoice_id") == row["invoice_id"])
        why = f" (block {row['payment_block']})" if row["payment_block"] else ""
        since = f" on {day(row['settled_date'])}" if row["settled_date"] else ""
        paid = _in_words(mine) if mine.height else f"its source states it as paid{since}"
        said = (
            f"Invoice {row['invoice_no_supplier']} over {money(row['gross'], row['ccy'])} is "
            f"blocked for payment{why}, and was paid all the same: {paid}."
        )
        amount = row["applied"] if row["applied"] else row["gross"]
        notes.append(_note(row, PAID_WHILE_BLOCKED, said, amount))
    return notes


def _note(row: Row, code: str, said: str, amount: Decimal, counter: str = "") -> Note:
    return Note(
        reason_code=code,
        subject_type="invoice",
        subject_id=row["invoice_id"],
        subject_label=row["invoice_no_supplier"],
        supplier_src_id=row["supplier_src_id"],
        amount=amount,
        ccy=row["ccy"],
        message=said,
        counter_key=counter,
    )
