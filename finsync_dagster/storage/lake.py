"""The lake: declared tables as Delta tables under one URL.

Belongs here: reading, replacing and appending declared tables. Not here: which rows are new
(canonical/versions.py) or what they mean.

Two kinds of table. Versioned ones (canonical, fed by systems) only ever grow: a run appends the
versions that changed, which is one small file and one atomic commit. Computed ones are replaced
per legal entity (or per system), which is one atomic commit too; a reader sees the old rows or the
new ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

import polars as pl
import pyarrow as pa
from deltalake import (
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError, TableNotFoundError

from finsync_dagster.canonical import versions
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.schema import TableSpec

_BATCH_ROWS = 200_000
_ROW_GROUP = 100_000
_PARTITION_COLUMNS = ("source_system", "entity_id")


class LakeError(RuntimeError):
    """The lake cannot be read or written; names table, place and remedy."""


class Lake:
    """Declared tables under a root URL (``file:``, ``s3:`` ...), one Delta table each."""

    def __init__(self, root_url: str, storage_options: dict[str, str] | None = None) -> None:
        """``storage_options`` go to the object store as they are (region, endpoint ...)."""
        self._root = root_url.removeprefix("file://").rstrip("/")
        self._options = storage_options

    def read(self, spec: TableSpec, **where: str) -> pl.LazyFrame:
        """All rows (for a versioned table: all versions); no rows if never written.

        A column that was declared after the rows were written is null in them.
        """
        if not self.exists(spec):
            return spec.empty().lazy()
        with self._explained(spec, "read"):
            frame = pl.scan_delta(self._path(spec), storage_options=self._options)
            stored = set(frame.collect_schema())
        wanted = [
            (pl.col(name) if name in stored else pl.lit(None).alias(name)).cast(dtype)
            for name, dtype in spec.polars_schema.items()
        ]
        return frame.filter(_predicate(where)).select(wanted)

    def current(self, spec: TableSpec, **where: str) -> pl.LazyFrame:
        """Current rows: of a versioned table the newest versions, otherwise all rows."""
        rows = self.read(spec, **where)
        return versions.current(rows) if is_versioned(spec) else rows

    def known_at(self, spec: TableSpec, moment: datetime, **where: str) -> pl.LazyFrame:
        """The rows of a versioned table that were current at a moment."""
        return versions.as_of(self.read(spec, **where), moment)

    def append(self, spec: TableSpec, frame: pl.DataFrame) -> None:
        """Add versions; nothing is written when there are none."""
        if frame.height:
            self._write(spec, frame, mode="append", predicate=None)

    def append_batches(
        self, spec: TableSpec, frames: Iterator[pl.DataFrame], commit: tuple[str, int]
    ) -> int:
        """Add versions that come in batches, in one commit; the number of rows written.

        ``commit`` names an application and the number of its commit, which ``commit_of`` finds
        again: rows and number are stored together or not at all.
        """
        written = 0

        def counted() -> Iterator[pa.RecordBatch]:
            nonlocal written
            for frame in frames:
                written += frame.height
                yield from _arrow(spec.conform(frame)).to_batches()

        schema = _arrow(spec.empty()).schema
        properties = CommitProperties(app_transactions=[Transaction(*commit)])
        with self._explained(spec, "write"):
            self._make_folder(spec)
            write_deltalake(
                self._path(spec),
                pa.RecordBatchReader.from_batches(schema, counted()),
                mode="append",
                partition_by=_partitions(spec) or None,
                schema_mode="merge",
                storage_options=self._options,
                commit_properties=properties,
                # The writer holds a row group in memory until it is full.
                writer_properties=WriterProperties(max_row_group_size=_ROW_GROUP),
            )
        return written

    def commit_of(self, spec: TableSpec, application: str) -> int | None:
        """Number of the application's last commit to the table; None if there is none."""
        if not self.exists(spec):
            return None
        with self._explained(spec, "read"):
            table = DeltaTable(self._path(spec), storage_options=self._options)
            return table.transaction_version(application)

    def batches(
        self, spec: TableSpec, columns: Sequence[str], **where: str
    ) -> Iterator[pl.DataFrame]:
        """Some columns of all rows (of a versioned table: all versions), some rows at a time."""
        if not self.exists(spec):
            return
        frame = self.read(spec, **where).select(columns)
        yield from frame.collect_batches(chunk_size=_BATCH_ROWS)

    def replace(self, spec: TableSpec, frame: pl.DataFrame, **where: str) -> None:
        """Replace the rows that match ``where`` (all rows if empty) by the frame, atomically.

        Raises:
            LakeError: a row of the frame lies outside ``where``, or the store refuses.
        """
        if where and not frame.filter(~_predicate(where)).is_empty():
            raise LakeError(f"{spec.full_name}: rows outside {where} would be written")
        if not self.exists(spec):
            self._write(spec, frame, mode="append", predicate=None)
            return
        self._write(spec, frame, mode="overwrite", predicate=_sql(where) if where else None)

    def exists(self, spec: TableSpec) -> bool:
        """Has the table ever been written?"""
        with self._explained(spec, "look for"):
            return DeltaTable.is_deltatable(self._path(spec), storage_options=self._options)

    def version(self, spec: TableSpec) -> int | None:
        """Number of the table's last commit; None if never written."""
        try:
            return DeltaTable(self._path(spec), storage_options=self._options).version()
        except TableNotFoundError:
            return None

    def _write(
        self,
        spec: TableSpec,
        frame: pl.DataFrame,
        mode: Literal["append", "overwrite"],
        predicate: str | None,
    ) -> None:
        path = self._path(spec)
        rows = spec.conform(frame)
        columns = _partitions(spec)
        # A column declared since the table was made is added to it.
        options: dict[str, object] = {"schema_mode": "merge"}
        if columns:
            options["partition_by"] = columns
        if predicate:
            options["predicate"] = predicate
        with self._explained(spec, "write"):
            self._make_folder(spec)
            rows.write_delta(
                path,
                mode=mode,
                storage_options=self._options,
                delta_write_options=options,
            )

    def _make_folder(self, spec: TableSpec) -> None:
        path = self._path(spec)
        if "://" not in path:
            Path(path).mkdir(parents=True, exist_ok=True)

    def _path(self, spec: TableSpec) -> str:
        return f"{self._root}/{spec.schema}/{spec.name}"

    @contextmanager
    def _explained(self, spec: TableSpec, verb: str) -> Iterator[None]:
        try:
            yield
        except (OSError, DeltaError, pl.exceptions.PolarsError) as error:
            raise LakeError(
                f"cannot {verb} {spec.full_name} at {self._path(spec)}: {error}. "
                "Check FINSYNC_LAKE_URL and that the place is reachable and writable."
            ) from error


def is_versioned(spec: TableSpec) -> bool:
    """Are the table's rows versions of source records?"""
    return "valid_from" in spec.polars_schema and set(AUDIT_COLUMNS) <= set(spec.polars_schema)


def _partitions(spec: TableSpec) -> list[str]:
    return [c for c in _PARTITION_COLUMNS if c in spec.polars_schema][:1]


def _arrow(frame: pl.DataFrame) -> pa.Table:
    # Delta knows neither string views nor unsigned numbers.
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _predicate(where: dict[str, str]) -> pl.Expr:
    return pl.all_horizontal([pl.lit(True), *(pl.col(k) == v for k, v in where.items())])


def _sql(where: dict[str, str]) -> str:
    return " AND ".join(f"{k} = '{v.replace(chr(39), chr(39) * 2)}'" for k, v in where.items())
