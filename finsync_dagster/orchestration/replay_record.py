"""Keeping the record of one replay, from its beginning to its end.

Belongs here: what is written when. Not here: the table (replaying.py, storage/state).
"""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from finsync_dagster.orchestration.launch import RunOutcome
from finsync_dagster.orchestration.replaying import Selection, records
from finsync_dagster.storage.state.replays import Replay
from finsync_dagster.storage.state.store import StateStore


class ReplayRecord:
    """The row of a replay in the state database; written when made, and at every step after.

    A replay whose process is killed stays "running" until the next one begins, which then says
    that it was interrupted.
    """

    def __init__(
        self,
        state: StateStore,
        selection: Selection,
        systems: Sequence[str],
        selected: pl.DataFrame,
    ) -> None:
        """``selected``: the defects of the records selected, as ``select`` returns them."""
        now = datetime.now(UTC)
        self._state = state
        self.row = Replay(
            replay_id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
            requested_at=now,
            requested_by=_user(),
            selection=selection.to_json(),
            systems=",".join(systems),
            selected=records(selected).height,
        )
        state.begin_replay(self.row)

    def tell(
        self, outcomes: Sequence[RunOutcome], released: pl.DataFrame, waiting: pl.DataFrame
    ) -> None:
        """What became of it so far. Told twice: before it is published, and at the end."""
        self.row = replace(
            self.row,
            released=released.height,
            still_waiting=records(waiting).height,
            run_ids=",".join(outcome.run_id for outcome in outcomes),
            outcome="succeeded" if all(outcome.success for outcome in outcomes) else "failed",
        )
        self._state.save_replay(self.row)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number that has no name.
        return f"uid {os.getuid()}"
