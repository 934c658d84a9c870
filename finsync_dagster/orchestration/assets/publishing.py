"""Asset: the SQL warehouse that analysts query.

Belongs here: collecting every table and handing them over. How that is done is in publishing/.
"""

from datetime import UTC, datetime
from importlib.metadata import version

import dagster as dg
import polars as pl

from finsync_dagster.exceptions.tables import EVENTS, EXCEPTIONS
from finsync_dagster.landing.tables import CONTROL_TOTALS, EXTRACTS, extracts
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.catalog import IN_LAKE
from finsync_dagster.orchestration.metadata import bar_chart
from finsync_dagster.orchestration.policy_in_force import POLICY_EVENTS
from finsync_dagster.orchestration.replaying import REPLAYS
from finsync_dagster.orchestration.runs import RUNS, runs
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource, as_of
from finsync_dagster.publishing import VIEWS, Publication, publish
from finsync_dagster.schema import TableSpec

PUBLISHING_GROUP = "publishing"
WAREHOUSE = dg.AssetKey(["publishing", "warehouse"])
_JOBS = ("reference_data", "intraday", "replay", "publish")


def warehouse(landscape: Landscape, deps: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """``publishing/warehouse``: all tables at once, replaced atomically."""

    @dg.asset(
        key=WAREHOUSE,
        deps=deps,
        group_name=PUBLISHING_GROUP,
        owners=sorted({s.owner for s in landscape.systems.values()}),
        kinds={"duckdb", "sql"},
        description="Every table, as SQL: schemas canonical, matching, reconciliation, spend and "
        "operations. Readers see the previous publication until this one is complete.",
    )
    def publish_warehouse(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> dg.MaterializeResult:
        shop = workshop.open()
        publication = Publication(
            published_at=datetime.now(UTC),
            run_id=context.run.run_id,
            as_of=as_of(context),
            code_version=version("finsync-dagster"),
        )
        tables = published_tables(shop, context.instance)
        rows = publish(tables, shop.settings.warehouse_url, VIEWS, publication)
        most = dict(sorted(rows.items(), key=lambda item: -item[1])[:15])
        return dg.MaterializeResult(
            metadata={
                "tables": len(rows),
                "dagster/row_count": sum(rows.values()),
                "largest": bar_chart("Largest tables", most, "rows"),
            }
        )

    return publish_warehouse


def published_tables(
    shop: Workshop, instance: dg.DagsterInstance
) -> list[tuple[TableSpec, pl.DataFrame | pl.LazyFrame]]:
    """Everything that is published, with its current rows."""
    taken, totals = extracts(shop.landing)
    return [
        *((spec, shop.lake.current(spec)) for spec in IN_LAKE),
        (EXTRACTS, taken),
        (CONTROL_TOTALS, totals),
        (EXCEPTIONS, shop.state.exceptions()),
        (EVENTS, shop.state.events()),
        (POLICY_EVENTS, shop.state.policy_events()),
        (REPLAYS, shop.state.replays()),
        (RUNS, runs(instance, _JOBS)),
    ]
