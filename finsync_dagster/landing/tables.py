"""The landing's manifests as a table for analysts: who looked when, what the source stated.

Belongs here: the declaration and the rows. Not here: manifests themselves (manifest.py).
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.schema import Amount, Table, TableSpec, TsUTC


class Extracts(Table):
    """Every extract that took place, with the counts the source itself stated."""

    extract_id: str = pa.Field(description="Extract; canonical rows name the one they came with.")
    source_system: str = pa.Field(description="System.")
    source_object: str = pa.Field(description="Object of the system.")
    sequence: int = pa.Field(description="1 for the object's first extract.")
    is_last: bool = pa.Field(description="The object's newest extract.")
    mode: str = pa.Field(isin=["full", "incremental"], description="All records, or changes only.")
    reason: str = pa.Field(description="Why it was full, or from where on it was incremental.")
    started_at: TsUTC = pa.Field(description="When it began.")
    finished_at: TsUTC = pa.Field(description="When its manifest was written.")
    cursor_from: str = pa.Field(nullable=True, description="Change stamp it started from.")
    cursor_to: str = pa.Field(nullable=True, description="Newest change stamp in the source.")
    pages: int = pa.Field(description="Landed pages.")
    row_count: int = pa.Field(description="Records landed.")
    source_count_selected: int = pa.Field(
        nullable=True, description="Records the source counted for this extract, if it counts."
    )
    source_count_table: int = pa.Field(
        nullable=True, description="Records the source counted in the object, if it counts."
    )
    gone: int = pa.Field(description="Keys of records that the source no longer had.")
    complete: bool = pa.Field(description="What was landed equals what the source stated.")
    incomplete_because: str = pa.Field(description="In what it differs; empty if complete.")
    manifest_sha256: str = pa.Field(description="SHA-256 of the manifest.")
    previous_sha256: str = pa.Field(nullable=True, description="SHA-256 of the manifest before.")


class ControlTotals(Table):
    """Sums over money and quantity fields: as the source computed them, and as landed."""

    extract_id: str = pa.Field(description="Refers to extracts.")
    source_system: str = pa.Field(description="System.")
    source_object: str = pa.Field(description="Object of the system.")
    field: str = pa.Field(description="Field of the source that was summed.")
    stated: Amount = pa.Field(description="Sum computed by the source for this extract's records.")
    landed: Amount = pa.Field(description="Sum computed from the landed bytes.")
    stated_whole: Amount = pa.Field(description="Sum computed by the source over the whole object.")
    not_summed: int = pa.Field(description="Values that are no number; counted on both sides.")
    agrees: bool = pa.Field(description="stated = landed.")


EXTRACTS = TableSpec("operations", "extracts", "extract", ("extract_id",), Extracts)
CONTROL_TOTALS = TableSpec(
    "operations", "control_totals", "extract and field", ("extract_id", "field"), ControlTotals
)


def extracts(landing: Landing) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of EXTRACTS and CONTROL_TOTALS for everything ever landed."""
    rows, totals = [], []
    for system in landing.systems():
        for name in landing.objects(system):
            history = landing.manifests(system, name)
            rows += [_row(m, is_last=m is history[-1]) for m in history]
            totals += [t for m in history for t in _totals(m)]
    return (
        pl.DataFrame(rows, schema=EXTRACTS.polars_schema),
        pl.DataFrame(totals, schema=CONTROL_TOTALS.polars_schema),
    )


def _row(m: Manifest, *, is_last: bool) -> dict[str, object]:
    return {
        "extract_id": m.extract_id,
        "source_system": m.system,
        "source_object": m.object,
        "sequence": m.sequence,
        "is_last": is_last,
        "mode": m.mode,
        "reason": m.reason,
        "started_at": m.started_at,
        "finished_at": m.finished_at,
        "cursor_from": m.cursor_from,
        "cursor_to": m.cursor_to,
        "pages": len(m.pages),
        "row_count": m.row_count,
        "source_count_selected": m.source_stated.count_selected,
        "source_count_table": m.source_stated.count_table,
        "gone": sum(ref.rows for ref in m.gone),
        "complete": m.complete,
        "incomplete_because": "; ".join(m.incomplete_because),
        "manifest_sha256": m.sha256,
        "previous_sha256": m.previous,
    }


def _totals(m: Manifest) -> list[dict[str, object]]:
    return [
        {
            "extract_id": m.extract_id,
            "source_system": m.system,
            "source_object": m.object,
            "field": field,
            "stated": stated.total,
            "landed": m.landed_sums[field].total,
            "stated_whole": m.source_stated.sums_table[field].total,
            "not_summed": stated.not_summed,
            "agrees": stated == m.landed_sums[field],
        }
        for field, stated in m.source_stated.sums_selected.items()
    ]
