"""What stands beside an invoice: postings, payments, open exceptions.

Belongs here: finding them. Not here: what was compared (explaining.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from finsync_dagster.exceptions.tables import RESOLVED
from finsync_dagster.lineage.explanation import Payment, Problem, Source
from finsync_dagster.lineage.shelf import Row, Shelf


def problems_of(register: pl.DataFrame, subjects: Sequence[str]) -> list[Problem]:
    """Open exceptions about any of the subjects, the worst first as the register names them."""
    about = pl.col("subject_id").is_in(list(subjects)) & ~pl.col("state").is_in(RESOLVED)
    rows = register.filter(about).sort("reason_code", "exception_id")
    return [
        Problem(
            reason_code=row["reason_code"],
            severity=row["severity"],
            state=row["state"],
            owner=row["owner_role"],
            due=row["due_at"].date(),
            amount=row["amount_at_risk"],
            ccy=row["ccy"],
            message=row["message"],
            action=row["action"],
        )
        for row in rows.iter_rows(named=True)
    ]


def payments_of(shelf: Shelf, invoice_id: str) -> list[Payment]:
    """Payments that settle the invoice, as stated or inferred, by date and number."""
    applied = _applied(shelf, invoice_id)
    known = {
        row["payment_id"]: row
        for row in shelf.by("payments", "payment_id", {row["payment_id"] for row in applied})
    }
    found = [
        Payment(
            amount=row["amount_applied"],
            ccy=row["ccy"],
            paid=known[row["payment_id"]]["payment_date"],
            method=row["method"],
            source=_source("payment", known[row["payment_id"]]["payment_no"], paid),
        )
        for row in applied
        if (paid := known.get(row["payment_id"]))
    ]
    return sorted(found, key=lambda each: (each.paid, each.source.number))


def postings_of(shelf: Shelf, invoice: Row, receipts: Sequence[Row]) -> list[Source]:
    """Documents of the ledger that book the invoice, or a receipt it bills.

    - A ledger names a document of its own system by that system's number (SAP: invoice document,
      material document), which is the first or second part of the key it is read by. Numbers begin
      anew each year, so that a posting counts only if it is of the document's day in the books.
    - Where the invoice is kept in another system than the books: what a payment of the invoice
      cleared, if one document of it is of the payment's supplier and the invoice's total.
    """
    found: dict[tuple[str, str, str], Source] = {}
    for what, row, day in [
        ("posting of invoice", invoice, invoice["posting_date"] or invoice["invoice_date"]),
        *(("posting of receipt", receipt, receipt["posting_date"]) for receipt in receipts),
    ]:
        names = [part for part in str(row["source_pk"]).split("|")[:2] if len(part) > _YEAR]
        wanted = (
            (pl.col("source_system") == row["source_system"])
            & (pl.col("entity_id") == row["entity_id"])
            & pl.col("reference").is_in(names)
            & (pl.col("posting_date") == day)
        )
        _add(found, what, shelf.rows("ledger_lines", wanted) if names else [])
    if not any(posting.what == "posting of invoice" for posting in found.values()):
        _add(found, "posting of invoice", _cleared(shelf, invoice))
    return [found[key] for key in sorted(found)]


_YEAR = 4
"""A part of a key that is no longer is a year, or a line, and names no document."""


def _cleared(shelf: Shelf, invoice: Row) -> list[Row]:
    paid = [row["payment_id"] for row in _applied(shelf, invoice["invoice_id"])]
    rows: list[Row] = []
    for payment in shelf.by("payments", "payment_id", paid):
        wanted = (
            (pl.col("source_system") == payment["source_system"])
            & (pl.col("entity_id") == invoice["entity_id"])
            & (pl.col("clearing_document") == payment["payment_no"])
            & (pl.col("document_no") != payment["payment_no"])
            & (pl.col("ccy") == invoice["ccy"])
            & (pl.col("supplier_src_id") == payment["supplier_src_id"])
            & (pl.col("amount").abs() == abs(invoice["gross"]))
        )
        rows += shelf.rows("ledger_lines", wanted)
    return rows if len({row["document_no"] for row in rows}) == 1 else []


def _applied(shelf: Shelf, invoice_id: str) -> list[Row]:
    return shelf.by("payment_allocations", "invoice_id", [invoice_id])


def _add(found: dict[tuple[str, str, str], Source], what: str, lines: Sequence[Row]) -> None:
    for line in lines:
        key = (line["source_system"], line["document_no"], str(line["posting_date"].year))
        found.setdefault(key, _source(what, line["document_no"], line))


def _source(what: str, number: str, row: Row) -> Source:
    return Source(what, number, row["source_system"], row["source_object"], row["source_pk"])
