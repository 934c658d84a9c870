"""Quarantine as lists: how many records wait for what, and which.

Belongs here: the counts, the rows, the file for a spreadsheet. Not here: one record
(quarantine_show.py), nor which records are meant (orchestration/replaying.py).
"""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.text import Text

from finsync_dagster.canonical.landed import NO_KEY
from finsync_dagster.report.landing_list import moment
from finsync_dagster.report.text import plain, shown, spreadsheet_cell

_KIND = ["source_system", "source_object", "reason_code"]
_RECORD = ["source_system", "source_object", "record"]


def counts(defects: pl.DataFrame) -> pl.DataFrame:
    """Records per system, object and reason, with the sentence of the first as an example."""
    return (
        defects.group_by(_KIND, maintain_order=True)
        .agg(
            pl.col("record").n_unique().alias("records"),
            pl.col("extracted_at").min().alias("oldest"),
            pl.col("message").first().alias("example"),
            pl.col("action").first(),
        )
        .sort(_KIND)
    )


def print_counts(defects: pl.DataFrame, console: Console) -> None:
    """What waits, most important words first: how many, why, what to do."""
    for row in counts(defects).to_dicts():
        number = row["records"]
        console.print(
            Text(f"{number:,} record{'' if number == 1 else 's'} ", style="bold")
            + shown(f"{row['source_system']} {row['source_object']}: {row['reason_code']}")
        )
        console.print(Text("  for example: ") + shown(row["example"], 300), soft_wrap=True)
        console.print(Text("  to do: ") + shown(row["action"], 300), soft_wrap=True)
    total = defects.select(_RECORD).n_unique()
    console.print(f"{total:,} in all")


def print_rows(defects: pl.DataFrame, limit: int, console: Console) -> None:
    """One line per defect, at most ``limit``."""
    table = plain("", "system", "object", "key", "received", "reason", "field", "value")
    for row in defects.head(limit).to_dicts():
        keyless = row["source_pk"] == NO_KEY
        table.add_row(
            shown(row["source_system"]),
            shown(row["source_object"]),
            shown(_short_place(row) if keyless else row["source_pk"], 40),
            moment(row["extracted_at"]),
            shown(row["reason_code"]),
            shown(row["field"], 40),
            shown(row["value"], 40),
        )
    console.print(table)
    left = defects.height - limit
    if left > 0:
        console.print(f"and {left:,} more: --limit, --csv or --json shows them")
    console.print("finsync quarantine show KEY tells everything about one.")


def as_json(defects: pl.DataFrame) -> dict[str, list[dict[str, object]]]:
    """Counts and defects, for machines; moments in ISO 8601."""
    return {
        "counts": _plain(counts(defects)),
        "defects": _plain(defects),
    }


def write_csv(defects: pl.DataFrame, path: Path) -> None:
    """One line per defect, as a spreadsheet opens it without computing anything.

    UTF-8 with a byte-order mark, by which spreadsheets know it.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(defects.columns)
        for row in defects.with_columns(
            pl.col("extracted_at").map_elements(_iso, pl.String)
        ).rows():
            writer.writerow([spreadsheet_cell(value) for value in row])


def _plain(frame: pl.DataFrame) -> list[dict[str, object]]:
    moments = pl.selectors.datetime()
    return frame.with_columns(moments.map_elements(_iso, pl.String)).to_dicts()


def _iso(at: object) -> str:
    return at.isoformat()  # type: ignore[attr-defined]


def _short_place(row: dict[str, object]) -> str:
    return f"{str(row['landing_page'])[:12]}#{row['landing_row']}"
