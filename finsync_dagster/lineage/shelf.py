"""A few documents taken out of stored tables, whatever the size of the tables.

Belongs here: rows by the value of a column. Not here: what is done with them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from finsync_dagster.canonical import versions

Row = dict[str, Any]


class Shelf:
    """Stored tables by name: all versions of canonical rows, results as they are."""

    def __init__(self, tables: Mapping[str, pl.LazyFrame]) -> None:
        self._tables = tables

    def rows(self, table: str, wanted: pl.Expr) -> list[Row]:
        """Current rows for which an expression holds.

        Versions are picked among those of the few records concerned, so that nothing is sorted
        that nobody asked for; a record that meant something else before is not found by it.
        """
        stored = self._tables[table]
        if "valid_from" not in stored.collect_schema():
            return stored.filter(wanted).collect().to_dicts()
        records = stored.filter(wanted).select("record_id").unique().collect()["record_id"]
        if records.is_empty():
            return []
        some = stored.filter(pl.col("record_id").is_in(records.implode())).collect()
        return versions.current(some.lazy()).filter(wanted).collect().to_dicts()

    def by(self, table: str, column: str, values: Collection[str | None]) -> list[Row]:
        """Current rows whose column has one of the values; none for no value."""
        some = sorted({value for value in values if value})
        return self.rows(table, pl.col(column).is_in(some)) if some else []

    def one(self, table: str, column: str, value: str | None) -> Row | None:
        """The only such row; None if there is none."""
        found = self.by(table, column, [value])
        return found[0] if found else None
