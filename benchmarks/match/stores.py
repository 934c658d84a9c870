"""Three ways to keep documents so that those of a few orders are read without the rest.

Belongs here: what lies where, and reading it. Not here: which orders are touched (incremental.py).

Orders that one invoice bills have to be matched together: they are one unit. A store is asked for
units of an entity, and gives every document of them.
"""

from __future__ import annotations

import shutil
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import duckdb
import polars as pl
import pyarrow as pa

from benchmarks.match.generate import VIEWS, Bucket, buckets, database

ROW_GROUP = 8_192


class Store(Protocol):
    """Documents by unit."""

    def build(self, parts: Iterator[tuple[Bucket, dict[str, pl.DataFrame]]]) -> None:
        """Keeps the tables of every bucket, each with its ``unit`` and sorted by it."""

    def read(self, entity: str, units: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """All documents of the units (as ``units_with`` gives them)."""


def units_of(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """``po_id`` and ``unit``: the smallest order that is billed together with it, however far."""
    billed = frames["invoice_lines"].select("invoice_id", "po_id").drop_nulls().unique()
    units = frames["purchase_orders"].select("po_id", unit="po_id")
    while True:
        reached = billed.join(units, on="po_id")
        lowest = reached.group_by("invoice_id").agg(pl.col("unit").min())
        found = (
            billed.join(lowest, on="invoice_id").group_by("po_id").agg(_new=pl.col("unit").min())
        )
        better = units.join(found, on="po_id", how="left", maintain_order="left")
        better = better.select("po_id", unit=pl.coalesce("_new", "unit"))
        if better.equals(units):
            return units
        units = better


def parts(inputs: Path) -> Iterator[tuple[Bucket, dict[str, pl.DataFrame]]]:
    """The tables of every bucket with ``unit``, sorted by it; what names no order is left out."""
    for bucket in buckets(inputs):
        frames = {table: pl.read_parquet(bucket.file(table)) for table in VIEWS}
        units = units_of(frames)
        by_line = (
            frames["purchase_order_lines"].join(units, on="po_id").select("po_line_id", "unit")
        )
        lines = frames["invoice_lines"].join(by_line, on="po_line_id", maintain_order="left")
        heads = lines.select("invoice_id", "unit").unique()
        keys = {"invoices": heads, "receipt_lines": by_line, "invoice_lines": by_line}
        named = {
            "invoices": "invoice_id",
            "receipt_lines": "po_line_id",
            "invoice_lines": "po_line_id",
        }
        yield (
            bucket,
            {
                table: frame.join(
                    keys.get(table, units), on=named.get(table, "po_id"), maintain_order="left"
                ).sort("unit", maintain_order=True)
                for table, frame in frames.items()
            },
        )


class MappedFiles:
    """Arrow files that are mapped into memory: of a unit its rows are copied, nothing else read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def build(self, parts: Iterator[tuple[Bucket, dict[str, pl.DataFrame]]]) -> None:
        for bucket, frames in parts:
            folder = self.folder / bucket.entity / bucket.folder.name
            folder.mkdir(parents=True)
            for table, frame in frames.items():
                _write_mapped(frame.drop("unit"), folder / f"{table}.arrow")

    def read(self, entity: str, units: pl.DataFrame) -> dict[str, pl.DataFrame]:
        found: dict[str, list[pa.Table]] = {table: [] for table in VIEWS}
        for (bucket,), mine in units.group_by("bucket", maintain_order=True):
            for table in VIEWS:
                kept = _mapped(self.folder / entity / str(bucket) / f"{table}.arrow")
                places = mine.select(f"{table}_start", f"{table}_rows").rows()
                found[table] += [kept.slice(start, rows) for start, rows in places]
        return {
            table: pl.DataFrame(pl.from_arrow(pa.concat_tables(pieces).combine_chunks()))
            for table, pieces in found.items()
        }


def _write_mapped(frame: pl.DataFrame, file: Path) -> None:
    """Strings with offsets, not views: those would be copied whole when one of them is read."""
    table = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _mapped(file: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(file))).read_all()


class RowGroups:
    """Parquet with small row groups, of which those without a touched unit are skipped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def build(self, parts: Iterator[tuple[Bucket, dict[str, pl.DataFrame]]]) -> None:
        for bucket, frames in parts:
            folder = self.folder / bucket.entity / bucket.folder.name
            folder.mkdir(parents=True)
            for table, frame in frames.items():
                frame.write_parquet(folder / f"{table}.parquet", row_group_size=ROW_GROUP)

    def read(self, entity: str, units: pl.DataFrame) -> dict[str, pl.DataFrame]:
        touched = sorted(units["bucket"].unique())
        named = units["unit"].implode()
        return {
            table: pl.scan_parquet(
                [self.folder / entity / bucket / f"{table}.parquet" for bucket in touched]
            )
            .filter(pl.col("unit").is_in(named))
            .drop("unit")
            .collect()
            for table in VIEWS
        }


class DatabaseFile:
    """A DuckDB file; the number of a unit, in whose order rows lie, is what is looked up."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "documents.duckdb"

    def build(self, parts: Iterator[tuple[Bucket, dict[str, pl.DataFrame]]]) -> None:
        self.file.parent.mkdir(parents=True)
        with duckdb.connect(str(self.file)) as con:
            begun = 0
            for _, frames in parts:
                units = frames["purchase_orders"].select("unit").unique().sort("unit")
                numbers = units.with_row_index("number", offset=begun)
                begun += units.height
                numbers = numbers.with_columns(pl.col("number").cast(pl.Int64))
                self._add(con, "units", numbers)
                for table, frame in frames.items():
                    self._add(con, table, frame.join(numbers, on="unit", maintain_order="left"))

    @staticmethod
    def _add(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
        con.register("given", frame.to_arrow())
        con.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM given LIMIT 0")
        con.execute(f"INSERT INTO {table} FROM given")

    def read(self, entity: str, units: pl.DataFrame) -> dict[str, pl.DataFrame]:
        with database() as con:
            con.execute(f"ATTACH '{self.file}' AS kept (READ_ONLY)")
            con.register("wanted", units.select("unit").to_arrow())
            known = "SELECT number FROM kept.units SEMI JOIN wanted USING (unit)"
            con.execute(f"CREATE TEMP TABLE touched AS {known}")
            return {
                table: con.sql(
                    f"SELECT * EXCLUDE (unit, number) FROM kept.{table} "
                    "SEMI JOIN touched USING (number)"
                ).pl()
                for table in VIEWS
            }


def _index(inputs: Path, folder: Path) -> None:
    """Per entity every order with its unit, and where that lies: bucket, and rows per table."""
    found: dict[str, list[pl.DataFrame]] = {}
    for bucket, frames in parts(inputs):
        orders = frames["purchase_orders"].select(
            "po_id", "unit", bucket=pl.lit(bucket.folder.name)
        )
        for table, frame in frames.items():
            numbered = frame.select("unit").with_row_index("row").group_by("unit")
            start, rows = pl.col("row").min(), pl.len()
            where = numbered.agg(start.alias(f"{table}_start"), rows.alias(f"{table}_rows"))
            orders = orders.join(where, on="unit", how="left", maintain_order="left")
        found.setdefault(bucket.entity, []).append(orders)
    for entity, orders_of in found.items():
        places = pl.concat(orders_of).sort("po_id").with_columns(pl.col(pl.UInt32).fill_null(0))
        _write_mapped(places, folder / f"{entity}.arrow")


def units_with(folder: Path, entity: str, orders: pl.Series) -> pl.DataFrame:
    """The units that the orders belong to: ``unit``, ``bucket``, and their rows per table."""
    index = _mapped(folder / f"{entity}.arrow")
    keys = index["po_id"]
    # The index is sorted: some twenty steps for an order, instead of reading all of it.
    rows = [bisect_left(keys, order, key=lambda key: key.as_py()) for order in orders]
    found = pl.DataFrame(pl.from_arrow(index.take(rows)))
    return found.drop("po_id").unique("unit").sort("bucket", "unit")


STORES = {"mapped": MappedFiles, "parquet": RowGroups, "duckdb": DatabaseFile}


def built(name: str, inputs: Path, folder: Path) -> Store:
    """The store, filled unless it is already there."""
    store: Store = STORES[name](folder / name)
    if not (folder / f"{name}.done").exists():
        shutil.rmtree(folder / name, ignore_errors=True)
        store.build(parts(inputs))
        _index(inputs, folder)
        (folder / f"{name}.done").touch()
    return store
