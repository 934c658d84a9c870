"""Change stamps of databases whose values the driver hands over: compared with bound parameters.

Belongs here: the parameter of a cursor's own type, never later than the stamp it stands for. Not
here: SQLite and PostgreSQL, which compare text (sql_cursor.py).

Drivers and databases disagree about fractions of a second (a fraction is cut off, or rounded to
1/300 of a second), so moments are compared from the second before. Text is compared as the
database sorts it, from the day of the stamp on, since one day's stamps may be spelled in ways that
do not sort.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from finsync_dagster.connectors.sql_overlap import HEX, aware, moment
from finsync_dagster.connectors.sql_table import SourceTable

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COMPACT_DAY = re.compile(r"\d{8}(\d{6})?")
_DAY = len("2016-01-31")


def kind_of(table: SourceTable, name: str) -> str:
    """The kind of the cursor's values: number, moment, day, bytes, text, or none yet.

    Raises:
        SourceError: values of this type cannot serve as a cursor.
    """
    sample = table.samples.get(name)
    if sample is None:
        return "none"
    if isinstance(sample, int | float | Decimal) and not isinstance(sample, bool):
        return "number"
    if isinstance(sample, datetime):
        return "moment"
    if isinstance(sample, date):
        return "day"
    if isinstance(sample, bytes | bytearray | memoryview):
        return "bytes"
    if isinstance(sample, str) and (_ISO_DAY.match(sample) or _COMPACT_DAY.fullmatch(sample)):
        return "text"
    raise table.error(
        f"column {name} cannot be a cursor: it holds values of type {type(sample).__name__}"
        + (" that are no dates" if isinstance(sample, str) else ""),
        "Name a column with a timestamp, a date or a growing number, or leave the cursor out",
    )


def bound_of(table: SourceTable, name: str, since: str) -> ColumnElement[bool]:
    """Records with a stamp at ``since`` or later, or without one.

    Raises:
        SourceError: ``since`` is no value of the column's kind: its type was changed.
    """
    column, kind = table.column(name), kind_of(table, name)
    if kind == "none":
        return column.is_(None)
    bounds: dict[str, Callable[[Any, str], object]] = {
        "number": _number,
        "moment": _moment,
        "day": lambda _, stamp: moment(stamp)[0].date(),
        "bytes": lambda _, stamp: bytes.fromhex(HEX.fullmatch(stamp)[1]),  # type: ignore[index]
        "text": lambda _, stamp: stamp[: _DAY if _ISO_DAY.match(stamp) else 8],
    }
    try:
        bound = sa.literal(bounds[kind](table.samples[name], since))
    except (ValueError, TypeError, InvalidOperation):
        raise table.error(
            f"column {name} holds a {kind}, and {since!r} is none: its type was changed",
            "Take a full extract of the object",
        ) from None
    asked = [column >= bound, column.is_(None)]
    if kind == "text":
        # Blanks and signs come before all digits: no stamp, so always asked for.
        asked.append(column < "0")
    return sa.or_(*asked)


def ceiling_of(table: SourceTable, name: str, limit: date) -> ColumnElement[bool]:
    """Records with a stamp that is not after ``limit``; numbers and bytes have no such limit."""
    column, kind = table.column(name), kind_of(table, name)
    sample = table.samples.get(name)
    there = column.is_not(None)
    if kind == "day":
        return sa.and_(there, column <= sa.literal(limit))
    if isinstance(sample, datetime):
        zone = UTC if sample.tzinfo else None
        last = datetime(limit.year, limit.month, limit.day, tzinfo=zone)
        return sa.and_(there, column <= sa.literal(last))
    if isinstance(sample, str):
        day = limit.isoformat() if _ISO_DAY.match(sample) else f"{limit:%Y%m%d}"
        return sa.and_(there, column >= "0", column <= day)
    return there


def _number(sample: Any, stamp: str) -> object:
    if isinstance(sample, float):
        return float(stamp)
    number = Decimal(stamp)
    return math.floor(number) if isinstance(sample, int) else number


def _moment(sample: datetime, stamp: str) -> datetime:
    at = aware(stamp) if sample.tzinfo else moment(stamp)[0]
    try:
        return at.replace(microsecond=0) - timedelta(seconds=1)
    except OverflowError:
        return at
