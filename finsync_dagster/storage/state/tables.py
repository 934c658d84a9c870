"""The state tables as the code expects them; the migrations build them.

Belongs here: tables, columns, keys. Not here: how they came about (migrations/), nor queries. A
test compares these declarations with what the migrations build.
"""

from __future__ import annotations

import sqlalchemy as sa

from finsync_dagster.storage.state.types import ExactAmount, UtcTimestamp

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def _text(
    name: str, *, key: bool = False, null: bool = False, index: bool = False
) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=key, nullable=null, index=index)


# One row per exception ever found. State and assignee are people's as much as finsync's.
EXCEPTIONS = sa.Table(
    "exceptions",
    METADATA,
    _text("exception_id", key=True),
    _text("reason_code"),
    _text("severity"),
    _text("owner_role"),
    _text("triage_class"),
    _text("entity_id", index=True),
    _text("supplier_src_id", null=True),
    _text("subject_type"),
    _text("subject_id"),
    _text("subject_label"),
    _text("counter_key"),
    _text("state"),
    sa.Column("opened_at", UtcTimestamp(), nullable=False),
    sa.Column("due_at", UtcTimestamp(), nullable=False),
    sa.Column("resolved_at", UtcTimestamp()),
    sa.Column("amount_at_risk", ExactAmount(), nullable=False),
    _text("ccy"),
    _text("message"),
    _text("action"),
    _text("assignee", null=True),
    _text("first_run_id"),
    _text("last_seen_run_id"),
)

# One row per transition; append-only.
EXCEPTION_EVENTS = sa.Table(
    "exception_events",
    METADATA,
    _text("event_id", key=True),
    _text("exception_id", index=True),
    sa.Column("at", UtcTimestamp(), nullable=False),
    _text("run_id"),
    _text("from_state", null=True),
    _text("to_state"),
    _text("actor"),
)

# One row per replay; its counts are empty until the records were conformed again.
REPLAYS = sa.Table(
    "replays",
    METADATA,
    _text("replay_id", key=True),
    sa.Column("requested_at", UtcTimestamp(), nullable=False),
    _text("requested_by"),
    _text("selection"),
    _text("systems"),
    sa.Column("selected", sa.BigInteger(), nullable=False),
    sa.Column("released", sa.BigInteger()),
    sa.Column("still_waiting", sa.BigInteger()),
    _text("run_ids"),
    _text("outcome"),
)

# One row per version of the policy that people put in force; append-only.
POLICY_EVENTS = sa.Table(
    "policy_events",
    METADATA,
    _text("event_id", key=True),
    sa.Column("at", UtcTimestamp(), nullable=False),
    _text("kind"),
    _text("decided_by"),
    _text("reason"),
    _text("from_version"),
    _text("from_digest"),
    _text("to_version"),
    _text("to_digest"),
    sa.Column("in_force_from", sa.Date(), nullable=False),
)
