"""Recording which version of the policy people put in force.

Belongs here: what one event holds, how it is kept, and reading without touching anything. Not here:
which version follows from it (landscape/policy_versions.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import polars as pl
import sqlalchemy as sa

from finsync_dagster.storage.state import frames
from finsync_dagster.storage.state.engine import named_driver
from finsync_dagster.storage.state.errors import StaleDecisionError, StateError
from finsync_dagster.storage.state.saving import inserting
from finsync_dagster.storage.state.tables import POLICY_EVENTS


@dataclass(frozen=True)
class PolicyEvent:
    """A version of the policy comes into force, in place of another. ``event_id`` begins with the
    moment, so that events in order of their keys are in order of time.
    """

    event_id: str
    at: datetime
    kind: Literal["cut-over", "roll-back"]
    decided_by: str
    reason: str
    from_version: str
    from_digest: str
    to_version: str
    to_digest: str
    in_force_from: date


def record(connection: sa.Connection, event: PolicyEvent, seen: int) -> None:
    """Add an event; ``seen`` is the number of events it was decided upon.

    Raises:
        StaleDecisionError: somebody else decided meanwhile.
    """
    # SQLite has one writer anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE policy_events IN SHARE ROW EXCLUSIVE MODE"))
    there = connection.execute(sa.select(sa.func.count()).select_from(POLICY_EVENTS)).scalar_one()
    if there != seen:
        raise StaleDecisionError(
            "another version of the policy was put in force meanwhile: look at it again (finsync "
            "policy history) before deciding"
        )
    connection.execute(inserting(connection, POLICY_EVENTS), [asdict(event)])


def recorded(url: str) -> pl.DataFrame:
    """Every event, oldest first, without creating or migrating anything.

    Args:
        url: as StateStore takes it; a database that is not there has no events.

    Raises:
        StateError: the database cannot be reached.
    """
    address = named_driver(url)
    if address.get_backend_name() == "sqlite":
        file = Path(address.database or "")
        if not file.is_file():
            return frames.frame_schema(POLICY_EVENTS).to_frame()
        read_only = {"mode": "ro", "uri": "true"}
        address = sa.URL.create("sqlite", database=f"file:{quote(str(file))}", query=read_only)
    engine = sa.create_engine(address)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table(POLICY_EVENTS.name):
                return frames.frame_schema(POLICY_EVENTS).to_frame()
            return frames.read(connection, POLICY_EVENTS)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        place = named_driver(url).render_as_string(hide_password=True)
        cause = getattr(error, "orig", None) or error
        raise StateError(
            f"the state at {place} cannot be read: {cause}. Check FINSYNC_DATABASE_URL and that "
            "the place is reachable."
        ) from error
    finally:
        engine.dispose()
