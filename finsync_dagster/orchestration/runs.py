"""The runs of the pipeline as a table for analysts and auditors.

Belongs here: reading Dagster's own record of runs.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import dagster as dg
import pandera.polars as pa
import polars as pl

from finsync_dagster.orchestration.policy_in_force import POLICY_TAG
from finsync_dagster.orchestration.workshop import AS_OF_TAG
from finsync_dagster.schema import Table, TableSpec, TsUTC

_NEWEST = 500


class Runs(Table):
    """Runs of the pipeline's jobs, the newest 500."""

    run_id: str = pa.Field(description="Run, as Dagster numbers it.")
    job: str = pa.Field(description="reference_data, intraday, replay or publish.")
    entity_id: str = pa.Field(
        nullable=True, description="Legal entity of an intraday run or replay."
    )
    status: str = pa.Field(description="State of the run as Dagster names it.")
    started_at: TsUTC = pa.Field(nullable=True, description="When it began.")
    finished_at: TsUTC = pa.Field(nullable=True, description="When it ended.")
    as_of: pl.Date = pa.Field(nullable=True, description="Cut-off asked for; empty: its day.")
    policy_version: str = pa.Field(
        nullable=True, description="Policy it used: version, + and digest; empty if it used none."
    )
    trigger: str = pa.Field(description="What started it: command, schedule, sensor, or a person.")


RUNS = TableSpec("operations", "runs", "run", ("run_id",), Runs)


def runs(instance: dg.DagsterInstance, jobs: tuple[str, ...]) -> pl.DataFrame:
    """The newest runs of the pipeline's jobs."""
    records = instance.get_run_records(limit=_NEWEST)
    rows = [_row(r) for r in records if r.dagster_run.job_name in jobs]
    return pl.DataFrame(rows, schema=RUNS.polars_schema)


def _row(record: dg.RunRecord) -> dict[str, object]:
    run = record.dagster_run
    as_of = run.tags.get(AS_OF_TAG)
    return {
        "run_id": run.run_id,
        "job": run.job_name,
        "entity_id": run.tags.get("dagster/partition"),
        "status": run.status.value,
        "started_at": _moment(record.start_time),
        "finished_at": _moment(record.end_time),
        "as_of": date.fromisoformat(as_of) if as_of else None,
        "policy_version": run.tags.get(POLICY_TAG),
        "trigger": run.tags.get("finsync/trigger", "person"),
    }


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
