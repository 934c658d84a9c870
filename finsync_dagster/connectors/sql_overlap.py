"""Where an increment begins: some way before the newest change stamp that is known.

Belongs here: reckoning with change stamps as text. Not here: comparing them in a database
(sql_cursor.py).

It is reckoned here and not by the database, so that it is the same everywhere. A result may be too
early, which costs a few records read twice; it is never too late.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,6})\d*)?)?"
    r" ?(Z|[+-]\d{2}(?::?\d{2})?)?"
)
_COMPACT = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}
HEX = re.compile(r"\\x([0-9a-f]+)")


def lowered(stamp: str, overlap: int | str) -> str:
    """The stamp moved back by ``overlap``, spelled as it was.

    Raises:
        ValueError: a duration for a stamp that is no moment, or a count for one that is no number.
    """
    if not overlap:
        return stamp
    if isinstance(overlap, int):
        return _lower_number(stamp, overlap)
    duration = timedelta(**{_UNITS[overlap[-1]]: int(overlap[:-1])})
    if len(stamp) in _COMPACT and stamp.isdecimal():
        spelling = _COMPACT[len(stamp)]
        return _back(datetime.strptime(stamp, spelling), duration).strftime(spelling)
    at, offset = moment(stamp)
    back = _back(at, duration)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", stamp):
        return back.date().isoformat()
    return back.isoformat(sep=" ") + offset


def moment(stamp: str) -> tuple[datetime, str]:
    """A stamp as a moment without its offset, and the offset as it is spelled.

    Raises:
        ValueError: it is no moment.
    """
    found = _MOMENT.fullmatch(stamp)
    if found is None:
        raise ValueError(f"{stamp!r} is no date and no time")
    day, clock, fraction, offset = found.groups()
    at = datetime.fromisoformat(f"{day} {clock or '00:00'}")
    return at.replace(microsecond=int((fraction or "0").ljust(6, "0"))), offset or ""


def aware(stamp: str) -> datetime:
    """A stamp as a moment in UTC; one without an offset is UTC.

    Raises:
        ValueError: it is no moment.
    """
    at, offset = moment(stamp)
    if offset in ("", "Z"):
        return at.replace(tzinfo=UTC)
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > 3 else 0
    ahead = timedelta(hours=hours, minutes=minutes)
    return (at - ahead if offset[0] == "+" else at + ahead).replace(tzinfo=UTC)


def tomorrow(now: datetime) -> date:
    """The day until which a stamp may be true, wherever in the world its clock stands."""
    return (now + timedelta(days=2)).date()


def _lower_number(stamp: str, overlap: int) -> str:
    if found := HEX.fullmatch(stamp):
        number = max(int(found[1], 16) - overlap, 0)
        return f"\\x{number:0{len(found[1])}x}"
    try:
        return format(Decimal(stamp) - overlap, "f")
    except InvalidOperation:
        raise ValueError(f"{stamp!r} is no number") from None


def _back(at: datetime, duration: timedelta) -> datetime:
    try:
        return at - duration
    except OverflowError:
        return datetime.min
