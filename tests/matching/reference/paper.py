"""The documents as plain values: what an order, a receipt, an invoice line says.

Belongs here: reading a ledger's rows, leaving out what is void or dated later, quantities in the
unit of the order. Not here: which order line a document belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from tests.matching.reference.exact import exact

Row = Mapping[str, Any]
CREDITS = ("credit_qty", "credit_value")
UNAPPROVED = ("draft", "rejected")


@dataclass
class OrderLine:
    """A line of an order, with the order's header and what arrived for it."""

    row: Row
    order: Row
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its id."""
        return str(self.row["po_line_id"])

    @property
    def ordered(self) -> Fraction:
        """Quantity ordered, in the order unit."""
        return exact(self.row["qty_ordered"])

    @property
    def price(self) -> Fraction:
        """Price of one order unit."""
        return exact(self.row["unit_price"]) / exact(self.row["price_unit"])

    @property
    def ccy(self) -> str:
        """Currency of the order."""
        return str(self.order["ccy"])

    @property
    def base_per_unit(self) -> Fraction:
        """Base units in one order unit."""
        return exact(self.row["qty_ordered_base"]) / self.ordered

    @property
    def three_way(self) -> bool:
        """Invoices are compared with receipts."""
        return self.row["match_type"] in ("3w", "4w")

    @property
    def by_quantity(self) -> bool:
        """Invoices are compared by quantity; a limit is an amount."""
        return self.row["match_basis"] == "qty" and self.row["match_type"] != "limit"

    @property
    def cancelled(self) -> bool:
        """The line, or its order."""
        return bool(self.row["cancelled"]) or self.order["status_canon"] == "cancelled"


@dataclass
class Receipt:
    """A receipt line in order units; ``left`` is what is still there to be billed."""

    row: Row
    received: Fraction
    counted: Fraction
    """What may be billed of it: accepted where the order wants inspection, else received."""
    rejected: Fraction
    left: Fraction = Fraction(0)

    @property
    def key(self) -> str:
        """Its id."""
        return str(self.row["receipt_line_id"])

    @property
    def event(self) -> tuple[Any, ...]:
        """Its place among the receipts of the order line."""
        return (self.row["posting_date"], self.row["receipt_no"], self.row["line_no"], self.key)


@dataclass
class Bill:
    """An invoice line with its invoice, and the order line it was found to bill."""

    row: Row
    invoice: Row
    line: OrderLine | None = None
    order: Row | None = None
    problem: str | None = None
    qty: Fraction | None = None
    """Quantity in order units; none for a line that bills an amount."""
    corrects_price: bool = False
    """It changes the price of a quantity that others bill."""
    tax_due: Fraction | None = None
    """Tax of what a line bills that provably bills all that was received."""

    @property
    def key(self) -> str:
        """Its id."""
        return str(self.row["invoice_line_id"])

    @property
    def net(self) -> Fraction:
        """Net amount of the line."""
        return exact(self.row["net_amount"])

    @property
    def is_credit(self) -> bool:
        """It takes back, rather than bills."""
        return self.invoice["kind"] in CREDITS or (self.qty is not None and self.qty < 0)

    @property
    def event(self) -> tuple[Any, ...]:
        """Its place among all that is billed on an order line: credits last on a day."""
        number = self.invoice["invoice_no_norm"]
        day = self.invoice["invoice_date"]
        return (day, self.is_credit, number, self.row["line_no"], self.key)


@dataclass
class Papers:
    """All documents up to a day."""

    order_lines: dict[str, OrderLine]
    orders: dict[str, Row]
    bills: list[Bill]
    invoices: list[Row]


def read(rows: Mapping[str, Sequence[Row]], as_of: date) -> Papers:
    """The documents dated up to ``as_of``; void invoices are none."""
    orders = {r["po_id"]: r for r in rows.get("purchase_orders", []) if r["order_date"] <= as_of}
    lines = {
        r["po_line_id"]: OrderLine(r, orders[r["po_id"]])
        for r in rows.get("purchase_order_lines", [])
        if r["po_id"] in orders
    }
    for r in rows.get("receipt_lines", []):
        if r["posting_date"] <= as_of and r["po_line_id"] in lines:
            line = lines[r["po_line_id"]]
            line.receipts.append(_receipt(r, line))
    for line in lines.values():
        line.receipts.sort(key=lambda receipt: receipt.event)
    invoices = {
        r["invoice_id"]: r
        for r in rows.get("invoices", [])
        if r["invoice_date"] <= as_of and r["status_canon"] != "void"
    }
    bills = [
        Bill(r, invoices[r["invoice_id"]])
        for r in rows.get("invoice_lines", [])
        if r["invoice_id"] in invoices
    ]
    return Papers(lines, orders, bills, list(invoices.values()))


def _receipt(row: Row, line: OrderLine) -> Receipt:
    received = exact(row["qty"])
    accepted = exact(row["qty_accepted"])
    if row["uom"] != line.row["uom_order"]:
        per_unit = exact(row["qty_base"]) / received / line.base_per_unit
        received, accepted = received * per_unit, accepted * per_unit
    counted = accepted if line.row["match_type"] == "4w" else received
    return Receipt(row, received, counted, exact(row["qty_rejected"]))


def in_order_units(bill: Bill, line: OrderLine) -> Fraction | None:
    """The quantity of an invoice line in the order unit; none if there is no exact ratio."""
    qty = exact(bill.row["qty"])
    if bill.row["uom"] in (None, line.row["uom_order"]):
        return qty
    if bill.row["uom"] != line.row["uom_base"]:
        return None
    converted = qty / line.base_per_unit
    return converted if (converted * 10**6).denominator == 1 else None
