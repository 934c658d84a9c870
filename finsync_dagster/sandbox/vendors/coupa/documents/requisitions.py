"""Coupa's requisitions, and decisions on its documents.

Belongs here: requisitions, their lines, approvals. Not here: orders that come of them.

A rejected requisition is abandoned and says so in ``reject-reason-comment``, a cancelled one is
withdrawn (K). An approval belongs to one
document and one step; the approver's limit is a property of the user.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from finsync_dagster.sandbox.vendors.coupa.documents.prices import price_per_unit, six_decimals
from finsync_dagster.sandbox.vendors.coupa.documents.references import References
from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row, by_keys, grouped

_STATUSES = {
    "draft": "draft",
    "pending_approval": "pending_approval",
    "approved": "approved",
    "ordered": "ordered",
    "rejected": "abandoned",
    "cancelled": "withdrawn",
}
# Coupa has no number of a requisition beside its id.
NUMBER_SQL = "CAST(q.requisition_number AS BIGINT)"
_DECISIONS = {"approved": "approved", "rejected": "rejected", "pending": "pending_approval"}
SUBJECTS = {
    "requisition": "RequisitionHeader",
    "purchase_order": "OrderHeader",
    "invoice": "InvoiceHeader",
}
STATUS_SQL = (
    "CASE {column} "
    + " ".join(f"WHEN '{ours}' THEN '{theirs}'" for ours, theirs in _STATUSES.items())
    + " END"
)

_HEADERS = """
    SELECT q.*, {number} AS number, {changed} AS updated_at, p.department_id
    FROM requisition q
    LEFT JOIN (SELECT e.employee_id, c.cost_center_id AS department_id FROM employee e
        JOIN cost_center c ON c.entity_id = e.entity_id AND c.code = e.cost_center) p
        ON p.employee_id = q.requester_id
    WHERE {here}"""
_LINES = """
    SELECT l.*, {changed} AS updated_at, q.entity_id, q.currency, q.requester_id, q.status,
        NULL AS project, 1 AS price_uom_numerator, 1 AS price_uom_denominator
    FROM requisition_line l JOIN requisition q USING (requisition_id) WHERE {here}"""
_APPROVALS = """
    SELECT a.*, {number} AS requisition FROM approval a
    LEFT JOIN requisition q ON a.subject_type = 'requisition' AND q.requisition_id = a.subject_id
    WHERE {here} AND {there}"""


def requisitions(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    """Requisitions with their lines and approvals, by id."""
    view = about.view
    asked = _HEADERS.format(number=NUMBER_SQL, changed=view.changed("q"), here=view.here("q"))
    found = by_keys(cursor, asked, NUMBER_SQL, keys, "number")
    inside = [row["requisition_id"] for row in found]
    asked = _LINES.format(changed=view.changed("l"), here=view.here("q"))
    lines = by_keys(cursor, asked, "l.requisition_id", inside, "l.requisition_line_id")
    lines_of = grouped(lines, "requisition_id")
    decided = approvals_on(cursor, about, "requisition", inside)
    known = {}
    for row in found:
        key = row["requisition_id"]
        line_objects = [_line(line, about) for line in lines_of.get(key, [])]
        known[row["number"]] = _header(row, line_objects, decided.get(key, []), about)
    return known


def approvals(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    """Approvals by id."""
    found = by_keys(cursor, _approvals_sql(about), "a.approval_id", keys, "a.approval_id")
    return {row["approval_id"]: _approval(row, about) for row in found}


def approvals_on(
    cursor: duckdb.DuckDBPyConnection, about: References, subject: str, keys: Sequence[int]
) -> dict[int, list[Object]]:
    """The approvals of documents of one kind, by the document's id."""
    asked = _approvals_sql(about) + f" AND a.subject_type = '{subject}'"
    found = by_keys(cursor, asked, "a.subject_id", keys, "a.step, a.approval_id")
    return {
        key: [_approval(row, about) for row in group]
        for key, group in grouped(found, "subject_id").items()
    }


def _approvals_sql(about: References) -> str:
    there = about.view.there("a", "decided_at")
    return _APPROVALS.format(number=NUMBER_SQL, here=about.view.here("a"), there=there)


def _header(row: Row, lines: list[Object], decided: list[Object], about: References) -> Object:
    pending = next((each for each in decided if each["status"] == "pending_approval"), None)
    values = {
        "id": row["number"],
        "req-title": f"Requisition {row['requisition_number']}",
        "external-po-reference": None,
        "status": _STATUSES[row["status"]],
        "currency": row["currency"],
        "mobile-currency": row["currency"],
        "total": row["net_amount"],
        "mobile-total": row["net_amount"],
        "requested-by": about.user(row["requester_id"]),
        "requester": about.user(row["requester_id"]),
        "department": about.departments.get(row["department_id"]),
        "line-count": len(lines),
        "requisition-lines": lines,
        "approvals": decided,
        "current-approval": pending,
        "approver": pending["approver"] if pending else None,
        "exported": False,
        "price-hidden": False,
        "reject-reason-comment": "Not needed" if row["status"] == "rejected" else None,
        "submitted-at": row["submitted_at"],
        "need-by-date": None,
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
        "created-by": about.user(row["requester_id"]),
        "updated-by": about.user(row["requester_id"]),
    }
    return make("RequisitionHeader", values)


def _line(row: Row, about: References) -> Object:
    by_amount = row["qty"] is None
    entity = row["entity_id"]
    kind = "RequisitionAmountLine" if by_amount else "RequisitionQuantityLine"
    values = {
        "id": row["requisition_line_id"],
        "line-num": row["line_no"],
        "line-type": kind,
        "status": "withdrawn" if row["cancelled"] else _STATUSES[row["status"]],
        "description": row["description"],
        "quantity": row["qty"],
        "uom": about.uom(row["uom"]),
        "unit-price": six_decimals(row["price"] if by_amount else price_per_unit(row)),
        "total": row["net_amount"],
        "currency": about.currency(row["currency"]),
        "item": about.items.get(row["item_id"]),
        "commodity": about.commodities.get(row["category"]),
        "supplier": about.suppliers.get(row["supplier_account_id"]),
        "account": about.account(entity, row["gl_account"], row["cost_center"], None),
        "need-by-date": row["need_by"],
        "order-line-id": row["purchase_order_line_id"],
        "line-owner": about.user(row["requester_id"]),
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
        "created-by": about.user(row["requester_id"]),
        "updated-by": about.user(row["requester_id"]),
    }
    return make("RequisitionLine", values)


def _approval(row: Row, about: References) -> Object:
    pending = row["decision"] == "pending"
    actor = about.user(row["actor_id"])
    values = {
        "id": row["approval_id"],
        "position": row["step"],
        "approvable-id": row["requisition"] or row["subject_id"],
        "approvable-type": SUBJECTS.get(row["subject_type"], row["subject_type"]),
        "status": _DECISIONS[row["decision"]],
        "approver": actor,
        "approver-id": row["actor_id"],
        "approver-type": "User",
        "approved-by": actor if row["decision"] == "approved" else None,
        "approval-date": None if pending else row["decided_at"],
        "approval-chain-id": row["step"],
        "type": "ApprovalChainApproval",
        "holdable": False,
        "created-at": row["decided_at"],
        "updated-at": row["decided_at"],
    }
    return make("Approval", values)
