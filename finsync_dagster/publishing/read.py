"""Asking the warehouse a question.

Belongs here: one query on either warehouse, as a Polars frame with exact types. Not here: the
questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import psycopg

from finsync_dagster.publishing import address
from finsync_dagster.publishing.duckdb_file import CONFIG
from finsync_dagster.publishing.errors import WarehouseError

# PostgreSQL's numbers for its types.
_DTYPES: dict[int, pl.DataType] = {
    16: pl.Boolean(),
    20: pl.Int64(),
    21: pl.Int64(),
    23: pl.Int64(),
    700: pl.Float64(),
    701: pl.Float64(),
    1082: pl.Date(),
    1184: pl.Datetime("us", "UTC"),
}
_NUMERIC = 1700
_PRECISION = 38


def query(url: str, sql: str) -> pl.DataFrame:
    """The answer to a SELECT; exact numbers as Decimal, moments as UTC. It cannot write.

    Raises:
        WarehouseError: nothing has been published yet, the warehouse cannot be reached, or the
            query is wrong.
    """
    place = address.parse(url)
    if isinstance(place, address.DuckDbFile):
        return _from_duckdb(place, sql)
    return _from_postgres(place, sql)


def _from_duckdb(place: address.DuckDbFile, sql: str) -> pl.DataFrame:
    if not place.path.exists():
        raise WarehouseError(f"nothing has been published to {place} yet")
    try:
        with duckdb.connect(str(place.path), read_only=True, config=CONFIG) as connection:
            return pl.DataFrame(connection.sql(sql).to_arrow_table()).with_columns(
                pl.col(pl.Datetime("us", "*")).dt.convert_time_zone("UTC")
            )
    except duckdb.Error as error:
        raise WarehouseError(f"the warehouse {place} cannot answer: {error}") from error


def _from_postgres(place: address.PostgresDatabase, sql: str) -> pl.DataFrame:
    try:
        with psycopg.connect(place.conninfo, connect_timeout=10) as connection:
            connection.read_only = True
            connection.execute("SET TimeZone = 'UTC'")
            cursor = connection.execute(sql)
            rows, described = cursor.fetchall(), cursor.description or []
    except psycopg.Error as error:
        detail = " ".join(str(error).split())
        raise WarehouseError(f"the warehouse {place} cannot answer: {detail}") from error
    columns = {
        column.name: _series([row[n] for row in rows], column.type_code)
        for n, column in enumerate(described)
    }
    return pl.DataFrame(columns)


def _series(values: Sequence[Any], type_code: int) -> pl.Series:
    if type_code == _NUMERIC:
        scale = max((_decimals(v) for v in values if v is not None), default=0)
        return pl.Series(values, dtype=pl.Decimal(_PRECISION, scale))
    return pl.Series(values, dtype=_DTYPES.get(type_code, pl.String()))


def _decimals(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)
