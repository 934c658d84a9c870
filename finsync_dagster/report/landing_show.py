"""One extract in words, the records of a page, the versions of a record.

Belongs here: printing. Not here: finding them (landing_find.py). What is printed is what a source
sent, bank data included: it goes to whoever may read the landing anyway.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.report.landing_find import Version
from finsync_dagster.report.landing_list import moment
from finsync_dagster.report.text import plain, shown


def manifest_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as it is stored, with its own hash."""
    return json.loads(manifest.to_bytes()) | {"sha256": manifest.sha256}


def print_manifest(manifest: Manifest, console: Console) -> None:
    """What was asked, what the source stated, what was landed, and its place in the chain."""
    m, stated = manifest, manifest.source_stated
    seconds = (m.finished_at - m.started_at).total_seconds()
    facts: list[tuple[str, object]] = [
        ("extract", m.extract_id),
        ("object", f"{m.system} {m.object}, extract no. {m.sequence}"),
        ("began", f"{moment(m.started_at)}, took {seconds:.1f} s"),
        ("mode", f"{m.mode}: {m.reason}"),
        ("asked for", m.request),
        ("key", ", ".join(m.key)),
        ("cursor", _cursor(m)),
        ("columns", f"{len(m.columns)}: {', '.join(m.columns)}"),
        ("records", f"stated {_stated(stated.count_selected)}, landed {m.row_count:,}"),
        ("whole object", f"the source counted {_stated(stated.count_table)} records"),
        ("gone", f"{sum(ref.rows for ref in m.gone):,} keys"),
        ("complete", "yes" if m.complete else f"NO: {'; '.join(m.incomplete_because)}"),
        ("manifest", m.sha256),
        ("follows", m.previous or "nothing: it is the object's first"),
    ]
    for name, value in facts:
        console.print(Text(f"{name:>14}  ", style="dim") + shown(value, 1000), soft_wrap=True)
    if m.landed_sums:
        _print_sums(m, console)
    _print_pages(m, console)


def print_records(
    landing: Landing, pages: Sequence[str], rows: int, console: Console
) -> list[dict[str, Any]]:
    """The first ``rows`` records of the pages, field by field; returns them."""
    found = first_records(landing, pages, rows)
    for record in found:
        console.print()
        console.print(Text(f"page {record['page'][:12]} row {record['row']}", style="bold"))
        _print_fields(record["fields"], console)
    return found


def first_records(landing: Landing, pages: Sequence[str], rows: int) -> list[dict[str, Any]]:
    """The first ``rows`` records of the pages, with the place of each."""
    found: list[dict[str, Any]] = []
    for page in pages:
        if len(found) >= rows:
            break
        records = landing.read_page(page)[: rows - len(found)]
        found += [{"page": page, "row": n, "fields": record} for n, record in enumerate(records)]
    return found


def version_json(version: Version) -> dict[str, Any]:
    """A version of a record, for machines."""
    return {
        "extract_id": version.manifest.extract_id,
        "extracted_at": version.manifest.started_at.isoformat(),
        "page": version.page,
        "row": version.row,
        "fields": version.fields,
    }


def print_versions(versions: Sequence[Version], console: Console) -> None:
    """The first version in full, of the later ones what changed."""
    before: dict[str, str | None] = {}
    for n, version in enumerate(versions, start=1):
        m = version.manifest
        changed = {k: v for k, v in version.fields.items() if k not in before or before[k] != v}
        left = {k: None for k in before if k not in version.fields}
        said = "" if changed or left else "  nothing changed"
        console.print(
            Text(f"{n}. {moment(m.started_at)} ", style="bold")
            + Text(f"{m.extract_id} ({m.mode}), page {version.page[:12]} row {version.row}{said}")
        )
        _print_fields(changed, console)
        for name in left:
            console.print(Text("    ") + shown(name) + Text(" is not delivered any more"))
        before = version.fields


def _print_fields(fields: dict[str, str | None], console: Console) -> None:
    width = min(max((len(name) for name in fields), default=0), 40)
    for name, value in fields.items():
        label = shown(name, 40)
        label.pad_right(width - len(label))
        console.print(Text("    ") + label + Text("  ") + shown(value, 200), soft_wrap=True)


def _cursor(m: Manifest) -> str:
    if not m.cursor:
        return "none: the object is always read whole"
    return f"{m.cursor}, from {m.cursor_from or 'the beginning'} to {m.cursor_to or 'none'}"


def _stated(count: int | None) -> str:
    return "no" if count is None else f"{count:,}"


def _print_sums(m: Manifest, console: Console) -> None:
    table = plain(
        "Control totals",
        *("field", "stated", "landed", "not summed", "agree"),
        right=("stated", "landed", "not summed"),
    )
    for name, landed in m.landed_sums.items():
        theirs = m.source_stated.sums_selected.get(name)
        table.add_row(
            shown(name),
            f"{theirs.total:,}" if theirs else "not stated",
            f"{landed.total:,}",
            str(landed.not_summed),
            "yes" if theirs == landed else "NO" if theirs else "",
        )
    console.print(table)


def _print_pages(m: Manifest, console: Console, most: int = 10) -> None:
    table = plain("Pages", "page", "rows", "bytes", right=("rows", "bytes"))
    for ref in m.pages[:most]:
        table.add_row(ref.sha256, f"{ref.rows:,}", f"{ref.bytes:,}")
    if len(m.pages) > most:
        table.add_row(f"and {len(m.pages) - most:,} more", "", "")
    if m.pages:
        console.print(table)
