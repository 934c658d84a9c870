"""The exception register and its events, declared.

Belongs here: declarations only.
"""

from __future__ import annotations

import pandera.polars as pa

from finsync_dagster.schema import Amount, Table, TableSpec, TsUTC

SEVERITIES = ["LOW", "MEDIUM", "HIGH", "CRITICAL"]
RESOLVED = ["RESOLVED_AUTO", "RESOLVED_HUMAN"]
STATES = ["OPEN", "ACKNOWLEDGED", "IN_PROGRESS", "WAIVED", *RESOLVED, "REOPENED"]


class Exceptions(Table):
    """What is wrong, how bad it is, who acts and until when; one row for all runs."""

    exception_id: str = pa.Field(
        description="SHA-256 of reason|entity|subject type|subject|counter key."
    )
    reason_code: str = pa.Field(description="Reason.")
    severity: str = pa.Field(isin=SEVERITIES, description="LOW, MEDIUM, HIGH or CRITICAL.")
    owner_role: str = pa.Field(description="Who should deal with it.")
    triage_class: str = pa.Field(
        isin=["transient", "mapping", "policy", "upstream_data"], description="Kind of cause."
    )
    entity_id: str = pa.Field(description="Legal entity concerned.")
    supplier_src_id: str = pa.Field(nullable=True, description="Supplier concerned, if any.")
    subject_type: str = pa.Field(description="What it is about: purchase_order, invoice, ...")
    subject_id: str = pa.Field(description="Canonical id of the subject.")
    subject_label: str = pa.Field(description="The number a person would look it up by.")
    counter_key: str = pa.Field(description="Tells apart findings of one reason on one subject.")
    state: str = pa.Field(isin=STATES, description="State of the exception.")
    opened_at: TsUTC = pa.Field(description="When it was first found.")
    due_at: TsUTC = pa.Field(description="When it should be resolved, in working time.")
    resolved_at: TsUTC = pa.Field(nullable=True, description="When it was resolved.")
    amount_at_risk: Amount = pa.Field(ge=0, description="Money in question, in ccy.")
    ccy: str = pa.Field(description="Currency of amount_at_risk (ISO 4217).")
    message: str = pa.Field(description="What is wrong, with the figures.")
    action: str = pa.Field(description="What to do about it.")
    assignee: str = pa.Field(nullable=True, description="Who took it.")
    first_run_id: str = pa.Field(description="Run that first found it.")
    last_seen_run_id: str = pa.Field(description="Run that last found it.")


class ExceptionEvents(Table):
    """Every change of state of an exception; never changed, only added to."""

    event_id: str = pa.Field(description="SHA-256 of exception|state|moment|run.")
    exception_id: str = pa.Field(description="Refers to exceptions.")
    at: TsUTC = pa.Field(description="When.")
    run_id: str = pa.Field(description="Run that caused it.")
    from_state: str = pa.Field(nullable=True, description="State before; empty when it was opened.")
    to_state: str = pa.Field(isin=STATES, description="State after.")
    actor: str = pa.Field(description="Who: finsync, or a person.")


EXCEPTIONS = TableSpec("operations", "exceptions", "exception", ("exception_id",), Exceptions)
EVENTS = TableSpec(
    "operations", "exception_events", "change of state", ("event_id",), ExceptionEvents
)
