"""Notes: what a comparison has to say, and what to do about it, before it becomes a finding.

Belongs here: the shape of a note and the action for each reason. Not here: severity and owner
(exceptions), nor the comparisons that lead to notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.findings import FINDINGS
from finsync_dagster.money import AMOUNT

ACTIONS = {
    "FX_RATE_VARIANCE": "Have treasury compare the rate with the source of rates that was agreed, "
    "and post the invoice again at the right one.",
    "UOM_RATIO_VARIANCE": "Have the quantity weighed or counted again, or the conversion of the "
    "item corrected; ask for a credit of what is not there.",
    "INV_NO_PO": "Ask the requester for the purchase order, or have the purchase approved "
    "afterwards, before anything is paid.",
    "PO_NOT_FOUND": "Check the order number with the supplier; if it is right, find out why the "
    "order did not arrive from the purchasing system.",
    "PO_NOT_APPROVED": "Have the order approved or refused by whoever is entitled to; until then "
    "neither receive against it nor pay for it.",
    "PO_CANCELLED": "Clarify with the buyer why a cancelled order was billed; reinstate the order "
    "or return the invoice.",
    "PO_CLOSED": "Ask the buyer why a closed order was billed; open it again if something was "
    "still due, or return the invoice.",
    "MISSING_REQUIRED_FIELD": "Enter what is missing from the document itself, or ask the supplier "
    "for a complete one.",
    "SUPPLIER_BLOCKED": "Pay nothing; find out from the owner of the supplier's record why it is "
    "blocked, and have it released or the invoice returned.",
    "SUPPLIER_UNRESOLVED": "Find out who removed the supplier's record and why; restore it, or "
    "enter the right supplier on orders and invoices.",
    "ITEM_AMOUNT_CAP": "Have the AP manager approve the amount, or split what was really bought in "
    "several lines.",
    "INVOICE_BEFORE_RECEIPT": "Ask receiving when the goods came; remind the supplier to bill "
    "after delivery.",
    "DATE_EARLY": "Ask the buyer whether the early delivery was agreed; pay on the day agreed.",
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
    "CHARGE_VARIANCE": "Ask the buyer which charges were agreed; correct the order, or ask for a "
    "credit of the difference.",
    "CHARGE_UNPLANNED": "Have the buyer confirm or refuse the charge; pay nothing of it before.",
    "TAX_OVER": "Ask the supplier for an invoice with the right tax; tax billed in excess cannot "
    "be reclaimed.",
    "TAX_UNDER": "Have the tax team check rate and base before the invoice is posted.",
    "TAX_CODE_MISSING": "Have the tax team enter the code that the invoice is to be posted with; "
    "input tax without one cannot be reclaimed.",
    "DOC_NOT_BALANCED": "Compare with the document itself and correct the entry, or return the "
    "document to its sender.",
    "CREDIT_EXCEEDS_INVOICED": "Find the invoice that the credit belongs to, or have the credit "
    "corrected.",
    "RETURN_NOT_CREDITED": "Ask the supplier for the credit, naming the return; until it comes, "
    "keep the amount back from other payments.",
    "CREDIT_UNLINKED": "Ask the supplier which order or invoice the credit belongs to.",
    "EXTRACT_INCOMPLETE": "Repair the records in quarantine; the order is compared again as soon "
    "as they are whole.",
    "UNDER_DELIVERY": "Claim the missing goods from the supplier, or confirm the short delivery "
    "and see that it is not billed.",
    "OVER_DELIVERY": "Have the buyer accept the excess and raise the order, or return it.",
}


NO_CURRENCY = "XXX"
"""ISO 4217: no currency involved."""


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


@dataclass(frozen=True)
class Said:
    """A note, and the invoice line or the invoice whose result repeats its sentence, if any."""

    note: Note
    invoice_line_id: str | None = None
    invoice_id: str | None = None
    release: str | None = None
    """What would release the line or the invoice, in a sentence."""


_COLUMNS: dict[str, Any] = {
    "reason_code": pl.String,
    "subject_type": pl.String,
    "subject_id": pl.String,
    "subject_label": pl.String,
    "counter_key": pl.String,
    "supplier_src_id": pl.String,
    "amount": AMOUNT,
    "ccy": pl.String,
    "message": pl.String,
    "invoice_line_id": pl.String,
    "invoice_id": pl.String,
    "release": pl.String,
}
NOTES = pl.Schema(_COLUMNS)
"""Notes as a frame: the columns of Said and its Note. Where many rows may fail, notes are made as
whole columns."""


def noted(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as notes; a column of NOTES that they lack is null, or the empty counter key."""
    given = set(rows.columns)
    return rows.select(
        pl.col(name).cast(dtype)
        if name in given
        else pl.lit("" if name == "counter_key" else None, dtype=dtype).alias(name)
        for name, dtype in NOTES.items()
    )


def noted_all(said: Iterable[Said]) -> pl.DataFrame:
    """Notes told one by one, as a frame."""
    rows = [
        {
            **vars(each.note),
            "invoice_line_id": each.invoice_line_id,
            "invoice_id": each.invoice_id,
            "release": each.release,
        }
        for each in said
    ]
    return pl.DataFrame(rows, schema=NOTES)


def as_findings(
    notes: Iterable[Note], entity_id: str, actions: dict[str, str] | None = None
) -> pl.DataFrame:
    """The notes as findings, sorted by key."""
    return findings_of(noted_all(Said(note) for note in notes), entity_id, actions)


def findings_of(
    notes: pl.DataFrame, entity_id: str, actions: dict[str, str] | None = None
) -> pl.DataFrame:
    """Notes (a frame of NOTES) as findings, sorted by key.

    Raises:
        polars.exceptions.InvalidOperationError: a reason code has no action; a defect of finsync.
    """
    actions = ACTIONS if actions is None else actions
    rows = notes.with_columns(
        entity_id=pl.lit(entity_id),
        amount_at_risk=pl.col("amount").abs(),
        action=pl.col("reason_code").replace_strict(actions, return_dtype=pl.String),
    )
    # All are of one entity.
    return FINDINGS.conform(rows).sort([name for name in FINDINGS.key if name != "entity_id"])
