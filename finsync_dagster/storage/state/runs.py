"""The record of runs: begun, ended, or cut off.

Belongs here: how a run is recorded and how a dead one is noticed. Not here: what a run does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

import polars as pl
import sqlalchemy as sa

from finsync_dagster.storage.state import frames
from finsync_dagster.storage.state.errors import StateError
from finsync_dagster.storage.state.processes import is_running
from finsync_dagster.storage.state.saving import upserting
from finsync_dagster.storage.state.tables import RUNS

Ending = Literal["succeeded", "failed", "interrupted"]
RUNNING = "running"


@dataclass(frozen=True)
class Run:
    """A run as it begins; ``pid`` and ``host`` tell whose process it is."""

    run_id: str
    job: str
    started_at: datetime
    as_of: date
    entities: tuple[str, ...]
    code_version: str
    landscape_sha: str
    pid: int
    host: str


def started(connection: sa.Connection, run: Run) -> None:
    """Record that a run began; beginning again under the same id replaces the earlier attempt."""
    row = {
        "run_id": run.run_id,
        "job": run.job,
        "started_at": run.started_at,
        "finished_at": None,
        "status": RUNNING,
        "as_of": run.as_of,
        "entities": json.dumps(sorted(run.entities)),
        "error": None,
        "code_version": run.code_version,
        "landscape_sha": run.landscape_sha,
        "pid": run.pid,
        "host": run.host,
    }
    connection.execute(upserting(connection, RUNS), [row])


def finished(
    connection: sa.Connection, run_id: str, status: Ending, at: datetime, error: str | None = None
) -> None:
    """Record how a run ended; ``error`` says why it failed, readably.

    Raises:
        StateError: the run was never recorded, or the status is none of the three endings.
    """
    if status not in get_args(Ending):
        raise StateError(f"a run ends as {', '.join(get_args(Ending))}, not {status!r}")
    changed = connection.execute(
        sa.update(RUNS)
        .where(RUNS.c.run_id == run_id)
        .values(status=status, finished_at=at, error=error)
    )
    if changed.rowcount != 1:
        raise StateError(f"run {run_id} ended, but its beginning was never recorded")


def mark_interrupted(connection: sa.Connection, host: str, at: datetime) -> pl.DataFrame:
    """Mark the runs of this host whose process is gone; returns them as they now are.

    Runs of other hosts are theirs to judge.
    """
    unfinished = (RUNS.c.status == RUNNING) & (RUNS.c.host == host)
    runs = frames.read(connection, RUNS, unfinished)
    gone = [r for r in runs.to_dicts() if not is_running(r["pid"], r["started_at"])]
    for run in gone:
        reason = f"The process {run['pid']} on {host} ended without finishing the run."
        finished(connection, run["run_id"], "interrupted", at, reason)
    return frames.read_keys(connection, RUNS, [run["run_id"] for run in gone])
