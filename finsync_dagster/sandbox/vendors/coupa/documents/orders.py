"""Coupa's purchase orders and their lines.

Belongs here: orders, lines, account allocations. Not here: receipts, invoices, requisitions.

A price is for one unit of the line's ``uom``: a world price per 1000, or per another unit, is told
for one ordered unit, rounded half up at six decimals as the column keeps it. Amount lines have no
quantity and no unit, their price is their amount. ``received`` and ``invoiced`` are what Coupa
itself knows: quantities on quantity lines, amounts on amount lines. An order that waits for
approval is a draft: one held for its buyer would be approved already (K). An order shows the whole
requisition it came from. An order of version 2 or more was revised. A line charged to
several accounts shows the first as its ``account`` beside its allocations (K).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import duckdb

from finsync_dagster.sandbox.vendors.coupa.documents import requisitions
from finsync_dagster.sandbox.vendors.coupa.documents.prices import price_per_unit, six_decimals
from finsync_dagster.sandbox.vendors.coupa.documents.references import References
from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row, View, by_keys, grouped

_STATUSES = {
    "draft": "draft",
    "pending_approval": "draft",
    "approved": "issued",
    "sent": "issued",
    "partial": "issued",
    "received": "issued",
    "closed": "closed",
    "cancelled": "cancelled",
}
_NOTHING = Decimal(0)
_MATCHES = {"2w": "2-way", "3w": "3-way", "4w": "3-way", "limit": "2-way"}
STATUS_SQL = (
    "CASE {column} "
    + " ".join(f"WHEN '{ours}' THEN '{theirs}'" for ours, theirs in _STATUSES.items())
    + " END"
)

_ORDERS = """
    SELECT o.*, {changed} AS updated_at FROM purchase_order o WHERE {here}"""
_LINES = """
    SELECT l.*, {changed} AS updated_at, o.entity_id, o.currency, o.fx_rate, o.po_number,
        o.version_no, o.supplier_account_id, o.requester_id, o.buyer_id, o.status AS order_status
    FROM purchase_order_line l JOIN purchase_order o USING (purchase_order_id) WHERE {here}"""
_RECEIVED = """
    SELECT rl.purchase_order_line_id, rl.qty_order_uom AS qty, rl.amount
    FROM receipt_line rl JOIN receipt r USING (receipt_id)
    WHERE {here} AND {there} AND {kept}"""
_INVOICED = """
    SELECT il.purchase_order_line_id, il.qty, il.net_amount AS amount
    FROM invoice_line il JOIN invoice i USING (invoice_id)
    WHERE {here} AND {there} AND {kept} AND il.type = 'item'
        AND NOT i.is_reversed AND i.reverses_invoice_id IS NULL"""
_CAME_FROM = """
    SELECT DISTINCT x.purchase_order_id, q.requisition_number
    FROM purchase_order_line x JOIN requisition_line rl USING (requisition_line_id)
    JOIN requisition q USING (requisition_id) WHERE {here} AND {there} AND {kept}"""
_ASSIGNMENTS = "SELECT a.* FROM purchase_order_assignment a WHERE true"


def orders(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    """Orders with their lines, by id."""
    view = about.view
    asked = _ORDERS.format(changed=view.changed("o"), here=view.here("o"))
    found = by_keys(cursor, asked, "o.purchase_order_id", keys, "o.purchase_order_id")
    lines = _lines(cursor, about, "l.purchase_order_id", keys)
    lines_of: dict[int, list[Object]] = {}
    for row, line in lines:
        lines_of.setdefault(row["purchase_order_id"], []).append(line)
    asked_for = _asked_for(cursor, about, keys)
    known = {}
    for row in found:
        key = row["purchase_order_id"]
        known[key] = _order(row, lines_of.get(key, []), asked_for.get(key), about)
    return known


def lines(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    """Order lines by id."""
    return {
        row["purchase_order_line_id"]: line
        for row, line in _lines(cursor, about, "l.purchase_order_line_id", keys)
    }


def _asked_for(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    """The requisition each order came from, by the order's key."""
    view = about.view
    kept = view.kept("requisition", "q.requisition_id")
    asked = _CAME_FROM.format(here=view.here("q"), there=view.there("q"), kept=kept)
    found = by_keys(cursor, asked, "x.purchase_order_id", keys, "x.purchase_order_id")
    numbers = {row["purchase_order_id"]: int(row["requisition_number"]) for row in found}
    wanted = requisitions.requisitions(cursor, about, sorted(set(numbers.values())))
    return {key: wanted[number] for key, number in numbers.items() if number in wanted}


def _lines(
    cursor: duckdb.DuckDBPyConnection, about: References, key: str, keys: Sequence[int]
) -> list[tuple[Row, Object]]:
    view = about.view
    asked = _LINES.format(changed=view.changed("l"), here=view.here("o"))
    found = by_keys(cursor, asked, key, keys, "l.purchase_order_line_id")
    numbers = [row["purchase_order_line_id"] for row in found]
    key, order = "a.purchase_order_line_id", "a.purchase_order_assignment_id"
    parts = by_keys(cursor, _ASSIGNMENTS, key, numbers, order)
    parts_of = grouped(parts, "purchase_order_line_id")
    received = _totals(cursor, view, ("receipt", _RECEIVED, "r", "rl"), numbers)
    invoiced = _totals(cursor, view, ("invoice", _INVOICED, "i", "il"), numbers)
    lines = []
    for row in found:
        number = row["purchase_order_line_id"]
        row["received"], row["received_amount"] = received.get(number, (_NOTHING, _NOTHING))
        row["invoiced"], row["invoiced_amount"] = invoiced.get(number, (_NOTHING, _NOTHING))
        lines.append((row, _line(row, parts_of.get(number, []), about)))
    return lines


