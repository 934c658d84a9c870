"""Supplier invoices and credit notes.

Belongs here: entering and posting them, cancelling and crediting them. Not here: paying them.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .company import FREIGHT, VAT, account
from .erp import cents, measured, model, one, wizard
from .orders import Case, price_of
from .steps import Bill, CancelBill, Credit


def bill(case: Case, step: Bill, day: date) -> None:
    """Take the draft that Tryton made (or make one, if nothing was ordered) and post it."""
    invoice = _draft(case)
    line = invoice.lines[0]
    if step.price != "1":
        line.unit_price = cents(line.unit_price * Decimal(step.price))
    if step.quantity != "1":
        line.quantity = measured(Decimal(str(line.quantity)) * Decimal(step.quantity))
    if step.freight:
        _add_amount(invoice, case, "Frachtkosten", Decimal(step.freight))
    if step.discount:
        _add_amount(invoice, case, "Nachlass", -Decimal(step.discount))
    if step.booked:
        invoice.accounting_date = day + timedelta(days=step.booked)
    post(invoice, step.reference or _reference(case), day)
    case.invoices.append(invoice)
    case.open.append(invoice)
    case.unsettled.append(invoice)


def post(invoice: Any, reference: str, day: date) -> None:
    """Date it, number it as the supplier does, post it."""
    invoice.invoice_date, invoice.reference = day, reference
    invoice.save()
    invoice.click("post")


def cancel(case: Case, step: CancelBill, day: date) -> None:
    """Cancel the oldest open invoice after it was posted."""
    case.unsettled.pop(0)
    case.open.pop(0).click("cancel")


def credit(case: Case, step: Credit, day: date) -> None:
    """Credit the oldest invoice in full and do with the credit note what the step says."""
    invoice = case.invoices[0]
    dialogue = wizard("account.invoice.credit", [invoice])
    dialogue.form.invoice_date = day
    dialogue.execute("credit")
    note = model("account.invoice")(dialogue.actions[0][0].id)
    post(note, f"G-{case.number}", day)
    if step.how == "offset":
        lines = [line for each in (invoice, note) for line in _payable(each)]
        wizard("account.move.reconcile_lines", lines)
        case.open.remove(invoice)
        case.unsettled.remove(invoice)
    elif step.how == "refunded":
        case.open.append(note)


def _payable(invoice: Any) -> list[Any]:
    return list(model("account.invoice")(invoice.id).lines_to_pay)


def _draft(case: Case) -> Any:
    if not case.order.lines:
        return _made_by_hand(case)
    purchase = model("purchase.purchase")(case.purchase.id)
    drafts = [i for i in purchase.invoices if i.state == "draft" and i.untaxed_amount > 0]
    if len(drafts) != 1:
        states = [f"{i.state} {i.untaxed_amount}" for i in purchase.invoices]
        raise LookupError(f"one invoice drafted for {purchase.number} is needed: {states}")
    return drafts[0]


def _made_by_hand(case: Case) -> Any:
    invoice = model("account.invoice")(type="in", party=case.party, currency=case.currency)
    invoice.payment_term = case.party.supplier_payment_term
    for line in case.order.invoiced:
        added = invoice.lines.new()
        added.product = case.products[line.product]
        added.quantity = measured(Decimal(line.quantity))
        added.unit_price = price_of(line, case.order)
    return invoice


def _add_amount(invoice: Any, case: Case, text: str, amount: Decimal) -> None:
    line = invoice.lines.new(description=text)
    line.account = account(FREIGHT)
    line.quantity, line.unit_price = 1.0, amount
    if not case.party.supplier_tax_rule:
        line.taxes.append(one("account.tax", ("name", "=", VAT)))


def _reference(case: Case) -> str:
    return f"{case.order.supplier[:3].upper()}-{4000 + 10 * case.number + len(case.invoices)}"
