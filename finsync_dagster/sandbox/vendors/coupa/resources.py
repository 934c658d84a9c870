"""Coupa's resources: where each is, what it can be filtered by, how its objects are built.

Belongs here: one declaration a resource. Not here: building objects (documents/), taking requests
apart (question.py), pages (listing.py).

An index is a query with ``id``, ``updated_at`` and a column per attribute that can be told without
building objects, named as filters name it (``supplier.name``). Attributes of lists (an order's
lines) are not among them: filter the lines' own resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import duckdb

from finsync_dagster.sandbox.vendors.coupa.documents import (
    invoices,
    orders,
    payments,
    people,
    receipts,
    requisitions,
)
from finsync_dagster.sandbox.vendors.coupa.documents.references import References
from finsync_dagster.sandbox.vendors.coupa.making import Object
from finsync_dagster.sandbox.vendors.view import View, rows

Build = Callable[[duckdb.DuckDBPyConnection, References, Sequence[int]], dict[int, Object]]


@dataclass(frozen=True)
class Resource:
    """A resource: the object it serves, its XML root, its index (None: kept in memory), and the
    way to its objects by id.
    """

    path: str
    schema: str
    root: str
    build: Build
    index: Callable[[View], str] | None = None
    exportable: bool = False


_SUPPLIER = (
    's.name AS "supplier.name", s.account_no AS "supplier.number", '
    's.supplier_account_id AS "supplier.id", s.status AS "supplier.status"'
)


def _of_supplier(alias: str) -> str:
    return f"JOIN supplier_account s ON s.supplier_account_id = {alias}.supplier_account_id"


def _suppliers(view: View) -> str:
    return f"""
        SELECT s.supplier_account_id AS id, s.name, s.name AS display_name, s.account_no AS number,
            CASE WHEN s.status = 'inactive' THEN 'inactive' ELSE 'active' END AS status,
            s.status = 'blocked' AS on_hold, s.tax_id, s.duns, s.created_at,
            {view.changed("s")} AS updated_at
        FROM supplier_account s
        WHERE {view.here("s")} AND {view.there("s")}
            AND {view.kept("supplier_account", "s.supplier_account_id")}"""


def _requisitions(view: View) -> str:
    return f"""
        SELECT {requisitions.NUMBER_SQL} AS id,
            {requisitions.STATUS_SQL.format(column="q.status")} AS status, q.currency,
            q.net_amount AS total, q.submitted_at, q.created_at,
            q.requester_id AS "requested_by.id", q.requester_id AS "requester.id",
            {view.changed("q")} AS updated_at
        FROM requisition q
        WHERE {view.here("q")} AND {view.there("q")}
            AND {view.kept("requisition", "q.requisition_id")}"""


def _orders(view: View) -> str:
    return f"""
        SELECT o.purchase_order_id AS id, o.po_number, o.version_no AS version,
            {orders.STATUS_SQL.format(column="o.status")} AS status, o.created_at,
            o.currency AS "currency.code", o.requester_id AS "requester.id", {_SUPPLIER},
            {view.changed("o")} AS updated_at
        FROM purchase_order o {_of_supplier("o")}
        WHERE {view.here("o")} AND {view.there("o")}
            AND {view.kept("purchase_order", "o.purchase_order_id")}"""


def _order_lines(view: View) -> str:
    return f"""
        SELECT l.purchase_order_line_id AS id, l.purchase_order_id AS order_header_id,
            o.po_number AS order_header_number, CAST(l.line_no AS VARCHAR) AS line_num,
            CASE WHEN l.qty IS NULL THEN 'OrderAmountLine' ELSE 'OrderQuantityLine' END AS type,
            l.description, l.quantity, l.net_amount AS total, l.created_at,
            o.currency AS "currency.code", {_SUPPLIER},
            e.name AS "account.account_type.legal_entity_name",
            e.name AS "account_type.legal_entity_name", {view.changed("l")} AS updated_at
        FROM (SELECT *, qty AS quantity FROM purchase_order_line) l
        JOIN purchase_order o USING (purchase_order_id)
        JOIN entity e ON e.entity_id = o.entity_id {_of_supplier("o")}
        WHERE {view.here("o")} AND {view.there("l")}
            AND {view.kept("purchase_order", "o.purchase_order_id")}"""


def _receiving(view: View) -> str:
    return f"""
        SELECT l.receipt_line_id AS id, {receipts.TYPE_SQL} AS type,
            CASE WHEN l.is_reversed THEN 'voided' ELSE 'created' END AS status,
            coalesce(l.qty_order_uom, l.qty) AS quantity, l.amount AS total,
            r.posting_date AS transaction_date,
            l.reverses_receipt_line_id AS original_transaction_id, r.created_at,
            l.purchase_order_line_id AS "order_line.id",
            o.po_number AS "order_line.order_header_number",
            o.purchase_order_id AS "order_line.order_header_id",
            e.name AS "account.account_type.legal_entity_name", {view.changed("r")} AS updated_at
        FROM receipt_line l JOIN receipt r USING (receipt_id)
        JOIN entity e ON e.entity_id = r.entity_id
        JOIN purchase_order_line p ON p.purchase_order_line_id = l.purchase_order_line_id
        JOIN purchase_order o ON o.purchase_order_id = p.purchase_order_id
        LEFT JOIN receipt_line w ON w.receipt_line_id = l.reverses_receipt_line_id
        WHERE {view.here("r")} AND {view.there("r")} AND {view.kept("receipt", "r.receipt_id")}"""


def _invoices(view: View) -> str:
    return f"""
        SELECT i.invoice_id AS id, i.invoice_number, {invoices.STATUS_SQL.format("i")} AS status,
            CAST(i.invoice_date AS TIMESTAMP) AS invoice_date, i.received_at AS date_received,
            CASE WHEN i.kind IN ('credit_qty', 'credit_value') THEN 'Credit Note' ELSE 'Invoice'
                END AS document_type,
            i.kind IN ('credit_qty', 'credit_value') AS is_credit_note, i.state = 'paid' AS paid,
            i.gross_amount AS gross_total, i.gross_amount AS total_with_taxes, i.channel,
            i.currency AS "currency.code", e.name AS "account_type.legal_entity_name",
            i.created_at, {_SUPPLIER}, {view.changed("i")} AS updated_at
        FROM invoice i JOIN entity e ON e.entity_id = i.entity_id {_of_supplier("i")}
        WHERE {view.here("i")} AND {view.there("i")} AND i.reverses_invoice_id IS NULL
            AND {view.kept("invoice", "i.invoice_id")}"""


def _payments(view: View) -> str:
    return f"""
        SELECT p.payment_id AS id, p.payment_number AS payment_identifier,
            {payments.STATUS_SQL.format(column="p.status")} AS status, p.amount AS pay_to_total,
            p.payment_date AS requested_execution_date, p.created_at AS released_at,
            p.currency AS "pay_to_currency.code", e.name AS legal_entity_name,
            s.name AS "payee.name", s.account_no AS "payee.number", p.created_at,
            {view.changed("p")} AS updated_at
        FROM payment p JOIN entity e ON e.entity_id = p.entity_id {_of_supplier("p")}
        WHERE {view.here("p")} AND {view.there("p")} AND {view.kept("payment", "p.payment_id")}"""


def _approvals(view: View) -> str:
    kinds = " ".join(f"WHEN '{ours}' THEN '{name}'" for ours, name in requisitions.SUBJECTS.items())
    return f"""
        SELECT a.approval_id AS id,
            coalesce({requisitions.NUMBER_SQL}, a.subject_id) AS approvable_id,
            CASE a.subject_type {kinds} END AS approvable_type, a.step AS position,
            CASE a.decision WHEN 'pending' THEN 'pending_approval' ELSE a.decision END AS status,
            a.actor_id AS approver_id, a.decided_at AS approval_date, a.decided_at AS created_at,
            a.decided_at AS updated_at
        FROM approval a
        LEFT JOIN requisition q
            ON a.subject_type = 'requisition' AND q.requisition_id = a.subject_id
        WHERE {view.here("a")} AND {view.there("a", "decided_at")}"""


def _users(view: View) -> str:
    return f"""
        SELECT p.employee_id AS id, p.login, p.login AS email, p.first_name AS firstname,
            p.last_name AS lastname, p.active, p.created_at, {view.changed("p")} AS updated_at
        FROM employee p WHERE {view.there("p")}"""


def _build_suppliers(
    _: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    return {key: about.suppliers[key] for key in keys if key in about.suppliers}


def _build_users(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    asked = people.USERS.format(changed=about.view.changed("p"))
    wanted = set(keys)
    return {
        row["employee_id"]: people.user(row, about)
        for row in rows(cursor, asked)
        if row["employee_id"] in wanted
    }


def _in_memory(among: Callable[[References], Iterable[Object]]) -> Build:
    """Objects that are few and always at hand; all of them if no keys are asked for."""

    def build(
        _: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
    ) -> dict[int, Object]:
        found = {each["id"]: each for each in among(about)}
        return {key: found[key] for key in keys if key in found} if keys else found

    return build


RESOURCES: dict[str, Resource] = {
    each.path: each
    for each in (
        Resource("suppliers", "Supplier", "suppliers", _build_suppliers, _suppliers),
        Resource(
            "requisitions",
            "RequisitionHeader",
            "requisition-headers",
            requisitions.requisitions,
            _requisitions,
            exportable=True,
        ),
        Resource(
            "purchase_orders",
            "OrderHeader",
            "order-headers",
            orders.orders,
            _orders,
            exportable=True,
        ),
        Resource("purchase_order_lines", "OrderLine", "order-lines", orders.lines, _order_lines),
        Resource(
            "receiving_transactions",
            "InventoryTransaction",
            "inventory-transactions",
            receipts.receiving_transactions,
            _receiving,
            exportable=True,
        ),
        Resource(
            "invoices",
            "InvoiceHeader",
            "invoice-headers",
            invoices.invoices,
            _invoices,
            exportable=True,
        ),
        Resource(
            "coupa_pay/payments",
            "CoupaPay-Payment",
            "coupa-pay-payments",
            payments.payments,
            _payments,
            exportable=True,
        ),
        Resource("approvals", "Approval", "approvals", requisitions.approvals, _approvals),
        Resource("users", "User", "users", _build_users, _users),
        # The company writes its expenses elsewhere: these two are there, and empty.
        Resource("expense_reports", "ExpenseReport", "expense-reports", _in_memory(lambda _: ())),
        Resource("expense_lines", "ExpenseLine", "expense-lines", _in_memory(lambda _: ())),
        Resource(
            "accounts", "Account", "accounts", _in_memory(lambda about: about.accounts.values())
        ),
        Resource(
            "account_types",
            "AccountType",
            "account-types",
            _in_memory(lambda about: about.account_types.values()),
        ),
        Resource(
            "departments",
            "Department",
            "departments",
            _in_memory(lambda about: about.departments.values()),
        ),
        Resource(
            "currencies",
            "Currency",
            "currencies",
            _in_memory(lambda about: about.currencies.values()),
        ),
        Resource("uoms", "Uom", "uoms", _in_memory(lambda about: about.uoms.values())),
        Resource("items", "Item", "items", _in_memory(lambda about: about.items.values())),
        Resource(
            "tax_codes", "TaxCode", "tax-codes", _in_memory(lambda about: about.tax_codes.values())
        ),
        Resource(
            "commodities",
            "Commodity",
            "commodities",
            _in_memory(lambda about: about.commodities.values()),
        ),
        Resource(
            "payment_terms",
            "PaymentTerm",
            "payment-terms",
            _in_memory(lambda about: about.payment_terms.values()),
        ),
    )
}
