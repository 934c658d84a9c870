"""Findings: what a stage has to say about a document, before anyone decides how severe it is.

Belongs here: the one shape in which matching and reconciliation report. Not here: severity, owner
and deadline (exceptions).
"""

from __future__ import annotations

import pandera.polars as pa

from finsync_dagster.schema import Amount, Table, TableSpec


class Findings(Table):
    """One disagreement or defect, stated so that a finance person can act on it."""

    reason_code: str = pa.Field(description="Reason, from exceptions/reasons.yaml.")
    entity_id: str = pa.Field(description="Legal entity concerned.")
    subject_type: str = pa.Field(
        description="What the finding is about: purchase_order, purchase_order_line, invoice, ..."
    )
    subject_id: str = pa.Field(description="Canonical id of the subject.")
    subject_label: str = pa.Field(description="The number a person would look it up by.")
    counter_key: str = pa.Field(
        description="Tells apart several findings of one reason on one subject; often empty."
    )
    supplier_src_id: str = pa.Field(nullable=True, description="Supplier concerned, if any.")
    amount_at_risk: Amount = pa.Field(ge=0, description="Money in question, in ccy; 0 if none.")
    ccy: str = pa.Field(description="Currency of amount_at_risk (ISO 4217).")
    message: str = pa.Field(description="What is wrong, with the figures.")
    action: str = pa.Field(description="What to do about it.")


FINDINGS = TableSpec(
    "operations",
    "findings",
    "finding",
    ("reason_code", "entity_id", "subject_type", "subject_id", "counter_key"),
    Findings,
)
