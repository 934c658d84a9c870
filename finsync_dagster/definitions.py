"""The one assembly: everything Dagster loads, built from the landscape.

Belongs here: putting the parts together. Not here: any part.
"""

from __future__ import annotations

import dagster as dg

from finsync_dagster.orchestration.assets import (
    canonical,
    exceptions,
    identity,
    landing,
    matching,
    publishing,
    reconciliation,
    reference,
    settlement,
    spend,
)
from finsync_dagster.orchestration.jobs import jobs
from finsync_dagster.orchestration.schedules import schedules
from finsync_dagster.orchestration.sensors import sensors
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource


def definitions(shop: Workshop) -> dg.Definitions:
    """Assets, checks, jobs, schedules and sensors for the landscape in force."""
    landscape = shop.landscape
    made = {job.name: job for job in jobs(landscape, shop)}
    assets = [
        *landing.landing_assets(landscape, shop),
        *canonical.canonical_assets(landscape, shop),
        reference.legal_entities,
        settlement.settlement_asset(landscape, shop),
        identity.identity_asset(landscape, shop),
        matching.matching_asset(landscape, shop),
        reconciliation.reconciliation_asset(landscape, shop),
        spend.spend_asset(landscape, shop),
        exceptions.entity_exceptions(landscape),
        exceptions.source_exceptions(landscape),
    ]
    everything = sorted(key for asset in assets for key in asset.keys)
    return dg.Definitions(
        assets=[*assets, publishing.warehouse(landscape, everything)],
        jobs=list(made.values()),
        schedules=schedules(shop),
        sensors=sensors(shop, made),
        resources={"workshop": WorkshopResource()},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster` and `dg` load."""
    return definitions(Workshop())
