"""Running a query, a page at a time.

Belongs here: pages, totals, the most a query gives, results kept for the next page. Not here: the
query's words (dialect.py), the answer's shape (suiteql.py).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from finsync_dagster.sandbox.vendors.netsuite.dialect import compiled
from finsync_dagster.sandbox.vendors.netsuite.errors import InvalidQueryError
from finsync_dagster.sandbox.vendors.netsuite.formats import as_text
from finsync_dagster.sandbox.vendors.netsuite.store import Store

MOST_ROWS = 100_000  # of one query, whatever its offset
_KEPT = 4

Item = dict[str, str]


@dataclass(frozen=True)
class Page:
    """Rows of a page as SuiteQL's items, and how many rows the query has."""

    items: list[Item]
    total: int


@dataclass
class _Result:
    total: int | None = None
    items: list[Item] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Results:
    """Results of the queries asked lately. Used by many threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, datetime | None], _Result] = OrderedDict()
        # How many rows come again, by query: the first ones, in front, as if they had been entered
        # while the client was paging. Never forgotten: whoever met them counts on them.
        self._again: dict[str, int] = {}

    def page(self, query: str, limit: int, offset: int, again: int = 0) -> Page:
        """A page of a query's result; ``again`` more rows are repeated from here on.

        However far a client has paged, it meets every row: rows only move backwards, past it.

        Raises:
            InvalidQueryError: the query cannot be run.
        """
        until = self._store.world.until
        sql = compiled(query, self._store.now).sql
        result = self._result((sql, until))
        with result.lock:
            more = self._again.get(sql, 0) + again
            if offset == 0 and not more and result.items is None:
                return self._first(result, sql, until, limit)
            if result.items is None:
                result.items = self._rows(sql, until, MOST_ROWS)
            rows = result.items
            more = min(more, len(rows))
            if more:
                self._again[sql] = more
        start = offset - more
        repeated = rows[offset:more] if start < 0 else []
        items = (repeated + rows[max(start, 0) :][:limit])[:limit]
        return Page(items, len(rows) + more)

    def _first(self, result: _Result, sql: str, until: datetime | None, limit: int) -> Page:
        """The first page, without the rest of the rows; often there is none."""
        rows = self._rows(sql, until, limit + 1)
        if result.total is None:
            short = len(rows) <= limit
            result.total = len(rows) if short else self._count(sql, until)
        return Page(rows[:limit], min(result.total, MOST_ROWS))

    def _result(self, key: tuple[str, datetime | None]) -> _Result:
        with self._lock:
            result = self._kept.setdefault(key, _Result())
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return result

    def _count(self, sql: str, until: datetime | None) -> int:
        counting = f"SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {MOST_ROWS})"
        with self._store.connect(until) as connection:
            row = _executed(connection, counting).fetchone()
        return int(row[0]) if row else 0

    def _rows(self, sql: str, until: datetime | None, most: int) -> list[Item]:
        with self._store.connect(until) as connection:
            done = _executed(connection, f"SELECT * FROM ({sql}) LIMIT {most}")
            names = [column[0].lower() for column in done.description]
            items = []
            while rows := done.fetchmany(5000):
                items += [_item(names, row) for row in rows]
        return items


def _item(names: list[str], row: tuple[object, ...]) -> Item:
    """A row; what is null is left out (from memory)."""
    return {
        name: as_text(value) for name, value in zip(names, row, strict=True) if value is not None
    }


def _executed(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    try:
        return connection.execute(sql)
    except duckdb.Error:
        raise InvalidQueryError("Invalid or unsupported search.") from None
