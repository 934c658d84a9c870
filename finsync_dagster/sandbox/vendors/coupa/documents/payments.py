"""Coupa Pay's payments.

Belongs here: payments and what each settles. Not here: the invoice's own list of payments
(invoices.py).

Amounts of details are signed: a credit note set off is negative. A detail names the invoice it
settles in ``source-transaction-*``; on account, it names none. A payment's day is
``requested-execution-date``; ``released-at`` is when it was entered and released. Statuses are K.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import duckdb

from finsync_dagster.sandbox.vendors.coupa.documents import invoice_lines
from finsync_dagster.sandbox.vendors.coupa.documents.references import References
from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row, by_keys, grouped

_STATUSES = {
    "confirmed": "payment_completed",
    "sent": "payment_sent",
    "failed": "failed",
    "void": "voided",
}
_TRANSFERS = {
    "transfer": "bank_transfer",
    "direct_debit": "direct_debit",
    "check": "check",
    "card": "virtual_card",
}
STATUS_SQL = (
    "CASE {column} "
    + " ".join(f"WHEN '{ours}' THEN '{theirs}'" for ours, theirs in _STATUSES.items())
    + " END"
)
_PAYMENTS = """
    SELECT p.*, {changed} AS updated_at, e.name AS entity_name, e.currency AS entity_currency
    FROM payment p JOIN entity e ON e.entity_id = p.entity_id WHERE {here}"""
_DETAILS = """
    SELECT a.*, i.invoice_number, i.gross_amount, i.currency AS invoice_currency
    FROM payment_application a LEFT JOIN invoice i USING (invoice_id) WHERE true"""


def payments(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    """Payments with their details, by id."""
    view = about.view
    asked = _PAYMENTS.format(changed=view.changed("p"), here=view.here("p"))
    found = by_keys(cursor, asked, "p.payment_id", keys, "p.payment_id")
    details = by_keys(cursor, _DETAILS, "a.payment_id", keys, "a.payment_application_id")
    details_of = grouped(details, "payment_id")
    return {
        row["payment_id"]: _payment(row, details_of.get(row["payment_id"], []), about)
        for row in found
    }


def _payment(row: Row, details: list[Row], about: References) -> Object:
    own = row["entity_currency"]
    paid_from = invoice_lines.rounded(row["amount"] * row["fx_rate"], own)
    values = {
        "id": row["payment_id"],
        "payment-identifier": row["payment_number"],
        "type": "CoupaPay::Payment",
        "status": _STATUSES[row["status"]],
        "description": f"Payment {row['payment_number']}",
        "legal-entity-name": row["entity_name"],
        "payee": about.suppliers.get(row["supplier_account_id"]),
        "pay-to-total": row["amount"],
        "pay-to-currency": about.currency(row["currency"]),
        "pay-from-total": paid_from,
        "estimated-pay-from-total": paid_from,
        "pay-from-currency": about.currency(own),
        "exchange-rate": row["fx_rate"].quantize(Decimal("0.000000001"), ROUND_HALF_UP),
        "transfer-type": _TRANSFERS[row["method"]],
        "requested-execution-date": row["payment_date"],
        "released-at": row["created_at"],
        "line-num": 1,
        "payment-batch-id": row["payment_id"],
        "payment-details": [_detail(each, row, about) for each in details],
        "error-text": "The bank refused the payment" if row["status"] == "failed" else None,
        "exported": False,
        "exported?": False,
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
        "created-by": about.user(row["released_by"]),
        "updated-by": about.user(row["second_release_by"] or row["released_by"]),
    }
    return make("CoupaPay-Payment", values)


def _detail(row: Row, payment: Row, about: References) -> Object:
    settled = row["amount"] + row["discount_amount"]
    named = row["invoice_id"] is not None
    values = {
        "id": row["payment_application_id"],
        "payment-id": payment["payment_id"],
        "payment-total": row["amount"],
        "discount-total": row["discount_amount"],
        "transaction-total": settled,
        "adjustment-total": Decimal(0),
        "currency": about.currency(payment["currency"]),
        "payable-id": row["invoice_id"],
        "payable-type": "Payables::Invoice" if named else None,
        "payable-document-type": "Invoice" if named else None,
        "source-transaction-id": row["invoice_id"],
        "source-transaction-reference": row["invoice_number"],
        "source-transaction-type": "InvoiceHeader" if named else None,
        "payable-allocations": [_allocation(row, payment, about)] if named else [],
        "created-at": payment["created_at"],
        "updated-at": payment["updated_at"],
    }
    return make("CoupaPay-PaymentDetail", values)


def _allocation(row: Row, payment: Row, about: References) -> Object:
    settled = row["amount"] + row["discount_amount"]
    values = {
        "id": row["payment_application_id"],
        "payable-from-id": payment["payment_id"],
        "payable-from-type": "CoupaPay::Payment",
        "payable-from-amount": settled,
        "payable-from-currency": about.currency(payment["currency"]),
        "payable-to-id": row["invoice_id"],
        "payable-to-type": "Payables::Invoice",
        "payable-to-amount": settled,
        "payable-to-currency": about.currency(row["invoice_currency"]),
        "source-transaction-to-id": row["invoice_id"],
        "source-transaction-to-reference": row["invoice_number"],
        "source-transaction-to-type": "InvoiceHeader",
        "reason-code": "payment",
        "source": "coupa_pay",
        "status": "applied",
        "created-at": payment["created_at"],
        "updated-at": payment["updated_at"],
    }
    return make("Payables-Allocation", values)
