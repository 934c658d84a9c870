"""The tables the services read: one per entity set, in the order of its key.

Belongs here: making them from projections of the world, and the SQL that stands for a property of
a row at a moment. Not here: the projections (projections/), which rows a request gets (pages.py).

A projection is a SELECT with the properties it knows as columns, and beside them
``_born`` (TIMESTAMP, from when on the row is shown), ``_gone`` (TIMESTAMP, from when on it no
longer is; null: never), and for a property P that came to its value later ``P__since`` (TIMESTAMP;
null: never) and ``P__before`` (what it was until then; without it, the initial value). Properties
it does not know have their initial value in every row.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, Property

_TYPES = {
    "String": "VARCHAR",
    "Binary": "VARCHAR",
    "Messages": "VARCHAR",
    "Guid": "VARCHAR",
    "Boolean": "BOOLEAN",
    "DateTime": "DATE",
    "Date": "DATE",
    "DateTimeOffset": "TIMESTAMP",
    "Time": "TIME",
    "TimeOfDay": "TIME",
    "Int16": "SMALLINT",
    "Int32": "INTEGER",
    "Double": "DECIMAL(38,6)",
}
_INITIAL = {
    "String": "''",
    "Binary": "''",
    "Guid": "'00000000-0000-0000-0000-000000000000'",
    "Boolean": "false",
    "Time": "TIME '00:00:00'",
    "TimeOfDay": "TIME '00:00:00'",
    "Decimal": "0",
    "Double": "0",
    "Int16": "0",
    "Int32": "0",
}
_VARYING_SCALE = 3
_LARGE = 200_000_000  # bytes
# Dividing decimals gives a float; this is value x numerator / denominator, exact, rounded half up
# to two or three digits.
_PORTION = """
CREATE MACRO millionths(value) AS CAST(CAST(value AS DECIMAL(38, 6)) * 1000000 AS HUGEINT);
CREATE MACRO portion(value, numerator, denominator, digits) AS
    CAST(sign(value) * sign(numerator) * (
        (2 * abs(millionths(value)) * abs(millionths(numerator))
            * CASE digits WHEN 2 THEN 100 ELSE 1000 END + millionths(denominator) * 1000000)
        // (2 * millionths(denominator) * 1000000)
    ) AS DECIMAL(20, 0)) * CASE digits WHEN 2 THEN 0.01 ELSE 0.001 END;
