"""Reading landed pages back in batches, so that memory does not depend on how many there are.

Belongs here: bytes to frames. Not here: which extracts count (landing.py), nor what records mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from finsync_dagster.landing import pages
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest, PageRef

# As frames, the records of a batch take several times as much.
_BYTES = 24_000_000
_Place = tuple[Manifest, PageRef]


def fields(manifests: Iterable[Manifest]) -> tuple[str, ...]:
    """Every field that any of the extracts has, in the order in which they came."""
    return tuple(dict.fromkeys(c for m in manifests for c in m.columns))


def batches(landing: Landing, manifests: Sequence[Manifest]) -> Iterator[pl.DataFrame]:
    """All records of the extracts, in landed order: fields as text, then where they were landed.

    A field that an extract does not have is left out of its batches. Every page's hash is checked.

    Raises:
        LandingError: a page is missing, is not what its name says, or yields another number of
            records than its manifest states.
    """
    # A reader of its own: mappings are evaluated where no file can be reached.
    with duckdb.connect() as reader, TemporaryDirectory(prefix="finsync-") as folder:
        scratch = Path(folder) / "pages.ndjson"
        for manifest in manifests:
            for group in _grouped(manifest.pages):
                yield _read(landing, reader, scratch, manifest, group)


def gone(landing: Landing, manifests: Iterable[Manifest]) -> Iterator[pl.DataFrame]:
    """Keys of records that the extracts found gone: fields as text, then where they were landed."""
    for manifest in manifests:
        for ref in manifest.gone:
            frame = pages.frame(landing.page(ref.sha256), manifest.key)
            yield frame.with_columns(
                pl.lit(ref.sha256).alias("landing_page"),
                pl.int_range(pl.len(), dtype=pl.Int64).alias("landing_row"),
                pl.lit(manifest.extract_id).alias("extract_id"),
                pl.lit(manifest.started_at).cast(pl.Datetime("us", "UTC")).alias("extracted_at"),
            )


def _grouped(pages: Sequence[PageRef]) -> Iterator[list[PageRef]]:
    group: list[PageRef] = []
    for ref in pages:
        group.append(ref)
        if sum(r.bytes for r in group) >= _BYTES:
            yield group
            group = []
    if group:
        yield group


def _read(
    landing: Landing,
    reader: duckdb.DuckDBPyConnection,
    scratch: Path,
    manifest: Manifest,
    group: Sequence[PageRef],
) -> pl.DataFrame:
    with scratch.open("wb") as file:
        for ref in group:
            file.write(landing.page(ref.sha256))
    frame = reader.read_json(
        str(scratch),
        format="newline_delimited",
        columns=dict.fromkeys(manifest.columns, "VARCHAR"),
        maximum_object_size=1 << 28,
    ).pl()
    stated = sum(ref.rows for ref in group)
    if frame.height != stated:
        raise LandingError(
            f"{manifest.system}.{manifest.object} {manifest.extract_id}: its pages hold "
            f"{frame.height} records where {stated} are stated; run finsync verify"
        )
    rows = pl.Series("landing_row", [r for ref in group for r in range(ref.rows)], pl.Int64)
    counts = pl.Series([ref.rows for ref in group], dtype=pl.Int64)
    places = pl.DataFrame({"landing_page": [r.sha256 for r in group], "n": counts})
    page = places.select(pl.col("landing_page").repeat_by("n").explode(empty_as_null=False))
    moment = pl.lit(manifest.started_at).cast(pl.Datetime("us", "UTC")).alias("extracted_at")
    return frame.with_columns(
        page["landing_page"], rows, pl.lit(manifest.extract_id).alias("extract_id"), moment
    )
