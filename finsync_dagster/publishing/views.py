"""Views for the questions that are asked every day.

Belongs here: SELECTs over published tables, valid in DuckDB and in PostgreSQL alike, with their
columns declared like those of a table. Not here: anything that could not be derived from the
published tables by whoever reads them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandera.polars as pa

from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.canonical.tables.operations import CONSERVATION, Conservation
from finsync_dagster.schema import Amount, Table, TableSpec, TsUTC


@dataclass(frozen=True)
class View:
    """A named SELECT. ``reads`` are the tables and views it needs, by ``schema.name``."""

    spec: TableSpec
    sql: str
    reads: tuple[str, ...]


class OpenExceptions(Table):
    """Exceptions that are not resolved."""

    exception_id: str = pa.Field(description="Exception, the same over all runs.")
    entity_id: str = pa.Field(description="Legal entity concerned.")
    reason_code: str = pa.Field(description="Reason.")
    severity: str = pa.Field(description="LOW, MEDIUM, HIGH or CRITICAL.")
    state: str = pa.Field(description="State; every one but those that begin with RESOLVED.")
    owner_role: str = pa.Field(description="Who should deal with it.")
    assignee: str = pa.Field(nullable=True, description="Who does, if someone took it.")
    opened_at: TsUTC = pa.Field(description="When it was found.")
    due_at: TsUTC = pa.Field(description="When it should be resolved.")
    overdue: bool = pa.Field(
        description="Due before the time of publication; never true of a waived one."
    )
    subject_type: str = pa.Field(description="What it is about: purchase_order, invoice, ...")
    subject_id: str = pa.Field(description="Canonical id of the subject.")
    subject_label: str = pa.Field(description="The number a person would look it up by.")
    supplier_src_id: str = pa.Field(nullable=True, description="Supplier concerned, if any.")
    amount_at_risk: Amount = pa.Field(description="Money in question, in ccy.")
    ccy: str = pa.Field(description="Currency of amount_at_risk (ISO 4217).")
    message: str = pa.Field(description="What is wrong, with the figures.")
    action: str = pa.Field(description="What to do about it.")


class ExceptionsByReason(Table):
    """How many exceptions are open, and how much money is in question."""

    entity_id: str = pa.Field(description="Legal entity.")
    reason_code: str = pa.Field(description="Reason.")
    severity: str = pa.Field(description="LOW, MEDIUM, HIGH or CRITICAL.")
    ccy: str = pa.Field(description="Currency of amount_at_risk (ISO 4217).")
    exceptions: int = pa.Field(description="Number of exceptions that are not resolved.")
    overdue: int = pa.Field(description="Those of them that are overdue.")
    amount_at_risk: Amount = pa.Field(description="Sum of the money in question, in ccy.")


class SpendByStage(Table):
    """Spend of each legal entity at each stage."""

    entity_id: str = pa.Field(description="Legal entity.")
    stage: str = pa.Field(description="committed, received, invoiced, paid, accrued ...")
    functional_ccy: str = pa.Field(nullable=True, description="The entity's own currency.")
    group_ccy: str = pa.Field(nullable=True, description="The group's currency.")
    facts: int = pa.Field(description="Number of rows of spend.facts that are summed.")
    amount_functional: Amount = pa.Field(
        nullable=True, description="Sum in functional_ccy; rows without a rate are left out."
    )
    amount_group: Amount = pa.Field(
        nullable=True, description="Sum in group_ccy; rows without a rate are left out."
    )
    facts_without_rate: int = pa.Field(
        description="Rows left out of a sum because no exchange rate was known."
    )


# As every published table: what tells where a row is from stands last.
_PUBLISHED = [
    *(c for c in CONSERVATION.polars_schema if c not in AUDIT_COLUMNS),
    *(c for c in CONSERVATION.polars_schema if c in AUDIT_COLUMNS),
]
CONSERVATION_NOW = View(
    TableSpec(
        "operations",
        "conservation_now",
        "object and measure, as of the last run that conformed it",
        ("source_system", "source_object", "measure"),
        Conservation,
    ),
    f"""
    SELECT {", ".join(f"c.{name}" for name in _PUBLISHED)}
    FROM operations.conservation AS c
    JOIN (SELECT source_system, source_object, max(counted_at) AS counted_at
          FROM operations.conservation GROUP BY source_system, source_object) AS l
      ON l.source_system = c.source_system AND l.source_object = c.source_object
     AND l.counted_at = c.counted_at
    """,
    ("operations.conservation",),
)
OPEN_EXCEPTIONS = View(
    TableSpec(
        "operations",
        "open_exceptions",
        "exception that is not resolved",
        ("exception_id",),
        OpenExceptions,
    ),
    """
    SELECT e.exception_id, e.entity_id, e.reason_code, e.severity, e.state, e.owner_role,
           e.assignee, e.opened_at, e.due_at,
           e.due_at < p.published_at AND e.state <> 'WAIVED' AS overdue,
           e.subject_type, e.subject_id, e.subject_label, e.supplier_src_id, e.amount_at_risk,
           e.ccy, e.message, e.action
    FROM operations.exceptions AS e
    CROSS JOIN (SELECT max(published_at) AS published_at FROM operations.published) AS p
    WHERE e.state NOT IN ('RESOLVED_AUTO', 'RESOLVED_HUMAN')
    """,
    ("operations.exceptions", "operations.published"),
)
EXCEPTIONS_BY_REASON = View(
    TableSpec(
        "operations",
        "exceptions_by_reason",
        "legal entity, reason, severity and currency of exceptions that are not resolved",
        ("entity_id", "reason_code", "severity", "ccy"),
        ExceptionsByReason,
    ),
    """
    SELECT entity_id, reason_code, severity, ccy, count(*) AS exceptions,
           count(*) FILTER (WHERE overdue) AS overdue,
           CAST(sum(amount_at_risk) AS DECIMAL(38, 4)) AS amount_at_risk
    FROM operations.open_exceptions
    GROUP BY entity_id, reason_code, severity, ccy
    """,
    ("operations.open_exceptions",),
)
SPEND_BY_STAGE = View(
    TableSpec(
        "spend",
        "by_stage",
        "legal entity, stage and pair of currencies",
        ("entity_id", "stage", "functional_ccy", "group_ccy"),
        SpendByStage,
    ),
    """
    SELECT entity_id, stage, functional_ccy, group_ccy, count(*) AS facts,
           CAST(sum(amount_functional) AS DECIMAL(38, 4)) AS amount_functional,
           CAST(sum(amount_group) AS DECIMAL(38, 4)) AS amount_group,
           count(*) FILTER (WHERE amount_functional IS NULL OR amount_group IS NULL)
               AS facts_without_rate
    FROM spend.facts
    GROUP BY entity_id, stage, functional_ccy, group_ccy
    """,
    ("spend.facts",),
)

VIEWS = (CONSERVATION_NOW, OPEN_EXCEPTIONS, EXCEPTIONS_BY_REASON, SPEND_BY_STAGE)
