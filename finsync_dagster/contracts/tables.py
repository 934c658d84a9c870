"""What was observed of each extract, and in what it differs, as tables for analysts.

Belongs here: the declarations. Not here: how they are computed (shape.py, drift.py).
"""

from __future__ import annotations

import pandera.polars as pa

from finsync_dagster.contracts.kinds import KINDS
from finsync_dagster.schema import Table, TableSpec, TsUTC

NEW_FIELD = "NEW_FIELD"
MISSING_FIELD = "MISSING_FIELD"
CHANGED_TYPE = "CHANGED_TYPE"
NEW_CODE = "NEW_CODE"
HEADER_VARIANT = "HEADER_VARIANT"
ROW_COUNT = "ROW_COUNT"
NULL_SHARE = "NULL_SHARE"
DRIFTS = (
    MISSING_FIELD,
    NEW_CODE,
    CHANGED_TYPE,
    ROW_COUNT,
    HEADER_VARIANT,
    NULL_SHARE,
    NEW_FIELD,
)
"""Kinds of drift, in the order in which they are told."""

ERROR = "error"
WARNING = "warning"
INFO = "info"
SEVERITIES = (ERROR, WARNING, INFO)
"""Gravest first: records will be set aside; figures may be wrong; good to know."""

_COUNT = "Values of that kind."


class ObjectShapes(Table):
    """The shape of what arrived: of each extract that brought something new, the newest 100."""

    extract_id: str = pa.Field(description="Refers to extracts.")
    source_system: str = pa.Field(description="System.")
    source_object: str = pa.Field(description="Object of the system.")
    mode: str = pa.Field(isin=["full", "incremental"], description="All records, or changes only.")
    complete: bool = pa.Field(description="What was landed equals what the source stated.")
    observed_at: TsUTC = pa.Field(description="When the extract began.")
    content: str = pa.Field(
        description="SHA-256 over what was landed; an extract that repeats it has this shape too."
    )
    field: str = pa.Field(description="Field of the source.")
    position: int = pa.Field(ge=1, description="Place of the field in the record.")
    rows: int = pa.Field(ge=0, description="Records, those with a defect left out.")
    nulls: int = pa.Field(ge=0, description="Records in which the field has no value.")
    kind: str = pa.Field(isin=KINDS, description="Narrowest kind that every value fits.")
    integers: int = pa.Field(ge=0, description=f"{_COUNT} Each value is counted once.")
    decimals: int = pa.Field(ge=0, description=_COUNT)
    dates: int = pa.Field(ge=0, description=_COUNT)
    timestamps: int = pa.Field(ge=0, description=_COUNT)
    booleans: int = pa.Field(ge=0, description=_COUNT)
    jsons: int = pa.Field(ge=0, description=_COUNT)
    texts: int = pa.Field(ge=0, description=_COUNT)
    min_length: int = pa.Field(nullable=True, description="Characters of the shortest value.")
    max_length: int = pa.Field(nullable=True, description="Characters of the longest value.")
    distinct: int = pa.Field(nullable=True, description="Distinct values; empty if more than 1000.")
    codes: str = pa.Field(
        nullable=True,
        description="Values with their number, as JSON; only of a field read through a code map.",
    )


class FileLayouts(Table):
    """Which fields the files of an extract fill: files with other headers fill other fields."""

    extract_id: str = pa.Field(description="Refers to extracts.")
    source_system: str = pa.Field(description="System.")
    source_object: str = pa.Field(description="Object of the system.")
    layout: str = pa.Field(description="Fields with a value in these files, as a JSON list.")
    files: int = pa.Field(ge=1, description="Files of this layout.")
    rows: int = pa.Field(ge=0, description="Records in them, those with a defect left out.")
    example_file: str = pa.Field(description="Name of one of the files.")


class Drift(Table):
    """In what an extract differs from what is read of it, and from the extracts before it."""

    extract_id: str = pa.Field(description="Refers to extracts.")
    source_system: str = pa.Field(description="System.")
    source_object: str = pa.Field(description="Object of the system.")
    observed_at: TsUTC = pa.Field(description="When the extract began.")
    field: str = pa.Field(description="Field of the source; empty if it is about all records.")
    drift: str = pa.Field(isin=DRIFTS, description="What kind of difference it is.")
    severity: str = pa.Field(
        isin=SEVERITIES,
        description="error: records are set aside or lost; warning: figures may be wrong; info.",
    )
    before: str = pa.Field(description="What was known before; empty if nothing.")
    now: str = pa.Field(description="What was observed.")
    message: str = pa.Field(description="What differs, and what depends on it.")
    action: str = pa.Field(description="What to do about it.")


OBJECT_SHAPES = TableSpec(
    "operations", "object_shapes", "extract and field", ("extract_id", "field"), ObjectShapes
)
FILE_LAYOUTS = TableSpec(
    "operations", "file_layouts", "extract and layout", ("extract_id", "layout"), FileLayouts
)
DRIFT = TableSpec(
    "operations",
    "drift",
    "extract, field and kind of drift",
    ("extract_id", "field", "drift", "now"),
    Drift,
)
TABLES = (OBJECT_SHAPES, FILE_LAYOUTS, DRIFT)
