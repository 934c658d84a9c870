"""What is held of a system: its newest landed records and what became of each, in DuckDB.

Belongs here: the database's tables and its transaction. Not here: filling them (receiving.py), nor
what the records become (evaluate.py and after).

The holding is a cache on local disk beside the lake, so that a run conforms only what changed. It
holds nothing that landing and lake do not have: deleted or doubted, it is built again from them
(docs/decisions/0008). Larger than memory, it spills to disk.

Tables, per object ``o`` of the system and canonical table ``t``:
    held_o    newest landed version of each record: ``_id``, ``_key`` (null if a part is missing),
              ``_hash`` of its fields, the fields as text, where it was landed
    rows_t    each canonical row: of which record, its ``pk``, ``record_id``, ``row_hash``,
              ``state`` (good, bad), ``deleted``, and the keys that tie documents to lines
    bad       records in quarantine; ``inherited`` if only because of another record
    waiting   the quarantine table's rows; ``incomplete`` orders and invoices concerned
    progress  per object: up to which extract it was received
    facts     of the whole: the rules in force, the lake's commits it agrees with
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from finsync_dagster.canonical.expressions import identifier, open_room
from finsync_dagster.canonical.landed import ID, KEY, LANDING_COLUMNS
from finsync_dagster.canonical.references import PARENTS
from finsync_dagster.canonical.tables.operations import QUARANTINE

# A change of this code that makes an older holding unusable raises the number.
LAYOUT = "3"
RECALLED = ("source_object", "source_pk", "record_id", "row_hash", "source_deleted", "valid_from")
"""Columns of a canonical table from which its rows are known again."""
_MEMORY = "600MB"
_BATCH = 50_000
_SQL_TYPES = {pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Datetime: "TIMESTAMPTZ"}
_LANDING = "landing_page VARCHAR, landing_row BIGINT, extract_id VARCHAR, extracted_at TIMESTAMPTZ"


@dataclass
class Holding:
    """An open holding; all but ``guarded`` run with the optimizer."""

    system: str
    room: duckdb.DuckDBPyConnection

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """The rows a query yields."""
        return self.room.sql(query)

    def run(self, query: str, given: pl.DataFrame | None = None) -> None:
        """Run a statement, which may read a frame under the name ``given``."""
        if given is None:
            self.room.execute(query)
            return
        # Registered no longer than that: DuckDB reads the frame where it lies.
        self.room.register("given", given)
        self.room.execute(query)
        self.room.unregister("given")

    def guarded(self, query: str) -> None:
        """Run a statement with source values under TRY, without the optimizer (expressions.py).

        These are plain projections, which gain nothing from it.
        """
        self.room.execute("SET enable_optimizer = false")
        try:
            self.room.execute(query)
        finally:
            self.room.execute("SET enable_optimizer = true")

    def count(self, source: str) -> int:
        """Number of rows of a table, or of ``table WHERE condition``."""
        return int(self.row(f"SELECT count(*) FROM {source}")[0])

    def row(self, query: str) -> tuple[Any, ...]:
        """The one row a query yields."""
        (found,) = self.room.sql(query).fetchall()
        return tuple(found)

    def types(self, query: str) -> dict[str, str]:
        """Column → SQL type of what a query would yield."""
        # Not by DESCRIBE: it calls a column NAME that is selected AS name by its old name.
        relation = self.room.sql(query)
        return dict(zip(relation.columns, map(str, relation.types), strict=True))

    def batches(self, query: str) -> Iterator[pl.DataFrame]:
        """The rows a query yields, some at a time, so that memory does not depend on how many."""
        for batch in self.room.sql(query).to_arrow_reader(_BATCH):
            yield pl.DataFrame(pl.from_arrow(batch))

    def has(self, table: str) -> bool:
        """Is there such a table?"""
        found = self.room.execute(
            "SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]
        ).fetchall()
        return bool(found)

    def fields(self, object_name: str) -> list[str]:
        """The source fields held of an object, in the source's order; none if it is not held."""
        rows = self.room.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
            [f"held_{object_name}"],
        ).fetchall()
        own = {ID, KEY, "_hash", *LANDING_COLUMNS}
        return [name for (name,) in rows if name not in own]

    def facts(self) -> dict[str, str]:
        """What was true of the whole when it was last in step with the lake."""
        return dict(self.room.sql("SELECT name, value FROM facts").fetchall())

    def note(self, facts: Mapping[str, str]) -> None:
        """Add facts, in place of older ones of the same names."""
        frame = pl.DataFrame({"name": list(facts), "value": list(facts.values())})
        self.run("DELETE FROM facts WHERE name IN (SELECT name FROM given)", frame)
        self.run("INSERT INTO facts FROM given", frame)

    def progress(self) -> dict[str, str]:
        """Object → mark of the newest extract received."""
        return dict(self.room.sql("SELECT object, mark FROM progress").fetchall())

    def received_until(self, object_name: str, mark: str) -> None:
        """Note the newest extract received of an object."""
        self.room.execute("DELETE FROM progress WHERE object = ?", [object_name])
        self.room.execute("INSERT INTO progress VALUES (?, ?)", [object_name, mark])

    def clear(self) -> None:
        """Forget everything."""
        for (name,) in self.room.sql("SELECT table_name FROM duckdb_tables()").fetchall():
            self.run(f"DROP TABLE {identifier(name)}")
        self._make_tables()

    def settle(self) -> None:
        """Keep what has been done so far, whatever follows, which frees the memory it takes.

        Only for a holding that is made anew: without facts it is not believed before its end.
        """
        self.room.execute("COMMIT")
        self.room.execute("BEGIN")

    def hold(self, object_name: str, fields: list[str]) -> None:
        """Make the table of an object, empty."""
        columns = "".join(f"{identifier(f)} VARCHAR, " for f in fields)
        self.run(
            f"CREATE TABLE held_{object_name} "
            f"({ID} VARCHAR, {KEY} VARCHAR, _hash UBIGINT, {columns}{_LANDING})"
        )

    def make_rows(self, table: str) -> None:
        """Make the table of a canonical table's rows, if it is not there."""
        keys = "".join(f", {c} VARCHAR" for c in tie_columns(table))
        self.run(
            f"CREATE TABLE IF NOT EXISTS rows_{table} (source_object VARCHAR, {ID} VARCHAR, "
            f"pk VARCHAR, record_id VARCHAR, row_hash VARCHAR, good BOOLEAN, deleted BOOLEAN{keys})"
        )

    def recall(self, table: str, versions: Iterable[pl.DataFrame]) -> datetime | None:
        """Fill ``rows_t`` of a new holding from the versions stored of the table, in any order.

        Returns the newest version's moment. The frames have the columns in RECALLED.
        """
        self.run(
            "CREATE OR REPLACE TEMP TABLE recalled (source_object VARCHAR, source_pk VARCHAR, "
            "record_id VARCHAR, row_hash VARCHAR, source_deleted BOOLEAN, valid_from TIMESTAMPTZ)"
        )
        for frame in versions:
            self.run(f"INSERT INTO recalled SELECT {', '.join(RECALLED)} FROM given", frame)
        latest = "struct_pack(f := valid_from, h := row_hash)"
        self.run(
            f"INSERT INTO rows_{table} (source_object, pk, record_id, row_hash, good, deleted) "
            "SELECT any_value(source_object), any_value(source_pk), record_id, "
            f"arg_max(row_hash, {latest}), TRUE, arg_max(source_deleted, {latest}) "
            "FROM recalled GROUP BY record_id"
        )
        (newest,) = self.row("SELECT max(valid_from) FROM recalled")
        return newest if isinstance(newest, datetime) else None

    def _make_tables(self) -> None:
        self.run("CREATE TABLE IF NOT EXISTS progress (object VARCHAR, mark VARCHAR)")
        self.run("CREATE TABLE IF NOT EXISTS facts (name VARCHAR, value VARCHAR)")
        self.run(
            f"CREATE TABLE IF NOT EXISTS bad (object VARCHAR, {ID} VARCHAR, inherited BOOLEAN)"
        )
        columns = ", ".join(
            f"{name} {_SQL_TYPES[type(dtype)]}" for name, dtype in QUARANTINE.polars_schema.items()
        )
        self.run(f"CREATE TABLE IF NOT EXISTS waiting ({ID} VARCHAR, {columns})")
        self.run(
            f"CREATE TABLE IF NOT EXISTS incomplete (object VARCHAR, {ID} VARCHAR, "
            "po_id VARCHAR, invoice_id VARCHAR)"
        )