def _totals(
    cursor: duckdb.DuckDBPyConnection,
    view: View,
    source: tuple[str, str, str, str],
    numbers: Sequence[int],
) -> dict[int, tuple[Decimal, Decimal]]:
    """Quantity and amount per order line, of receipts or of invoices."""
    kind, sql, head, line = source
    kept = view.kept(kind, f"{head}.{kind}_id")
    asked = sql.format(here=view.here(head), there=view.there(head), kept=kept)
    key = f"{line}.purchase_order_line_id"
    totals: dict[int, tuple[Decimal, Decimal]] = {}
    for row in by_keys(cursor, asked, key, numbers, key):
        number = row["purchase_order_line_id"]
        qty, amount = totals.get(number, (_NOTHING, _NOTHING))
        totals[number] = (qty + (row["qty"] or 0), amount + row["amount"])
    return totals


def _order(row: Row, lines: list[Object], asked_for: Object | None, about: References) -> Object:
    revised = row["version_no"] > 1
    values = {
        "id": row["purchase_order_id"],
        "po-number": row["po_number"],
        "status": _STATUSES[row["status"]],
        "version": row["version_no"],
        "internal-revision": row["version_no"] - 1,
        "change-type": "revision" if revised else None,
        "supplier": about.suppliers.get(row["supplier_account_id"]),
        "currency": about.currency(row["currency"]),
        "payment-term": about.terms(row),
        "requester": about.user(row["requester_id"]),
        "ship-to-user": about.user(row["requester_id"]),
        "requisition-header": asked_for,
        "order-lines": lines,
        "exported": False,
        "acknowledged-flag": False,
        "invoice-stop": False,
        "price-hidden": False,
        "order-confirmation-level": 0,
        "transmission-status": "created" if row["status"] == "draft" else "sent_via_email",
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
        "created-by": about.user(row["buyer_id"]),
        "updated-by": about.user(row["buyer_id"]),
    }
    return make("OrderHeader", values)


def _line(row: Row, parts: list[Row], about: References) -> Object:
    entity = row["entity_id"]
    by_amount = row["qty"] is None
    allocations = (
        [_allocation(part, entity, row, about) for part in parts] if len(parts) > 1 else []
    )
    stated = six_decimals(row["price"] if by_amount else price_per_unit(row))
    received = row["received_amount"] if by_amount else row["received"]
    values = {
        "id": row["purchase_order_line_id"],
        "line-num": row["line_no"],
        "type": "OrderAmountLine" if by_amount else "OrderQuantityLine",
        "status": _line_status(row, received),
        "description": row["description"],
        "quantity": row["qty"],
        "uom": about.uom(row["uom"]),
        "price": stated,
        "total": row["net_amount"],
        **about.in_books(row["net_amount"], row),
        "currency": about.currency(row["currency"]),
        "received": received,
        "invoiced": row["invoiced_amount"] if by_amount else row["invoiced"],
        "total-invoiced": row["invoiced_amount"],
        "match-type": _MATCHES[row["match_type"]],
        "receipt-required": row["receipt_required"],
        "receipt-approval-required": False,
        "item": about.items.get(row["item_id"]),
        "commodity": about.commodities.get(row["category"]),
        "need-by-date": row["need_by"],
        "order-header-id": row["purchase_order_id"],
        "order-header-number": row["po_number"],
        "requisition-line-id": row["requisition_line_id"],
        "supplier": about.suppliers.get(row["supplier_account_id"]),
        "requester": about.user(row["requester_id"]),
        "line-owner": about.user(row["requester_id"]),
        "account": _account(parts[0] if parts else None, entity, about),
        "account-type": about.account_types.get(entity),
        "account-allocations": allocations,
        "invoice-stop": row["final_invoice"],
        "version": row["version_no"],
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
        "created-by": about.user(row["buyer_id"]),
        "updated-by": about.user(row["buyer_id"]),
    }
    return make("OrderLine", values)


def _line_status(row: Row, received: Decimal) -> str:
    if row["cancelled"] or row["order_status"] == "cancelled":
        return "cancelled"
    if row["delivery_complete"] and row["final_invoice"]:
        return "closed"
    ordered = row["net_amount"] if row["qty"] is None else row["qty"]
    if row["delivery_complete"] or (received and received >= ordered):
        return "received"
    return "partially_received" if received else "created"


def _allocation(part: Row, entity: str, row: Row, about: References) -> Object:
    values = {
        "id": part["purchase_order_assignment_id"],
        "account": _account(part, entity, about),
        "amount": part["amount"],
        "pct": part["pct"],
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
    }
    return make("OrderLineAllocation", values)


def _account(part: Row | None, entity: str, about: References) -> Object | None:
    if part is None:
        return None
    return about.account(entity, part["gl_account"], part["cost_center"], part["project"])
