"""Assets of the canonical stage: per system, everything its landed records have become.

Belongs here: reading landed pages, calling conform, appending versions, reporting. Not here: how a
record becomes canonical (canonical).

A system is conformed in one step, because a record is taken whole or not at all, whichever of its
tables it feeds; each table is an asset of its own, so that its columns and lineage are seen.
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.assets.landing import landing_key
from finsync_dagster.orchestration.conforming import Outcome, conform_system
from finsync_dagster.orchestration.metadata import bar_chart, column_lineage, table_facts
from finsync_dagster.orchestration.replaying import FULL, REPLAY_TAG
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
                "in_step",
                asset=canonical_key(system, table),
                blocking=True,
                description="No document is newer than its lines, or has another number of lines "
                "than the source states. Comparing waits until both sides are whole.",
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
        done = conform_system(
            workshop.open(),
            system,
            context.run.run_id,
            run_started(context),
            anew=context.run.tags.get(REPLAY_TAG) == FULL,
        )
        context.log.info("%s", done.why_anew or "only what changed was conformed")
        for table in mappings.tables:
            yield _result(system, table, done)

    return conform_asset


def _result(system: str, table: str, done: Outcome) -> dg.MaterializeResult:
    outcome = done.tables[table]
    waiting = _quarantined(done.quarantine, table)
    objects = {m.object for m in done.mappings.mappings if m.table == table}
    counts = done.conservation.filter(pl.col("source_object").is_in(objects))
    broken = counts.filter(~pl.col("holds"))
    apart = done.half_synced.filter(
        pl.col("source_object").is_in(objects) | pl.col("lines_object").is_in(objects)
    )
    return dg.MaterializeResult(
        asset_key=canonical_key(system, table),
        metadata={
            "dagster/row_count": outcome.rows,
            "new or changed": outcome.changed,
            "withdrawn": outcome.withdrawn,
            "quarantined records": waiting.height,
            "conformed": f"everything: {done.why_anew}" if done.why_anew else "what changed",
            "records": bar_chart(
                "Where the rows are",
                {
                    "new or changed": outcome.changed,
                    "unchanged": outcome.rows - outcome.changed,
                    "quarantined": waiting.height,
                },
                "rows",
            ),
        },
        check_results=[
            dg.AssetCheckResult(
                asset_key=canonical_key(system, table),
                check_name="conservation",
                passed=broken.is_empty() and outcome.stored,
                metadata={"counts": dg.MetadataValue.md(_markdown(counts))},
            ),
            dg.AssetCheckResult(
                asset_key=canonical_key(system, table),
                check_name="in_step",
                passed=apart.is_empty(),
                description=_apart(apart),
                metadata={"first": dg.MetadataValue.md(_markdown(apart.head(10)))},
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


def _apart(found: pl.DataFrame) -> str:
    if found.is_empty():
        return "documents and lines are in step"
    first = found.row(0, named=True)
    return (
        f"{found.height} document(s) of which the lines are not whole, such as "
        f"{first['source_object']} {first['source_pk']}: {first['message']} "
        f"Extract {first['lines_object']} again; matching goes on by itself."
    )


def _quarantined(quarantine: pl.DataFrame, table: str) -> pl.DataFrame:
    keys = ["source_object", "source_pk", "landing_page", "landing_row"]
    rows = quarantine.filter(pl.col("table_name") == table)
    return rows.unique(keys, keep="first", maintain_order=True).select(
        "source_object", "source_pk", "field", "value", "reason_code", "message"
    )


def _markdown(frame: pl.DataFrame) -> str:
    shown = frame.drop("run_id", "counted_at", "source_system", "scope", strict=False)
    head = "| " + " | ".join(shown.columns) + " |\n|" + "---|" * shown.width + "\n"
    cells = ("| " + " | ".join(_cell(v) for v in row) + " |" for row in shown.iter_rows())
    return head + "\n".join(cells)


def _cell(value: object) -> str:
    # A value from a source must not break out of its cell or become a link or markup.
    return (
        str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
    )
