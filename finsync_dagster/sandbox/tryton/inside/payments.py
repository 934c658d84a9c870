"""Payments to suppliers, from the proposal to the bank statement.

Belongs here: payments, payment runs, settling. Not here: what is owed.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from .company import BANK, account
from .erp import cents, model, one, wizard
from .orders import Case
from .steps import Pay, PayTogether, Settle

_BUTTONS = {"submitted": "submit", "approved": "approve", "processing": "process_wizard"}
_END = {"succeeded": "succeed", "failed": "fail"}


def pay(case: Case, step: Pay, day: date) -> None:
    """Propose a payment for the oldest open invoice and take it as far as it went."""
    invoice = model("account.invoice")(case.open[0].id)
    line = _unpaid(invoice)[0]
    payment = model("account.payment")(kind="payable" if line.credit else "receivable")
    payment.journal = one("account.payment.journal", ("currency", "=", case.currency.id))
    payment.party, payment.line, payment.date = case.party, line, day
    payment.amount = line.payment_amount
    if step.share:
        payment.amount = cents(payment.amount * Decimal(step.share))
    payment.save()
    _advance([payment], step.until)
    if not _unpaid(model("account.invoice")(invoice.id)):
        case.open.pop(0)


def pay_together(case: Case, step: PayTogether, day: date) -> None:
    """Send all approved payments to the supplier in one run, which succeeds."""
    payments = model("account.payment").find(
        [("party", "=", case.party.id), ("state", "=", "approved")], order=[("id", "ASC")]
    )
    payments[0].__class__.click(payments, "process_wizard")
    payments[0].__class__.click(payments, "succeed")


def settle(case: Case, step: Settle, day: date) -> None:
    """Book the bank statement's line that settles the oldest invoice not settled yet.

    Where payments were made it settles those; an invoice without any it settles as a whole.
    """
    invoice = model("account.invoice")(case.unsettled.pop(0).id)
    paid = [i for i in invoice.lines_to_pay if not i.reconciliation and not i.payment_amount]
    if paid:
        _clear(paid, day)
    else:
        dialogue = wizard("account.invoice.pay", [invoice])
        (method,) = model("account.invoice.payment.method").find([])
        dialogue.form.payment_method, dialogue.form.date = method, day
        dialogue.form.amount = invoice.amount_to_pay
        dialogue.execute("choice")
    case.open = [each for each in case.open if each.id != invoice.id]


def _unpaid(invoice: Any) -> list[Any]:
    """Its instalments for which no payment was made, or not enough."""
    return [line for line in invoice.lines_to_pay if line.payment_amount]


def _clear(owed: list[Any], day: date) -> None:
    """Book what left the bank against instalments whose payments have succeeded.

    An invoice is paid when all of its instalments are.
    """
    move = model("account.move")(journal=one("account.journal", ("type", "=", "cash")), date=day)
    for line in owed:
        paid = move.lines.new(account=line.account, debit=line.credit, credit=line.debit)
        paid.party = line.party
        if line.second_currency:
            paid.second_currency = line.second_currency
            paid.amount_second_currency = -line.amount_second_currency
        move.lines.new(account=account(BANK), debit=line.debit, credit=line.credit)
    move.click("post")
    cleared = [line for line in move.lines if line.account == owed[0].account]
    wizard("account.move.reconcile_lines", [*owed, *cleared])


def _advance(payments: list[Any], until: str) -> None:
    """Press the buttons on the way; what is owed to us by a supplier needs no approval."""
    if until == "draft":
        return
    for state, button in _BUTTONS.items():
        if button != "approve" or payments[0].kind == "payable":
            payments[0].__class__.click(payments, button)
        if state == until:
            return
    payments[0].__class__.click(payments, _END[until])
