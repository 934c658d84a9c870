"""A world of a few rows, written by hand, so that what a system must say can be told by looking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from finsync_dagster.sandbox.world.reading import World
from finsync_dagster.sandbox.world.schema import BY_NAME, create

_DEFAULTS = {
    "BIGINT": 1,
    "INTEGER": 0,
    "VARCHAR": "",
    "BOOLEAN": False,
    "DATE": "2026-01-05",
    "TIMESTAMP": "2026-01-05 09:00:00",
}


class SmallWorld:
    """Rows by table. What a row does not say is null, or plain where it may not be null."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, dict[str, Any]]] = []
        self._keys: dict[str, int] = {}

    def add(self, table: str, **values: Any) -> Any:
        """Adds a row; returns its key."""
        columns = BY_NAME[table].columns
        self._keys[table] = self._keys.get(table, 0) + 1
        key = columns[0].name
        row: dict[str, Any] = {}
        for column in columns:
            if column.name in values:
                row[column.name] = values.pop(column.name)
            elif column.name == key:
                row[key] = self._keys[table]
            elif column.required:
                one = column.name.endswith(("_unit", "numerator", "denominator", "fx_rate"))
                row[column.name] = _DEFAULTS.get(column.sql_type, 1 if one else 0)
        assert not values, f"{table} has no {sorted(values)}"
        self._rows.append((table, row))
        return row[key]

    def write(self, path: Path) -> World:
        """The world in a file."""
        with duckdb.connect(str(path)) as connection:
            create(connection)
            for table, row in self._rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values())
                )
        return World(path)
