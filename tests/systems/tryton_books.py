"""What Tryton says of its purchasing, and what the warehouse says, in the same shape.

Belongs here: asking both, and no arithmetic but reading decimals. Not here: comparing
(test_tryton.py).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.pipeline.homes import Home
from tests.tryton import Asking

Book = dict[str, dict[str, tuple[Any, ...]]]
"""Kind of document → id → facts."""


def tryton_says(erp: Asking) -> Book:
    """Every document, read by way of the server's own protocol."""
    units = {u["id"]: u["symbol"] for u in erp.read("product.uom", "symbol")}
    moves = erp.read(
        "stock.move",
        *("origin", "quantity", "unit", "state", "effective_date", "to_location.type"),
    )
    return {
        "orders": {
            str(r["id"]): (
                r["number"] or f"({r['id']})",
                str(r["party"]),
                r["currency."]["code"],
                r["state"],
                *map(amount, (r["untaxed_amount"], r["tax_amount"], r["total_amount"])),
            )
            for r in erp.read(
                "purchase.purchase",
                *("number", "party", "currency.code", "state"),
                *("untaxed_amount", "tax_amount", "total_amount"),
            )
        },
        "order lines": {
            str(r["id"]): (
                str(r["purchase"]),
                quantity(r["quantity"]),
                amount(r["unit_price"]),
                amount(r["amount"]),
                units.get(r["unit"]),
            )
            for r in erp.read(
                "purchase.line", "purchase", "quantity", "unit_price", "amount", "unit", "type"
            )
            if r["type"] == "line"
        },
        "receipts": {
            str(r["id"]): (
                r["origin"].split(",")[1],
                quantity(r["quantity"]) * (-1 if r["to_location."]["type"] == "supplier" else 1),
                day(r["effective_date"]),
            )
            for r in moves
            if r["state"] == "done" and (r["origin"] or "").startswith("purchase.line,")
        },
        "invoices": {
            str(r["id"]): (
                (r["reference"] or "").strip() or r["number"] or f"({r['id']})",
                str(r["party"]),
                r["currency."]["code"],
                r["state"],
                *map(amount, (r["untaxed_amount"], r["tax_amount"], r["total_amount"])),
            )
            for r in erp.read(
                "account.invoice",
                *("number", "reference", "party", "currency.code", "state", "type"),
                *("untaxed_amount", "tax_amount", "total_amount"),
            )
            if r["type"] == "in"
        },
        "invoice lines": {
            str(r["id"]): (
                str(r["invoice"]),
                quantity(r["quantity"]),
                amount(r["unit_price"]),
                amount(r["amount"]),
            )
            for r in erp.read(
                "account.invoice.line",
                *("invoice", "invoice.type", "quantity", "unit_price", "amount", "type"),
            )
            if r["type"] == "line" and r["invoice."]["type"] == "in"
        },
        "payments": {
            str(r["id"]): (
                str(r["party"]),
                r["currency."]["code"],
                amount(r["amount"]),
                r["state"],
                ((r["line."] or {}).get("move_origin") or "").removeprefix("account.invoice,"),
            )
            for r in erp.read(
                "account.payment",
                *("party", "currency.code", "amount", "state", "kind", "line.move_origin"),
            )
            if r["kind"] == "payable"
        },
    }


def warehouse_says(home: Home) -> Book:
    """The same of the published warehouse."""
    key = "split_part({}, '|', 3)"
    asked = {
        "orders": f"""
            SELECT {key.format("po_id")}, po_number, {key.format("supplier_src_id")}, ccy,
                   regexp_extract(status_src, 'state=(\\w+)', 1), net_amount, tax_amount,
                   gross_amount
            FROM canonical.purchase_orders""",
        "order lines": f"""
            SELECT {key.format("po_line_id")}, {key.format("po_id")}, qty_ordered, unit_price,
                   net_amount, uom_order FROM canonical.purchase_order_lines""",
        "receipts": f"""
            SELECT {key.format("receipt_line_id")}, {key.format("po_line_id")}, qty, posting_date
            FROM canonical.receipt_lines""",
        "invoices": f"""
            SELECT {key.format("invoice_id")}, invoice_no_supplier,
                   {key.format("supplier_src_id")}, ccy,
                   regexp_extract(status_src, 'state=(\\w+)', 1), net, tax, gross
            FROM canonical.invoices""",
        "invoice lines": f"""
            SELECT {key.format("invoice_line_id")}, {key.format("invoice_id")}, qty, unit_price,
                   net_amount FROM canonical.invoice_lines""",
        "payments": f"""
            SELECT {key.format("p.payment_id")}, {key.format("supplier_src_id")}, p.ccy, amount,
                   status_canon, coalesce({key.format("a.invoice_id")}, '')
            FROM canonical.payments AS p
            LEFT JOIN canonical.payment_applications AS a USING (payment_id)""",
    }
    return {kind: {row[0]: row[1:] for row in home.ask(sql)} for kind, sql in asked.items()}


UNITS = {"u": "C62", "kg": "KGM", "m": "MTR", "h": "HUR", "d": "DAY", "P10": "PK", None: "C62"}
PAID = {
    "draft": "proposed",
    "submitted": "proposed",
    "approved": "proposed",
    "processing": "sent",
    "succeeded": "confirmed",
    "failed": "failed",
}


def in_our_words(book: Book) -> Book:
    """Tryton's units and payment states as the mapping is meant to say them."""
    lines = {k: (*v[:4], UNITS[v[4]]) for k, v in book["order lines"].items()}
    payments = {k: (*v[:3], PAID[v[3]], v[4]) for k, v in book["payments"].items()}
    return book | {"order lines": lines, "payments": payments}


def amount(value: Any) -> Decimal:
    return Decimal(value["decimal"])


def quantity(value: float) -> Decimal:
    """Tryton keeps quantities as binary floats; six decimals are all that is meant."""
    return round(Decimal(repr(value)), 6)


def day(value: Any) -> date:
    return datetime(value["year"], value["month"], value["day"]).date()
