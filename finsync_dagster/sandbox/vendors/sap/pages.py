"""Which rows a page has.

Belongs here: paging by key, forwards from where a token says, over a filter and an order. Not
here: what a row shows (entities.py), how tokens and limits look to a client (collection.py).

In the order of the key a page looks at a window of rows after the last one, four times larger each
time too few match: so a page costs the same wherever it is, and a whole read costs one pass.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from finsync_dagster.sandbox.vendors.sap.edm import EntitySet
from finsync_dagster.sandbox.vendors.sap.errors import bad_request
from finsync_dagster.sandbox.vendors.sap.filters.sql import Order, sql_literal
from finsync_dagster.sandbox.vendors.sap.store import Store, sql_type

_GROWTH = 4


@dataclass(frozen=True)
class Place:
    """A place between two rows: after row ``seq``, whose values in the order are ``values``."""

    seq: int = -1
    values: tuple[str | None, ...] = ()


START = Place()


@dataclass(frozen=True)
class Token:
    """What a link to the next page carries: where that begins, where the last one began, how many
    of $top are left.
    """

    after: Place
    before: Place
    left: int | None

    def text(self) -> str:
        """The token as the client sees it."""
        said = [self.after.seq, self.after.values, self.before.seq, self.before.values, self.left]
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def read_token(text: str) -> Token:
    """A token that was handed out.

    Raises:
        ODataError: 400, it was not.
    """
    try:
        said = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
        after, values, before, earlier, left = said
        places = Place(int(after), _texts(values)), Place(int(before), _texts(earlier))
        return Token(*places, None if left is None else int(left))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise bad_request("Invalid value for system query option '$skiptoken'") from error


def _texts(values: list[str | None]) -> tuple[str | None, ...]:
    if not all(value is None or isinstance(value, str) for value in values):
        raise ValueError
    return tuple(values)


@dataclass(frozen=True)
class Selection:
    """The rows of a set that a request is about: those shown at ``until`` that match."""

    store: Store
    entity_set: EntitySet
    until: datetime | None
    condition: str | None
    order: tuple[Order, ...] = ()

    def count(self) -> int:
        """How many there are."""
        if not self.store.holds(self.entity_set):
            return 0
        where = self._where()
        if not where:
            return self.store.rows(self.entity_set)
        (row,) = self.store.run(f"SELECT count(*) FROM {self._table} WHERE {where}")
        return int(str(row[0]))

    def rows(self, after: Place, skip: int, limit: int) -> list[Place]:
        """Up to ``limit`` of them that come after a place, ``skip`` left out."""
        if limit <= 0 or not self.store.holds(self.entity_set):
            return []
        if self.order:
            return self._in_order(after, skip, limit)
        where = self._where()
        if skip and where:
            return self._skipping(after, skip, limit)
        return self._in_windows(after.seq + 1 + skip, limit, where)

    @property
    def _table(self) -> str:
        return self.store.table(self.entity_set)

    def _where(self, *more: str) -> str:
        parts = [self.store.shown(self.entity_set, self.until), self.condition, *more]
        return " AND ".join(part for part in parts if part)

    def _in_windows(self, start: int, limit: int, where: str) -> list[Place]:
        total = self.store.rows(self.entity_set)
        found: list[Place] = []
        width = limit
        while start < total and len(found) < limit:
            window = f"_seq >= {start} AND _seq < {start + width}"
            rows = self.store.run(
                f"SELECT _seq FROM {self._table} WHERE {window}{' AND ' + where if where else ''}"
                f" ORDER BY _seq LIMIT {limit - len(found)}"
            )
            found += [Place(int(str(seq))) for (seq,) in rows]
            start += width
            width *= _GROWTH
        return found

    def _skipping(self, after: Place, skip: int, limit: int) -> list[Place]:
        where = self._where(f"_seq > {after.seq}")
        rows = self.store.run(
            f"SELECT _seq FROM {self._table} WHERE {where}"
            f" ORDER BY _seq LIMIT {limit} OFFSET {skip}"
        )
        return [Place(int(str(seq))) for (seq,) in rows]

    def _in_order(self, after: Place, skip: int, limit: int) -> list[Place]:
        beyond = () if after == START else (_beyond(self.order, after),)
        where = self._where(*beyond)
        values = ", ".join(f"CAST({part.sql} AS VARCHAR)" for part in self.order)
        # What is not there comes first, as the initial value it is in the database.
        order = ", ".join(
            f"{part.sql} {'DESC NULLS LAST' if part.descends else 'ASC NULLS FIRST'}"
            for part in self.order
        )
        rows = self.store.run(
            f"SELECT _seq, {values} FROM {self._table}{' WHERE ' + where if where else ''}"
            f" ORDER BY {order}, _seq LIMIT {limit} OFFSET {skip}"
        )
        return [
            Place(int(str(row[0])), tuple(None if v is None else str(v) for v in row[1:]))
            for row in rows
        ]


def _beyond(order: Sequence[Order], after: Place) -> str:
    """Rows that come after a place: beyond in one part, the same in all parts before."""
    if len(after.values) != len(order):
        raise bad_request("Invalid value for system query option '$skiptoken'")
    ways: list[str] = []
    same: list[str] = []
    for part, value in zip(order, after.values, strict=True):
        kind = "BIGINT" if part.property.counts else sql_type(part.property)
        literal = f"TRY_CAST({sql_literal(value)} AS {kind})"
        if part.descends:
            further = (
                "false" if value is None else f"({part.sql} < {literal} OR {part.sql} IS NULL)"
            )
        else:
            further = f"{part.sql} IS NOT NULL" if value is None else f"{part.sql} > {literal}"
        ways.append(" AND ".join([*same, further]))
        same.append(f"{part.sql} IS NOT DISTINCT FROM {literal}")
    ways.append(" AND ".join([*same, f"_seq > {after.seq}"]))
    return "(" + " OR ".join(f"({way})" for way in ways) + ")"
