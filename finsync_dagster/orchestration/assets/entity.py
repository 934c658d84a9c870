"""What the assets of one legal entity have in common.

Belongs here: writing a stage's tables and telling about them. Not here: any stage.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import dagster as dg
import polars as pl

from finsync_dagster.findings import FINDINGS
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.money import AMOUNT
from finsync_dagster.orchestration.metadata import RawMetadata, money, table_facts
from finsync_dagster.orchestration.partitions import legal_entities
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.schema import TableSpec, require_valid

FINDINGS_OF = {
    stage: replace(FINDINGS, name=f"findings_{stage}")
    for stage in ("matching", "reconciliation", "spend")
}
"""Each stage keeps its findings in a table of its own; exceptions reads them all."""


@dataclass(frozen=True)
class Output:
    """A table a stage computed for one entity, with what a person wants to see of it."""

    spec: TableSpec
    frame: pl.DataFrame
    facts: Mapping[str, RawMetadata] = field(default_factory=dict)


def stage_key(stage: str, table: str) -> dg.AssetKey:
    """``<stage>/<table>``."""
    return dg.AssetKey([stage, table])


def stage_specs(
    landscape: Landscape,
    stage: str,
    tables: Sequence[TableSpec],
    deps: Sequence[dg.AssetKey],
    *,
    partitioned: bool = True,
) -> list[dg.AssetSpec]:
    """Asset specs of a stage's tables."""
    return [
        dg.AssetSpec(
            stage_key(stage, spec.name),
            deps=list(deps),
            group_name=stage,
            owners=sorted({e.owner for e in landscape.legal_entities.values()}),
            kinds={"polars", "delta"},
            description=spec.model.__doc__,
            metadata=table_facts(spec),
            partitions_def=legal_entities(landscape) if partitioned else None,
        )
        for spec in tables
    ]


def write(
    shop: Workshop, stage: str, entity_id: str, outputs: Sequence[Output]
) -> Iterator[dg.MaterializeResult]:
    """Replace the entity's rows of each table, and report counts and money."""
    for output in outputs:
        frame = require_valid(output.spec, output.spec.conform(output.frame))
        shop.lake.replace(output.spec, frame, entity_id=entity_id)
        yield dg.MaterializeResult(
            asset_key=stage_key(stage, output.spec.name),
            metadata={
                "dagster/partition_row_count": frame.height,
                **_sums(output.spec, frame),
                **output.facts,
            },
        )


def keep_findings(shop: Workshop, stage: str, entity_id: str, findings: pl.DataFrame) -> None:
    """Keep what a stage found for the exceptions stage."""
    spec = FINDINGS_OF[stage]
    shop.lake.replace(spec, require_valid(spec, spec.conform(findings)), entity_id=entity_id)


def _sums(spec: TableSpec, frame: pl.DataFrame) -> dict[str, RawMetadata]:
    """Sums of the table's amounts per currency, where adding up its rows means something."""
    if "ccy" not in frame.columns or "stage" in frame.columns:
        return {}
    amounts = [c for c, t in spec.polars_schema.items() if t == AMOUNT]
    sums = frame.group_by("ccy").agg(pl.col(amounts).sum()).sort("ccy")
    return {
        f"{c}, {row['ccy']}": money(row[c], row["ccy"]) for row in sums.to_dicts() for c in amounts
    }
