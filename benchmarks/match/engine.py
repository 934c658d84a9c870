"""The engine: every bucket read, matched with all checks on, and every result table written.

Belongs here: the loop over buckets. Not here: any rule (finsync_dagster/matching), measuring.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import polars as pl
import yaml

from benchmarks.match.generate import AS_OF, VIEWS, Bucket, beside, buckets
from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.landscape.load import DEMO
from finsync_dagster.landscape.model import Policy, Tolerance
from finsync_dagster.matching.match import MatchResult, match

SHARED = ("suppliers", "supplier_crosswalk")
LIMITS = {
    "PRICE_UNIT": {"upper_pct": "2", "lower_pct": "2"},
    "LINE_TOTAL": {"upper_pct": "2"},
    "TAX_TOTAL": {"upper_abs": "0.10", "lower_abs": "0.10"},
}
"""What a company would let pass; every other check has the limits of the demo."""


def policy() -> Policy:
    """All checks on."""
    stated = yaml.safe_load(DEMO.read_text())["policy"]["tolerances"]
    rows = {check: Tolerance(**limits) for check, limits in (stated | LIMITS).items()}
    return Policy(version="benchmark", tolerances=rows)


def read(bucket: Bucket) -> dict[str, pl.DataFrame]:
    """The tables of a bucket, and those it shares with others of its entity."""
    frames = {table: pl.read_parquet(bucket.file(table)) for table in VIEWS}
    return frames | {table: pl.read_parquet(beside(bucket, table)) for table in SHARED}


def matched(bucket: Bucket, by: Policy) -> MatchResult:
    """What matching says of a bucket."""
    frames = {name: _whole(name, frame) for name, frame in read(bucket).items()}
    return match(Documents.of(**frames), by, AS_OF, bucket.entity)


def write(result: MatchResult, folder: Path) -> None:
    """Every result table as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields(result):
        frame: pl.DataFrame = getattr(result, field.name)
        frame.write_parquet(folder / f"{field.name}.parquet")


def run(inputs: Path, out: Path) -> None:
    """Matches all buckets, one after another."""
    by = policy()
    for bucket in buckets(inputs):
        write(matched(bucket, by), out / bucket.entity / bucket.folder.name)


def _whole(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A column that no document of the benchmark fills costs no reading, but has to be there."""
    if table not in TABLES:
        return frame
    schema = TABLES[table].polars_schema
    absent = [pl.lit(None, dtype=schema[name]).alias(name) for name in schema if name not in frame]
    return frame.with_columns(absent).select(schema.names())
