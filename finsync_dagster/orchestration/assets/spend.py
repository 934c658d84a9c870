"""Assets of the spend stage, per legal entity.

Belongs here: reading documents, the match and rates, calling spend, writing. The rules are in
spend/.
"""

from collections.abc import Iterator
from decimal import Decimal

import dagster as dg
import polars as pl

from finsync_dagster.canonical.tables import TABLES as CANONICAL
from finsync_dagster.identity.tables import SUPPLIER_CROSSWALK
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.matching.tables import ALLOCATIONS, ORDER_LINE_STATUS
from finsync_dagster.orchestration.assets.canonical import canonical_key
from finsync_dagster.orchestration.assets.entity import (
    Output,
    keep_findings,
    stage_key,
    stage_specs,
    write,
)
from finsync_dagster.orchestration.documents import documents
from finsync_dagster.orchestration.metadata import RawMetadata, bar_chart, money
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource, as_of
from finsync_dagster.spend.facts import Books, spend_facts
from finsync_dagster.spend.summary import summarize
from finsync_dagster.spend.tables import FACTS, SUMMARY, TABLES

STAGE = "spend"
_READS = ("fx_rates", "expense_reports", "expense_lines")
"""Canonical tables that no earlier stage of the entity reads."""


def spend_asset(landscape: Landscape, shop: Workshop) -> dg.AssetsDefinition:
    """``spend/<table>``, one partition per legal entity."""
    beside = [
        canonical_key(system, table)
        for system in landscape.systems
        for table in shop.mappings(system).tables
        if table in _READS
    ]
    deps = [
        stage_key("matching", ORDER_LINE_STATUS.name),
        stage_key("matching", ALLOCATIONS.name),
        stage_key("identity", SUPPLIER_CROSSWALK.name),
        *beside,
    ]

    @dg.multi_asset(name=STAGE, specs=stage_specs(landscape, STAGE, TABLES, deps))
    def spend(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> Iterator[dg.MaterializeResult]:
        shop, entity_id, cutoff = workshop.open(), context.partition_key, as_of(context)
        result = spend_facts(
            documents(shop.lake, entity_id, shop.landscape, cutoff).until(cutoff),
            shop.lake.read(ORDER_LINE_STATUS, entity_id=entity_id).collect(),
            shop.lake.read(ALLOCATIONS, entity_id=entity_id).collect(),
            shop.lake.read(SUPPLIER_CROSSWALK).collect(),
            Books(
                entity_id,
                shop.landscape.legal_entities[entity_id].functional_currency,
                shop.landscape.group_currency,
            ),
            shop.lake.current(CANONICAL["fx_rates"]).collect(),
            cutoff,
        )
        keep_findings(shop, STAGE, entity_id, result.findings)
        summary = summarize(result.facts)
        outputs = [Output(FACTS, result.facts, _facts(result.facts)), Output(SUMMARY, summary)]
        yield from write(shop, STAGE, entity_id, outputs)

    return spend


def _facts(facts: pl.DataFrame) -> dict[str, RawMetadata]:
    totals = facts.group_by("stage", "group_ccy").agg(pl.col("amount_group").sum()).sort("stage")
    rows = totals.to_dicts()
    currency = rows[0]["group_ccy"] if rows else ""
    chart = {r["stage"]: (r["amount_group"] or Decimal(0)).quantize(Decimal(1)) for r in rows}
    said = {f"{r['stage']}": money(r["amount_group"], r["group_ccy"]) for r in rows}
    return {"spend by stage": bar_chart("Spend by stage", chart, currency), **said}
