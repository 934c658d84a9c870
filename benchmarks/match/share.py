"""The buckets of one of several processes.

Belongs here: who works on which. Not here: what is done with a bucket.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.match.generate import Bucket, buckets


def of(inputs: Path, place: int, count: int) -> list[Bucket]:
    """Every ``count``-th bucket, beginning with the one at ``place``: buckets are of one size."""
    return buckets(inputs)[place::count]
