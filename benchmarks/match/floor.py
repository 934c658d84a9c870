"""The floor: the same files read and as much written, with nothing done in between.

Belongs here: what any engine at least has to do. Not here: measuring.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from benchmarks.match.generate import Bucket
from benchmarks.match.inputs import read


def held(results: Path) -> dict[str, pl.DataFrame]:
    """Real results of one bucket, in memory; buckets are of one size."""
    return {path.stem: pl.read_parquet(path) for path in sorted(results.glob("*.parquet"))}


def run(buckets: Iterable[Bucket], out: Path, results: dict[str, pl.DataFrame]) -> None:
    """Reads every bucket as the engine does and writes the held results once for each."""
    for bucket in buckets:
        read(bucket)
        folder = out / bucket.entity / bucket.folder.name
        folder.mkdir(parents=True, exist_ok=True)
        for table, frame in results.items():
            frame.write_parquet(folder / f"{table}.parquet")
