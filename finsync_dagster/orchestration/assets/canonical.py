"""Assets of the canonical stage: per system, everything its landed records have become.

Belongs here: reading landed pages, calling conform, appending versions, reporting. Not here: how a
record becomes canonical (canonical).

A system is conformed in one step, because a record is taken whole or not at all, whichever of its
tables it feeds; each table is an asset of its own, so that its columns and lineage are seen.
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from finsync_dagster.canonical.conform import Conformed
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.assets.landing import landing_key
from finsync_dagster.orchestration.conforming import Conforming, conform_system
from finsync_dagster.orchestration.metadata import bar_chart, column_lineage, table_facts
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource, run_started

GROUP = "canonical"


def canonical_key(system: str, table: str) -> dg.AssetKey:
    """``canonical/<system>/<table>``."""
    return dg.AssetKey(["canonical", system, table])


def canonical_assets(landscape: Landscape, workshop: Workshop) -> Iterator[dg.AssetsDefinition]:
    """One multi-asset per system."""
    for system in landscape.systems:
        yield _system_asset(landscape, workshop, system)


def _system_asset(landscape: Landscape, workshop: Workshop, system: str) -> dg.AssetsDefinition:
    mappings = workshop.mappings(system)
    owner = landscape.systems[system].owner
    specs = []
    for table in mappings.tables:
        feeding = [m for m in mappings.mappings if m.table == table]
        objects = {m.object for m in feeding} | {
            j.object for m in feeding for j in m.joins.values()
        }
        specs.append(
            dg.AssetSpec(
                canonical_key(system, table),
                deps=[landing_key(system, o) for o in sorted(objects)],
                group_name=GROUP,
                owners=[owner],
                kinds={"polars", "pandera", "delta"},
                tags={"system": system, "table": table},
                description=f"{TABLES[table].model.__doc__} As stated by {system}.",
                metadata={
                    **table_facts(TABLES[table]),
                    "dagster/column_lineage": column_lineage(system, feeding),
                },
                code_version=mappings.version[:12],
            )
        )
    checks = [
        check
        for table in mappings.tables
        for check in (
            dg.AssetCheckSpec(
                "conservation",
                asset=canonical_key(system, table),
                blocking=True,
                description="received = superseded + changed + unchanged + quarantined, in counts "
                "and sums, for every object that feeds this table; and what is stored is exactly "
                "what was conformed.",
            ),
            dg.AssetCheckSpec(
                "quarantine",
                asset=canonical_key(system, table),
                description="No record meant for this table is in quarantine.",
            ),
        )
    ]

    @dg.multi_asset(
        name=f"conform_{system}", specs=specs, check_specs=checks, can_subset=False, pool=system
    )
    def conform_asset(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> Iterator[dg.MaterializeResult]:
        done = conform_system(workshop.open(), system, context.run.run_id, run_started(context))
        for table in mappings.tables:
            yield _result(system, table, done)

    return conform_asset


def _result(system: str, table: str, done: Conforming) -> dg.MaterializeResult:
    frame, changed, gone = done.conformed.tables[table], done.changed[table], done.gone[table]
    waiting = _quarantined(done.conformed, table)
    objects = {m.object for m in done.mappings.mappings if m.table == table}
    counts = done.conservation.filter(pl.col("source_object").is_in(objects))
    broken = counts.filter(~pl.col("holds"))
    return dg.MaterializeResult(
        asset_key=canonical_key(system, table),
        metadata={
            "dagster/row_count": frame.height,
            "new or changed": len(changed),
            "withdrawn": len(gone),
            "quarantined records": waiting.height,
            "records": bar_chart(
                "Where the rows are",
                {
                    "new or changed": len(changed),
                    "unchanged": frame.height - len(changed),
                    "quarantined": waiting.height,
                },
                "rows",
            ),
            **{f"sum of {c}": str(frame[c].sum()) for c in _amounts(table)},
        },
        check_results=[
            dg.AssetCheckResult(
                asset_key=canonical_key(system, table),
                check_name="conservation",
                passed=broken.is_empty() and table not in done.not_stored,
                metadata={"counts": dg.MetadataValue.md(_markdown(counts))},
            ),
            dg.AssetCheckResult(
                asset_key=canonical_key(system, table),
                check_name="quarantine",
                passed=waiting.is_empty(),
                severity=dg.AssetCheckSeverity.WARN,
                description=_told(waiting),
                metadata={"first": dg.MetadataValue.md(_markdown(waiting.head(10)))},
            ),
        ],
    )


def _told(waiting: pl.DataFrame) -> str:
    if waiting.is_empty():
        return "no record is in quarantine"
    counts = waiting["source_object"].value_counts().sort("source_object").iter_rows()
    records = ", ".join(f"{n} of {name}" for name, n in counts)
    examples = waiting.unique(["source_object", "reason_code"], keep="first", maintain_order=True)
    told = [f"{r['source_object']} {r['source_pk']}: {r['message']}" for r in examples.to_dicts()]
    return f"records in quarantine: {records}; for example {' '.join(told)}"


def _quarantined(conformed: Conformed, table: str) -> pl.DataFrame:
    keys = ["source_object", "source_pk", "landing_page", "landing_row"]
    rows = conformed.quarantine.filter(pl.col("table_name") == table)
    return rows.unique(keys, keep="first", maintain_order=True).select(
        "source_object", "source_pk", "field", "value", "reason_code", "message"
    )


def _amounts(table: str) -> list[str]:
    schema = TABLES[table].polars_schema
    return [c for c, t in schema.items() if isinstance(t, pl.Decimal) and t.scale == 4]


def _markdown(frame: pl.DataFrame) -> str:
    shown = frame.drop("run_id", "counted_at", "source_system", strict=False)
    head = "| " + " | ".join(shown.columns) + " |\n|" + "---|" * shown.width + "\n"
    cells = ("| " + " | ".join(_cell(v) for v in row) + " |" for row in shown.iter_rows())
    return head + "\n".join(cells)


def _cell(value: object) -> str:
    # A value from a source must not break out of its cell or become a link or markup.
    return (
        str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
    )
