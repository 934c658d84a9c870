"""Running the jobs from a shell: the same Dagster jobs, in this process, on the same instance.

Belongs here: which runs a command means, their order, and what became of each. Not here: printing
(report/), parsing arguments (cli.py).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import dagster as dg

from finsync_dagster.definitions import definitions
from finsync_dagster.orchestration.assets.landing import FULL_TAG
from finsync_dagster.orchestration.jobs import INTRADAY, PUBLISH, REFERENCE, entity_assets
from finsync_dagster.orchestration.processes import is_running
from finsync_dagster.orchestration.workshop import AS_OF_TAG, Workshop

_PID, _HOST = "finsync/pid", "finsync/host"
Listener = Callable[[str], None]


@dataclass(frozen=True)
class RunOutcome:
    """One Dagster run: did it succeed, and if not, why (a sentence per failed step)."""

    job: str
    entity_id: str | None
    run_id: str
    success: bool
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """What to run. Empty ``entities``: all; ``systems`` restricts them to the entities served."""

    entities: Sequence[str] = ()
    systems: Sequence[str] = ()
    as_of: date | None = None
    full: bool = False


class UnknownNameError(ValueError):
    """An entity or system that the landscape does not have."""


def run(
    shop: Workshop, instance: dg.DagsterInstance, order: Order, tell: Listener
) -> list[RunOutcome]:
    """Run reference data, every legal entity, then publish. One failure stops nothing else.

    Raises:
        UnknownNameError: naming the entities or systems there are.
    """
    entities = _entities(shop, order)
    close_interrupted(instance)
    defs = definitions(shop)
    tags = {_PID: str(os.getpid()), _HOST: socket.gethostname(), "finsync/trigger": "command"}
    if order.as_of:
        tags[AS_OF_TAG] = order.as_of.isoformat()
    if order.full:
        tags[FULL_TAG] = "true"
    todo: list[tuple[str, str | None]] = [
        (REFERENCE, None),
        *((INTRADAY, e) for e in entities),
        (PUBLISH, None),
    ]
    outcomes = []
    for job, entity_id in todo:
        tell(f"{job} {entity_id or ''}".strip())
        outcomes.append(_execute(shop, defs, instance, job, entity_id, tags))
    return outcomes


def plan(shop: Workshop, order: Order) -> int:
    """How many steps the runs of an order will take, for a progress display."""
    defs = definitions(shop)
    jobs = [(REFERENCE, None), *((INTRADAY, e) for e in _entities(shop, order)), (PUBLISH, None)]
    return sum(len(_job(shop, defs, job, e).nodes) for job, e in jobs)


def close_interrupted(instance: dg.DagsterInstance) -> int:
    """Mark runs of killed commands as failed, so that the UI does not show them as running."""
    going = instance.get_runs(
        filters=dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING],
            tags={_HOST: socket.gethostname()},
        )
    )
    dead = [r for r in going if not _running(instance, r)]
    for dagster_run in dead:
        instance.report_run_failed(dagster_run, "The process was killed; run again.")
    return len(dead)


def _entities(shop: Workshop, order: Order) -> list[str]:
    landscape = shop.landscape
    for given, known, word in (
        (order.entities, landscape.legal_entities, "legal entity"),
        (order.systems, landscape.systems, "system"),
    ):
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise UnknownNameError(f"no {word} {', '.join(unknown)}; there are: {', '.join(known)}")
    chosen = set(order.entities or landscape.legal_entities)
    if order.systems:
        chosen &= {e for s in order.systems for e in landscape.systems[s].entities}
    return sorted(chosen)


def _execute(
    shop: Workshop,
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    job: str,
    entity_id: str | None,
    tags: dict[str, str],
) -> RunOutcome:
    result = _job(shop, defs, job, entity_id).execute_in_process(
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        instance=instance,
        partition_key=entity_id,
        tags=tags,
        raise_on_error=False,
    )
    return RunOutcome(job, entity_id, result.run_id, result.success, _problems(result))


def _job(shop: Workshop, defs: dg.Definitions, job: str, entity_id: str | None) -> dg.JobDefinition:
    whole = defs.resolve_job_def(job)
    if entity_id is None:
        return whole
    return whole.get_subset(asset_selection=set(entity_assets(shop, entity_id)))


def _problems(result: dg.ExecuteInProcessResult) -> list[str]:
    problems = []
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        cause = error.cause if error and error.cause else error
        said = event.step_failure_data.user_failure_data
        text = (said.description if said else None) or (cause.message if cause else "failed")
        problems.append(f"{event.step_key}: {' '.join(text.split())}")
    for check in result.get_asset_check_evaluations():
        if not check.passed and check.blocking:
            name = check.asset_key.to_user_string()
            problems.append(
                f"{name}: check {check.check_name} failed. {check.description or ''}".strip()
            )
    return list(dict.fromkeys(problems))


def _running(instance: dg.DagsterInstance, dagster_run: dg.DagsterRun) -> bool:
    record = instance.get_run_record_by_id(dagster_run.run_id)
    began = record.create_timestamp.astimezone(UTC) if record else datetime.now(UTC)
    return is_running(int(dagster_run.tags[_PID]), began)