"""
_SINCE, _BEFORE = "__since", "__before"


@dataclass(frozen=True)
class _Table:
    name: str
    columns: frozenset[str]
    rows: int
    some_gone: bool


class Store:
    """The entity sets of one system. Read by many threads at once."""

    def __init__(self, world: Path) -> None:
        # A large world's tables lie on disk, beside it, so that memory stays for reading.
        self._room = (
            TemporaryDirectory(prefix="sap-", dir=world.parent, ignore_cleanup_errors=True)
            if world.stat().st_size > _LARGE
            else None
        )
        path = ":memory:" if self._room is None else str(Path(self._room.name) / "sets.duckdb")
        self._connection = duckdb.connect(path)
        # The session's zone must not move moments, which are UTC.
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(_PORTION)
        self._connection.execute(f"ATTACH {_quoted(str(world))} AS world (READ_ONLY)")
        self._tables: dict[tuple[str, str], _Table] = {}
        self._mine = threading.local()
        self._opening = threading.Lock()
        self._known: dict[str, str] = {}

    def fill(self, sets: Sequence[tuple[EntitySet, str]]) -> None:
        """Makes the table of each set from its projection, a SELECT over ``world.``."""
        for entity_set, projection in sets:
            self._fill(entity_set, projection)
        # Requests come side by side; one page's query gains nothing by a second thread.
        self._connection.execute("SET threads = 1")

    def stage(self, name: str, sql: str) -> None:
        """Makes a table that projections build upon."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def run(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        cursor = getattr(self._mine, "cursor", None)
        if cursor is None:
            with self._opening:
                cursor = self._mine.cursor = self._connection.cursor()
        return cursor.execute(sql).fetchall()

    def constants(self, sqls: Sequence[str]) -> list[str]:
        """The values of expressions without columns, as text; each is asked for once."""
        new = [sql for sql in dict.fromkeys(sqls) if sql not in self._known]
        if new:
            (row,) = self.run(f"SELECT {', '.join(new)}")
            self._known.update(zip(new, map(str, row), strict=True))
        return [self._known[sql] for sql in sqls]

    def close(self) -> None:
        """Lets go of the tables and of the world."""
        self._connection.close()
        if self._room is not None:
            self._room.cleanup()

    def holds(self, entity_set: EntitySet) -> bool:
        """Whether the set has a table; one without is empty."""
        return _name_of(entity_set) in self._tables

    def table(self, entity_set: EntitySet) -> str:
        """The table of a set."""
        return self._tables[_name_of(entity_set)].name

    def rows(self, entity_set: EntitySet) -> int:
        """How many rows the table has, shown or not."""
        return self._tables[_name_of(entity_set)].rows if self.holds(entity_set) else 0

    def shown(self, entity_set: EntitySet, until: datetime | None, alias: str = "") -> str | None:
        """The condition under which a row is shown at a moment; None: every row is."""
        if until is None:
            some_gone = self._tables[_name_of(entity_set)].some_gone
            return f"{alias}_gone IS NULL" if some_gone else None
        moment = _moment(until)
        return f"({alias}_born <= {moment} AND ({alias}_gone IS NULL OR {alias}_gone > {moment}))"

    def varies(self, entity_set: EntitySet, prop: Property) -> bool:
        """Whether a property is known; one that is not has its initial value in every row."""
        return self.holds(entity_set) and prop.name in self._tables[_name_of(entity_set)].columns

    def expression(
        self, entity_set: EntitySet, prop: Property, until: datetime | None, alias: str = ""
    ) -> str:
        """The SQL of a property's value at a moment, in its own type."""
        if not self.varies(entity_set, prop):
            return initial(prop)
        columns = self._tables[_name_of(entity_set)].columns
        if until is None or f"{prop.name}{_SINCE}" not in columns:
            return f'{alias}"{prop.name}"'
        before = initial(prop)
        if f"{prop.name}{_BEFORE}" in columns:
            before = f'{alias}"{prop.name}{_BEFORE}"'
        return (
            f'(CASE WHEN {alias}"{prop.name}{_SINCE}" > {_moment(until)}'
            f' THEN {before} ELSE {alias}"{prop.name}" END)'
        )

    def _fill(self, entity_set: EntitySet, projection: str) -> None:
        described = self._connection.execute(f"DESCRIBE ({projection})").fetchall()
        # SQL keeps the case of a column of the world that has the property's name.
        names = {each.lower(): each for each in entity_set.properties}
        there = [names.get(str(row[0]).lower(), str(row[0])) for row in described]
        name = f'"{entity_set.service}.{entity_set.name}"'
        columns = ", ".join(_column(entity_set, column) for column in there)
        # Numbers of one length sort as text; item numbers, without leading zeros, by length first.
        order = ", ".join(f'length("{key.name}"), "{key.name}"' for key in entity_set.keys)
        self._connection.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT row_number() OVER (ORDER BY {order}) - 1"
            f" AS _seq, * FROM (SELECT {columns} FROM ({projection})) ORDER BY _seq"
        )
        counted = self._connection.execute(f"SELECT count(*), count(_gone) FROM {name}").fetchone()
        assert counted is not None  # noqa: S101 - a count always has a row
        rows, gone = counted
        self._tables[_name_of(entity_set)] = _Table(name, frozenset(there), rows, gone > 0)


def sql_type(prop: Property) -> str:
    """The type of a property's values in SQL."""
    if prop.edm != "Decimal":
        return _TYPES[prop.edm]
    scale = _VARYING_SCALE if prop.scale_varies else prop.scale or 0
    width = (prop.precision or 38 - scale) + (_VARYING_SCALE if prop.scale_varies else 0)
    return f"DECIMAL({width},{scale})"


def initial(prop: Property) -> str:
    """The SQL of a property's initial value: what is shown where nothing is known."""
    return f"CAST({_INITIAL.get(prop.edm, 'NULL')} AS {sql_type(prop)})"


def _column(entity_set: EntitySet, name: str) -> str:
    if name in {"_born", "_gone"} or name.endswith(_SINCE):
        return f'CAST("{name}" AS TIMESTAMP) AS "{name}"'
    prop = entity_set.properties[name.removesuffix(_BEFORE)]
    return f'COALESCE(CAST("{name}" AS {sql_type(prop)}), {initial(prop)}) AS "{name}"'


def _name_of(entity_set: EntitySet) -> tuple[str, str]:
    return entity_set.service, entity_set.name


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _moment(until: datetime) -> str:
    return f"TIMESTAMP '{until.isoformat(sep=' ')}'"
