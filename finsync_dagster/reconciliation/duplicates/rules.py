"""The rules by which two documents may be one, by name.

Belongs here: the names, as they stand in reconciliation.duplicates. Not here: what each compares.
"""

from __future__ import annotations

EXACT = "same number and amount"
SAME_NUMBER = "same number"
SIMILAR_NUMBER = "similar number and amount"
OTHER_SUPPLIER = "same number and amount, other supplier"
OTHER_ENTITY = "same number and amount, other legal entity"
SAME_DAY = "same date and amount"
CLOSE = "same amount within 14 days"
BILLED_BEFORE = "order invoiced in full before"
PAID_AS_EXPENSE = "paid as an expense"

RULES = (
    EXACT,
    SAME_NUMBER,
    SIMILAR_NUMBER,
    OTHER_SUPPLIER,
    OTHER_ENTITY,
    SAME_DAY,
    CLOSE,
    BILLED_BEFORE,
    PAID_AS_EXPENSE,
)
"""What two documents have in common, the strongest first."""
