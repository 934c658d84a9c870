"""Replays: who had what conformed anew, and what became of it.

The types are the package's own, because they differ between SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finsync_dagster.storage.state.types import UtcTimestamp

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "replays",
        sa.Column("replay_id", sa.Text(), nullable=False),
        sa.Column("requested_at", UtcTimestamp(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("requested_by", "selection", "systems")
        ),
        sa.Column("selected", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.BigInteger()),
        sa.Column("still_waiting", sa.BigInteger()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("run_ids", "outcome")),
        sa.PrimaryKeyConstraint("replay_id", name="pk_replays"),
    )


def downgrade() -> None:
    """Drop it, with everything in it."""
    op.drop_table("replays")
