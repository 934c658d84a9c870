"""Every table that matching produces, declared once.

Belongs here: declarations only. Quantities are in the order unit of the purchase order line,
amounts in ``ccy``; results carry the day they are valid for and the policy that decided them.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.schema import Amount, Price, Qty, Rate, Table, TableSpec

OUTCOMES = [
    "NOT_REQUIRED",
    "MATCHED",
    "MATCHED_WITHIN_TOLERANCE",
    "MATCHED_SMALL_DIFF",
    "PENDING_RECEIPT",
    "PARTIALLY_MATCHED",
    "NO_PO",
    "BLOCKED",
    "REJECTED_DUPLICATE",
]
"""From best to worst: an invoice has the worst outcome among its lines."""


class Result(Table):
    """What every result says about itself."""

    entity_id: str = pa.Field(description="Legal entity.")
    as_of: pl.Date = pa.Field(description="Documents dated after this day were left out.")
    policy_version: str = pa.Field(
        description="Version of the policy applied, + and a digest of what it says."
    )


class Allocations(Result):
    """Which part of an invoice line bills which receipt line. Credits carry negative figures."""

    invoice_id: str = pa.Field(description="Refers to invoices.")
    invoice_line_id: str = pa.Field(description="Refers to invoice_lines.")
    po_id: str = pa.Field(description="Refers to purchase_orders.")
    po_line_id: str = pa.Field(description="Refers to purchase_order_lines.")
    receipt_line_id: str = pa.Field(
        nullable=True, description="Receipt billed; null for the part billed without a receipt."
    )
    qty: Qty = pa.Field(description="Quantity billed, in the order unit.")
    ccy: str = pa.Field(description="Currency of the amounts (ISO 4217).")
    amount_at_po_price: Amount = pa.Field(description="qty at the order's price.")
    price_variance: Amount = pa.Field(
        description="What the invoice bills for this quantity beyond the order's price, but for "
        "what comes of rounding."
    )
    rounding: Amount = pa.Field(
        description="What comes of rounding the line to the minor unit. At the order's price, "
        "price_variance and rounding add up to what the invoice bills."
    )
    rate_received: Rate = pa.Field(
        nullable=True,
        gt=0,
        description="One unit of ccy in functional currency: reference rate of the day of the "
        "receipt, or of the order where nothing was received; null where not known.",
    )
    rate_invoiced: Rate = pa.Field(
        nullable=True,
        gt=0,
        description="The same at which the invoice was booked; where that is not stated, the "
        "reference rate of its day.",
    )
    fx_variance: Amount = pa.Field(
        nullable=True,
        description="amount_at_po_price at rate_invoiced less at rate_received, in functional "
        "currency.",
    )
    sequence_no: int = pa.Field(ge=1, description="Position among the order line's allocations.")
    method: str = pa.Field(
        isin=["explicit", "fifo", "lifo_credit", "header_total"],
        description="explicit: the line names the receipt, or the credit what it corrects. fifo: "
        "oldest receipt first. lifo_credit: a credit reverses the newest first. "
        "header_total: an invoice without lines whose net equals all that its order received.",
    )


class CheckResults(Result):
    """Comparisons in which the two sides differ, within the limits or not.

    Every check is made on everything it applies to; where both sides agree to the last digit there
    is no row. Rows of one check share a unit.
    """

    subject_type: str = pa.Field(
        isin=["invoice_line", "invoice", "purchase_order_line"], description="What was checked."
    )
    subject_id: str = pa.Field(description="Canonical id of the subject.")
    check: str = pa.Field(description="Check, as named in the policy's tolerances.")
    basis: str = pa.Field(description="What expected stands for: received, ordered, gross, ...")
    expected: Price = pa.Field(description="Expected quantity, price or amount.")
    actual: Price = pa.Field(description="Stated or accumulated quantity, price or amount.")
    direction: str = pa.Field(
        isin=["none", "over", "under"], description="Whether actual is above or below expected."
    )
    variance_abs: Price = pa.Field(ge=0, description="Distance of actual from expected.")
    variance_pct: Price = pa.Field(
        nullable=True, description="That distance in per cent of expected; null where infinite."
    )
    variance_infinite: bool = pa.Field(description="expected is 0 and actual is not.")
    limit_binding: str = pa.Field(
        isin=["none", "upper_abs", "upper_pct", "lower_abs", "lower_pct"],
        description="The limit that decided; none where the policy states none on that side.",
    )
    limit_value: Price = pa.Field(nullable=True, description="That limit as the policy states it.")
    limit_rule: str = pa.Field(
        description="The rule of the policy that decided: default, entity lumen_de, item X x "
        "supplier Y, ..."
    )
    passed: bool = pa.Field(description="Within the limits; boundaries are inclusive.")
    effect: str = pa.Field(
        isin=["none", "warn", "block"],
        description="What follows: nothing, a warning, or that the subject must not be paid.",
    )


class InvoiceLineResults(Result):
    """What became of each line of a live invoice."""

    invoice_id: str = pa.Field(description="Refers to invoices.")
    invoice_line_id: str = pa.Field(description="Refers to invoice_lines.")
    po_id: str = pa.Field(nullable=True, description="Order found for the line.")
    po_line_id: str = pa.Field(nullable=True, description="Order line found for the line.")
    outcome: str = pa.Field(isin=OUTCOMES, description="Result of the comparison.")
    ccy: str = pa.Field(description="Currency of the amounts (ISO 4217).")
    net_amount: Amount = pa.Field(description="Net amount billed by the line.")
    qty_allocated: Qty = pa.Field(
        nullable=True,
        description="Quantity allocated to receipts; null where nothing was, or where the line "
        "spans order lines of several units.",
    )
    amount_allocated: Amount = pa.Field(description="Allocated to receipts, at the order's price.")
    expected_amount: Amount = pa.Field(
        nullable=True,
        description="What the order lets the line bill, rounded to the minor unit; null where "
        "no order line could be found.",
    )
    payable_amount: Amount = pa.Field(description="Net amount of the part that may be paid.")
    qty_billed: Qty = pa.Field(
        nullable=True, description="Quantity billed by the line, in the order unit."
    )
    qty_billed_to_date: Qty = pa.Field(
        nullable=True,
        description="Billed on the order line up to this line, less what was credited later.",
    )
    qty_received: Qty = pa.Field(
        nullable=True, description="Received on the order line; accepted for 4w."
    )
    qty_ordered: Qty = pa.Field(nullable=True, description="Ordered on the order line.")
    price_billed: Price = pa.Field(
        nullable=True, description="Price per order unit that the line amounts to."
    )
    price_ordered: Price = pa.Field(nullable=True, description="Price per order unit as ordered.")
    net_billed_to_date: Amount = pa.Field(
        nullable=True,
        description="Net billed up to this line on the order line, or on what the line bills by "
        "amount, less what was credited later.",
    )
    net_received: Amount = pa.Field(
        nullable=True, description="Value received of what the line bills by amount."
    )
    net_ordered: Amount = pa.Field(
        nullable=True, description="Net value ordered of what the line bills."
    )
    reason: str = pa.Field(description="Why, in a sentence.")
    release: str = pa.Field(
        nullable=True, description="What would release it; null where nothing has to be."
    )


class InvoiceResults(Result):
    """What became of each live invoice."""

    invoice_id: str = pa.Field(description="Refers to invoices.")
    invoice_no_supplier: str = pa.Field(description="Number the supplier gave the invoice.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    outcome: str = pa.Field(isin=OUTCOMES, description="The worst outcome of its lines.")
    ccy: str = pa.Field(description="Currency of the amounts (ISO 4217).")
    net: Amount = pa.Field(description="Net total of the invoice.")
    gross: Amount = pa.Field(description="Total of the invoice.")
    payable_amount: Amount = pa.Field(description="Net amount of the parts that may be paid.")
    reason: str = pa.Field(description="Why, in a sentence.")
    release: str = pa.Field(
        nullable=True, description="What would release it; null where nothing has to be."
    )


class OrderLineStatus(Result):
    """How far each purchase order line is: ordered, received, inspected, invoiced."""

    po_line_id: str = pa.Field(description="Refers to purchase_order_lines.")
    po_id: str = pa.Field(description="Refers to purchase_orders.")
    po_number: str = pa.Field(description="Order number people use.")
    line_no: str = pa.Field(description="Line number as the source has it.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    item_id: str = pa.Field(nullable=True, description="Item; refers to items.")
    order_status: str = pa.Field(description="Status of the order.")
    order_date: pl.Date = pa.Field(description="Date of the order.")
    match_type: str = pa.Field(description="Documents compared: none, 2w, 3w, 4w or limit.")
    incomplete: bool = pa.Field(description="A record of the order is missing or unreadable.")
    uom_order: str = pa.Field(description="Unit of the quantities.")
    qty_ordered: Qty = pa.Field(description="Ordered.")
    qty_received: Qty = pa.Field(description="Received, less returns and reversals.")
    qty_accepted: Qty = pa.Field(description="Part of it that inspection accepted.")
    qty_rejected: Qty = pa.Field(description="Part of it that inspection rejected.")
    qty_basis: Qty = pa.Field(
        description="What may be invoiced: accepted for 4w, nothing where no invoice is expected, "
        "else received."
    )
    qty_invoiced: Qty = pa.Field(description="Invoiced by quantity, less credits.")
    ccy: str = pa.Field(description="Currency of price and values (ISO 4217).")
    unit_price: Price = pa.Field(description="Net price per price_unit order units.")
    price_unit: Qty = pa.Field(gt=0, description="Order units the price is for.")
    ordered_value: Amount = pa.Field(description="qty_ordered at the order's price, not rounded.")
    received_value: Amount = pa.Field(description="qty_received at the order's price.")
    rejected_value: Amount = pa.Field(description="qty_rejected at the order's price.")
    basis_value: Amount = pa.Field(description="qty_basis at the order's price.")
    invoiced_value: Amount = pa.Field(description="qty_invoiced at the order's price.")
    delivery_outcome: str = pa.Field(
        isin=["NOT_RECEIVED", "RECEIVED_SHORT", "RECEIVED_IN_FULL", "OVER_DELIVERED"],
        description="qty_received against qty_ordered, without tolerance.",
    )
    last_receipt_date: pl.Date = pa.Field(nullable=True, description="Date of the last receipt.")
    delivery_complete: bool = pa.Field(description="The source expects no further receipt.")
    cancelled: bool = pa.Field(description="The line or its order was cancelled.")


class ReceiptStatus(Result):
    """What is left of each receipt line after returns, and how much of it was invoiced."""

    receipt_line_id: str = pa.Field(description="Refers to receipt_lines.")
    po_line_id: str = pa.Field(description="Refers to purchase_order_lines.")
    posting_date: pl.Date = pa.Field(description="Date of the receipt.")
    qty_available: Qty = pa.Field(ge=0, description="Billable: less returns, accepted for 4w.")
    qty_invoiced: Qty = pa.Field(ge=0, description="Part of it allocated to invoices.")


def _spec(name: str, grain: str, key: tuple[str, ...], model: type[Table]) -> TableSpec:
    return TableSpec("matching", name, grain, ("entity_id", *key), model)


ALLOCATIONS = _spec(
    "allocations", "part of an invoice line", ("po_line_id", "sequence_no"), Allocations
)
CHECK_RESULTS = _spec(
    "check_results",
    "comparison that differs",
    ("subject_type", "subject_id", "check", "basis"),
    CheckResults,
)
INVOICE_LINE_RESULTS = _spec(
    "invoice_line_results", "line of a live invoice", ("invoice_line_id",), InvoiceLineResults
)
INVOICE_RESULTS = _spec("invoice_results", "live invoice", ("invoice_id",), InvoiceResults)
ORDER_LINE_STATUS = _spec(
    "order_line_status", "purchase order line", ("po_line_id",), OrderLineStatus
)
RECEIPT_STATUS = _spec("receipt_status", "receipt line", ("receipt_line_id",), ReceiptStatus)

TABLES = (
    ALLOCATIONS,
    CHECK_RESULTS,
    INVOICE_LINE_RESULTS,
    INVOICE_RESULTS,
    ORDER_LINE_STATUS,
    RECEIPT_STATUS,
)
