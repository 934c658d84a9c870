"""One quarantined record: every defect, every field as it was received, where from, since when.

Belongs here: finding and printing it. Not here: lists (quarantine_list.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from rich.console import Console
from rich.text import Text

from finsync_dagster.canonical.landed import NO_KEY
from finsync_dagster.connectors.extraction import FILE, LINE
from finsync_dagster.landing.landing import Landing
from finsync_dagster.report.landing_find import Version, since, versions
from finsync_dagster.report.landing_list import moment
from finsync_dagster.report.text import shown

_RECORD = ["source_system", "source_object", "record"]


@dataclass(frozen=True)
class Waiting:
    """A record in quarantine. ``first``: the extract that first brought it as it is now."""

    system: str
    object: str
    key: str
    page: str
    row: int
    fields: dict[str, str | None]
    defects: list[dict[str, Any]]
    first: Version | None


def find(defects: pl.DataFrame, key: str) -> list[pl.DataFrame]:
    """The defects of each record of that key.

    ``key``: its key; or ``system|object|key``, as canonical tables name it; or, of a record
    without a key, page and row as ``page#row``, of the page six characters at least.
    """
    page, _, row = key.partition("#")
    place = (
        pl.col("landing_page").str.starts_with(page)
        & (pl.col("landing_row").cast(pl.String) == row)
        & pl.lit(len(page) >= 6)
    )
    whole = pl.concat_str("source_system", "source_object", "source_pk", separator="|")
    meant = (pl.col("source_pk") == key) | (whole == key) | place
    if key == NO_KEY:
        meant = pl.lit(False)
    return defects.filter(meant).partition_by(_RECORD, maintain_order=True)


def waiting(landing: Landing, defects: pl.DataFrame) -> Waiting:
    """The record that these defects are about, with what was received."""
    first = defects.to_dicts()[0]
    page, row = first["landing_page"], first["landing_row"]
    history = (
        versions(landing, first["source_system"], first["source_object"], first["source_pk"])
        if first["source_pk"] != NO_KEY
        else []
    )
    # What a later extract brought is not what quarantine is about, if it was not conformed yet.
    at = [n for n, v in enumerate(history) if (v.page, v.row) == (page, row)]
    return Waiting(
        first["source_system"],
        first["source_object"],
        first["record"],
        page,
        row,
        landing.read_page(page)[row],
        defects.to_dicts(),
        since(history[: at[-1] + 1]) if at else None,
    )


def as_json(record: Waiting) -> dict[str, Any]:
    """Everything about the record, for machines."""
    wanted = ("table_name", "column_name", "field", "value", "reason_code", "message", "action")
    first = record.defects[0]
    return {
        "system": record.system,
        "object": record.object,
        "key": record.key,
        "extract_id": first["extract_id"],
        "extracted_at": first["extracted_at"].isoformat(),
        "received_so_since": record.first.manifest.started_at.isoformat() if record.first else None,
        "page": record.page,
        "row": record.row,
        "defects": [{name: defect[name] for name in wanted} for defect in record.defects],
        "fields": record.fields,
    }


def print_record(record: Waiting, console: Console) -> None:
    """The record: what is wrong and what to do first, then what was received."""
    first = record.defects[0]
    console.print(
        Text("record ", style="bold") + shown(f"{record.system} {record.object} {record.key}", 200)
    )
    for defect in record.defects:
        console.print(Text("  ") + shown(defect["message"], 500, style="red"), soft_wrap=True)
        console.print(Text("    to do: ") + shown(defect["action"], 500), soft_wrap=True)
        console.print(
            Text(f"    {defect['reason_code']} for {defect['table_name']}.{defect['column_name']}")
            + Text(", from ")
            + shown(defect["field"]),
            soft_wrap=True,
        )
    _line(
        "received", f"{moment(first['extracted_at'])} with extract {first['extract_id']}", console
    )
    if record.first:
        began = record.first.manifest
        _line("unchanged since", f"{moment(began.started_at)}, extract {began.extract_id}", console)
    _line("landed at", f"page {record.page} row {record.row}", console)
    if record.fields.get(FILE):
        _line("file", f"{record.fields[FILE]}, line {record.fields.get(LINE)}", console)
    console.print("  as received:")
    wrong = {name.strip() for d in record.defects for name in str(d["field"]).split(",")}
    for name, value in record.fields.items():
        mark = "→ " if name in wrong else "  "
        console.print(
            Text(f"   {mark}") + shown(name, 40) + Text(": ") + shown(value, 200), soft_wrap=True
        )


def _line(name: str, value: str, console: Console) -> None:
    console.print(Text(f"  {name}: ") + shown(value, 300), soft_wrap=True)
