"""Control totals: is what was loaded what was handed over?

Belongs here: the totals of a frame, the query for the same totals, and their comparison. Not here:
loading.

Per table the number of rows, per column the number of values, and per exact column (amounts,
prices, quantities, rates) the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

import polars as pl

from finsync_dagster.publishing.errors import PublishError
from finsync_dagster.publishing.sql_names import qualified, quoted
from finsync_dagster.schema import Column

Totals = dict[str, Decimal]

_ROWS = "rows"
# A sum is taken in two halves, because that of 128-bit integers would overflow without a word.
_HALF = 10**19
_WIDE = Context(prec=80)


def totals(columns: Sequence[Column], frame: pl.DataFrame) -> Totals:
    """The totals of a frame."""
    found = {_ROWS: Decimal(frame.height)}
    for column in columns:
        values = frame[column.name]
        found[f"values in {column.name}"] = Decimal(values.len() - values.null_count())
        if isinstance(column.dtype, pl.Decimal):
            found[f"sum of {column.name}"] = _sum(values, column.dtype.scale)
    return found


def totals_query(schema: str, table: str, columns: Sequence[Column]) -> str:
    """SELECT of the same totals, in the same order."""
    wanted = ["count(*)"]
    for column in columns:
        wanted.append(f"count({quoted(column.name)})")
        if isinstance(column.dtype, pl.Decimal):
            wanted.append(f"sum({quoted(column.name)})")
    return f"SELECT {', '.join(wanted)} FROM {qualified(schema, table)}"


def require_equal(table: str, expected: Totals, row: Sequence[Any] | None) -> None:
    """Compare with the one row of the query's answer.

    Raises:
        PublishError: naming every total that differs, with both figures.
    """
    loaded = [Decimal(0) if value is None else Decimal(value) for value in row or ()]
    pairs = zip(expected.items(), loaded, strict=True)
    wrong = [f"{name}: {had} given, {got} loaded" for (name, had), got in pairs if had != got]
    if wrong:
        raise PublishError(f"{table} was not loaded as it was given: {'; '.join(wrong)}")


def _sum(values: pl.Series, scale: int) -> Decimal:
    units = pl.col(values.name).to_physical().cast(pl.Int128)
    half = pl.lit(_HALF, dtype=pl.Int128)
    high, low = (
        values.to_frame().select(high=(units // half).sum(), low=(units % half).sum()).row(0)
    )
    return Decimal(high * _HALF + low).scaleb(-scale, context=_WIDE)
