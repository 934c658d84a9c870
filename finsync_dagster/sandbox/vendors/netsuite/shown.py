"""What BUILTIN.DF shows for an id or a code.

Belongs here: the tables in which it is looked up, and the words for types and states. Not here:
rewriting the call (functions.py).
"""

from __future__ import annotations

TYPES = {
    "PurchReq": "Requisition",
    "PurchOrd": "Purchase Order",
    "ItemRcpt": "Item Receipt",
    "VendBill": "Bill",
    "VendCred": "Bill Credit",
    "VPrep": "Vendor Prepayment",
    "VendPymt": "Bill Payment",
}

STATES = {
    "PurchReq": {
        "A": "Pending Approval",
        "B": "Pending Order",
        "C": "Cancelled",
        "D": "Partially Ordered",
        "E": "Fully Ordered",
        "F": "Partially Received",
        "G": "Fully Received",
        "H": "Closed",
        "R": "Rejected",
    },
    "PurchOrd": {
        "A": "Pending Supervisor Approval",
        "B": "Pending Receipt",
        "C": "Rejected by Supervisor",
        "D": "Partially Received",
        "E": "Pending Billing/Partially Received",
        "F": "Pending Bill",
        "G": "Fully Billed",
        "H": "Closed",
    },
    "VendBill": {
        "A": "Open",
        "B": "Paid In Full",
        "C": "Cancelled",
        "D": "Pending Approval",
        "E": "Rejected",
    },
    "VendCred": {"A": "Open", "B": "Fully Applied", "C": "Cancelled", "D": "Pending Approval"},
    "VPrep": {"A": "Open", "B": "Paid", "C": "Cancelled", "D": "Pending Approval"},
    "VendPymt": {"V": "Voided", "D": "Rejected", "F": "Approved"},
}

_NAMED = {
    "entity": ("entity", "altname"),
    "vendor": ("entity", "altname"),
    "employee": ("entity", "altname"),
    "currency": ("currency", "symbol"),
    "subsidiary": ("subsidiary", "name"),
    "account": ("account", "displaynamewithhierarchy"),
    "department": ("department", "fullname"),
    "classification": ("classification", "fullname"),
    "location": ("location", "name"),
    "item": ("item", "fullname"),
    "accountingperiod": ("accountingperiod", "periodname"),
}


def displays() -> dict[str, str]:
    """For each thing that can be referred to, a SELECT of ``_key`` and ``_display``.

    That of ``status`` has ``_type`` too: a state's letter means another thing for each type.
    """
    found = {
        name: f'SELECT id AS _key, {column} AS _display FROM "_{table}"'
        for name, (table, column) in _NAMED.items()
    }
    types = ", ".join(f"('{key}', '{name}')" for key, name in TYPES.items())
    found["type"] = f"SELECT * FROM (VALUES {types}) v(_key, _display)"
    states = ", ".join(
        f"('{kind}', '{letter}', '{TYPES[kind]} : {name}')"
        for kind, letters in STATES.items()
        for letter, name in letters.items()
    )
    found["status"] = f"SELECT * FROM (VALUES {states}) v(_type, _key, _display)"
    found["transaction"] = (
        "SELECT t.id AS _key, k.name || ' #' || t.transactionnumber AS _display "
        f'FROM "_transaction" t JOIN (VALUES {types}) k(type, name) ON k.type = t.type'
    )
    return found
