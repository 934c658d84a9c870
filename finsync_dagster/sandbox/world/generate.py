"""Generating a world: the stages in order.

Belongs here: which stage follows which. Not here: what a stage does.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb

from finsync_dagster.sandbox.world import schema


def generate(path: Path, *, seed: int, scale: Decimal, progress: Callable[[str], None]) -> None:
    """Writes the world of ``seed`` and ``scale`` to a new DuckDB file."""
    with duckdb.connect(str(path)) as connection:
        schema.create(connection)
        progress("tables")
