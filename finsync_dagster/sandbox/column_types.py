"""Which SQL type a column of text can have without losing anything of its content.

Belongs here: the rules, by content. Not here: SQL statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

# A leading zero or a plus sign means something to whoever wrote it, so such a column stays text.
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?((0|[1-9][0-9]*)(\.[0-9]+)?|\.[0-9]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Microseconds are what a database keeps; further digits must be zeros.
_TIMESTAMP = re.compile(rf"{_DATE.pattern}( [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}}0*)?)?")


class Kind(StrEnum):
    """What all values of a column are."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TEXT = "text"


def kind_of(values: Iterable[str | None]) -> Kind:
    """The narrowest kind that every value fits; text for a column without any value."""
    present = {value for value in values if value is not None}
    if not present:
        return Kind.TEXT
    for kind, pattern in (
        (Kind.INTEGER, _INTEGER),
        (Kind.DECIMAL, _DECIMAL),
        (Kind.DATE, _DATE),
        (Kind.TIMESTAMP, _TIMESTAMP),
    ):
        if all(pattern.fullmatch(value) for value in present):
            in_time = kind in (Kind.DATE, Kind.TIMESTAMP)
            return kind if not in_time or all(map(_exists, present)) else Kind.TEXT
    return Kind.TEXT


def _exists(moment: str) -> bool:
    try:
        datetime.fromisoformat(moment[:19])
    except ValueError:
        return False
    return True
