"""Writing the history of replays.

Belongs here: what one row holds and how it is kept. Not here: what a replay does (orchestration).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from finsync_dagster.storage.state.saving import upserting
from finsync_dagster.storage.state.tables import REPLAYS

Outcome = Literal["running", "succeeded", "failed", "interrupted"]


@dataclass(frozen=True)
class Replay:
    """One replay. ``selection`` is JSON; ``systems`` and ``run_ids`` are comma-separated.

    ``selected``, ``released`` and ``still_waiting`` count records; the last two are None until the
    records were conformed again.
    """

    replay_id: str
    requested_at: datetime
    requested_by: str
    selection: str
    systems: str
    selected: int
    released: int | None = None
    still_waiting: int | None = None
    run_ids: str = ""
    outcome: Outcome = "running"


def save(connection: sa.Connection, replay: Replay) -> None:
    """Write the replay's row, in place of what was known of it before."""
    connection.execute(upserting(connection, REPLAYS), [asdict(replay)])


def close_unended(connection: sa.Connection) -> None:
    """Say of replays whose process ended before they did that they were interrupted.

    Only for a caller that holds FINSYNC_HOME: then none of them can still be running.
    """
    connection.execute(
        sa.update(REPLAYS).where(REPLAYS.c.outcome == "running").values(outcome="interrupted")
    )
