"""Notes: what a comparison has to say, and what to do about it, before it becomes a finding.

Belongs here: the shape of a note and the action for each reason. Not here: severity and owner
(exceptions), nor the comparisons that lead to notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from finsync_dagster.findings import FINDINGS

ACTIONS = {
    "INV_NO_PO": "Ask the requester for the purchase order, or have the purchase approved "
    "afterwards, before anything is paid.",
    "PO_NOT_FOUND": "Check the order number with the supplier; if it is right, find out why the "
    "order did not arrive from the purchasing system.",
    "PO_NOT_APPROVED": "Have the order approved or refused by whoever is entitled to; until then "
    "neither receive against it nor pay for it.",
    "PO_CANCELLED": "Clarify with the buyer why a cancelled order was billed; reinstate the order "
    "or return the invoice.",
    "SUPPLIER_MISMATCH": "Find out who is entitled to the money: correct the supplier on the "
    "invoice or its order reference, or return the invoice.",
    "CURRENCY_MISMATCH": "Ask the supplier for an invoice in the currency of the order, or have "
    "the order changed.",
    "PO_AFTER_INVOICE": "Remind the requester that goods are ordered before they are billed; "
    "record the approval given afterwards.",
    "LINK_MISSING": "Enter the order line, or ask for a document that names one.",
    "LINK_AMBIGUOUS": "Assign the amount to order lines by hand, from the document itself.",
    "UOM_CONVERSION_MISSING": "Maintain the conversion between the two units for the item.",
    "RECEIPT_MISSING": "Ask the requester whether the goods arrived, and post the receipt; pay "
    "only what was received.",
    "QTY_OVER_RECEIVED": "Post the missing receipt, or ask the supplier for a credit of the "
    "excess.",
    "QTY_OVER_ORDERED": "Have the buyer raise the order, or refuse the excess.",
    "QTY_NOT_ACCEPTED": "Return the rejected goods, or ask for a credit or replacement.",
    "PRICE_OVER": "Ask the buyer which price was agreed; correct the order, or ask for a credit "
    "of the difference.",
    "PRICE_UNDER": "Check with the buyer whether the lower price was agreed, and whether another "
    "invoice will follow.",
    "LINE_TOTAL_EXCEEDED": "Have the buyer confirm or refuse what exceeds the order and its "
    "receipts; pay nothing of it before.",
    "LIMIT_EXCEEDED": "Have the budget owner raise the limit or refuse the excess; pay nothing "
    "of it before.",
    "LIMIT_EXPIRED": "Have the budget owner prolong the order, or return the invoice.",
    "TAX_OVER": "Ask the supplier for an invoice with the right tax; tax billed in excess cannot "
    "be reclaimed.",
    "TAX_UNDER": "Have the tax team check rate and base before the invoice is posted.",
    "DOC_NOT_BALANCED": "Compare with the document itself and correct the entry, or return the "
    "document to its sender.",
    "CREDIT_EXCEEDS_INVOICED": "Find the invoice that the credit belongs to, or have the credit "
    "corrected.",
    "CREDIT_UNLINKED": "Ask the supplier which order or invoice the credit belongs to.",
    "EXTRACT_INCOMPLETE": "Repair the records in quarantine; the order is compared again as soon "
    "as they are whole.",
    "UNDER_DELIVERY": "Claim the missing goods from the supplier, or confirm the short delivery "
    "and see that it is not billed.",
    "OVER_DELIVERY": "Have the buyer accept the excess and raise the order, or return it.",
}


@dataclass(frozen=True)
class Note:
    """One finding to be."""

    reason_code: str
    subject_type: str
    subject_id: str
    subject_label: str
    supplier_src_id: str | None
    amount: Decimal
    ccy: str
    message: str
    counter_key: str = ""


def as_findings(
    notes: Iterable[Note], entity_id: str, actions: dict[str, str] | None = None
) -> pl.DataFrame:
    """The notes as findings, sorted by key."""
    actions = ACTIONS if actions is None else actions
    rows = [
        {
            "reason_code": note.reason_code,
            "entity_id": entity_id,
            "subject_type": note.subject_type,
            "subject_id": note.subject_id,
            "subject_label": note.subject_label,
            "counter_key": note.counter_key,
            "supplier_src_id": note.supplier_src_id,
            "amount_at_risk": abs(note.amount),
            "ccy": note.ccy,
            "message": note.message,
            "action": actions[note.reason_code],
        }
        for note in notes
    ]
    frame = pl.DataFrame(rows, schema=FINDINGS.polars_schema)
    return frame.sort(FINDINGS.key)
