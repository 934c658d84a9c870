"""``$filter`` of OData: and, or, eq, ne, gt, ge, lt, le, parentheses.

Belongs here: reading a filter and asking it about a record. Not here: serving (odata.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.connectors.sap_s4.facts import FIELDS

_TOKEN = re.compile(
    r"\s*(?:(?P<sign>[()])|(?P<time>(?:datetime|datetimeoffset)'[^']*'|\d{4}-\d\d-\d\dT[\d:.]+Z)"
    r"|(?P<text>'(?:[^']|'')*')|(?P<word>\w+))"
)
_COMPARE = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}


class NoFilterError(Exception):
    """It is no filter, or not one of this set."""


def accepts(text: str, name: str, record: Mapping[str, Any]) -> bool:
    """Does the filter let a record of the set through?

    Raises:
        NoFilterError: it cannot be read, or names a field that the set does not have.
    """
    if not text:
        return True
    reading = _Reading(_tokens(text), name, record)
    found = reading.either()
    if reading.rest:
        raise NoFilterError(f"Invalid token in filter: {reading.rest[0][1]}")
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NoFilterError(f"Invalid filter at {text[at:]}")
        found.append((str(match.lastgroup), match[match.lastgroup or 0]))
        at = match.end()
    return found


class _Reading:
    def __init__(self, rest: list[tuple[str, str]], name: str, record: Mapping[str, Any]) -> None:
        self.rest, self.name, self.record = rest, name, record

    def either(self) -> bool:
        found = self.both()
        while self.rest and self.rest[0] == ("word", "or"):
            self.rest.pop(0)
            found = self.both() or found
        return found

    def both(self) -> bool:
        found = self.one()
        while self.rest and self.rest[0] == ("word", "and"):
            self.rest.pop(0)
            found = self.one() and found
        return found

    def one(self) -> bool:
        if self.rest and self.rest[0] == ("sign", "("):
            self.rest.pop(0)
            found = self.either()
            if not self.rest or self.rest.pop(0) != ("sign", ")"):
                raise NoFilterError("Missing )")
            return found
        if len(self.rest) < 3:
            raise NoFilterError("Filter ends early")
        (_, field), (_, word), (kind, literal) = (self.rest.pop(0) for _ in range(3))
        if field not in FIELDS[self.name] or word not in _COMPARE:
            raise NoFilterError(f"Invalid {field} {word} in filter of {self.name}")
        return bool(_COMPARE[word](self._own(field), self._literal(field, kind, literal)))

    def _own(self, field: str) -> Any:
        value = self.record.get(field)
        if FIELDS[self.name][field] in ("DateTime", "DateTimeOffset", "Date"):
            return _moment(str(value or "0001-01-01"))
        return "" if value is None else str(value)

    def _literal(self, field: str, kind: str, literal: str) -> Any:
        declared = FIELDS[self.name][field]
        wanted = "time" if declared in ("DateTime", "DateTimeOffset", "Date") else "text"
        if kind != wanted:
            raise NoFilterError(f"{field} is {declared}, and is compared with {literal}")
        if kind == "text":
            return literal[1:-1].replace("''", "'")
        prefix, _, rest = literal.partition("'")
        if rest and prefix != declared.lower():
            raise NoFilterError(f"{field} is {declared}, and is compared with {literal}")
        return _moment(rest.rstrip("'") or literal)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "")).replace(tzinfo=None)
