"""When runs start by the clock.

Belongs here: the schedules. They are off until someone turns them on in the Dagster UI or sets
FINSYNC_AUTOMATION=on, so that a first look at a laptop starts nothing by itself.
"""

import os
from collections.abc import Iterator

import dagster as dg

from finsync_dagster.orchestration.jobs import INTRADAY, REFERENCE, entity_assets
from finsync_dagster.orchestration.workshop import Workshop

AUTOMATION = os.environ.get("FINSYNC_AUTOMATION", "").lower() == "on"
SCHEDULE_STATUS = (
    dg.DefaultScheduleStatus.RUNNING if AUTOMATION else dg.DefaultScheduleStatus.STOPPED
)


def schedules(shop: Workshop) -> list[dg.ScheduleDefinition]:
    """Reference data once a working day, and the intra-day run of every legal entity."""
    landscape = shop.landscape

    @dg.schedule(
        name="intraday_schedule",
        job_name=INTRADAY,
        cron_schedule=landscape.intraday_cron,
        execution_timezone=landscape.intraday_timezone,
        default_status=SCHEDULE_STATUS,
        description="Extracts, matches and reconciles every legal entity, several times a day.",
    )
    def intraday(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        for entity_id in sorted(landscape.legal_entities):
            yield dg.RunRequest(
                run_key=f"{context.scheduled_execution_time.isoformat()}/{entity_id}",
                partition_key=entity_id,
                asset_selection=entity_assets(shop, entity_id),
                tags={"finsync/trigger": "schedule"},
            )

    reference = dg.ScheduleDefinition(
        name="reference_schedule",
        job_name=REFERENCE,
        # The European Central Bank publishes at about 16:00 on working days.
        cron_schedule="30 16 * * 1-5",
        execution_timezone="Europe/Berlin",
        default_status=SCHEDULE_STATUS,
        description="Exchange rates and legal entities, after the day's rates are published.",
    )
    return [intraday, reference]
