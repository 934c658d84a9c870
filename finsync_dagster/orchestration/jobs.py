"""Jobs: reference data, the intra-day run of one legal entity, publishing.

Belongs here: which assets run together. Not here: when (schedules.py, sensors.py).

Each job runs in one process: its steps take well under a second each, and a process per step would
cost more than the work (docs/decisions/0005).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import dagster as dg

from finsync_dagster.exceptions.tables import EXCEPTIONS
from finsync_dagster.identity.tables import TABLES as IDENTITY
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.matching.tables import TABLES as MATCHING
from finsync_dagster.orchestration.assets.canonical import canonical_key
from finsync_dagster.orchestration.assets.entity import stage_key
from finsync_dagster.orchestration.assets.landing import landing_key
from finsync_dagster.orchestration.assets.publishing import PUBLISHING_GROUP
from finsync_dagster.orchestration.assets.reference import LEGAL_ENTITIES
from finsync_dagster.orchestration.assets.settlement import SETTLEMENT
from finsync_dagster.orchestration.progress import HOOKS
from finsync_dagster.orchestration.replaying import FULL, REPLAY_TAG
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.reconciliation.tables import TABLES as RECONCILIATION
from finsync_dagster.spend.tables import TABLES as SPEND

REFERENCE = "reference_data"
INTRADAY = "intraday"
PUBLISH = "publish"
REPLAY = "replay"
AssetJob: TypeAlias = Any
"""What define_asset_job returns; Dagster does not export the type."""
ENTITY_ASSETS = [
    stage_key(stage, spec.name)
    for stage, tables in (
        ("identity", IDENTITY),
        ("matching", MATCHING),
        ("reconciliation", RECONCILIATION),
        ("spend", SPEND),
        ("exceptions", (EXCEPTIONS,)),
    )
    for spec in tables
]
"""What every intra-day run computes once the entity's systems are conformed."""


def system_assets(shop: Workshop, system: str) -> list[dg.AssetKey]:
    """Landing and canonical assets of a system."""
    objects = [landing_key(system, o) for o in shop.spec(system).objects]
    return objects + conformed_assets(shop, system)


def conformed_assets(shop: Workshop, system: str) -> list[dg.AssetKey]:
    """Canonical assets of a system: what a replay makes anew."""
    return [canonical_key(system, t) for t in shop.mappings(system).tables]


def reference_selection(shop: Workshop) -> dg.AssetSelection:
    """Systems that serve the whole group, and the legal entities."""
    systems = shop.landscape.reference_systems()
    keys = [k for s in systems for k in system_assets(shop, s)]
    return dg.AssetSelection.assets(LEGAL_ENTITIES, *keys)


def entity_selection(shop: Workshop, systems: list[str]) -> dg.AssetSelection:
    """Everything from extraction to exceptions, for the systems given."""
    keys = [k for s in systems for k in system_assets(shop, s)]
    return dg.AssetSelection.assets(SETTLEMENT, *keys, *ENTITY_ASSETS)


def replay_selection(shop: Workshop) -> dg.AssetSelection:
    """Everything from conforming to exceptions, for all systems; nothing is extracted."""
    keys = [k for s in shop.landscape.systems for k in conformed_assets(shop, s)]
    return dg.AssetSelection.assets(SETTLEMENT, *keys, *ENTITY_ASSETS)


def entity_assets(
    shop: Workshop, entity_id: str, only: Sequence[str] = (), *, extract: bool = True
) -> list[dg.AssetKey]:
    """The assets of one legal entity's intra-day run: its own systems, or ``only`` some of them.

    Systems that are not in force for it today are left out. Without ``extract``, what its systems
    delivered before is conformed, in force or not, and nothing is asked of them.
    """
    able = shop.systems_asked(entity_id)
    if not extract:
        landed = shop.landing.systems()
        able = [s for s in shop.landscape.systems_of(entity_id) if s in able or s in landed]
    systems = [s for s in able if s in only or not only]
    of_system = system_assets if extract else conformed_assets
    keys = [k for s in systems for k in of_system(shop, s)]
    return [*keys, SETTLEMENT, *ENTITY_ASSETS]


def reference_assets(shop: Workshop, only: Sequence[str] = ()) -> list[dg.AssetKey]:
    """What a replay makes anew of the systems that serve the whole group; none if none is meant."""
    systems = [s for s in shop.landscape.reference_systems() if s in only or not only]
    keys = [k for s in systems for k in conformed_assets(shop, s)]
    return [LEGAL_ENTITIES, *keys] if keys or not only else []


def jobs(landscape: Landscape, shop: Workshop) -> list[AssetJob]:
    """The four jobs."""
    own = [s for s, system in landscape.systems.items() if system.entities]
    return [
        dg.define_asset_job(
            REFERENCE,
            reference_selection(shop),
            description="Exchange rates and the legal entities of the group.",
            executor_def=dg.in_process_executor,
            hooks=HOOKS,
        ),
        dg.define_asset_job(
            INTRADAY,
            entity_selection(shop, own),
            description="One legal entity: extract, conform, match, reconcile, spend, exceptions.",
            executor_def=dg.in_process_executor,
            hooks=HOOKS,
        ),
        dg.define_asset_job(
            REPLAY,
            replay_selection(shop),
            description="One legal entity: conform anew everything landed, then the rest of its "
            "intra-day run. Nothing is extracted.",
            executor_def=dg.in_process_executor,
            hooks=HOOKS,
            tags={REPLAY_TAG: FULL},
        ),
        dg.define_asset_job(
            PUBLISH,
            dg.AssetSelection.groups(PUBLISHING_GROUP),
            description="Hand everything over to the SQL warehouse.",
            executor_def=dg.in_process_executor,
            hooks=HOOKS,
        ),
    ]
