"""What Alembic runs around every command: our connection, our tables.

Belongs here: nothing but that wiring. The connection comes from migrate.py, inside a transaction
that is already open, so that a migration happens completely or not at all on either database.
"""

from __future__ import annotations

from alembic import context

from finsync_dagster.storage.state.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
