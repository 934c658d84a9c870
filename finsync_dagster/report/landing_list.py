"""The landing as lists: its objects, and the extracts of one object.

Belongs here: collecting the figures and printing them. Not here: one extract or record
(landing_show.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console

from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.pages import path_of
from finsync_dagster.report.text import plain, shown

_NUMBERS = ("extracts", "rows", "pages", "bytes stored")


def objects(landing: Landing, system: str | None = None) -> list[dict[str, Any]]:
    """One entry per landed object: its newest extract, and what all its extracts store.

    ``bytes_stored``: compressed, each page once however many extracts name it.
    """
    found = []
    for name in [system] if system else landing.systems():
        for object_name in landing.objects(name):
            history = landing.manifests(name, object_name)
            pages = {ref.sha256 for manifest in history for ref in manifest.pages}
            entry = _extract(landing, history[-1]) | {
                "extracts": len(history),
                "pages": len(pages),
                "bytes_stored": _stored(landing, pages),
            }
            found.append({"system": name, "object": object_name} | entry)
    return found


def extracts(landing: Landing, system: str, object_name: str) -> list[dict[str, Any]]:
    """One entry per extract of the object, oldest first."""
    return [_extract(landing, m) for m in landing.manifests(system, object_name)]


def print_objects(entries: list[dict[str, Any]], console: Console) -> None:
    """One line per object."""
    table = plain(
        "Newest extract of each object",
        *("system", "object", "extracts", "newest", "mode", "rows", "pages", "bytes stored"),
        *("complete", "manifest"),
        right=_NUMBERS,
    )
    for e in entries:
        table.add_row(
            shown(e["system"]),
            shown(e["object"]),
            f"{e['extracts']:,}",
            moment(e["started_at"]),
            e["mode"],
            f"{e['rows']:,}",
            f"{e['pages']:,}",
            f"{e['bytes_stored']:,}",
            "yes" if e["complete"] else "NO",
            e["manifest_sha256"][:12],
        )
    console.print(table)
    console.print(
        "rows: of the newest extract. pages, bytes stored: of all extracts, each page once."
    )


def print_extracts(
    system: str, object_name: str, entries: list[dict[str, Any]], console: Console
) -> None:
    """One line per extract."""
    table = plain(
        f"Extracts of {system} {object_name}, oldest first",
        *("no.", "extract", "began", "mode and why", "rows", "pages", "bytes stored"),
        *("complete", "manifest"),
        right=("no.", *_NUMBERS),
    )
    for e in entries:
        table.add_row(
            str(e["sequence"]),
            e["extract_id"],
            moment(e["started_at"]),
            shown(f"{e['mode']}: {e['reason']}"),
            f"{e['rows']:,}",
            f"{e['pages']:,}",
            f"{e['bytes_stored']:,}",
            "yes" if e["complete"] else shown(f"NO: {'; '.join(e['incomplete_because'])}"),
            e["manifest_sha256"][:12],
        )
    console.print(table)


def moment(at: datetime | str) -> str:
    """A moment in UTC, to the second."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _extract(landing: Landing, manifest: Manifest) -> dict[str, Any]:
    return {
        "sequence": manifest.sequence,
        "extract_id": manifest.extract_id,
        "started_at": manifest.started_at.isoformat(),
        "mode": manifest.mode,
        "reason": manifest.reason,
        "rows": manifest.row_count,
        "pages": len(manifest.pages),
        "bytes_stored": _stored(landing, {ref.sha256 for ref in manifest.pages}),
        "complete": manifest.complete,
        "incomplete_because": list(manifest.incomplete_because),
        "manifest_sha256": manifest.sha256,
    }


def _stored(landing: Landing, pages: set[str]) -> int:
    return sum(landing.store.size(path_of(sha256)) for sha256 in pages)