def tie_columns(table: str) -> list[str]:
    """Columns of a canonical table by which documents, lines and orders find one another."""
    own = [p.column for p in PARENTS if p.table == table]
    own += [p.parent_key for p in PARENTS if p.parent_table == table]
    own += ["po_id"] if table in _ORDER_TABLES else []
    return list(dict.fromkeys(own))


_ORDER_TABLES = {"purchase_orders", "purchase_order_lines", "receipt_lines", "invoice_lines"}


class HoldingBusyError(RuntimeError):
    """Another process is conforming the same system."""


@contextmanager
def open_holding(
    system: str, code_maps: Mapping[str, Mapping[str, str]], path: Path | None = None
) -> Iterator[Holding]:
    """The holding at ``path`` (made if there is none; in memory without one), in one transaction.

    What is done in the block is kept when it ends, and undone if it raises or the process dies.

    Raises:
        HoldingBusyError: another process has it open.
    """
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    room = _opened(system, code_maps, path)
    try:
        holding = Holding(system, room)
        room.execute("SET enable_optimizer = true")
        room.execute("BEGIN")
        holding._make_tables()
        yield holding
        room.execute("COMMIT")
    finally:
        room.close()


def _opened(
    system: str, code_maps: Mapping[str, Mapping[str, str]], path: Path | None
) -> duckdb.DuckDBPyConnection:
    place = ":memory:" if path is None else str(path)
    try:
        return open_room(system, code_maps, place, _MEMORY)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise HoldingBusyError(
                f"{system} is being conformed by another process; wait for its run to end"
            ) from None
        if path is None:
            raise
        # A damaged cache is no reason to stop: it is built again from the landing.
        for file in (path, path.with_name(f"{path.name}.wal")):
            file.unlink(missing_ok=True)
        return open_room(system, code_maps, place, _MEMORY)
