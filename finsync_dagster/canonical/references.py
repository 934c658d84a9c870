"""Which canonical rows cannot stand without another one.

Belongs here: the parent of each kind of line. A reference to something that may rightly be unknown
for a while (a supplier, an item) is not listed: it is matching's business to say so.
"""

from __future__ import annotations

from typing import NamedTuple


class Parent(NamedTuple):
    """``table.column`` must be found as ``parent_key`` of ``parent_table`` of the same system."""

    table: str
    column: str
    parent_table: str
    parent_key: str
    parent_word: str
    part_of: bool
    """The child is a part of the parent and goes with it when the source deletes it. What is not
    a part (a receipt of an order line) stays, and is told to have lost what it refers to."""


PARENTS = (
    Parent("purchase_order_lines", "po_id", "purchase_orders", "po_id", "purchase order", True),
    Parent(
        "receipt_lines", "po_line_id", "purchase_order_lines", "po_line_id", "order line", False
    ),
    Parent("invoice_lines", "invoice_id", "invoices", "invoice_id", "invoice", True),
    # The payment itself stays when its invoice is deleted: money has moved.
    Parent("payment_applications", "invoice_id", "invoices", "invoice_id", "invoice", True),
    Parent("payment_applications", "payment_id", "payments", "payment_id", "payment", True),
    *(
        Parent(t, "po_line_id", "purchase_order_lines", "po_line_id", "order line", True)
        for t in (
            "purchase_order_schedules",
            "purchase_order_distributions",
            "purchase_order_charges",
        )
    ),
    Parent(
        "expense_lines",
        "expense_report_id",
        "expense_reports",
        "expense_report_id",
        "expense report",
        True,
    ),
    Parent(
        "expense_allocations",
        "expense_line_id",
        "expense_lines",
        "expense_line_id",
        "expense",
        True,
    ),
)
