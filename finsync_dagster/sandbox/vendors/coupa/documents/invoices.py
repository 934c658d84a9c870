"""Coupa's invoices and credit notes: headers, charges, totals. The lines are in invoice_lines.py.

Belongs here: what an invoice as a whole says. Not here: payments (payments.py).

Signs (K): a credit note says so by ``document-type`` and ``is-credit-note``; its quantities, or on
amount lines its prices, its totals and taxes are negative. An invoice taken back in full is voided:
the document by which other systems take it back does not exist here.

Taxes: with one tax code in all, they are told at the header (one tax line, ``tax-amount``,
``line-level-taxation`` false); with several, at the lines, and the header has none. Charges are in
``invoice-charges``, each with its kind, and summed by kind in ``shipping-amount`` and
``misc-amount``; a rounding difference is a miscellaneous charge. A payment block is a hold
(``on_hold`` for price and quantity, ``ap_hold`` for a manual one), also of a paid invoice (K).
``payment-date`` is the day of the payment that settled it, in whatever system that was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import duckdb

from finsync_dagster.sandbox.vendors.coupa.documents import invoice_lines, requisitions
from finsync_dagster.sandbox.vendors.coupa.documents.references import References
from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row, by_keys, grouped

_STATUSES = {
    "received": "new",
    "parked": "draft",
    "posted": "approved",
    "blocked": "on_hold",
    "approved": "approved",
    "paid": "approved",
    "part_paid": "approved",
    "void": "voided",
}
STATUS_SQL = (
    "CASE WHEN {0}.is_reversed THEN 'voided' "
    "WHEN {0}.payment_block IS NOT NULL "
    "THEN CASE WHEN {0}.payment_block = 'A' THEN 'ap_hold' ELSE 'on_hold' END "
    "ELSE CASE {0}.state "
    + " ".join(f"WHEN '{ours}' THEN '{theirs}'" for ours, theirs in _STATUSES.items())
    + " END END"
)
_INVOICES = """
    SELECT i.*, {changed} AS updated_at, {status} AS status,
        w.invoice_number AS original_number, w.invoice_date AS original_date
    FROM invoice i
    LEFT JOIN invoice w ON w.invoice_id = i.corrects_invoice_id
    WHERE i.reverses_invoice_id IS NULL AND {here}"""
_TAXES = "SELECT t.* FROM invoice_tax t WHERE true"
_PAYMENTS = """
    SELECT a.payment_application_id, a.invoice_id, a.amount, p.payment_date, p.payment_number,
        p.created_at, p.method
    FROM payment_application a JOIN payment p USING (payment_id)
    WHERE p.status IN ('sent', 'confirmed') AND {here} AND {there}"""

# Whoever paid: where another system pays, it tells Coupa the day.
_SETTLED = """
    SELECT a.invoice_id, a.amount + a.discount_amount AS settled, p.payment_date
    FROM payment_application a JOIN payment p USING (payment_id)
    WHERE p.status IN ('sent', 'confirmed') AND {there}"""


def invoices(
    cursor: duckdb.DuckDBPyConnection, about: References, keys: Sequence[int]
) -> dict[int, Object]:
    """Invoices with their lines, charges, taxes, payments and approvals, by id."""
    view = about.view
    status = STATUS_SQL.format("i")
    asked = _INVOICES.format(changed=view.changed("i"), here=view.here("i"), status=status)
    found = by_keys(cursor, asked, "i.invoice_id", keys, "i.invoice_id")
    lines = by_keys(
        cursor, invoice_lines.LINES, "l.invoice_id", keys, "l.invoice_id, l.invoice_line_id"
    )
    lines_of = grouped(lines, "invoice_id")
    taxes = by_keys(cursor, _TAXES, "t.invoice_id", keys, "t.invoice_id, t.invoice_tax_id")
    taxes_of = grouped(taxes, "invoice_id")
    asked = _PAYMENTS.format(here=view.here("p"), there=view.there("p"))
    paid = by_keys(cursor, asked, "a.invoice_id", keys, "a.payment_application_id")
    paid_of = grouped(paid, "invoice_id")
    asked = _SETTLED.format(there=view.there("p"))
    settled = by_keys(cursor, asked, "a.invoice_id", keys, "p.payment_date, p.payment_id")
    settled_of = grouped(settled, "invoice_id")
    decided = requisitions.approvals_on(cursor, about, "invoice", keys)
    known = {}
    for row in found:
        key = row["invoice_id"]
        row["paid_on"] = _paid_on(row, settled_of.get(key, []))
        values = _amounts(row, lines_of.get(key, []), taxes_of.get(key, []), about)
        values["payments"] = [_payment(each) for each in paid_of.get(key, [])]
        values["approvals"] = decided.get(key, [])
        known[key] = make("InvoiceHeader", _header(row, about) | values)
    return known


def _paid_on(row: Row, paid: list[Row]) -> date | None:
    """The day of the payment that settled an invoice, once it is paid; null if none is known."""
    if row["state"] != "paid":
        return None
    settled = Decimal(0)
    for each in paid:
        settled += each["settled"]
        if abs(settled) >= abs(row["gross_amount"]):
            day: date = each["payment_date"]
            return day
    return None


def _header(row: Row, about: References) -> Object:
    credit = row["kind"] in ("credit_qty", "credit_value")
    discount_due = None
    if row["discount_days"]:
        discount_due = row["invoice_date"] + timedelta(days=row["discount_days"])
    chart = about.account_types.get(row["entity_id"])
    return {
        "id": row["invoice_id"],
        "invoice-number": row["invoice_number"],
        "invoice-date": row["invoice_date"],
        "date-received": row["received_at"],
        "document-type": "Credit Note" if credit else "Invoice",
        "is-credit-note": credit,
        "original-invoice-number": row["original_number"],
        "original-invoice-date": row["original_date"],
        "status": row["status"],
        "canceled": row["status"] == "voided",
        "paid": row["state"] == "paid",
        "payment-date": row["paid_on"],
        "supplier": about.suppliers.get(row["supplier_account_id"]),
        "account-type": chart,
        "currency": about.currency(row["currency"]),
        "currency-id": (about.currency(row["currency"]) or {}).get("id"),
        "exchange-rate": row["fx_rate"].quantize(Decimal("0.000000001"), ROUND_HALF_UP),
        "payment-term": about.terms(row),
        "net-due-date": row["due_date"],
        "discount-due-date": discount_due,
        "discount-percent": row["discount_pct"] if row["discount_days"] else None,
        "channel": row["channel"],
        "payment-channel": "Coupa Pay",
        "compliant": True,
        "content-validation": True,
        "exported": False,
        "line-level-taxation": False,
        "lock-version-key": 0,
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
        "created-by": about.user(row["posted_by"]),
        "updated-by": about.user(row["approved_by"] or row["posted_by"]),
    }


def _amounts(row: Row, lines: list[Row], taxes: list[Row], about: References) -> Object:
    at_lines = len(taxes) > 1
    charges = [each for each in lines if each["type"] in invoice_lines.CHARGES]
    items = [each for each in lines if each["type"] not in invoice_lines.CHARGES]
    header_lines = [] if at_lines else [_tax_line(each, row, about) for each in taxes]
    gross: Decimal = row["gross_amount"]
    discount = _discount(row)
    return {
        "line-level-taxation": at_lines,
        "tax-lines": header_lines,
        "tax-amount": None if at_lines else row["tax_amount"],
        "tax-rate": None if at_lines or not taxes else taxes[0]["tax_rate_pct"],
        "tax-code": None if at_lines or not taxes else header_lines[0]["tax-code"],
        "tax-due-to-supplier": row["tax_amount"],
        "invoice-lines": [invoice_lines.line(each, row, about, at_lines) for each in items],
        "invoice-charges": [invoice_lines.charge(each, row, about, at_lines) for each in charges],
        "shipping-amount": _sum(charges, "charge"),
        "misc-amount": _sum(charges, "rounding"),
        "handling-amount": Decimal(0),
        "line-count": len(items),
        "gross-total": gross,
        "total-with-taxes": gross,
        "supplier-total": gross,
        "amount-due": Decimal(0) if row["state"] == "paid" else gross,
        "discount-amount": discount,
        "gross-total-less-discount": gross - discount,
        "origin-currency": about.currency(row["currency"]),
    }


def _discount(row: Row) -> Decimal:
    """The cash discount that may be taken, at the currency's minor unit, half up."""
    if not row["discount_days"]:
        return Decimal(0)
    return invoice_lines.rounded(row["gross_amount"] * row["discount_pct"] / 100, row["currency"])


def _sum(lines: list[Row], kind: str) -> Decimal:
    return sum((each["net_amount"] for each in lines if each["type"] == kind), Decimal(0))


def _tax_line(tax: Row, row: Row, about: References) -> Object:
    return invoice_lines.tax_line(
        tax["invoice_tax_id"], row, about, tax, (tax["base_amount"], tax["tax_amount"])
    )


def _payment(row: Row) -> Object:
    values = {
        "id": row["payment_application_id"],
        "amount-paid": row["amount"],
        "payment-date": row["payment_date"],
        "check-number": row["payment_number"] if row["method"] == "check" else None,
        "notes": row["payment_number"],
        "payable-id": row["invoice_id"],
        "payable-type": "InvoiceHeader",
        "created-at": row["created_at"],
        "updated-at": row["created_at"],
    }
    return make("Payment", values)
