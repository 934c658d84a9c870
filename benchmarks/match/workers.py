"""Two buckets at a time, for the floor and the engine alike.

Belongs here: how many, and that a failure is not lost. Not here: what is done with a bucket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from benchmarks.match.generate import Bucket

WORKERS = 2
"""One per core. Polars lets go of the interpreter while it works."""


def side_by_side(work: Callable[[Bucket], None], buckets: Iterable[Bucket]) -> None:
    """Does the work for every bucket; raises what any of them raised."""
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(work, buckets):
            pass
