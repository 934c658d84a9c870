"""The engine: every bucket read, matched with all checks on, and every result table written.

Belongs here: the loop over buckets. Not here: any rule (finsync_dagster/matching), measuring.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import polars as pl

from benchmarks.match.generate import AS_OF, Bucket
from benchmarks.match.inputs import read
from benchmarks.match.limits import policy
from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.landscape.model import Policy
from finsync_dagster.matching.match import MatchResult, match


def matched(bucket: Bucket, by: Policy) -> MatchResult:
    """What matching says of a bucket."""
    frames = {name: whole(name, frame) for name, frame in read(bucket).items()}
    return match(Documents.of(**frames), by, AS_OF, bucket.entity)


def write(result: MatchResult, folder: Path) -> None:
    """Every result table as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields(result):
        frame: pl.DataFrame = getattr(result, field.name)
        frame.write_parquet(folder / f"{field.name}.parquet")


def run(buckets: Iterable[Bucket], out: Path) -> None:
    """Matches one bucket after the other."""
    by = policy()
    for bucket in buckets:
        write(matched(bucket, by), out / bucket.entity / bucket.folder.name)


def whole(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A column that no document of the benchmark fills costs no reading, but has to be there."""
    if table not in TABLES:
        return frame
    schema, size = TABLES[table].polars_schema, frame.height
    return pl.DataFrame(
        [frame[c] if c in frame.columns else _absent(c, schema[c], size) for c in schema]
    )


def _absent(column: str, dtype: pl.DataType, size: int) -> pl.Series:
    return pl.Series(column, [None], dtype=dtype).new_from_index(0, size)
