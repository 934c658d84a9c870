"""How the last attempt to reach each object of each system went.

Belongs here: the operations.source_status table and its two writers. A failed attempt leaves the
older data in place; this table is what says that it is stale.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pandera.polars as pa
import polars as pl

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.schema import Table, TableSpec, TsUTC
from finsync_dagster.storage.lake import Lake


class SourceStatus(Table):
    """The last attempt to extract an object, and how far its data reaches."""

    source_system: str = pa.Field(description="System.")
    source_object: str = pa.Field(description="Object of the system.")
    status: str = pa.Field(isin=["ok", "incomplete", "failed"], description="Of the last attempt.")
    checked_at: TsUTC = pa.Field(description="When it was last attempted.")
    last_success_at: TsUTC = pa.Field(nullable=True, description="When it last succeeded.")
    rows_landed: int = pa.Field(description="Rows of the last successful extract.")
    cursor_to: str = pa.Field(nullable=True, description="Change stamp up to which it was read.")
    message: str = pa.Field(description="What went wrong and what to do; empty if nothing.")
    kind: str = pa.Field(
        nullable=True,
        isin=["transient", "mapping", "policy", "upstream_data"],
        description="Who can help: time, whoever maintains the connector, whoever grants access, "
        "whoever runs the source; null if nothing went wrong, or nobody can tell.",
    )
    run_id: str = pa.Field(description="Run that attempted it.")


SOURCE_STATUS = TableSpec(
    "operations",
    "source_status",
    "object of a source system",
    ("source_system", "source_object"),
    SourceStatus,
)


def record_success(lake: Lake, manifest: Manifest, run_id: str) -> None:
    """The attempt brought what the manifest says."""
    _replace(
        lake,
        source_system=manifest.system,
        source_object=manifest.object,
        status="ok" if manifest.complete else "incomplete",
        checked_at=manifest.started_at,
        last_success_at=manifest.started_at if manifest.complete else None,
        rows_landed=manifest.row_count,
        cursor_to=manifest.cursor_to,
        message="; ".join(manifest.incomplete_because),
        kind=None if manifest.complete else "upstream_data",
        run_id=run_id,
    )


def record_failure(
    lake: Lake, system: str, object_name: str, error: SourceError, run_id: str
) -> None:
    """The attempt failed; what was known of the last success is kept."""
    before = lake.read(SOURCE_STATUS).filter(
        (pl.col("source_system") == system) & (pl.col("source_object") == object_name)
    )
    last = (before.collect().to_dicts() or [{}])[0]
    _replace(
        lake,
        source_system=system,
        source_object=object_name,
        status="failed",
        checked_at=datetime.now(UTC),
        last_success_at=last.get("last_success_at"),
        rows_landed=last.get("rows_landed", 0),
        cursor_to=last.get("cursor_to"),
        message=str(error),
        kind=error.kind,
        run_id=run_id,
    )


def _replace(lake: Lake, **row: object) -> None:
    frame = pl.DataFrame([row], schema=SOURCE_STATUS.polars_schema)
    where = {k: str(row[k]) for k in ("source_system", "source_object")}
    lake.replace(SOURCE_STATUS, frame, **where)
