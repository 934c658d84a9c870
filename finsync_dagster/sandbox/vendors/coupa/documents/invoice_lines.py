"""Lines, charges and tax lines of Coupa's invoices.

Belongs here: what is below an invoice. Not here: its totals (invoices.py), where the signs and the
place of taxes are told.

``po-number`` and ``order-line-num`` are what the invoice states; ``order-line-id`` is there only if
such an order line exists. A price is for one unit of ``uom``; ``price`` keeps 20 decimals.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from finsync_dagster.sandbox.vendors.coupa.documents import master
from finsync_dagster.sandbox.vendors.coupa.documents.prices import price_per_unit
from finsync_dagster.sandbox.vendors.coupa.documents.references import References
from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row

LINES = "SELECT l.* FROM invoice_line l WHERE true"
# Kinds of lines that Coupa keeps as charges, and the charge's name.
CHARGES = {"charge": "InvoiceShippingCharge", "rounding": "InvoiceMiscCharge"}
_TWENTY = Decimal(1).scaleb(-20)
_SIX = Decimal(1).scaleb(-6)


def line(row: Row, invoice: Row, about: References, taxed: bool) -> Object:
    """An invoice line; with its own tax lines if ``taxed``."""
    by_amount = row["qty"] is None
    price = row["net_amount"] if by_amount else price_per_unit(row).quantize(_TWENTY, ROUND_HALF_UP)
    commodity = about.items.get(row["item_id"], {}).get("commodity")
    values = {
        "id": row["invoice_line_id"],
        "line-num": row["line_no"],
        "type": "InvoiceAmountLine" if by_amount else "InvoiceQuantityLine",
        "line-type": "InvoiceAmountLine" if by_amount else "InvoiceQuantityLine",
        "adjustment-type": _adjustment(invoice),
        "status": "created",
        "description": row["description"],
        "quantity": row["qty"],
        "uom": about.uom(row["uom"]),
        "price": price,
        "price-per-uom": None if by_amount else price.quantize(_SIX, ROUND_HALF_UP),
        "total": row["net_amount"],
        **about.in_books(row["net_amount"], invoice),
        "currency": about.currency(invoice["currency"]),
        "po-number": row["po_number_ref"],
        "order-header-num": row["po_number_ref"],
        "order-line-num": row["po_line_ref"],
        "order-line-id": row["purchase_order_line_id"],
        "match-reference": row["receipt_ref"],
        "delivery-note-number": row["delivery_note"],
        "original-date-of-supply": row["service_date"],
        "tax-supply-date": row["service_date"],
        "item": about.items.get(row["item_id"]),
        "commodity": commodity,
        **_coding(row, invoice, about),
        **_stamps(invoice, about),
    }
    if taxed:
        values |= {
            "tax-lines": [_own_tax(row, invoice, about)],
            "tax-amount": row["tax_amount"],
            "tax-rate": row["tax_rate_pct"],
            "tax-code": about.tax_code(invoice["entity_id"], row["tax_code"]),
        }
    return make("InvoiceLine", values)


def charge(row: Row, invoice: Row, about: References, taxed: bool) -> Object:
    """A charge of an invoice."""
    values = {
        "id": row["invoice_line_id"],
        "line-num": row["line_no"],
        "type": CHARGES[row["type"]],
        "description": row["description"],
        "total": row["net_amount"],
        **about.in_books(row["net_amount"], invoice),
        "currency": about.currency(invoice["currency"]),
        "distributed": False,
        "tax-lines": [_own_tax(row, invoice, about)] if taxed and row["tax_amount"] else [],
        **_coding(row, invoice, about),
        **_stamps(invoice, about),
    }
    return make("InvoiceCharge", values)


def tax_line(
    key: int, invoice: Row, about: References, row: Row, amounts: tuple[Decimal, Decimal]
) -> Object:
    """A tax line of a row with ``tax_code`` and ``tax_rate_pct``; ``amounts`` are base and tax."""
    base, amount = amounts
    values = {
        "id": key,
        "type": "TaxLine",
        "code": row["tax_code"],
        "tax-code": about.tax_code(invoice["entity_id"], row["tax_code"]),
        "code-id": (about.tax_code(invoice["entity_id"], row["tax_code"]) or {}).get("id"),
        "rate": row["tax_rate_pct"],
        "base": base,
        "taxable-amount": base,
        "amount": amount,
        **_stamps(invoice, about),
    }
    return make("TaxLine", values)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount at its currency's minor unit, half up."""
    return amount.quantize(Decimal(1).scaleb(-master.decimals_of(currency)), ROUND_HALF_UP)


def _own_tax(row: Row, invoice: Row, about: References) -> Object:
    amounts = (row["net_amount"], row["tax_amount"])
    return tax_line(row["invoice_line_id"], invoice, about, row, amounts)


def _adjustment(invoice: Row) -> str | None:
    return {"credit_qty": "quantity", "credit_value": "price", "debit_value": "price"}.get(
        invoice["kind"]
    )


def _coding(row: Row, invoice: Row, about: References) -> Object:
    entity = invoice["entity_id"]
    return {"account": about.account(entity, row["gl_account"], row["cost_center"], row["project"])}


def _stamps(invoice: Row, about: References) -> Object:
    return {
        "created-at": invoice["created_at"],
        "updated-at": invoice["updated_at"],
        "created-by": about.user(invoice["posted_by"]),
        "updated-by": about.user(invoice["posted_by"]),
    }
