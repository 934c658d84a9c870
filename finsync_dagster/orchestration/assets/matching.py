"""Assets of the matching stage, per legal entity.

Belongs here: reading the entity's documents, calling match, writing. The rules are in matching/.
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from finsync_dagster.canonical.tables.operations import OUTSIDE_AUTHORITY
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.matching.parts import match_in_parts
from finsync_dagster.matching.tables import TABLES
from finsync_dagster.orchestration.assets.canonical import canonical_key
from finsync_dagster.orchestration.assets.entity import Output, keep_findings, stage_specs, write
from finsync_dagster.orchestration.assets.settlement import SETTLEMENT
from finsync_dagster.orchestration.documents import split_documents
from finsync_dagster.orchestration.metadata import RawMetadata, bar_chart
from finsync_dagster.orchestration.policy_in_force import policy_of_run
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource, as_of

STAGE = "matching"
_READS = {
    "purchase_orders",
    "purchase_order_lines",
    "purchase_order_charges",
    "receipt_lines",
    "invoices",
    "invoice_lines",
    "suppliers",
    "items",
}


def matching_asset(landscape: Landscape, shop: Workshop) -> dg.AssetsDefinition:
    """``matching/<table>``, one partition per legal entity."""
    deps = [
        canonical_key(system, table)
        for system, declared in landscape.systems.items()
        for table in shop.mappings(system).tables
        if (table in _READS and declared.entities) or table == "fx_rates"
    ]

    @dg.multi_asset(name=STAGE, specs=stage_specs(landscape, STAGE, TABLES, [*deps, SETTLEMENT]))
    def matching(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> Iterator[dg.MaterializeResult]:
        shop, entity_id, cutoff = workshop.open(), context.partition_key, as_of(context)
        split = split_documents(shop.lake, entity_id, shop.landscape, cutoff)
        shop.lake.replace(OUTSIDE_AUTHORITY, split.outside, entity_id=entity_id)
        docs = split.documents.until(cutoff)
        result = match_in_parts(docs, policy_of_run(shop, context), cutoff, entity_id)
        keep_findings(shop, STAGE, entity_id, result.findings)
        outputs = [Output(s, getattr(result, s.name), _facts(s.name, result)) for s in TABLES]
        yield from write(shop, STAGE, entity_id, outputs)

    return matching


def _facts(table: str, result: object) -> dict[str, RawMetadata]:
    column = {
        "invoice_results": "outcome",
        "invoice_line_results": "outcome",
        "order_line_status": "delivery_outcome",
        "check_results": "passed",
    }.get(table)
    frame: pl.DataFrame = getattr(result, table)
    if column is None or frame.is_empty():
        return {}
    counts = frame.group_by(pl.col(column).cast(pl.String)).len().sort("len", descending=True)
    return {"outcome": bar_chart(column.replace("_", " "), dict(counts.iter_rows()), "rows")}
