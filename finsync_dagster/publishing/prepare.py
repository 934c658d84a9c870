"""A table made ready for the warehouse.

Belongs here: what must hold of a frame before it is published. Not here: loading it.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.publishing.ddl import published_columns
from finsync_dagster.publishing.errors import PublishError
from finsync_dagster.schema import TableSpec


def prepare(spec: TableSpec, frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """The frame's rows in the published order of columns, sorted by the key.

    Raises:
        PublishError: columns or dtypes are not the declared ones, or two rows share a key.
    """
    lazy = frame.lazy()
    _require_declared(spec, lazy.collect_schema())
    # Casts a column without values (dtype Null) and nothing else.
    columns = [pl.col(c.name).cast(c.dtype) for c in published_columns(spec)]
    rows = lazy.select(columns).sort(spec.key, maintain_order=False).collect()
    _require_unique(spec, rows)
    return rows


def _require_declared(spec: TableSpec, found: pl.Schema) -> None:
    declared = spec.polars_schema
    if set(found) != set(declared):
        wrong = ", ".join(sorted(set(found) ^ set(declared)))
        raise PublishError(f"{spec.full_name}: columns missing or not declared: {wrong}")
    # A cast could round: what is not exactly the declared type is not the declared table.
    other = [n for n in declared if found[n] not in (declared[n], pl.Null())]
    if other:
        told = "; ".join(f"{n} is {found[n]}, not {declared[n]}" for n in other)
        raise PublishError(f"{spec.full_name}: {told}")


def _require_unique(spec: TableSpec, rows: pl.DataFrame) -> None:
    # Rows are sorted by the key, so equal ones are neighbours.
    same = pl.all_horizontal(pl.col(k).eq_missing(pl.col(k).shift(1)) for k in spec.key)
    repeated = rows.select(spec.key).with_row_index("_at").filter(same & (pl.col("_at") > 0))
    if repeated.height:
        example = repeated.drop("_at").row(0, named=True)
        raise PublishError(
            f"{spec.full_name}: {repeated.height} row(s) repeat a key, such as {example}"
        )
