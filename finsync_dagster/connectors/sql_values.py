"""Values of a database's driver as text, exactly, for databases that are not asked to do it.

Belongs here: one spelling per Python type. Not here: SQLite and PostgreSQL, which write their text
themselves (sql_table.py), nor what a value means (canonical).

The spelling is PostgreSQL's, so that the same table is the same text wherever it is read: moments
with a space and without idle zeros, offsets in UTC, bytes as hexadecimals, true and false.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import singledispatch
from typing import Any


def as_text(value: Any) -> str | None:
    """The value as text; None stays None. Nothing is rounded, padded or trimmed."""
    return None if value is None else _spelled(value)


@singledispatch
def _spelled(value: Any) -> str:
    # Text, integers, dates and UUIDs say themselves; anything else is what its own type calls it.
    return str(value)


@_spelled.register
def _(value: bool) -> str:
    return "true" if value else "false"


@_spelled.register
def _(value: Decimal) -> str:
    return format(value, "f") if value.is_finite() else _not_finite(str(value))


@_spelled.register
def _(value: float) -> str:
    return _not_finite(repr(value))


@_spelled.register(bytes)
@_spelled.register(bytearray)
@_spelled.register(memoryview)
def _(value: bytes | bytearray | memoryview) -> str:
    return "\\x" + bytes(value).hex()


@_spelled.register
def _(value: datetime) -> str:
    if value.utcoffset() is None:
        return _fraction(value.isoformat(sep=" "))
    return _fraction(value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")) + "+00"


@_spelled.register
def _(value: time) -> str:
    return _fraction(value.isoformat())


@_spelled.register
def _(value: timedelta) -> str:
    """Hours, minutes, seconds: some databases' times of day arrive as durations."""
    microseconds = value // timedelta(microseconds=1)
    sign, size = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    seconds, fraction = divmod(size, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return _fraction(f"{sign}{hours:02d}:{minute:02d}:{second:02d}.{fraction:06d}")


@_spelled.register(dict)
@_spelled.register(list)
@_spelled.register(tuple)
@_spelled.register(set)
@_spelled.register(frozenset)
def _(value: Any) -> str:
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=as_text)


def _fraction(text: str) -> str:
    """Without the zeros that end a fraction, and without a fraction that is none."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _not_finite(text: str) -> str:
    """The names PostgreSQL has for what is no number; anything else as it is."""
    name = text.lstrip("-").lower()
    if "nan" in name:
        return "NaN"
    return ("-" if text.startswith("-") else "") + "Infinity" if "inf" in name else text
