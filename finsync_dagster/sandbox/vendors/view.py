"""Reading the world: rows as dictionaries, and what is visible at a moment.

Belongs here: SQL that several vendors need. Not here: any vendor's own SQL.

With ``until``, time has come only so far: what was created later is not there yet, what was changed
later shows the moment of its creation as its last change, so that the change is found when time
goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

Row = dict[str, Any]


@dataclass(frozen=True)
class View:
    """One system's view of the world at a moment. The methods give SQL for a table's alias."""

    system: str
    until: datetime | None = None

    def there(self, alias: str, column: str = "created_at") -> str:
        """Whether a row exists by now."""
        return "true" if self.until is None else f"{alias}.{column} <= {_literal(self.until)}"

    def changed(self, alias: str) -> str:
        """A row's last change by now."""
        if self.until is None:
            return f"{alias}.changed_at"
        seen = f"{alias}.changed_at <= {_literal(self.until)}"
        return f"CASE WHEN {seen} THEN {alias}.changed_at ELSE {alias}.created_at END"

    def kept(self, kind: str, key: str) -> str:
        """Whether nobody has deleted a row by now; ``key`` is the column with its key."""
        said = "SELECT 1 FROM deletion gone WHERE gone.system = " + _quoted(self.system)
        said += f" AND gone.object = {_quoted(kind)} AND gone.object_id = {key}"
        if self.until is not None:
            said += f" AND gone.deleted_at <= {_literal(self.until)}"
        return f"NOT EXISTS ({said})"

    def here(self, alias: str) -> str:
        """Whether a row is in this system."""
        return f"{alias}.system = {_quoted(self.system)}"


def rows(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Every row of a query, by column."""
    result = cursor.execute(sql, list(parameters))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def by_keys(
    cursor: duckdb.DuckDBPyConnection, sql: str, key: str, keys: Sequence[int], order: str
) -> list[Row]:
    """The rows of ``sql`` whose ``key`` is among ``keys``.

    ``sql`` ends in a WHERE clause. The range lets the database skip what is far from all of them.
    """
    if not keys:
        return []
    marks = ", ".join("?" for _ in keys)
    asked = f"{sql} AND {key} BETWEEN ? AND ? AND {key} IN ({marks}) ORDER BY {order}"
    return rows(cursor, asked, [min(keys), max(keys), *keys])


def grouped(found: list[Row], key: str) -> dict[int, list[Row]]:
    """Rows by the value of a column, each group in the order found."""
    groups: dict[int, list[Row]] = {}
    for row in found:
        groups.setdefault(row[key], []).append(row)
    return groups


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(until: datetime) -> str:
    if until.tzinfo:
        until = until.astimezone(UTC).replace(tzinfo=None)
    return f"TIMESTAMP '{until.isoformat(sep=' ')}'"
