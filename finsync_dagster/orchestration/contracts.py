"""Checking the contract of an extract with its stores: shape and drift in, out, and on a check.

Belongs here: reading and writing shapes and drift. Not here: what the mappings need
(contract_needs.py), the comparisons (contracts/), nor the asset (assets/landing.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from finsync_dagster.contracts.drift import compare
from finsync_dagster.contracts.shape import ObjectShape, content, from_rows, observe, rows_of
from finsync_dagster.contracts.tables import DRIFT, FILE_LAYOUTS, OBJECT_SHAPES
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.pages import frame
from finsync_dagster.orchestration.contract_needs import needs_of
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.schema import TableSpec
from finsync_dagster.storage.lake import Lake

SHAPES_KEPT = 100
"""Extracts of an object of which the shape is kept."""


def check_contract(shop: Workshop, manifest: Manifest) -> pl.DataFrame:
    """Rows of DRIFT of an extract, after storing them and its shape.

    An extract that landed exactly what the one before it landed says nothing new: the shape and
    the history of that one count, compared with what is needed today, and nothing is added.

    Raises:
        LakeError: shapes and drift cannot be read or written.
        LandingError: a landed page is missing or was changed.
    """
    system, name = manifest.system, manifest.object
    needs = needs_of(shop.mappings(system), shop.spec(system), name)
    known = _known(shop.lake, system, name)
    last = known[-1] if known else None
    if last is not None and last.content == content(manifest, needs.codes):
        now, earlier = last, known[:-1]
    else:
        # Run again for the same extract, its own shape is no earlier one.
        others = [shape for shape in known if shape.extract_id != manifest.extract_id]
        earlier = others[-(SHAPES_KEPT - 1) :]
        now = observe(manifest, _pages(shop.landing, manifest), needs.codes)
        _keep(shop.lake, [*earlier, now])
    findings = compare(now, earlier, needs)
    _keep_findings(shop.lake, findings, now, [s.extract_id for s in earlier])
    return findings


def standing_drift(lake: Lake) -> pl.DataFrame:
    """Rows of DRIFT of the newest extract of every object."""
    newest = (
        lake.read(OBJECT_SHAPES)
        .sort("observed_at")
        .group_by("source_system", "source_object")
        .agg(pl.col("extract_id").last())
    )
    return lake.read(DRIFT).join(newest, on="extract_id", how="semi").collect()


def _known(lake: Lake, system: str, name: str) -> list[ObjectShape]:
    own = {"source_system": system, "source_object": name}
    return from_rows(
        lake.read(OBJECT_SHAPES, **own).collect(), lake.read(FILE_LAYOUTS, **own).collect()
    )


def _pages(landing: Landing, manifest: Manifest) -> Iterator[pl.DataFrame]:
    for ref in manifest.pages:
        yield frame(landing.page(ref.sha256), manifest.columns)


def _keep(lake: Lake, shapes: Sequence[ObjectShape]) -> None:
    rows = [rows_of(shape) for shape in shapes]
    # Layouts first: a shape that is stored has its layouts.
    _replace(lake, FILE_LAYOUTS, pl.concat([layouts for _, layouts in rows]), shapes[-1])
    _replace(lake, OBJECT_SHAPES, pl.concat([fields for fields, _ in rows]), shapes[-1])


def _keep_findings(
    lake: Lake, findings: pl.DataFrame, now: ObjectShape, earlier: Sequence[str]
) -> None:
    own = {"source_system": now.system, "source_object": now.object}
    stored = lake.read(DRIFT, **own).filter(pl.col("extract_id").is_in(earlier)).collect()
    _replace(lake, DRIFT, pl.concat([stored, findings]).sort(DRIFT.key), now)


def _replace(lake: Lake, spec: TableSpec, rows: pl.DataFrame, of: ObjectShape) -> None:
    own = {"source_system": of.system, "source_object": of.object}
    # Most extracts have no layouts and no drift; a commit that changes nothing is left out.
    if not lake.read(spec, **own).collect().sort(spec.key).equals(rows.sort(spec.key)):
        lake.replace(spec, rows, **own)
