"""What a publication says about itself: two tables of the warehouse.

Belongs here: operations.published and operations.data_dictionary, built from parameters. Not here:
the clock, nor the text form of the dictionary (dictionary.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandera.polars as pa
import polars as pl

from finsync_dagster.publishing.ddl import published_columns
from finsync_dagster.schema import Table, TableSpec, TsUTC


@dataclass(frozen=True)
class Publication:
    """Which publication this is. ``published_at`` is an aware moment."""

    published_at: datetime
    run_id: str
    as_of: date
    code_version: str


class Published(Table):
    """What the last publication brought."""

    schema_name: str = pa.Field(description="Schema.")
    table_name: str = pa.Field(description="Table or view.")
    kind: str = pa.Field(isin=["table", "view"], description="table or view.")
    rows: int = pa.Field(nullable=True, description="Rows published; empty for a view.")
    published_at: TsUTC = pa.Field(description="When the publication was made.")
    run_id: str = pa.Field(description="Run that made it.")
    as_of: pl.Date = pa.Field(description="Cut-off date of the figures.")
    code_version: str = pa.Field(description="Version of finsync that made it.")


class DataDictionary(Table):
    """Every published column and what it means."""

    schema_name: str = pa.Field(description="Schema.")
    table_name: str = pa.Field(description="Table or view.")
    position: int = pa.Field(ge=1, description="Place of the column in the table, from 1.")
    column_name: str = pa.Field(description="Column.")
    type: str = pa.Field(description="SQL type.")
    nullable: bool = pa.Field(description="May it be empty?")
    description: str = pa.Field(description="What it means.")


PUBLISHED = TableSpec(
    "operations",
    "published",
    "published table or view",
    ("schema_name", "table_name"),
    Published,
)
DATA_DICTIONARY = TableSpec(
    "operations",
    "data_dictionary",
    "column of a published table or view",
    ("schema_name", "table_name", "column_name"),
    DataDictionary,
)
OWN_TABLES = (DATA_DICTIONARY, PUBLISHED)


def published(
    publication: Publication, rows: Mapping[str, int], views: Sequence[TableSpec]
) -> pl.DataFrame:
    """The rows of operations.published, itself included.

    ``rows`` maps ``schema.name`` of each other table to its number of rows.
    """
    counted = {**rows, PUBLISHED.full_name: len(rows) + 1 + len(views)}
    listed: list[tuple[str, str, int | None]] = [
        *((name, "table", count) for name, count in counted.items()),
        *((view.full_name, "view", None) for view in views),
    ]
    records = [
        (
            *name.split(".", 1),
            kind,
            count,
            publication.published_at,
            publication.run_id,
            publication.as_of,
            publication.code_version,
        )
        for name, kind, count in listed
    ]
    return pl.DataFrame(records, schema=PUBLISHED.polars_schema, orient="row")


def data_dictionary(specs: Sequence[TableSpec]) -> pl.DataFrame:
    """The rows of operations.data_dictionary for these tables and views."""
    records = [
        (spec.schema, spec.name, n, c.name, c.sql_type, c.nullable, c.description)
        for spec in specs
        for n, c in enumerate(published_columns(spec), start=1)
    ]
    return pl.DataFrame(records, schema=DATA_DICTIONARY.polars_schema, orient="row")
