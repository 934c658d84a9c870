"""An account of NetSuite on loopback: the tables of its analytics, asked by SuiteQL.

Belongs here: a server that runs the statements it is sent, over tables that have exactly the
columns of columns.csv (names and kinds, from the Apache-2.0 seeds of fivetran/dbt_netsuite). So a
statement with a column that there is not fails, as it does there. Not here: what is expected of a
connector.

An answer has 1000 rows at most, every value is a text, an empty column is missing, and each row has
a list of links.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb

from tests.connectors.http.auth.auth_server import Reply, Seen, Site, site

PATH = "/services/rest/query/v1/suiteql"
SECRETS = {
    "consumer_key": "ck",
    "consumer_secret": "cs",
    "token_id": "ti",
    "token_secret": "ts",
    "account": "1234567_SB1",
}
_KINDS = {
    "number": "DECIMAL(38,12)",
    "timestamp": "TIMESTAMP",
    "integer": "BIGINT",
    "text": "VARCHAR",
}
_SPELLINGS = {
    'YYYY-MM-DD"T"HH24:MI:SS': "%Y-%m-%dT%H:%M:%S",
    "YYYY-MM-DD HH24:MI:SS": "%Y-%m-%d %H:%M:%S",
    "YYYY-MM-DD": "%Y-%m-%d",
}


def columns() -> list[dict[str, str]]:
    """Table, column and kind of every fact."""
    with Path(__file__).with_name("columns.csv").open() as file:
        return list(csv.DictReader(file))


class Account:
    """The tables, and what was asked. ``most``: rows that an answer has at the utmost."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.asked: list[Seen] = []
        self.refuse: list[Reply] = []
        self.db = duckdb.connect()
        self.kinds: dict[str, dict[str, str]] = {}
        for row in columns():
            self.kinds.setdefault(row["table"], {})[row["column"]] = _KINDS[row["type"]]
        for table, kinds in self.kinds.items():
            listed = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
            self.db.execute(f'CREATE TABLE "{table}" ({listed})')
        for macro, call in (("TO_CHAR", "strftime(x, {})"), ("TO_DATE", "strptime(x, {})")):
            cases = " ".join(
                f"WHEN '{s}' THEN {call.format(repr(f))}" for s, f in _SPELLINGS.items()
            )
            self.db.execute(f"CREATE MACRO {macro}(x, f) AS CASE f {cases} END")

    def put(self, table: str, **row: Any) -> None:
        """A row; columns that are not named are empty."""
        unknown = set(row) - set(self.kinds[table])
        assert not unknown, f"{table} has no {unknown}"
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(f"CAST(? AS {self.kinds[table][name]})" for name in row)
        values = [None if v is None else str(v) for v in row.values()]
        self.db.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)

    def change(self, statement: str) -> None:
        """An UPDATE or DELETE."""
        self.db.execute(statement)

    def answer(self, seen: Seen) -> Reply:
        """The page that was asked for, or why there is none."""
        self.asked.append(seen)
        if self.refuse:
            return self.refuse.pop(0)
        signed = seen.headers.get("Authorization", "")
        if seen.headers.get("Prefer") != "transient" or not signed.startswith("OAuth realm="):
            return fault(401, "INVALID_LOGIN", "Invalid login attempt.")
        query = {k: v[0] for k, v in parse_qs(urlsplit(seen.url).query).items()}
        limit = min(int(query.get("limit", "1000")), self.most)
        try:
            cursor = self.db.cursor().execute(json.loads(seen.body)["q"])
        except duckdb.Error as error:
            detail = f"Invalid search query. Detailed unprocessed description follows. {error}"
            return fault(400, "INVALID_PARAMETER", detail)
        names = [d[0] for d in cursor.description or []]
        rows = cursor.fetchall()
        page = [_item(names, row) for row in rows[:limit]]
        more = len(rows) > limit
        body = {"links": [], "count": len(page), "hasMore": more, "items": page, "offset": 0}
        return Reply(200, {**body, "totalResults": len(rows)}, _JSON)


_JSON = {"Content-Type": "application/vnd.oracle.resource+json; type=collection"}


def _item(names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    there = {n.lower(): _text(v) for n, v in zip(names, row, strict=True) if v is not None}
    return {"links": [], **there}


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return str(value)


def fault(status: int, code: str, detail: str) -> Reply:
    """An error as NetSuite spells it."""
    told = {"detail": detail, "o:errorCode": code}
    kind = "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html"
    body = {"type": kind, "title": "Problem", "status": status, "o:errorDetails": [told]}
    return Reply(status, body, {"Content-Type": "application/vnd.oracle.resource+json; type=error"})


@contextmanager
def serving(account: Account) -> Iterator[Site]:
    """The account on a free port."""
    with site() as here:
        here.routes[PATH] = account.answer
        yield here
