"""Running the jobs from a shell: the same Dagster jobs, in this process, on the same instance.

Belongs here: which runs a command means, their order, and what became of each. Not here: printing
(report/), parsing arguments (cli.py).
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import dagster as dg

from finsync_dagster.orchestration.assets.landing import FULL_TAG
from finsync_dagster.orchestration.jobs import (
    INTRADAY,
    PUBLISH,
    REFERENCE,
    entity_assets,
    reference_assets,
    system_assets,
)
from finsync_dagster.orchestration.processes import is_running
from finsync_dagster.orchestration.replaying import FULL, REPLAY_TAG
from finsync_dagster.orchestration.workshop import AS_OF_TAG, Workshop

_PID, _HOST = "finsync/pid", "finsync/host"
# A run is recorded before it starts: killed in between, it would wait forever.
_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
# The errors of this project are sentences; where their class is defined tells a user nothing.
_OWN_ERROR = re.compile(r"^finsync_dagster\.[\w.]+: ")


@dataclass(frozen=True)
class RunOutcome:
    """One Dagster run: did it succeed, and if not, why (a sentence per failed step).

    ``waiting``: records that were set aside, a sentence per table they were meant for. The run
    went on without them, and succeeded. ``noticed``: what else a check that stops nothing found.
    """

    job: str
    entity_id: str | None
    run_id: str
    success: bool
    problems: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """What to run.

    Empty ``entities``: all. ``systems``: only these are asked, for the entities they serve; what
    the entities' other systems delivered before is used as it is. ``replay``: nothing is
    extracted; all that was landed of ``systems`` is conformed anew.
    """

    entities: Sequence[str] = ()
    systems: Sequence[str] = ()
    as_of: date | None = None
    full: bool = False
    replay: bool = False


QUARANTINE_CHECK = "quarantine"
"""Asset check that fails when records were set aside."""


class UnknownNameError(ValueError):
    """An entity or system that the landscape does not have."""


class NotInForceError(UnknownNameError):
    """A system that the landscape does not have in force for any entity of the order."""


@dataclass(frozen=True)
class Part:
    """One Dagster run of an order: a job, restricted to a legal entity's own assets.

    ``shared``: the assets of each system that other legal entities use, too.
    """

    job: dg.JobDefinition
    entity_id: str | None
    shared: Mapping[str, frozenset[dg.AssetKey]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """For a progress display."""
        return f"{self.job.name} {self.entity_id or ''}".strip()

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.job.nodes)

    def without(self, made: Collection[str]) -> Part:
        """The same, but for the systems that an earlier part has taken and conformed."""
        spared = frozenset[dg.AssetKey]().union(*(self.shared[s] for s in self.shared if s in made))
        if not spared:
            return self
        rest = self.job.asset_layer.selected_asset_keys - spared
        left = {s: keys for s, keys in self.shared.items() if s not in made}
        return Part(self.job.get_subset(asset_selection=rest), self.entity_id, left)


def parts(shop: Workshop, defs: dg.Definitions, order: Order) -> list[Part]:
    """The runs an order means: reference data, every legal entity, then publishing.

    Raises:
        UnknownNameError: naming the entities or systems there are.
    """
    intraday = defs.resolve_job_def(INTRADAY)
    own = [
        Part(
            intraday.get_subset(asset_selection=set(assets)), entity_id, _shared(shop, set(assets))
        )
        for entity_id in _entities(shop, order)
        for assets in [entity_assets(shop, entity_id, order.systems, extract=not order.replay)]
    ]
    first, last = defs.resolve_job_def(REFERENCE), defs.resolve_job_def(PUBLISH)
    if not order.replay:
        return [Part(first, None), *own, Part(last, None)]
    shared = reference_assets(shop, order.systems)
    before = [Part(first.get_subset(asset_selection=set(shared)), None)] if shared else []
    return [*before, *own, Part(last, None)]


def run(
    instance: dg.DagsterInstance,
    todo: Sequence[Part],
    order: Order,
    begin: Callable[[Part], None],
    before_last: Callable[[list[RunOutcome]], None] = lambda _: None,
) -> list[RunOutcome]:
    """Run the parts one after the other. One that fails stops nothing else.

    A system of several legal entities is taken and conformed in the part of the first. Unless that
    went wrong: then each of the others tries again, and waits if it fails, as with a system of its
    own.

    ``begin`` is told of each part before it begins, and may wait for what it needs;
    ``before_last`` is told what became of all others before the last, which publishes, begins.
    """
    close_interrupted(instance)
    tags = {_PID: str(os.getpid()), _HOST: socket.gethostname(), "finsync/trigger": "command"}
    if order.as_of:
        tags[AS_OF_TAG] = order.as_of.isoformat()
    if order.full:
        tags[FULL_TAG] = "true"
    if order.replay:
        tags[REPLAY_TAG] = FULL
    outcomes: list[RunOutcome] = []
    made: set[str] = set()
    for part in todo:
        begin(part)
        if part is todo[-1]:
            before_last(outcomes)
        needed = part.without(made)
        result = _execute(instance, needed, tags)
        made |= {s for s, keys in needed.shared.items() if _whole(result, keys)}
        outcomes.append(_outcome(needed, result))
    return outcomes


def close_interrupted(instance: dg.DagsterInstance) -> int:
    """Mark runs of killed commands as failed, so that the UI does not show them as running."""
    going = instance.get_runs(
        filters=dg.RunsFilter(
            statuses=_UNFINISHED,
            tags={_HOST: socket.gethostname()},
        )
    )
    dead = [r for r in going if not _running(instance, r)]
    for dagster_run in dead:
        instance.report_run_failed(dagster_run, "The process was killed; run again.")
    return len(dead)


def close_own(instance: dg.DagsterInstance) -> None:
    """Mark this command's unfinished runs as canceled, because it was asked to stop."""
    mine = {_HOST: socket.gethostname(), _PID: str(os.getpid())}
    for dagster_run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED, tags=mine)):
        instance.report_run_canceled(dagster_run, "The command was asked to stop.")


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
    if order.replay and set(order.systems) & set(landscape.reference_systems()):
        # What serves the whole group concerns all its entities.
        return sorted(chosen)
    if order.systems:
        chosen &= {e for s in order.systems for e in landscape.systems[s].entities}
        if not order.replay:
            _require_in_force(shop, order.systems, chosen)
    return sorted(chosen)


