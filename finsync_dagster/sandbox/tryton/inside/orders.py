"""Purchase orders and requests, made the way a buyer makes them.

Belongs here: everything up to the order that was sent. Not here: what comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .company import DOLLARS
from .erp import cents, create_as_system, measured, model, one
from .products import PRODUCTS
from .steps import Line, Order

_WEEKS_TO_DELIVER = 2


@dataclass
class Case:
    """An order on its way: Tryton's records of it, filled step by step.

    ``open`` and ``unsettled`` are posted invoices, oldest first: to be paid, to be settled.
    """

    number: int
    order: Order
    party: Any
    products: dict[str, Any]
    purchase: Any = None
    invoices: list[Any] = field(default_factory=list)
    open: list[Any] = field(default_factory=list)
    unsettled: list[Any] = field(default_factory=list)

    @property
    def currency(self) -> Any:
        """The currency it is ordered and invoiced in."""
        return one("currency.currency", ("code", "=", self.order.currency))


def place(case: Case) -> None:
    """Enter the order and take it as far as it went."""
    order = case.order
    purchase = model("purchase.purchase")(party=case.party, currency=case.currency)
    purchase.purchase_date = order.day
    purchase.invoice_method = order.method
    purchase.reference = f"AB-{7000 + case.number}"
    purchase.description = f"Bedarf {case.number:03d}"
    for line in order.lines:
        _add_line(purchase, case, line)
    purchase.save()
    case.purchase = purchase
    if order.until == "cancelled":
        purchase.click("cancel")
    elif order.until != "draft":
        purchase.click("quote")
        if order.until == "processing":
            purchase.click("confirm")


def price_of(line: Line, order: Order) -> Decimal:
    """What one unit of it costs in the order's currency."""
    if line.price:
        return Decimal(line.price)
    price = PRODUCTS[line.product].price
    if order.currency == "USD":
        price *= Decimal(DOLLARS[order.day.month - 1])
    return cents(price)


def request(product: Any, quantity: int, day: date) -> None:
    """A department asks for something; such records are made by the system, not by a user."""
    values = {
        "product": product.id,
        "quantity": float(quantity),
        "unit": product.default_uom.id,
        "warehouse": one("stock.location", ("type", "=", "warehouse")).id,
        "company": one("company.company").id,
        "purchase_date": day,
        "supply_date": day + timedelta(weeks=_WEEKS_TO_DELIVER),
    }
    create_as_system("purchase.request", values)


def _add_line(purchase: Any, case: Case, line: Line) -> None:
    # The product comes last but for its price: each change to a line of an order is answered by
    # Tryton with new totals of the order, and the price is proposed from the product.
    added = model("purchase.line")()
    added.quantity = measured(Decimal(line.quantity))
    added.delivery_date_edit = True
    added.delivery_date_store = case.order.day + timedelta(weeks=_WEEKS_TO_DELIVER)
    purchase.lines.append(added)
    added.product = case.products[line.product]
    added.unit_price = price_of(line, case.order)
