"""When runs start because something happened.

Belongs here: the sensors. The one that watches sources is off until turned on (see schedules.py);
those that publish after a run are always on, so that what was computed can be queried.
"""

import hashlib
import json

import dagster as dg

from finsync_dagster.connectors.dispatch import change_stamp
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.orchestration.jobs import (
    INTRADAY,
    PUBLISH,
    REFERENCE,
    REPLAY,
    AssetJob,
    entity_assets,
)
from finsync_dagster.orchestration.schedules import AUTOMATION
from finsync_dagster.orchestration.workshop import Workshop

SENSOR_STATUS = dg.DefaultSensorStatus.RUNNING if AUTOMATION else dg.DefaultSensorStatus.STOPPED
_EVERY_SECONDS = 300


def sensors(shop: Workshop, jobs: dict[str, AssetJob]) -> list[dg.SensorDefinition]:
    """All sensors."""
    return [_source_changed(shop), *_publish_after(jobs)]


def system_stamp(shop: Workshop, system: str) -> str:
    """A digest that differs once any object of the system has changed.

    Raises:
        SourceError: the system cannot be reached.
        LandingError: what was landed of it last cannot be read.
    """
    url = shop.settings.source_url(shop.system(system).connection)
    if url is None:
        raise SourceError(system, "", "its address is not set", "Set its variable")
    objects, reach = shop.spec(system).objects, shop.reach(system)
    last = {o: shop.landing.last(system, o) for o in objects}
    since = {o: m.cursor_to for o, m in last.items() if m is not None}
    stamps = {
        o: change_stamp(system, url, o, spec, reach, since.get(o)) for o, spec in objects.items()
    }
    return hashlib.sha256(json.dumps(stamps, sort_keys=True).encode()).hexdigest()


def _source_changed(shop: Workshop) -> dg.SensorDefinition:
    @dg.sensor(
        name="source_changed",
        job_name=INTRADAY,
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=SENSOR_STATUS,
        description="Asks every source, cheaply, whether anything changed since the last look; "
        "starts the intra-day run of the legal entities concerned.",
    )
    def source_changed(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        seen: dict[str, str] = json.loads(context.cursor or "{}")
        now, silent = dict(seen), []
        for system, declared in shop.landscape.systems.items():
            if any(system in shop.systems_asked(e) for e in declared.entities):
                try:
                    now[system] = system_stamp(shop, system)
                except (SourceError, LandingError) as error:
                    silent.append(str(error))
        changed = {s for s in now if now[s] != seen.get(s)}
        requests = [
            dg.RunRequest(
                run_key=f"{entity_id}/" + "/".join(now[s] for s in sorted(own)),
                partition_key=entity_id,
                asset_selection=entity_assets(shop, entity_id),
                tags={"finsync/trigger": "source_changed"},
            )
            for entity_id in sorted(shop.landscape.legal_entities)
            if (own := set(shop.landscape.systems_of(entity_id)) & set(now)) & changed
        ]
        reason = "; ".join(silent) or "no source has changed"
        return dg.SensorResult(
            run_requests=requests,
            cursor=json.dumps(now, sort_keys=True),
            skip_reason=None if requests else dg.SkipReason(reason),
        )

    return source_changed


def _publish_after(jobs: dict[str, AssetJob]) -> list[dg.SensorDefinition]:
    def sensor_for(status: dg.DagsterRunStatus) -> dg.SensorDefinition:
        word = status.value.lower()

        @dg.run_status_sensor(
            name=f"publish_after_{word}",
            run_status=status,
            monitored_jobs=[jobs[INTRADAY], jobs[REFERENCE], jobs[REPLAY]],
            request_job=jobs[PUBLISH],
            default_status=dg.DefaultSensorStatus.RUNNING,
            description=f"Publishes after a run ended in {word}: also a failed run has something "
            "to tell, namely what is missing.",
        )
        def publish_after(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
            # `finsync run` publishes once, after the last of its runs.
            if context.dagster_run.tags.get("finsync/trigger") == "command":
                return dg.SkipReason("the command publishes by itself")
            return dg.RunRequest(run_key=context.dagster_run.run_id)

        return publish_after

    return [sensor_for(s) for s in (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE)]
