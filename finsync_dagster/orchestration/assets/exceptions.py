"""Assets of the exceptions stage: what is wrong, who acts, until when.

Belongs here: reading findings, advancing the register in the state database, reporting. The rules
are in exceptions/.
"""

from collections.abc import Mapping, Sequence

import dagster as dg
import polars as pl

from finsync_dagster.canonical.tables import TABLES as CANONICAL
from finsync_dagster.canonical.tables.operations import HALF_SYNCED
from finsync_dagster.contracts.tables import DRIFT, ERROR
from finsync_dagster.exceptions.reasons import reasons_in_force
from finsync_dagster.exceptions.register import advance
from finsync_dagster.exceptions.tables import EXCEPTIONS
from finsync_dagster.findings import FINDINGS
from finsync_dagster.landscape.model import Landscape, System
from finsync_dagster.orchestration.assets.entity import FINDINGS_OF, stage_key
from finsync_dagster.orchestration.contracts import standing_drift
from finsync_dagster.orchestration.metadata import RawMetadata, bar_chart, table_facts
from finsync_dagster.orchestration.partitions import legal_entities
from finsync_dagster.orchestration.source_status import SOURCE_STATUS
from finsync_dagster.orchestration.workshop import (
    Workshop,
    WorkshopResource,
    is_current,
    run_started,
)
from finsync_dagster.reconciliation.tables import TABLES as RECONCILIATION

STAGE = "exceptions"
SOURCE_SUBJECT = "source_object"
"""Subject of exceptions about sources; they are raised apart, also when an entity's run fails."""


