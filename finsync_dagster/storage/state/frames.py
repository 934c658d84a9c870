"""State tables as Polars frames, and frames as rows.

Belongs here: the dtypes of each table and reading it whole or in part. Not here: writing, nor what
may be written (merging.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from finsync_dagster.storage.state.errors import StateError
from finsync_dagster.storage.state.types import PRECISION, SCALE, ExactAmount, UtcTimestamp

BATCH = 1000

_DTYPES: dict[type[sa.types.TypeEngine[Any]], pl.DataType] = {
    sa.Text: pl.String(),
    sa.BigInteger: pl.Int64(),
    sa.Date: pl.Date(),
    ExactAmount: pl.Decimal(PRECISION, SCALE),
    UtcTimestamp: pl.Datetime("us", "UTC"),
}


def frame_schema(table: sa.Table) -> pl.Schema:
    """Column name → Polars dtype, in the table's order."""
    return pl.Schema({column.name: _DTYPES[type(column.type)] for column in table.columns})


def read(
    connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool] | None = None
) -> pl.DataFrame:
    """The rows of a table, sorted by its key."""
    query = sa.select(table).order_by(*table.primary_key.columns)
    rows = connection.execute(query if where is None else query.where(where))
    return pl.DataFrame(
        [tuple(row) for row in rows], schema=frame_schema(table), orient="row", strict=True
    )


def read_keys(connection: sa.Connection, table: sa.Table, keys: Iterable[str]) -> pl.DataFrame:
    """The rows of a table with these keys, sorted; keys it does not hold are left out."""
    (key,) = table.primary_key.columns
    wanted = sorted(set(keys))
    parts = [
        read(connection, table, key.in_(wanted[start : start + BATCH]))
        for start in range(0, len(wanted), BATCH)
    ]
    return pl.concat([frame_schema(table).to_frame(), *parts])


def conform(table: sa.Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with exactly the table's columns and dtypes, sorted by its key.

    Raises:
        StateError: a column is missing, unknown or of another dtype, a required value is missing,
            or two rows share a key.
    """
    schema = frame_schema(table)
    if set(frame.columns) != set(schema):
        wrong = sorted(set(frame.columns) ^ set(schema))
        raise StateError(f"{table.name}: columns missing or unknown: {', '.join(wrong)}")
    # No cast but that of a column without values: Polars would round a Decimal on the way.
    other = [n for n in schema if frame.schema[n] not in (schema[n], pl.Null())]
    if other:
        told = "; ".join(f"{n} is {frame.schema[n]}, not {schema[n]}" for n in other)
        raise StateError(f"{table.name}: {told}")
    keys = [column.name for column in table.primary_key.columns]
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items()).sort(keys)
    required = [column.name for column in table.columns if not column.nullable]
    empty = [name for name in required if rows[name].null_count()]
    if empty:
        raise StateError(f"{table.name}: no value in {', '.join(empty)}")
    if rows.select(keys).is_duplicated().any():
        raise StateError(f"{table.name}: several rows with one {', '.join(keys)}")
    return rows


def batches(frame: pl.DataFrame) -> Iterator[Sequence[dict[str, Any]]]:
    """The rows as parameters of a statement, a batch at a time."""
    for part in frame.iter_slices(BATCH):
        yield part.to_dicts()
