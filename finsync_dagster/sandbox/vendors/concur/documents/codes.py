"""Names that stand beside codes in Concur, and ids that are made of names.

Belongs here: statuses, expense types, payment types, list items. Not here: rows.
"""

from __future__ import annotations

import hashlib
from typing import Any

from finsync_dagster.sandbox.vendors.concur.fields import Object, make

APPROVALS = {
    "A_NOTF": "Not Submitted",
    "A_PEND": "Submitted & Pending Approval",
    "A_APPR": "Approved",
    "A_RESU": "Sent Back to Employee",
}
PAYMENTS = {
    "P_NOTP": "Not Paid",
    "P_PROC": "Processing Payment",
    "P_PAID": "Sent for Payment",
}
EXPENSE_TYPES = {
    "AIRFR": "Airfare",
    "HOTEL": "Hotel",
    "MEALS": "Individual Meals",
    "TAXIX": "Taxi",
    "TRAIN": "Train",
    "PARKG": "Parking",
    "OFFIC": "Office Supplies",
    "SUPPL": "Supplies",
    "PERSO": "Personal/Non Reimbursable",
}
PAYMENT_TYPES = {"CASH": "Cash", "CBCP": "Company Paid Card"}
CURRENCY_NUMBERS = {"CHF": "756", "EUR": "978", "GBP": "826", "JPY": "392", "USD": "840"}


def identity(*parts: Any, length: int = 32) -> str:
    """Hex digits that stand for something for ever."""
    said = "|".join(str(part) for part in parts)
    return hashlib.sha256(said.encode()).hexdigest()[:length]


def list_item(code: str | None, name: str | None, kind: str = "List") -> Object | None:
    """A value chosen from a list, as an organisational unit or a custom field shows it."""
    if code is None:
        return None
    number = identity("list item", kind, code, name).upper()
    return make("CustomField", {"Type": kind, "Value": name, "Code": code, "ListItemID": number})


def allocation_item(code: str | None, name: str | None, label: str, place: int) -> Object | None:
    """The same in an allocation, where it also has its label and its place on the form."""
    if code is None:
        return None
    values = {
        "Type": "List",
        "Value": name,
        "Code": code,
        "Label": label,
        "Sequence": place,
        "ListItemID": identity("list item", label, code, name).upper(),
    }
    return make("CustomFieldExtension", values)