def entity_exceptions(landscape: Landscape) -> dg.AssetsDefinition:
    """``exceptions/exceptions``, one partition per legal entity."""
    deps = [
        *(stage_key("reconciliation", spec.name) for spec in RECONCILIATION),
        stage_key("spend", "facts"),
    ]

    @dg.asset(
        key=stage_key(STAGE, EXCEPTIONS.name),
        deps=deps,
        group_name=STAGE,
        owners=sorted({e.owner for e in landscape.legal_entities.values()}),
        kinds={"polars", "sql"},
        partitions_def=legal_entities(landscape),
        description=EXCEPTIONS.model.__doc__,
        metadata=table_facts(EXCEPTIONS),
    )
    def exceptions(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> dg.MaterializeResult:
        shop, entity_id = workshop.open(), context.partition_key
        if not is_current(context):
            # A look back at an earlier day must not resolve what is wrong today.
            return dg.MaterializeResult(metadata={"register": "left as it is: a look back"})
        parts = [shop.lake.read(s, entity_id=entity_id).collect() for s in FINDINGS_OF.values()]
        found = pl.concat(parts)
        lines = shop.lake.current(CANONICAL["invoice_lines"], entity_id=entity_id).collect()
        mine = pl.col("subject_type") != SOURCE_SUBJECT
        return dg.MaterializeResult(
            metadata=_advance(shop, context, [entity_id], mine, found, lines)
        )

    return exceptions


def source_exceptions(landscape: Landscape) -> dg.AssetsDefinition:
    """``exceptions/sources``: sources that did not deliver. Runs when publishing does."""

    @dg.asset(
        key=stage_key(STAGE, "sources"),
        group_name="publishing",
        owners=sorted({s.owner for s in landscape.systems.values()}),
        kinds={"sql"},
        description="Exceptions about sources that failed, delivered incompletely or changed their "
        "shape, so that a system that is down is seen by those whose figures it makes stale.",
    )
    def sources(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> dg.MaterializeResult:
        shop = workshop.open()
        entities = sorted(shop.landscape.legal_entities)
        failed = source_findings(shop.landscape, shop.lake.read(SOURCE_STATUS).collect())
        changed = drift_findings(shop.landscape, standing_drift(shop.lake))
        apart = half_synced_findings(shop.landscape, shop.lake.read(HALF_SYNCED).collect())
        found = pl.concat([failed, changed, apart])
        mine = pl.col("subject_type") == SOURCE_SUBJECT
        return dg.MaterializeResult(metadata=_advance(shop, context, entities, mine, found))

    return sources


def source_findings(landscape: Landscape, status: pl.DataFrame) -> pl.DataFrame:
    """A finding per legal entity for every object whose last extract failed or was incomplete."""
    rows = []
    for row in (
        status.filter(pl.col("status") != "ok").sort("source_system", "source_object").to_dicts()
    ):
        declared = landscape.systems.get(row["source_system"])
        if declared is None:
            continue
        failed = row["status"] == "failed"
        since = row["last_success_at"]
        for entity_id in _entities(landscape, declared):
            rows.append(
                {
                    "reason_code": "STALE_SOURCE" if failed else "EXTRACT_INCOMPLETE",
                    "entity_id": entity_id,
                    "subject_type": SOURCE_SUBJECT,
                    "subject_id": f"{row['source_system']}|{row['source_object']}",
                    "subject_label": f"{row['source_system']}.{row['source_object']}",
                    "counter_key": "",
                    "supplier_src_id": None,
                    "amount_at_risk": 0,
                    "ccy": landscape.legal_entities[entity_id].functional_currency,
                    "message": f"Its data is as of {since:%Y-%m-%d %H:%M} UTC: {row['message']}"
                    if since
                    else f"It has never been read: {row['message']}",
                    "action": "Follow the remedy in the message, then run again.",
                }
            )
    return pl.DataFrame(rows, schema=FINDINGS.polars_schema)


def half_synced_findings(landscape: Landscape, apart: pl.DataFrame) -> pl.DataFrame:
    """A finding per legal entity for every object of lines that are not whole."""
    rows = []
    groups = apart.sort(HALF_SYNCED.key).partition_by("source_system", "lines_object", as_dict=True)
    for (system, lines), found in sorted(groups.items()):
        declared = landscape.systems.get(str(system))
        first = found.row(0, named=True)
        for entity_id in _entities(landscape, declared) if declared else []:
            rows.append(
                {
                    "reason_code": "EXTRACT_INCOMPLETE",
                    "entity_id": entity_id,
                    "subject_type": SOURCE_SUBJECT,
                    "subject_id": f"{system}|{lines}",
                    "subject_label": f"{system}.{lines}",
                    "counter_key": "lines",
                    "supplier_src_id": None,
                    "amount_at_risk": 0,
                    "ccy": landscape.legal_entities[entity_id].functional_currency,
                    "message": f"{found.height} document(s) of which the lines are not whole, such "
                    f"as {first['source_object']} {first['source_pk']}: {first['message']} Nothing "
                    "of this legal entity is matched until they are.",
                    "action": "Extract the lines again; if the source states a wrong number, have "
                    "it corrected. operations.half_synced lists the documents.",
                }
            )
    return pl.DataFrame(rows, schema=FINDINGS.polars_schema)


def drift_findings(landscape: Landscape, drift: pl.DataFrame) -> pl.DataFrame:
    """A finding per legal entity for every error among rows of DRIFT; lesser ones are only told."""
    rows = []
    for row in drift.filter(pl.col("severity") == ERROR).sort(DRIFT.key).to_dicts():
        declared = landscape.systems.get(row["source_system"])
        for entity_id in _entities(landscape, declared) if declared else []:
            rows.append(
                {
                    "reason_code": "SCHEMA_DRIFT",
                    "entity_id": entity_id,
                    "subject_type": SOURCE_SUBJECT,
                    "subject_id": f"{row['source_system']}|{row['source_object']}",
                    "subject_label": f"{row['source_system']}.{row['source_object']}",
                    "counter_key": f"{row['drift']}|{row['field']}",
                    "supplier_src_id": None,
                    "amount_at_risk": 0,
                    "ccy": landscape.legal_entities[entity_id].functional_currency,
                    "message": row["message"],
                    "action": row["action"],
                }
            )
    return pl.DataFrame(rows, schema=FINDINGS.polars_schema)


def _entities(landscape: Landscape, declared: System) -> Sequence[str]:
    return declared.entities or sorted(landscape.legal_entities)


def _advance(
    shop: Workshop,
    context: dg.AssetExecutionContext,
    entities: list[str],
    mine: pl.Expr,
    findings: pl.DataFrame,
    invoice_lines: pl.DataFrame | None = None,
) -> Mapping[str, RawMetadata]:
    known = shop.state.read_exceptions(entities).filter(mine)
    advanced = [
        advance(
            known.filter(pl.col("entity_id") == entity_id),
            findings.filter(pl.col("entity_id") == entity_id),
            now=run_started(context),
            run_id=context.run.run_id,
            entities=dict(shop.landscape.legal_entities),
            reasons=reasons_in_force(shop.landscape.sla, entity_id),
            invoice_lines=invoice_lines,
        )
        for entity_id in entities
    ]
    register, events = (pl.concat(frames) for frames in zip(*advanced, strict=True))
    shop.state.save_exceptions(register, events)
    still = register.filter(~pl.col("state").str.starts_with("RESOLVED"))
    reasons = still["reason_code"].value_counts(sort=True)
    return {
        "dagster/partition_row_count": still.height,
        "transitions": events.height,
        "open by reason": bar_chart("Open by reason", dict(reasons.iter_rows()), "exceptions"),
    }
