"""Extracts made by hand: records as a dict of columns, landed for real and observed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from finsync_dagster.connectors.extraction import Extraction, Page, Stated
from finsync_dagster.contracts.drift import compare
from finsync_dagster.contracts.needs import CodeNeed, FieldNeed, Needs
from finsync_dagster.contracts.shape import ObjectShape, observe
from finsync_dagster.landing.landing import Circumstances, Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.pages import frame

START = datetime(2016, 6, 1, 8, tzinfo=UTC)
Columns = Mapping[str, Sequence[str | None]]
AMOUNT = FieldNeed(("invoices.gross",), required=True, measure=True)
NOTE = FieldNeed(("invoices.note",), required=False, measure=False)


class Source:
    """One object of a system that is extracted again and again, an hour apart."""

    def __init__(self, folder: Path, codes: Collection[str] = ()) -> None:
        self.landing = Landing(f"file://{folder}")
        self.codes = codes

    def extract(
        self, columns: Columns, *, mode: str = "full", complete: bool = True, rows_per_page: int = 3
    ) -> ObjectShape:
        """Lands the records and observes them."""
        manifest = self.land(columns, mode=mode, complete=complete, rows_per_page=rows_per_page)
        return observe(manifest, self.pages(manifest), self.codes)

    def land(
        self, columns: Columns, *, mode: str = "full", complete: bool = True, rows_per_page: int = 3
    ) -> Manifest:
        rows = list(zip(*columns.values(), strict=True))
        pages: list[Page] = [
            rows[i : i + rows_per_page] for i in range(0, len(rows), rows_per_page)
        ]
        stated = len(rows) + (not complete)
        before = self.landing.last("erp", "invoices")
        at = START + timedelta(hours=before.sequence if before else 0)
        extraction = Extraction(
            system="erp",
            object="invoices",
            request="every record",
            columns=tuple(columns),
            since=None,
            stated=Stated(stated, stated, sums_table={}, sums_selected={}),
            pages=iter(pages),
        )
        circumstances = Circumstances(mode, "a test", (next(iter(columns)),), None, at, at)
        return self.landing.write(extraction, {}, circumstances)

    def pages(self, manifest: Manifest) -> list[pl.DataFrame]:
        return [frame(self.landing.page(r.sha256), manifest.columns) for r in manifest.pages]


def needs(
    fields: Mapping[str, FieldNeed] | None = None,
    codes: Mapping[str, Sequence[str]] | None = None,
    *,
    certain: bool = True,
) -> Needs:
    """What is read; ``codes``: field → codes that its one map lists."""
    maps = {f: (CodeNeed("uom", frozenset(c), certain),) for f, c in (codes or {}).items()}
    return Needs(fields or {}, maps)


def told(now: ObjectShape, *earlier: ObjectShape, reads: Needs | None = None) -> list[tuple]:
    """(severity, drift, field) of every finding, gravest first."""
    found = compare(now, earlier, reads or Needs())
    return found.select("severity", "drift", "field").rows()


def one(now: ObjectShape, *earlier: ObjectShape, reads: Needs | None = None) -> dict[str, str]:
    """The only finding."""
    (row,) = compare(now, earlier, reads or Needs()).to_dicts()
    return row