def _require_in_force(shop: Workshop, systems: Sequence[str], entities: set[str]) -> None:
    asked = {s for entity_id in entities for s in shop.systems_asked(entity_id)}
    for system in systems:
        declared = shop.landscape.systems[system]
        if declared.in_force and system not in asked and entities & set(declared.entities):
            raise NotInForceError(
                f"{system} is not in force today for {', '.join(sorted(entities))}, so nothing is "
                f"extracted from it; systems.{system}.in_force in the landscape says from when "
                "until when"
            )


def _shared(shop: Workshop, assets: set[dg.AssetKey]) -> dict[str, frozenset[dg.AssetKey]]:
    """Of the assets, those of each system that serves several legal entities."""
    several = [s for s, system in shop.landscape.systems.items() if len(system.entities) > 1]
    found = {s: frozenset(system_assets(shop, s)) & assets for s in several}
    return {s: keys for s, keys in found.items() if keys}


def _whole(result: dg.ExecuteInProcessResult, keys: Collection[dg.AssetKey]) -> bool:
    """Was all of it made, and did nothing stop what comes after?"""
    made = {event.asset_key for event in result.get_asset_materialization_events()}
    stopped = {check.asset_key for check in _failed(result) if check.blocking}
    return made.issuperset(keys) and stopped.isdisjoint(keys)


def _execute(
    instance: dg.DagsterInstance, part: Part, tags: dict[str, str]
) -> dg.ExecuteInProcessResult:
    return part.job.execute_in_process(
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        instance=instance,
        partition_key=part.entity_id,
        tags=tags,
        raise_on_error=False,
    )


def _outcome(part: Part, result: dg.ExecuteInProcessResult) -> RunOutcome:
    return RunOutcome(
        part.job.name,
        part.entity_id,
        result.run_id,
        result.success,
        _problems(result),
        [_told(c) for c in _failed(result) if c.check_name == QUARANTINE_CHECK],
        [_told(c) for c in _failed(result) if c.check_name != QUARANTINE_CHECK and not c.blocking],
    )


def _problems(result: dg.ExecuteInProcessResult) -> list[str]:
    problems = []
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        cause = error.cause if error and error.cause else error
        said = event.step_failure_data.user_failure_data
        text = (said.description if said else None) or (cause.message if cause else "failed")
        problems.append(f"{event.step_key}: {_OWN_ERROR.sub('', ' '.join(text.split()))}")
    stopping = [_told(check) for check in _failed(result) if check.blocking]
    return list(dict.fromkeys([*problems, *stopping]))


def _failed(result: dg.ExecuteInProcessResult) -> list[dg.AssetCheckEvaluation]:
    return [check for check in result.get_asset_check_evaluations() if not check.passed]


def _told(check: dg.AssetCheckEvaluation) -> str:
    name = check.asset_key.to_user_string()
    return f"{name}: {check.check_name}: {check.description or 'failed'}"


def _running(instance: dg.DagsterInstance, dagster_run: dg.DagsterRun) -> bool:
    record = instance.get_run_record_by_id(dagster_run.run_id)
    began = record.create_timestamp.astimezone(UTC) if record else datetime.now(UTC)
    return is_running(int(dagster_run.tags[_PID]), began)
