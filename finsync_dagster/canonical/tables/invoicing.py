"""Supplier invoices, payments, and which payment settled which invoice.

Belongs here: declarations only. Amounts are in the document's currency (``ccy``); credits carry
negative amounts, payments to a supplier positive ones.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.canonical.tables.audit import Audited
from finsync_dagster.schema import (
    Amount,
    Price,
    Qty,
    Rate,
    Table,
    TableSpec,
    TsUTC,
    known_to_some,
)


class Invoices(Audited):
    """Supplier invoice headers."""

    invoice_id: str = pa.Field(description="system|object|key of the invoice in its source.")
    entity_id: str = pa.Field(description="Legal entity that was invoiced.")
    invoice_no_supplier: str = pa.Field(description="Number the supplier gave the invoice.")
    invoice_no_norm: str = pa.Field(
        description="That number in upper case, letters and digits only, without leading zeros."
    )
    kind: str = pa.Field(
        isin=["invoice", "credit_qty", "credit_value", "debit_value", "prepayment", "self_billed"],
        description="What the document does.",
    )
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    ccy: str = pa.Field(str_matches=r"^[A-Z]{3}$", description="Invoice currency (ISO 4217).")
    invoice_date: pl.Date = pa.Field(description="Date of the invoice.")
    due_date: pl.Date = pa.Field(nullable=True, description="Date payment is due.")
    net: Amount = pa.Field(description="Net total; negative for a credit.")
    tax: Amount = pa.Field(description="Tax total.")
    charges: Amount = pa.Field(description="Freight and charges outside the lines.")
    gross: Amount = pa.Field(description="Total to pay; negative for a credit.")
    status_src: str = pa.Field(description="Status as the source states it.")
    status_canon: str = pa.Field(
        isin=["received", "parked", "posted", "blocked", "approved", "paid", "part_paid", "void"],
        description="Status in finsync's terms.",
    )
    settled_date: pl.Date = pa.Field(
        nullable=True, description="Date the source says the invoice was settled in full."
    )
    open_amount_stated: Amount = pa.Field(
        nullable=True, description="Open balance as the source states it."
    )
    posting_date: pl.Date = known_to_some("Date of the invoice in the books.")
    received_at: TsUTC = known_to_some("When the invoice came in.")
    corrects_invoice_id: str = known_to_some(
        "Invoice that a credit corrects or a reversal takes back; refers to invoices."
    )
    payment_block: str = known_to_some("Why payment is blocked, as the source states it.")
    fx_rate_booked: Rate = known_to_some(
        "Rate it was booked at: one unit of ccy in functional currency.", gt=0
    )
    missing_fields: str = known_to_some(
        "What the document has to state and does not, in words, parted by commas; where a column "
        "must have a value, a substitute stands in it."
    )


class InvoiceLines(Audited):
    """Invoice lines. A source that keeps only headers yields one line without a quantity."""

    invoice_line_id: str = pa.Field(description="system|object|key of the line in its source.")
    invoice_id: str = pa.Field(description="Refers to invoices.")
    entity_id: str = pa.Field(description="Legal entity that was invoiced.")
    line_no: str = pa.Field(description="Line number; 1 for a header-level invoice.")
    type: str = pa.Field(
        isin=["item", "charge", "tax", "rounding", "text"], description="What the line bills."
    )
    po_number_ref: str = pa.Field(nullable=True, description="Order number the invoice names.")
    po_id: str = pa.Field(
        nullable=True, description="The order so named; refers to purchase_orders."
    )
    po_line_id: str = pa.Field(nullable=True, description="The order line named, if any.")
    item_id: str = pa.Field(nullable=True, description="Item billed, if named.")
    description: str = pa.Field(nullable=True, description="Text of the line.")
    qty: Qty = pa.Field(
        nullable=True,
        description="Billed quantity in uom, negative for a credit; null for a header-level "
        "invoice.",
    )
    uom: str = pa.Field(nullable=True, description="Unit of qty.")
    unit_price: Price = pa.Field(nullable=True, description="Net price per unit as billed.")
    net_amount: Amount = pa.Field(description="Net amount of the line; negative for a credit.")
    tax_amount: Amount = pa.Field(nullable=True, description="Tax on the line.")
    po_line_ref: str = known_to_some("Line of the order that the invoice names by number.")
    receipt_no_ref: str = known_to_some("Receipt or delivery note that the line names.")
    receipt_line_ref: str = known_to_some("Line of that receipt.")
    orig_invoice_line_id: str = known_to_some(
        "Invoice line that a credit takes back; refers to invoice_lines."
    )
    price_unit: Qty = known_to_some("Units that unit_price is for, if not 1.", gt=0)
    uom_price: str = known_to_some(
        "Unit that the line is priced in, where it is not uom; unit_price is then for it."
    )
    qty_price: Qty = known_to_some("Billed quantity in uom_price, as the line states it.")
    tax_code: str = known_to_some("Tax code as the source has it.")
    tax_rate: Price = known_to_some("Tax rate in per cent.", ge=0)
    charge_code: str = known_to_some("What a charge is for, as the source has it.")


class Payments(Audited):
    """Payments to suppliers."""

    payment_id: str = pa.Field(description="system|object|key of the payment in its source.")
    entity_id: str = pa.Field(description="Legal entity that paid.")
    payment_no: str = pa.Field(description="Number people use for the payment.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    method: str = pa.Field(nullable=True, description="Payment method as the source has it.")
    ccy: str = pa.Field(str_matches=r"^[A-Z]{3}$", description="Payment currency (ISO 4217).")
    amount: Amount = pa.Field(description="Amount paid; negative for a refund received.")
    payment_date: pl.Date = pa.Field(description="Date of the payment.")
    status_canon: str = pa.Field(
        isin=["proposed", "sent", "confirmed", "failed", "void"],
        description="State of the payment.",
    )
    unapplied_amount_stated: Amount = pa.Field(
        nullable=True, description="Part the source says is not applied to an invoice."
    )
    invoice_no_ref: str = known_to_some(
        "The supplier's number of the invoice it is for, as its text says."
    )


class PaymentApplications(Audited):
    """What a source states of its payments: which invoice each one settles, and by how much."""

    application_id: str = pa.Field(description="system|object|key of the statement in its source.")
    payment_id: str = pa.Field(description="Refers to payments.")
    invoice_id: str = pa.Field(
        nullable=True, description="Refers to invoices, where the same system keeps the invoice."
    )
    entity_id: str = pa.Field(description="Legal entity that paid.")
    ccy: str = pa.Field(
        str_matches=r"^[A-Z]{3}$", description="Currency of the amounts (ISO 4217)."
    )
    amount_applied: Amount = pa.Field(
        description="Part of the payment that settles the invoice; negative for a credit."
    )
    discount_taken: Amount = pa.Field(
        nullable=True, description="Cash discount kept back beside it, where the source says."
    )
    invoice_no_ref: str = known_to_some(
        "The supplier's number of the invoice, where another system keeps it."
    )


class PaymentAllocations(Table):
    """Which payment settled which invoice, how that is known and how sure it is."""

    payment_id: str = pa.Field(description="Refers to payments.")
    invoice_id: str = pa.Field(description="Refers to invoices.")
    entity_id: str = pa.Field(description="Legal entity that paid.")
    ccy: str = pa.Field(description="Currency of amount_applied (ISO 4217).")
    amount_applied: Amount = pa.Field(description="Part of the payment that settles the invoice.")
    discount_taken: Amount = pa.Field(
        nullable=True,
        description="Cash discount kept back beside it, which settles the invoice, too.",
    )
    applied_date: pl.Date = pa.Field(description="Date of the payment.")
    method: str = pa.Field(
        isin=["stated", "settlement_total"],
        description="stated: the source names the invoice. settlement_total: see docs/matching.md.",
    )
    confidence: str = pa.Field(isin=["stated", "proven"], description="How sure the link is.")
    evidence: str = pa.Field(description="The facts that prove the link, in a sentence.")


TABLES = (
    TableSpec("canonical", "invoices", "supplier invoice", ("invoice_id",), Invoices),
    TableSpec("canonical", "invoice_lines", "invoice line", ("invoice_line_id",), InvoiceLines),
    TableSpec("canonical", "payments", "payment", ("payment_id",), Payments),
    TableSpec(
        "canonical",
        "payment_applications",
        "invoice a payment settles, as stated",
        ("application_id",),
        PaymentApplications,
    ),
    TableSpec(
        "canonical",
        "payment_allocations",
        "payment and invoice it settles",
        ("payment_id", "invoice_id"),
        PaymentAllocations,
    ),
)
