"""Suppliers, as each system knows them.

Belongs here: who is bought from. Not here: documents.
"""

from __future__ import annotations

from tests.systems.group.projection import Projection, Told, unknown

_SAP = {
    "name": Told("left(name, 80)", "a name of 80 characters"),
    "terms_days": unknown(
        "what a key of payment terms means, the landscape says; this one does not"
    ),
}

SUPPLIERS = Projection(
    name="suppliers",
    key=("supplier_no", "entity_id"),
    # In SAP a supplier is one of each company code; elsewhere one for all.
    real="""
    SELECT a.system, a.account_no AS supplier_no,
        CASE WHEN a.system IN ('group_sap', 'group_s4') THEN e.entity_id ELSE '*' END AS entity_id,
        a.name, a.status, a.tax_id, a.terms_days, sha256(a.iban) AS bank
    FROM shown_account a
    LEFT JOIN (VALUES ('group_sap', 'lumen_de'), ('group_sap', 'lumen_fr'),
            ('group_s4', 'lumen_ie'))
        e(system, entity_id) ON e.system = a.system
        AND (a.entity_id IS NULL OR a.entity_id = e.entity_id)""",
    said="""
    SELECT source_system AS system, supplier_no, entity_id, name, status, tax_id,
        payment_terms_days AS terms_days, bank_account_hash AS bank
    FROM canonical.suppliers""",
    told={
        "group_sap": _SAP,
        "group_s4": _SAP,
        "group_coupa": {"bank": unknown("bank accounts are not shown")},
        "group_netsuite": {
            "status": Told(
                "CASE status WHEN 'blocked' THEN 'active' ELSE status END",
                "a vendor on hold looks like any other",
            ),
            "tax_id": unknown("the columns that are seen name no tax registration"),
            "terms_days": unknown("a term is a record that is not seen"),
            "bank": unknown("the columns that are seen name no bank account"),
        },
    },
)

PROJECTIONS = (SUPPLIERS,)
