"""Assets of the landing stage: one per system and object, so that one failure stays alone.

Belongs here: asking a connector for an extract and reporting what came. Not here: how a system is
reached (connectors), how pages are kept (landing) or what their shape is compared with (contracts).
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.take import take
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.contract_check import CONTRACT, contract_check
from finsync_dagster.orchestration.metadata import RawMetadata
from finsync_dagster.orchestration.source_status import record_failure, record_success
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource

GROUP = "landing"
FULL_TAG = "finsync/full"


def landing_key(system: str, object_name: str) -> dg.AssetKey:
    """``landing/<system>/<object>``."""
    return dg.AssetKey(["landing", system, object_name])


def landing_assets(landscape: Landscape, workshop: Workshop) -> Iterator[dg.AssetsDefinition]:
    """An asset for every object of every system."""
    for system in landscape.systems:
        spec = workshop.spec(system)
        for object_name in spec.objects:
            yield _landing_asset(landscape, system, object_name, spec)


def _landing_asset(
    landscape: Landscape, system: str, object_name: str, spec: SystemSpec
) -> dg.AssetsDefinition:
    key = landing_key(system, object_name)
    declared = spec.objects[object_name]

    @dg.asset(
        key=key,
        group_name=GROUP,
        owners=[landscape.systems[system].owner],
        kinds={spec.protocol},
        pool=system,
        # Lines are read after their documents, so that no line is newer than its document.
        deps=[landing_key(system, declared.lines_of.object)] if declared.lines_of else [],
        check_specs=_checks(key),
        retry_policy=dg.RetryPolicy(
            max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
        ),
        description=f"{object_name} as received from {system}: immutable pages and a manifest.",
        tags={"system": system, "refresh": declared.refresh},
        freshness_policy=dg.FreshnessPolicy.time_window(
            fail_window=landscape.max_age(declared.refresh)
        ),
    )
    def landed(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> dg.MaterializeResult:
        shop = workshop.open()
        try:
            manifest = _take(shop, system, object_name, full=FULL_TAG in context.run.tags)
        except SourceError as error:
            record_failure(shop.lake, system, object_name, error, context.run.run_id)
            # Over HTTP each request has been tried again already, as the system's connector says.
            again = error.transient and not declared.moving
            raise dg.Failure(str(error), allow_retries=again) from error
        record_success(shop.lake, manifest, context.run.run_id)
        return dg.MaterializeResult(
            metadata=_facts(manifest),
            check_results=[
                dg.AssetCheckResult(
                    check_name="complete",
                    passed=manifest.complete,
                    description="; ".join(manifest.incomplete_because) or "as stated by the source",
                ),
                contract_check(shop, manifest),
            ],
        )

    return landed


def _checks(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            "complete",
            asset=key,
            blocking=True,
            description="Rows and sums landed equal those the source itself states.",
        ),
        dg.AssetCheckSpec(
            CONTRACT,
            asset=key,
            blocking=False,
            description="What arrived has the shape that the mapping reads and that it had before.",
        ),
    ]


def _take(shop: Workshop, system: str, object_name: str, *, full: bool) -> Manifest:
    declared = shop.system(system)
    url = shop.settings.source_url(declared.connection)
    if url is None:
        raise SourceError(
            system,
            object_name,
            f"the variable {declared.connection.url_env} is not set",
            f"Set {declared.connection.url_env} to the address of {system}.",
        )
    return take(
        shop.landing,
        system,
        url,
        object_name,
        shop.spec(system).objects[object_name],
        now=lambda: datetime.now(UTC),
        full=full,
        reach=shop.reach(system),
    )


def _facts(manifest: Manifest) -> dict[str, RawMetadata]:
    stated = manifest.source_stated
    return {
        "dagster/row_count": manifest.row_count,
        "mode": f"{manifest.mode}: {manifest.reason}",
        "pages": len(manifest.pages),
        "stated by the source": dg.MetadataValue.json(stated.model_dump(mode="json")),
        "cursor": f"{manifest.cursor_from or 'start'} → {manifest.cursor_to or 'none'}",
        "extract": manifest.extract_id,
        "seconds": round((manifest.finished_at - manifest.started_at).total_seconds(), 3),
    }
