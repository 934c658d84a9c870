"""Policy events: who put which version of the policy in force, when and why.

The types are the package's own, because they differ between SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finsync_dagster.storage.state.types import UtcTimestamp

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "policy_events",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at", UtcTimestamp(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in (
                "kind",
                "decided_by",
                "reason",
                "from_version",
                "from_digest",
                "to_version",
                "to_digest",
            )
        ),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_policy_events"),
    )


def downgrade() -> None:
    """Drop it, with everything in it."""
    op.drop_table("policy_events")
