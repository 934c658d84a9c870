"""Bringing a state database to the schema this version of finsync needs.

Belongs here: running the packaged migrations, safely when several processes start together. Not
here: the migrations themselves (migrations/versions).
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from finsync_dagster.storage.state.engine import writing
from finsync_dagster.storage.state.errors import StateError

_FOLDER = Path(__file__).parent / "migrations"

# Any number will do, as long as every process takes the same one.
_ADVISORY_LOCK = 7_146_120_001


def upgrade(engine: sa.Engine) -> None:
    """Migrate to the newest schema, in one transaction; nothing happens if it is there already.

    Raises:
        StateError: the database was migrated by a newer finsync.
    """
    scripts = ScriptDirectory(str(_FOLDER))
    head = scripts.get_current_head()
    with engine.connect() as connection:
        found = _revision(connection)
    if found == head:
        return
    with writing(engine) as connection:
        # SQLite holds the write lock already. The one who waited finds the work done.
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        found = _revision(connection)
        _refuse_unknown(scripts, found)
        command.upgrade(_config(connection), "head")


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(scripts: ScriptDirectory, revision: str | None) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise StateError(
            f"the state database is at revision {revision!r}, which this version of finsync does "
            "not know: it was migrated by a newer version. Install that version or a later one."
        )


def _config(connection: sa.Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
