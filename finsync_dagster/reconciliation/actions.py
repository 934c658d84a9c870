"""What to do about each reason that reconciliation reports.

Belongs here: one sentence per reason code. Not here: severity and owner (exceptions).
"""

from __future__ import annotations

ACTIONS = {
    "DOC_NOT_BALANCED": "Compare header and lines in the purchasing system and correct the one "
    "that is wrong.",
    "CUTOFF_ERROR": "Have the goods booked in the month in which they came, or accrue them there "
    "if it is closed.",
    "GRIR_AGED": "Ask the supplier for the missing invoice, or reverse the accrual once it is "
    "proven that none will come.",
    "NO_INVOICE_SYSTEM": "Connect the system that keeps this entity's invoices, or accept that "
    "its receipts stay accrued.",
    "OVERPAID": "Recover the excess from the supplier, or have it credited against other invoices.",
    "XSYS_VALUE_DRIFT": "Find out which side is right and correct the other: a balance by the "
    "payment or credit that only one side knows, a copy of an order by sending it again.",
    "XSYS_STATUS_DRIFT": "Find out which state is meant, and have the other system follow; let "
    "nothing be received or billed against an order that one side has cancelled.",
    "XSYS_MISSING_TARGET": "Find out why the order was not handed over, and send it again.",
    "XSYS_MISSING_SOURCE": "Ask who entered the order past the system of record; have it entered "
    "there, or cancelled.",
    "XSYS_DELETED_AT_SOURCE": "Ask why the order was deleted; have the copy cancelled, or the "
    "order restored.",
    "PARITY_MISSING_TRIGGER": "Have the order placed, or the requisition withdrawn.",
    "PARITY_WRONG_STATE": "Have the requisition approved afterwards by whoever is entitled to, or "
    "the order cancelled.",
    "PAID_NOT_INVOICED": "Find the invoices that the payment settles, from the remittance advice "
    "or by asking the supplier, and allocate it.",
    "DUP_EXACT": "Stop payment of the later invoice and void it, unless the supplier proves both.",
    "DUP_SUSPECT": "Compare the two documents; void the later one if they bill the same delivery.",
    "PAID_TWICE": "Claim the money back from the supplier, or have it credited; void the second "
    "payment if it has not left.",
    "PAID_WHILE_BLOCKED": "Find out who released the payment past the block; if the block "
    "was right, claim the money back, else have it lifted by whoever set it.",
    "BANK_CHANGE_UNVERIFIED": "Call the supplier back on a number known before the change, and "
    "hold its open payments until then. If the account is right, waive this with a second person; "
    "if not, recall the money through the bank at once.",
    "SOD_CONFLICT": "Have somebody else confirm that the goods were needed and have come; take one "
    "of the roles from the person.",
    "SUPPLIER_DUPLICATE": "Have one of the records blocked, and its open orders and invoices "
    "moved to the other.",
}
