"""Assets of the reconciliation stage, per legal entity.

Belongs here: reading documents and the match, calling reconcile, writing. The rules are in
reconciliation/.
"""

from collections.abc import Iterator

import dagster as dg

from finsync_dagster.landscape.model import Landscape
from finsync_dagster.matching.match import MatchResult
from finsync_dagster.matching.tables import TABLES as MATCHING
from finsync_dagster.orchestration.assets.canonical import canonical_key
from finsync_dagster.orchestration.assets.entity import (
    FINDINGS_OF,
    Output,
    keep_findings,
    stage_key,
    stage_specs,
    write,
)
from finsync_dagster.orchestration.documents import documents
from finsync_dagster.orchestration.policy_in_force import policy_of_run
from finsync_dagster.orchestration.workshop import (
    Workshop,
    WorkshopResource,
    as_of,
    is_current,
)
from finsync_dagster.reconciliation.reconcile import reconcile
from finsync_dagster.reconciliation.tables import TABLES

STAGE = "reconciliation"
_READS = ("expense_reports", "expense_lines", "requisition_lines")
"""Canonical tables that no earlier stage of the entity reads."""


def reconciliation_asset(landscape: Landscape, shop: Workshop) -> dg.AssetsDefinition:
    """``reconciliation/<table>``, one partition per legal entity."""
    beside = [
        canonical_key(system, table)
        for system, declared in landscape.systems.items()
        if declared.entities
        for table in shop.mappings(system).tables
        if table in _READS
    ]
    deps = [*(stage_key("matching", spec.name) for spec in MATCHING), *beside]

    @dg.multi_asset(name=STAGE, specs=stage_specs(landscape, STAGE, TABLES, deps))
    def reconciliation(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> Iterator[dg.MaterializeResult]:
        shop, entity_id, cutoff = workshop.open(), context.partition_key, as_of(context)
        result = reconcile(
            documents(shop.lake, entity_id, shop.landscape, cutoff).until(cutoff),
            stored_match(shop, entity_id),
            policy_of_run(shop, context),
            cutoff,
            entity_id,
            shop.landscape.domains_of(entity_id),
            # Balances stated by a source are those of now; they say nothing about an earlier day.
            stated_is_current=is_current(context),
        )
        keep_findings(shop, STAGE, entity_id, result.findings)
        yield from write(
            shop, STAGE, entity_id, [Output(s, getattr(result, s.name)) for s in TABLES]
        )

    return reconciliation


def stored_match(shop: Workshop, entity_id: str) -> MatchResult:
    """The entity's match, as the matching stage left it."""
    frames = {s.name: shop.lake.read(s, entity_id=entity_id).collect() for s in MATCHING}
    findings = shop.lake.read(FINDINGS_OF["matching"], entity_id=entity_id).collect()
    return MatchResult(**frames, findings=findings)
