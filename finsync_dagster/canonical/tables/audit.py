"""The audit block: where a canonical row came from, down to the bytes that were received.

Belongs here: the columns every canonical table shares. Not here: business columns.
"""

from __future__ import annotations

import pandera.polars as pa

from finsync_dagster.schema import Table, TsUTC

AUDIT_COLUMNS = (
    "record_id",
    "source_system",
    "source_object",
    "source_pk",
    "source_updated_at",
    "source_deleted",
    "extracted_at",
    "extract_id",
    "landing_page",
    "landing_row",
    "mapping_version",
    "row_hash",
    "valid_from",
)


class Audited(Table):
    """Columns that stand at the end of every canonical table that is fed by a source system."""

    record_id: str = pa.Field(
        description="SHA-256 of source_system|source_object|source_pk: the same in all versions."
    )
    source_system: str = pa.Field(description="System the record was extracted from.")
    source_object: str = pa.Field(description="The system's object (table, endpoint or file).")
    source_pk: str = pa.Field(description="The record's key in the source, parts joined by |.")
    source_updated_at: TsUTC = pa.Field(
        nullable=True, description="Change stamp stated by the source, read as UTC."
    )
    source_deleted: bool = pa.Field(description="True in the version that records a deletion.")
    extracted_at: TsUTC = pa.Field(description="When the extract that brought this version began.")
    extract_id: str = pa.Field(description="Extract that brought this version; see its manifest.")
    landing_page: str = pa.Field(description="SHA-256 of the landed page that holds the record.")
    landing_row: int = pa.Field(ge=0, description="Position of the record in that page, from 0.")
    mapping_version: str = pa.Field(description="SHA-256 of the mapping that conformed it.")
    row_hash: str = pa.Field(
        description="SHA-256 over the business columns: equal means unchanged."
    )
    valid_from: TsUTC = pa.Field(description="Since when finsync holds this version.")
