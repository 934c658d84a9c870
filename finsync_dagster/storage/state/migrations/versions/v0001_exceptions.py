"""Exceptions with their history.

The types are the package's own, because they differ between SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finsync_dagster.storage.state.types import ExactAmount, UtcTimestamp

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the tables."""
    _exceptions()
    _events()


def downgrade() -> None:
    """Drop them, with everything in them."""
    for table in ("exception_events", "exceptions"):
        op.drop_table(table)


def _exceptions() -> None:
    op.create_table(
        "exceptions",
        sa.Column("exception_id", sa.Text(), nullable=False),
        *_texts("reason_code", "severity", "owner_role", "triage_class", "entity_id"),
        sa.Column("supplier_src_id", sa.Text()),
        *_texts("subject_type", "subject_id", "subject_label", "counter_key", "state"),
        sa.Column("opened_at", UtcTimestamp(), nullable=False),
        sa.Column("due_at", UtcTimestamp(), nullable=False),
        sa.Column("resolved_at", UtcTimestamp()),
        sa.Column("amount_at_risk", ExactAmount(), nullable=False),
        *_texts("ccy", "message", "action"),
        sa.Column("assignee", sa.Text()),
        *_texts("first_run_id", "last_seen_run_id"),
        sa.PrimaryKeyConstraint("exception_id", name="pk_exceptions"),
    )
    op.create_index("ix_exceptions_entity_id", "exceptions", ["entity_id"])


def _events() -> None:
    op.create_table(
        "exception_events",
        *_texts("event_id", "exception_id"),
        sa.Column("at", UtcTimestamp(), nullable=False),
        *_texts("run_id"),
        sa.Column("from_state", sa.Text()),
        *_texts("to_state", "actor"),
        sa.PrimaryKeyConstraint("event_id", name="pk_exception_events"),
    )
    op.create_index("ix_exception_events_exception_id", "exception_events", ["exception_id"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
