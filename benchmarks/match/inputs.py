"""Reading the inputs of a bucket, as engine and floor both do.

Belongs here: which columns are read. Not here: writing them (generate.py).
"""

from __future__ import annotations

import polars as pl

from benchmarks.match.generate import SHARED, VIEWS, Bucket, beside


def read(bucket: Bucket) -> dict[str, pl.DataFrame]:
    """The tables of a bucket, and those it shares with others of its entity."""
    frames = {table: pl.read_parquet(bucket.file(table)) for table in VIEWS}
    return frames | {table: pl.read_parquet(beside(bucket, table)) for table in SHARED}
