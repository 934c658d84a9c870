"""Coupa's receiving transactions: receipts, returns to suppliers, voids.

Belongs here: one transaction per received line. Not here: what a line has received in all
(orders.py).

Quantities and totals are signed by what they do to what is on hand (K): a receipt positive, a
return to the supplier negative, a void the opposite of what it voids. A void is a transaction of
its own whose type is ``Void`` before the type it voids, and which names it in
``original-transaction-id``; what was voided shows in ``voided-value``, without sign, on both, and
the voided one has the status ``voided``. Amount lines have no quantity and no unit. The delivery
note is in ``match-reference``. Coupa receives in the unit of the order line, whatever was counted
in the warehouse (K).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from finsync_dagster.sandbox.vendors.coupa.documents import orders
from finsync_dagster.sandbox.vendors.coupa.documents.references import References
from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row, by_keys

_RECEIPTS = """
    SELECT l.* EXCLUDE (qty, uom), coalesce(l.qty_order_uom, l.qty) AS qty,
        CASE WHEN l.qty_order_uom IS NULL THEN l.uom ELSE p.uom END AS uom,
        r.entity_id, r.receipt_number, r.delivery_note, r.document_date, r.posting_date,
        r.received_by, r.created_at, {changed} AS updated_at, o.currency,
        w.kind AS original_kind, coalesce(w.qty_order_uom, w.qty) AS original_qty
    FROM receipt_line l JOIN receipt r USING (receipt_id)
    JOIN purchase_order_line p ON p.purchase_order_line_id = l.purchase_order_line_id
    JOIN purchase_order o ON o.purchase_order_id = p.purchase_order_id
    LEFT JOIN receipt_line w ON w.receipt_line_id = l.reverses_receipt_line_id
    WHERE {here}"""
TYPE_SQL = """
    CASE WHEN l.kind = 'reversal' THEN 'Void' ELSE '' END || 'Receiving'
    || CASE WHEN l.qty IS NULL THEN 'Amount' ELSE 'Quantity' END
    || CASE WHEN l.kind = 'return' OR (l.kind = 'reversal' AND w.kind = 'return')
        THEN 'ReturnToSupplier' ELSE 'Consumption' END"""


def receiving_transactions(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    """Receiving transactions with the order line they are for, by id."""
    view = about.view
    asked = _RECEIPTS.format(changed=view.changed("r"), here=view.here("r"))
    found = by_keys(cursor, asked, "l.receipt_line_id", keys, "l.receipt_line_id")
    wanted = sorted({row["purchase_order_line_id"] for row in found})
    order_lines = orders.lines(cursor, about, wanted)
    return {
        row["receipt_line_id"]: _transaction(
            row, order_lines.get(row["purchase_order_line_id"]), about
        )
        for row in found
    }


def _transaction(row: Row, order_line: Object | None, about: References) -> Object:
    amount_line = row["qty"] is None
    voids = row["kind"] == "reversal"
    effect = row["amount"] if amount_line else row["qty"]
    price = order_line["price"] if order_line and not amount_line else None
    values = {
        "id": row["receipt_line_id"],
        "type": _type(row),
        "status": "voided" if row["is_reversed"] else "created",
        "quantity": row["qty"],
        "uom": None if amount_line else about.uom(row["uom"]),
        "total": row["amount"],
        "currency": about.currency(row["currency"]),
        "transaction-date": row["posting_date"],
        "match-reference": row["delivery_note"],
        "item": order_line["item"] if order_line else None,
        "account": order_line["account"] if order_line else None,
        "order-line": order_line,
        "original-transaction-id": row["reverses_receipt_line_id"],
        "original-transaction": _original(row),
        "voided-value": abs(effect) if voids or row["is_reversed"] else None,
        "soft-close-for-receiving": row["delivery_complete"],
        "receipts-batch-id": row["receipt_id"],
        "exported": False,
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
        "created-by": about.user(row["received_by"]),
        "updated-by": about.user(row["received_by"]),
    }
    found = make("InventoryTransaction", values)
    found["price"] = price
    found["receipt"] = _receipt(row, price, about)
    return found


def _receipt(row: Row, price: str | None, about: References) -> Object:
    values = {
        "id": row["receipt_id"],
        "receipt-date": row["posting_date"],
        "receivable-id": row["purchase_order_line_id"],
        "receivable-type": "OrderLine",
        "quantity": row["qty"],
        "total": row["amount"],
        "currency": about.currency(row["currency"]),
        "uom": about.uom(row["uom"]),
        "exported": False,
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
    }
    return make("Receipt", values) | {"unit-price": price}


def _original(row: Row) -> Object | None:
    if row["reverses_receipt_line_id"] is None:
        return None
    quantity = row["original_qty"]
    values = {
        "id": row["reverses_receipt_line_id"],
        "type": _name(quantity is None, row["original_kind"] == "return"),
        "quantity": quantity,
    }
    known = make("InventoryTransaction", values)
    return {name: known[name] for name in values}


def _type(row: Row) -> str:
    returned = "return" in (row["kind"], row["original_kind"] if row["kind"] == "reversal" else "")
    name = _name(row["qty"] is None, returned)
    return f"Void{name}" if row["kind"] == "reversal" else name


def _name(by_amount: bool, returned: bool) -> str:
    basis = "Amount" if by_amount else "Quantity"
    return f"Receiving{basis}{'ReturnToSupplier' if returned else 'Consumption'}"
