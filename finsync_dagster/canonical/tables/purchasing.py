"""Purchase orders, their lines, and receipts.

Belongs here: declarations only. Amounts are in the order's currency (``ccy`` of the order);
quantities are in the unit named beside them.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.canonical.tables.audit import Audited
from finsync_dagster.schema import Amount, Price, Qty, TableSpec

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
)
