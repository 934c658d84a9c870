"""What a replay is about to do, and what it did.

Belongs here: printing. Not here: the comparison itself (orchestration/replaying.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from rich.console import Console
from rich.text import Text

from finsync_dagster.report.quarantine_list import print_counts
from finsync_dagster.report.text import shown


def print_plan(
    selected: pl.DataFrame, count: int, systems: Sequence[str], console: Console
) -> None:
    """Which records are meant, and which systems are conformed again for them."""
    if count:
        kinds = selected.select("source_system", "source_object").unique().height
        console.print(f"selected: {records(count)} of {kinds} object{'' if kinds == 1 else 's'}")
    console.print(
        Text("conformed again from landing, nothing is extracted: ")
        + shown(", ".join(systems), 500)
    )


def print_result(
    count: int, released: pl.DataFrame, waiting: pl.DataFrame, console: Console
) -> None:
    """How many of the records selected left quarantine, and why the others did not."""
    if not count:
        return
    console.print(f"left quarantine: {released.height:,} of {records(count)}")
    if waiting.height:
        console.print("still in quarantine:")
        print_counts(waiting, console)


def records(count: int) -> str:
    """The number in words."""
    return f"{count:,} record{'' if count == 1 else 's'}"
