"""Purchase orders, their lines, and receipts.

Belongs here: declarations only. Amounts are in the order's currency (``ccy`` of the order);
quantities are in the unit named beside them.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.canonical.tables.audit import Audited
from finsync_dagster.schema import Amount, Price, Qty, TableSpec, TsUTC, known_to_some

ORDER_STATUSES = [
    "draft",
    "rejected",
    "approved",
    "sent",
    "partial",
    "received",
    "closed",
    "cancelled",
]


class PurchaseOrders(Audited):
    """Purchase order headers."""

    po_id: str = pa.Field(description="system|object|key of the order in its source.")
    entity_id: str = pa.Field(description="Legal entity that ordered.")
    po_number: str = pa.Field(description="Order number people use.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    ccy: str = pa.Field(str_matches=r"^[A-Z]{3}$", description="Order currency (ISO 4217).")
    order_date: pl.Date = pa.Field(description="Date of the order.")
    type: str = pa.Field(
        isin=["standard", "limit", "framework", "consignment", "ers", "service", "return"],
        description="Kind of order.",
    )
    status_src: str = pa.Field(description="Status as the source states it.")
    status_canon: str = pa.Field(
        isin=ORDER_STATUSES, description="Status in finsync's terms; see the mapping's code map."
    )
    buyer: str = pa.Field(nullable=True, description="Who ordered, as the source names the person.")
    expected_date: pl.Date = pa.Field(nullable=True, description="Delivery date agreed or planned.")
    net_amount: Amount = pa.Field(nullable=True, description="Net total stated on the header.")
    tax_amount: Amount = pa.Field(nullable=True, description="Tax stated on the header.")
    charges_amount: Amount = pa.Field(nullable=True, description="Freight and charges stated.")
    gross_amount: Amount = pa.Field(nullable=True, description="Total stated on the header.")
    requester: str = known_to_some("For whom it was ordered, as the source names the person.")
    approver: str = known_to_some("Who approved it last, as the source names the person.")
    approved_at: TsUTC = known_to_some("When it was approved.")


class PurchaseOrderLines(Audited):
    """Purchase order lines: what was ordered, at which price."""

    po_line_id: str = pa.Field(description="system|object|key of the line in its source.")
    po_id: str = pa.Field(description="Order; refers to purchase_orders.")
    entity_id: str = pa.Field(description="Legal entity that ordered.")
    line_no: str = pa.Field(description="Line number as the source has it.")
    item_id: str = pa.Field(nullable=True, description="Item; refers to items.")
    description: str = pa.Field(nullable=True, description="Text of the line.")
    match_type: str = pa.Field(
        isin=["none", "2w", "3w", "4w", "limit"],
        description="Documents compared: 2w order and invoice, 3w and receipt, 4w and acceptance.",
    )
    match_basis: str = pa.Field(
        isin=["qty", "amount"], description="Compared by quantity or amount."
    )
    qty_ordered: Qty = pa.Field(
        description="Ordered quantity, in uom_order; negative where a return was ordered."
    )
    uom_order: str = pa.Field(description="Order unit (UN/ECE Recommendation 20).")
    qty_ordered_base: Qty = pa.Field(description="The same quantity in uom_base, exactly.")
    uom_base: str = pa.Field(description="Unit stock is kept in.")
    unit_price: Price = pa.Field(ge=0, description="Net price per price_unit order units.")
    price_unit: Qty = pa.Field(gt=0, description="Order units the price is for; usually 1.")
    net_amount: Amount = pa.Field(description="Net value of the line as ordered.")
    tax_rate: Price = pa.Field(nullable=True, ge=0, description="Tax rate in per cent, if known.")
    due_date: pl.Date = pa.Field(nullable=True, description="Delivery date of the line.")
    delivery_complete: bool = pa.Field(description="The source expects no further receipt.")
    cancelled: bool = pa.Field(description="The line was cancelled.")
    uom_price: str = known_to_some(
        "Unit that the source states the price for, where it is not the order unit."
    )
    price_ratio_num: Qty = known_to_some(
        "price_ratio_den order units are price_ratio_num units of uom_price.", gt=0
    )
    price_ratio_den: Qty = known_to_some("See price_ratio_num.", gt=0)
    tax_code: str = known_to_some("Tax code as the source has it.")
    over_delivery_pct: Price = known_to_some("Over-delivery agreed, in per cent.", ge=0)
    under_delivery_pct: Price = known_to_some("Under-delivery agreed, in per cent.", ge=0)
    unlimited_over: bool = known_to_some("Any over-delivery is agreed.")
    final_invoice: bool = known_to_some("The source expects no further invoice.")
    limit_amount: Amount = known_to_some("Limit of an order without quantities.", ge=0)
    valid_from_date: pl.Date = known_to_some("First day on which a limit order may be used.")
    valid_to_date: pl.Date = known_to_some("Last day on which a limit order may be used.")
    requisition_no_ref: str = known_to_some("Requisition the line came from, by number.")
    requisition_line_ref: str = known_to_some("Line of that requisition.")


class ReceiptLines(Audited):
    """Goods receipts and returns, one row per receipt line; signed quantities."""

    receipt_line_id: str = pa.Field(description="system|object|key of the receipt in its source.")
    entity_id: str = pa.Field(description="Legal entity that received.")
    receipt_no: str = pa.Field(description="Receipt document; the order number where none exists.")
    line_no: str = pa.Field(description="Line of that document.")
    po_line_id: str = pa.Field(nullable=True, description="Refers to purchase_order_lines.")
    po_id: str = pa.Field(nullable=True, description="Refers to purchase_orders.")
    kind: str = pa.Field(
        isin=["receipt", "return", "reversal", "service_entry"], description="What happened."
    )
    qty: Qty = pa.Field(description="Received quantity in uom; negative for returns, reversals.")
    uom: str = pa.Field(description="Unit of qty, qty_accepted and qty_rejected.")
    qty_base: Qty = pa.Field(description="qty in uom_base, exactly.")
    uom_base: str = pa.Field(description="Unit stock is kept in.")
    qty_accepted: Qty = pa.Field(description="Part of qty that passed inspection.")
    qty_rejected: Qty = pa.Field(description="Part of qty that inspection rejected.")
    posting_date: pl.Date = pa.Field(description="Date of the receipt in the books.")
    po_number_ref: str = known_to_some("Order the receipt names by number, in whichever system.")
    po_line_ref: str = known_to_some("Line of that order, as the receipt names it.")
    reverses_id: str = known_to_some(
        "Receipt line that a reversal or return takes back; refers to receipt_lines."
    )
    delivery_note: str = known_to_some("Delivery note of the supplier.")
    received_by: str = known_to_some("Who entered it, as the source names the person.")
    document_date: pl.Date = known_to_some("Date on the delivery note: when the goods came.")


class PurchaseOrderSchedules(Audited):
    """Deliveries agreed per order line: how much is due when."""

    po_schedule_id: str = pa.Field(description="system|object|key of the schedule line.")
    po_line_id: str = pa.Field(description="Refers to purchase_order_lines.")
    entity_id: str = pa.Field(description="Legal entity that ordered.")
    schedule_no: str = pa.Field(description="Number of the delivery.")
    due_date: pl.Date = pa.Field(nullable=True, description="Delivery date agreed.")
    qty: Qty = pa.Field(description="Quantity due, in the order unit.")


class PurchaseOrderDistributions(Audited):
    """What an order line is charged to; several shares if it is split."""

    po_distribution_id: str = pa.Field(description="system|object|key of the assignment.")
    po_line_id: str = pa.Field(description="Refers to purchase_order_lines.")
    entity_id: str = pa.Field(description="Legal entity that ordered.")
    distribution_no: str = pa.Field(description="Number of the share.")
    account: str = pa.Field(nullable=True, description="General ledger account.")
    cost_center: str = pa.Field(nullable=True, description="Cost centre.")
    project: str = pa.Field(nullable=True, description="Project or its element.")
    percentage: Price = pa.Field(nullable=True, description="Share in per cent, if stated.")
    qty: Qty = pa.Field(nullable=True, description="Share as a quantity, if stated.")
    amount: Amount = pa.Field(nullable=True, description="Share as an amount, if stated.")


class PurchaseOrderCharges(Audited):
    """Freight, customs and other charges agreed with an order; a discount agreed is negative."""

    po_charge_id: str = pa.Field(description="system|object|key of the agreement.")
    po_id: str = pa.Field(description="Order; refers to purchase_orders.")
    po_line_id: str = pa.Field(
        nullable=True,
        description="Order line it was agreed for; null for one of the order as a whole.",
    )
    entity_id: str = pa.Field(description="Legal entity that ordered.")
    charge_code: str = pa.Field(
        nullable=True, description="What it is for, as the source has it; as on invoice lines."
    )
    amount: Amount = pa.Field(
        description="Agreed for all that was ordered, in the order's currency."
    )
    fixed: bool = pa.Field(
        description="Agreed as one amount, however the order is delivered; else it grows with the "
        "quantity."
    )


class RequisitionLines(Audited):
    """What was asked for before anything was ordered."""

    requisition_line_id: str = pa.Field(description="system|object|key of the line.")
    entity_id: str = pa.Field(description="Legal entity that asks.")
    requisition_no: str = pa.Field(description="Number people use for the requisition.")
    line_no: str = pa.Field(description="Line number as the source has it.")
    requester: str = pa.Field(nullable=True, description="Who asks, as the source names them.")
    supplier_src_id: str = pa.Field(
        nullable=True, description="Supplier proposed; refers to suppliers."
    )
    item_id: str = pa.Field(nullable=True, description="Item; refers to items.")
    description: str = pa.Field(nullable=True, description="Text of the line.")
    qty: Qty = pa.Field(nullable=True, description="Quantity in uom; null for an amount.")
    uom: str = pa.Field(nullable=True, description="Unit of qty (UN/ECE Recommendation 20).")
    unit_price: Price = pa.Field(nullable=True, description="Price per price_unit units.")
    price_unit: Qty = pa.Field(nullable=True, gt=0, description="Units the price is for.")
    net_amount: Amount = pa.Field(nullable=True, description="Value of the line.")
    ccy: str = pa.Field(
        nullable=True, str_matches=r"^[A-Z]{3}$", description="Currency (ISO 4217)."
    )
    created_date: pl.Date = pa.Field(nullable=True, description="Day it was written.")
    needed_date: pl.Date = pa.Field(nullable=True, description="Day it is needed.")
    status_src: str = pa.Field(description="Status as the source states it.")
    status_canon: str = pa.Field(
        isin=["draft", "submitted", "approved", "rejected", "ordered", "closed", "cancelled"],
        description="Status in finsync's terms.",
    )
    approved_at: TsUTC = pa.Field(nullable=True, description="When it was approved.")
    po_number_ref: str = pa.Field(nullable=True, description="Order made of it, by number.")
    po_line_ref: str = pa.Field(nullable=True, description="Line of that order.")


class ApprovalEvents(Audited):
    """Decisions, made or awaited, of people about documents."""

    approval_id: str = pa.Field(description="system|object|key of the decision.")
    entity_id: str = pa.Field(description="Legal entity of the document.")
    subject_type: str = pa.Field(
        isin=["requisition", "purchase_order", "invoice", "expense_report", "other"],
        description="What is decided about.",
    )
    subject_id: str = pa.Field(description="system|object|key of the document.")
    step: str = pa.Field(nullable=True, description="Step of the approval, in the source's order.")
    actor: str = pa.Field(nullable=True, description="Who decides, as the source names them.")
    decision: str = pa.Field(
        isin=["pending", "approved", "rejected", "delegated", "skipped"],
        description="What was decided.",
    )
    decided_at: TsUTC = pa.Field(nullable=True, description="When; null while it is awaited.")
    limit_amount: Amount = pa.Field(
        nullable=True, description="Amount up to which the person may decide, if stated."
    )


TABLES = (
    TableSpec("canonical", "purchase_orders", "purchase order", ("po_id",), PurchaseOrders),
    TableSpec(
        "canonical",
        "purchase_order_lines",
        "purchase order line",
        ("po_line_id",),
        PurchaseOrderLines,
    ),
    TableSpec("canonical", "receipt_lines", "receipt line", ("receipt_line_id",), ReceiptLines),
    TableSpec(
        "canonical",
        "purchase_order_schedules",
        "delivery agreed of an order line",
        ("po_schedule_id",),
        PurchaseOrderSchedules,
    ),
    TableSpec(
        "canonical",
        "purchase_order_distributions",
        "share of an order line",
        ("po_distribution_id",),
        PurchaseOrderDistributions,
    ),
    TableSpec(
        "canonical",
        "purchase_order_charges",
        "charge agreed with an order",
        ("po_charge_id",),
        PurchaseOrderCharges,
    ),
    TableSpec(
        "canonical",
        "requisition_lines",
        "requisition line",
        ("requisition_line_id",),
        RequisitionLines,
    ),
    TableSpec(
        "canonical",
        "approval_events",
        "decision about a document",
        ("approval_id",),
        ApprovalEvents,
    ),
)
