"""Goods received, sent back, or no longer expected.

Belongs here: shipments and their moves. Not here: what is invoiced for them.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .bills import post
from .erp import measured, model, one, wizard
from .orders import Case
from .steps import Close, Receive, SendBack


def receive(case: Case, step: Receive, day: date) -> None:
    """A delivery of what is still to come, or of a share of what was ordered."""
    purchase = _anew(case.purchase)
    shipment = model("stock.shipment.in")(supplier=case.party, effective_date=day)
    shipment.reference = f"LS {case.number}/{len(purchase.shipments) + 1}"
    for move in _to_come(purchase):
        shipment.incoming_moves.append(model("stock.move")(move.id))
    shipment.save()
    for move in shipment.incoming_moves if step.share else ():
        move.quantity = measured(Decimal(str(move.origin.quantity)) * Decimal(step.share))
        if step.counted_singly:
            move.quantity *= 10
            move.unit = one("product.uom", ("name", "=", "Unit"))
    shipment.save()
    shipment.click("receive")
    shipment.click("do")


def send_back(case: Case, step: SendBack, day: date) -> None:
    """A return order for part of the first line; its goods leave, its credit note comes later."""
    before = {purchase.id for purchase in model("purchase.purchase").find([])}
    dialogue = wizard("purchase.return_purchase", [case.purchase])
    dialogue.execute("return_")
    (back,) = (p for p in model("purchase.purchase").find([]) if p.id not in before)
    back.purchase_date = day
    for line in back.lines[1:]:
        back.lines.remove(line)
    back.lines[0].quantity = -measured(Decimal(step.quantity))
    back.lines[0].delivery_date_store = day
    back.save()
    back.click("quote")
    back.click("confirm")
    (shipment,) = back.shipment_returns
    shipment.effective_date = day
    shipment.save()
    shipment.click("assign_force")
    shipment.click("do")
    credit = _anew(back).invoices[0]
    post(credit, f"G-{case.number}", day + timedelta(days=step.credited_after))


def close(case: Case, step: Close, day: date) -> None:
    """Cancel the moves to come and answer Tryton's question by not asking for them anew."""
    moves = _to_come(_anew(case.purchase))
    model("stock.move").click(moves, "cancel")
    purchase = _anew(case.purchase)
    dialogue = wizard("purchase.handle.shipment.exception", [purchase])
    for move in list(dialogue.form.recreate_moves):
        dialogue.form.recreate_moves.remove(move)
    dialogue.form.ignore_moves.extend(model("stock.move")(move.id) for move in moves)
    dialogue.execute("handle")


def _to_come(purchase: Any) -> list[Any]:
    return [move for move in purchase.moves if move.state == "draft" and not move.shipment]


def _anew(purchase: Any) -> Any:
    return model("purchase.purchase")(purchase.id)
