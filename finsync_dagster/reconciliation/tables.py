"""Every table that reconciliation produces, declared once.

Belongs here: declarations only. Amounts are in ``ccy``; every row carries the day it is valid for
and the policy that decided it.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.reconciliation.duplicates.rules import RULES
from finsync_dagster.schema import Amount, Qty, Table, TableSpec

BUCKETS = ["0-30", "31-60", "61-90", "91-365", ">365"]
"""Age in days of the oldest receipt that was not invoiced."""

CLEARS = "clears"
BY_VALUE = "invoiced by value"
NO_INVOICE_SYSTEM = "no invoice system"


class Reconciled(Table):
    """What every row says about itself."""

    entity_id: str = pa.Field(description="Legal entity.")
    as_of: pl.Date = pa.Field(description="Documents dated after this day were left out.")
    policy_version: str = pa.Field(
        description="Version of the policy applied, + and a digest of what it says."
    )


class OrderTotals(Reconciled):
    """Net total stated on the order against the sum of its lines."""

    po_id: str = pa.Field(description="Refers to purchase_orders.")
    po_number: str = pa.Field(description="Order number people use.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    ccy: str = pa.Field(description="Currency of the amounts (ISO 4217).")
    stated_net: Amount = pa.Field(description="Net total on the header.")
    lines_net: Amount = pa.Field(
        description="Sum of the lines; without cancelled ones, unless the whole order is."
    )
    difference: Amount = pa.Field(description="stated_net less lines_net.")
    agrees: bool = pa.Field(description="Within the tolerance ORDER_TOTAL.")


class GrIr(Reconciled):
    """Goods received against invoices received, per purchase order line, never netted."""

    po_line_id: str = pa.Field(description="Refers to purchase_order_lines.")
    po_id: str = pa.Field(description="Refers to purchase_orders.")
    po_number: str = pa.Field(description="Order number people use.")
    line_no: str = pa.Field(description="Line number as the source has it.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    uom_order: str = pa.Field(description="Unit of the quantities.")
    qty_received: Qty = pa.Field(description="Received; accepted where inspection decides (4w).")
    qty_invoiced: Qty = pa.Field(description="Invoiced, less credits.")
    ccy: str = pa.Field(description="Currency of the amounts (ISO 4217).")
    received_value: Amount = pa.Field(description="qty_received at the order's price.")
    invoiced_value: Amount = pa.Field(description="qty_invoiced at the order's price.")
    grni: Amount = pa.Field(ge=0, description="Goods received, not invoiced.")
    irng: Amount = pa.Field(ge=0, description="Invoice received, goods not.")
    oldest_receipt: pl.Date = pa.Field(
        nullable=True, description="Oldest receipt not invoiced in full."
    )
    age_days: int = pa.Field(nullable=True, description="Days from that receipt to as_of.")
    bucket: str = pa.Field(nullable=True, isin=BUCKETS, description="Age, in ranges of days.")
    clearing: str = pa.Field(
        isin=[CLEARS, BY_VALUE, NO_INVOICE_SYSTEM],
        description="clears: invoices will clear it. invoiced by value: invoices bill the order by "
        "amount, and which receipts they bill is not proven. no invoice system: nothing ever will.",
    )


class Payables(Reconciled):
    """What is still to pay on each live invoice."""

    invoice_id: str = pa.Field(description="Refers to invoices.")
    invoice_no_supplier: str = pa.Field(description="Number the supplier gave the invoice.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    ccy: str = pa.Field(description="Currency of the amounts (ISO 4217).")
    gross: Amount = pa.Field(description="Total of the invoice.")
    applied: Amount = pa.Field(description="Payments allocated to it.")
    discount: Amount = pa.Field(description="Cash discount taken with them.")
    open_amount: Amount = pa.Field(description="gross less applied and discount.")
    open_amount_stated: Amount = pa.Field(
        nullable=True, description="Open balance as the source states it, today."
    )
    difference: Amount = pa.Field(
        nullable=True,
        description="Stated less computed; null where they cannot be compared: a past as_of, "
        "nothing stated, or no payment system.",
    )
    agrees: bool = pa.Field(nullable=True, description="Within the tolerance OPEN_BALANCE.")
    due_date: pl.Date = pa.Field(nullable=True, description="Date payment is due.")
    overdue_days: int = pa.Field(
        ge=0, nullable=True, description="Days past due of an open amount; null if no due date."
    )


class PaymentApplications(Reconciled):
    """How much of each payment is allocated to invoices."""

    payment_id: str = pa.Field(description="Refers to payments.")
    payment_no: str = pa.Field(description="Number people use for the payment.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    payment_date: pl.Date = pa.Field(description="Date of the payment.")
    ccy: str = pa.Field(description="Currency of the amounts (ISO 4217).")
    amount: Amount = pa.Field(description="Amount paid.")
    applied: Amount = pa.Field(description="Part allocated to invoices.")
    unapplied: Amount = pa.Field(description="amount less applied.")
    invoices: int = pa.Field(ge=0, description="Invoices it is allocated to.")
    method: str = pa.Field(nullable=True, description="How the links are known, joined by +.")
    confidence: str = pa.Field(nullable=True, description="How sure the links are, joined by +.")
    unapplied_stated: Amount = pa.Field(
        nullable=True, description="Unapplied part as the source states it, today."
    )
    agrees: bool = pa.Field(
        nullable=True,
        description="Stated within the tolerance OPEN_BALANCE of unapplied; null for a past as_of "
        "or where nothing is stated.",
    )


class Duplicates(Reconciled):
    """Pairs of an invoice and an earlier document that may be the same."""

    invoice_id: str = pa.Field(description="The later invoice; refers to invoices.")
    earlier_invoice_id: str = pa.Field(
        description="The earlier document; refers to invoices, or to expense_lines."
    )
    earlier_type: str = pa.Field(
        isin=["invoice", "expense"], description="What the earlier document is."
    )
    rule: str = pa.Field(
        isin=list(RULES), description="What the two have in common, beside the supplier."
    )
    reason_code: str = pa.Field(isin=["DUP_EXACT", "DUP_SUSPECT"], description="Reason.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    ccy: str = pa.Field(description="Currency of the later invoice (ISO 4217).")
    gross: Amount = pa.Field(description="Total of the later invoice.")
    earlier_entity_id: str = pa.Field(description="Legal entity of the earlier document.")
    earlier_invoice_no_supplier: str = pa.Field(description="Number of the earlier document.")
    earlier_invoice_date: pl.Date = pa.Field(description="Date of the earlier document.")
    earlier_ccy: str = pa.Field(description="Its currency (ISO 4217).")
    earlier_gross: Amount = pa.Field(description="Its total.")


def _spec(name: str, grain: str, key: tuple[str, ...], model: type[Table]) -> TableSpec:
    return TableSpec("reconciliation", name, grain, ("entity_id", *key), model)


ORDER_TOTALS = _spec(
    "order_totals", "purchase order that states a net total", ("po_id",), OrderTotals
)
GR_IR = _spec("gr_ir", "purchase order line with a receipt or an invoice", ("po_line_id",), GrIr)
PAYABLES = _spec("payables", "live invoice", ("invoice_id",), Payables)
PAYMENT_APPLICATIONS = _spec(
    "payment_applications", "payment", ("payment_id",), PaymentApplications
)
DUPLICATES = _spec(
    "duplicates", "pair of invoices", ("invoice_id", "earlier_invoice_id"), Duplicates
)

TABLES = (ORDER_TOTALS, GR_IR, PAYABLES, PAYMENT_APPLICATIONS, DUPLICATES)
