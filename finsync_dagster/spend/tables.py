"""Spend facts and their sums, declared.

Belongs here: declarations only.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.schema import Amount, Rate, Table, TableSpec

STAGES = ["committed", "open_commitment", "received", "invoiced", "paid", "accrued", "expensed"]


class Facts(Table):
    """Amounts of spend by stage. Stages are views of the same purchase: never add them up."""

    fact_id: str = pa.Field(description="Stage, entity and ids of the documents, joined by |.")
    entity_id: str = pa.Field(description="Legal entity.")
    stage: str = pa.Field(isin=STAGES, description="How far the purchase is; see docs/spend.md.")
    supplier_src_id: str = pa.Field(
        nullable=True, description="Supplier; refers to suppliers. Empty for expenses."
    )
    supplier_id: str = pa.Field(nullable=True, description="Golden supplier, once resolved.")
    item_id: str = pa.Field(nullable=True, description="Item, where the fact has one.")
    category: str = pa.Field(nullable=True, description="Category of the item.")
    po_id: str = pa.Field(nullable=True, description="Order, where the fact has one.")
    po_line_id: str = pa.Field(nullable=True, description="Order line, where the fact has one.")
    receipt_line_id: str = pa.Field(nullable=True, description="Receipt line of a received amount.")
    invoice_id: str = pa.Field(nullable=True, description="Invoice, where the fact has one.")
    invoice_line_id: str = pa.Field(nullable=True, description="Invoice line, where it has one.")
    payment_id: str = pa.Field(nullable=True, description="Payment of a paid amount.")
    expense_line_id: str = pa.Field(nullable=True, description="Expense of an expensed amount.")
    fact_date: pl.Date = pa.Field(description="Date of the document; of what is open, the cut-off.")
    period: str = pa.Field(description="Month of fact_date, YYYY-MM.")
    ccy: str = pa.Field(description="Document currency (ISO 4217).")
    amount_doc: Amount = pa.Field(description="Net amount at the precision of the document.")
    functional_ccy: str = pa.Field(description="Currency of the entity's books.")
    amount_functional: Amount = pa.Field(
        nullable=True,
        description="In functional_ccy; rounded half up at its minor unit if it was converted.",
    )
    group_ccy: str = pa.Field(description="Currency of the group.")
    amount_group: Amount = pa.Field(
        nullable=True,
        description="amount_functional / rate_used, rounded half up at the minor unit of "
        "group_ccy; empty if no rate is known.",
    )
    rate_used: Rate = pa.Field(
        nullable=True, description="Units of functional_ccy for one unit of group_ccy."
    )
    rate_date: pl.Date = pa.Field(
        nullable=True, description="Day that rate was published for; empty for equal currencies."
    )


class Summary(Table):
    """Sums of the facts."""

    entity_id: str = pa.Field(description="Legal entity.")
    stage: str = pa.Field(isin=STAGES, description="How far the purchases are.")
    period: str = pa.Field(description="Month, YYYY-MM.")
    ccy: str = pa.Field(description="Document currency (ISO 4217).")
    functional_ccy: str = pa.Field(description="Currency of the entity's books.")
    group_ccy: str = pa.Field(description="Currency of the group.")
    facts: int = pa.Field(description="Number of facts.")
    amount_doc: Amount = pa.Field(description="Sum in document currency.")
    amount_functional: Amount = pa.Field(description="Sum of those with a rate.")
    amount_group: Amount = pa.Field(description="Sum of those with a rate.")
    without_rate: int = pa.Field(description="Facts that are in no sum for want of a rate.")


FACTS = TableSpec("spend", "facts", "amount at a stage", ("fact_id",), Facts)
SUMMARY = TableSpec(
    "spend",
    "summary",
    "legal entity, stage, month and currencies",
    ("entity_id", "stage", "period", "ccy", "functional_ccy", "group_ccy"),
    Summary,
)
TABLES = (FACTS, SUMMARY)
