"""Defects of records, and the sentences in which they are explained.

Belongs here: reason codes of quarantine, their wording, the quarantine table's rows. Not here:
finding the defects (evaluate.py, conform.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finsync_dagster.canonical.landed import ID, KEY, NO_KEY
from finsync_dagster.canonical.tables.operations import QUARANTINE

MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"
VALUE_NOT_READABLE = "VALUE_NOT_READABLE"
PRECISION_LOST = "PRECISION_LOST"
MAPPING_MISSING = "MAPPING_MISSING"
VALUE_NOT_ALLOWED = "VALUE_NOT_ALLOWED"
PARENT_MISSING = "PARENT_MISSING"
UNMAPPED_RECORD = "UNMAPPED_RECORD"
KEY_NOT_UNIQUE = "KEY_NOT_UNIQUE"
RECORD_NOT_READABLE = "RECORD_NOT_READABLE"
FIELD_NOT_DELIVERED = "FIELD_NOT_DELIVERED"


@dataclass(frozen=True)
class Wording:
    """How a reason is told: ``{field}``, ``{value}``, ``{table}``, ``{column}`` are filled in."""

    message: str
    action: str


WORDING = {
    MISSING_REQUIRED_FIELD: Wording(
        "{field} is empty, but {table}.{column} cannot be.",
        "Fill the field in the source system, or have the record delivered that it is joined from; "
        "the record returns by itself with the next run.",
    ),
    VALUE_NOT_READABLE: Wording(
        "{field} holds {value}, which cannot be read as the {type} that {table}.{column} needs.",
        "Correct the value in the source system, or the mapping if the source is right.",
    ),
    PRECISION_LOST: Wording(
        "{field} holds {value}, which has more decimals than {table}.{column} keeps; finsync does "
        "not round a source's figure on its own.",
        "Correct the value in the source system, or let the mapping round it explicitly.",
    ),
    MAPPING_MISSING: Wording(
        "{field} holds the code {value}, for which the code map of {table}.{column} has no entry.",
        "Add the code to the connector's code map.",
    ),
    VALUE_NOT_ALLOWED: Wording(
        "{field} holds {value}, which breaks the rule {check} of {table}.{column}.",
        "Correct the value in the source system, or the mapping if the source is right.",
    ),
    PARENT_MISSING: Wording(
        "The {parent} it belongs to ({value}) is missing, deleted or itself in quarantine.",
        "Repair the document it belongs to; this record returns with it.",
    ),
    UNMAPPED_RECORD: Wording(
        "No mapping takes this kind of record ({field} = {value}).",
        "Extend a mapping's condition so that it takes the record, or add a mapping for it.",
    ),
    KEY_NOT_UNIQUE: Wording(
        "The record yields more than one row of {table} under the key {value}, so that one would "
        "hide the other; what should tell them apart is {field}.",
        "Let row_key name what tells the rows apart, or let the join find at most one record.",
    ),
    RECORD_NOT_READABLE: Wording(
        "{value}",
        "Have the file exported again, or correct the line; the record returns with the next run.",
    ),
    FIELD_NOT_DELIVERED: Wording(
        "The source no longer delivers the field {field}, which {table} is made from.",
        "Ask the owner of the system why the field is gone. If it was renamed, name it anew in "
        "the mapping, then replay.",
    ),
}

_DEFECT_SCHEMA = {
    ID: pl.String,
    "table_name": pl.String,
    "column_name": pl.String,
    "field": pl.String,
    "value": pl.String,
    "reason_code": pl.String,
    "message": pl.String,
    "action": pl.String,
}


def no_defects() -> pl.DataFrame:
    """An empty frame of defects."""
    return pl.DataFrame(schema=_DEFECT_SCHEMA)


def defects(
    rows: pl.DataFrame,
    reason: str,
    *,
    table: str,
    column: str,
    field: str,
    **words: str,
) -> pl.DataFrame:
    """One defect per row of ``rows`` (columns ``_id`` and ``value``), worded for people."""
    if rows.is_empty():
        return no_defects()
    wording = WORDING[reason]
    fixed = {"table": table, "column": column, "field": field, **words}
    shown = pl.col("value").str.slice(0, 200)
    quoted = pl.concat_str([pl.lit("'"), shown, pl.lit("'")]).fill_null("nothing")
    quoted = shown if wording.message == "{value}" else quoted
    before, _, after = wording.message.partition("{value}")
    has_value = "{value}" in wording.message
    sentence = [pl.lit(before.format(**fixed))]
    sentence += [quoted, pl.lit(after.format(**fixed))] if has_value else []
    return rows.select(
        pl.col(ID),
        pl.lit(table).alias("table_name"),
        pl.lit(column).alias("column_name"),
        pl.lit(field).alias("field"),
        shown.alias("value"),
        pl.lit(reason).alias("reason_code"),
        pl.concat_str(sentence).alias("message"),
        pl.lit(wording.action).alias("action"),
    ).cast(_DEFECT_SCHEMA)  # type: ignore[arg-type]


def quarantine_rows(
    system: str, object_name: str, origin: pl.DataFrame, found: pl.DataFrame
) -> pl.DataFrame:
    """``_id`` and the quarantine table's columns, for the defects found in one object.

    ``origin`` has ``_id``, ``_key`` and the landing columns of the records concerned.
    """
    return (
        found.unique([ID, "table_name", "column_name"], keep="first", maintain_order=True)
        .join(origin, on=ID)
        .with_columns(
            pl.lit(system).alias("source_system"),
            pl.lit(object_name).alias("source_object"),
            pl.col(KEY).fill_null(NO_KEY).alias("source_pk"),
        )
        .select(ID, *(pl.col(c).cast(t) for c, t in QUARANTINE.polars_schema.items()))
    )
