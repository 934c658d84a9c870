"""Comparing what the warehouse says with what happened: record by record, field by field.

Belongs here: finding differences and putting them in words. Not here: what to expect (real/).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import duckdb

from tests.systems.group.projection import Projection

MISSING, STRANGE = "missing", "not of this world"


@dataclass(frozen=True)
class Difference:
    """One field of one record that does not say what happened."""

    system: str
    table: str
    key: tuple[object, ...]
    field: str
    expected: object
    got: object

    def __str__(self) -> str:
        key = "/".join(str(part) for part in self.key)
        said = f"expected {self.expected}, got {self.got}"
        return f"{self.system} {self.table} {key} {self.field}: {said}"


def differences(
    projection: Projection,
    system: str,
    world: duckdb.DuckDBPyConnection,
    warehouse: duckdb.DuckDBPyConnection,
) -> list[Difference]:
    """Every difference of a system's records; the records are those of ``projection``."""
    columns = tuple(d[0] for d in world.execute(f"FROM ({projection.real}) LIMIT 0").description)
    expected = _records(world, projection, projection.expected(system, columns))
    said = f"SELECT * EXCLUDE (system) FROM ({projection.said}) WHERE system = '{system}'"
    got = _records(warehouse, projection, said)
    found = []
    for key in sorted(expected.keys() | got.keys(), key=repr):
        theirs, ours = expected.get(key), got.get(key)
        if theirs is None or ours is None:
            what = (MISSING, "a record", None) if ours is None else (STRANGE, None, "a record")
            found.append(Difference(system, projection.name, key, *what))
            continue
        found += [
            Difference(system, projection.name, key, f, theirs[f], ours[f])
            for f in theirs
            if theirs[f] != ours[f]
        ]
    return found


def records(world: duckdb.DuckDBPyConnection, projection: Projection, system: str) -> int:
    """How many records of a system there must be."""
    rows = world.execute(f"SELECT count(*) FROM ({projection.real}) WHERE system = ?", [system])
    return int((rows.fetchone() or (0,))[0])


def told(found: Iterable[Difference], limit: int = 20) -> str:
    """The first differences, a line each, after how many there are of which kind."""
    every = list(found)
    kinds: dict[str, int] = {}
    for each in every:
        kind = f"{each.system} {each.table}.{each.field}"
        kinds[kind] = kinds.get(kind, 0) + 1
    counted = [f"{count} x {kind}" for kind, count in sorted(kinds.items())]
    return "\n".join([*counted, "", *(str(each) for each in every[:limit])])


Record = dict[str, object]


def _records(
    connection: duckdb.DuckDBPyConnection, projection: Projection, sql: str
) -> dict[tuple[object, ...], Record]:
    cursor = connection.execute(sql)
    names = [d[0] for d in cursor.description]
    found: dict[tuple[object, ...], Record] = {}
    for row in cursor.fetchall():
        record = dict(zip(names, map(_exact, row), strict=True))
        key = tuple(record.pop(name) for name in projection.key)
        if key in found:
            raise AssertionError(f"{projection.name}: {key} is there twice: not a key")
        found[key] = record
    return found


def _exact(value: object) -> object:
    """Decimals by their value; a ratio ``{'num', 'den'}`` as the fraction that it is."""
    if isinstance(value, dict):
        if value["num"] is None or value["den"] is None:
            return None
        return Fraction(value["num"]) / Fraction(value["den"])
    return value.normalize() if isinstance(value, Decimal) else value
