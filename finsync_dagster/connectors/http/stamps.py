"""Change stamps of records that came over HTTP: which is the newest, and whether to believe it.

Belongs here: reckoning with stamps as text. Not here: asking for records by them (asking.py), how
far an overlap reaches (sql_overlap.py).

A source is read page by page while it goes on working. A record read early may change before a
later one is read, and the newest stamp seen can then lie after a change that was not seen. So no
stamp after the moment at which the reading began, by the clock of the server, is believed: what was
changed since is asked for again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from finsync_dagster.connectors.sql_overlap import moment

# Neither a moment nor a number that counts changes is longer.
_LONGEST = 100
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_EPOCH_DATE = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")


def as_date(text: str) -> str:
    """``/Date(1574294400000)/`` as a moment in UTC; anything else as it is.

    OData v2 and some others write moments as milliseconds since 1970. What follows them in a
    ``/Date(…+0200)/`` is the zone it was entered in and changes nothing.
    """
    found = _EPOCH_DATE.fullmatch(text)
    if found is None:
        return text
    seconds, milliseconds = divmod(int(found[1]), 1000)
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return text
    # Not strftime, which writes the year 1, a favourite for none, without its zeros.
    text = at.replace(tzinfo=None).isoformat()
    return text + (f".{milliseconds:03d}" if milliseconds else "") + "Z"


def newer(one: str | None, two: str | None, zone: tzinfo) -> str | None:
    """The later of two stamps; one that cannot be read is earlier than any."""
    return max((s for s in (one, two) if s is not None), key=lambda s: order(s, zone), default=None)


def order(stamp: str, zone: tzinfo) -> tuple[int, Decimal]:
    """What a stamp is sorted by; one without an offset is taken to be of ``zone``."""
    return _order(stamp, zone) if len(stamp) <= _LONGEST else (0, Decimal(0))


@lru_cache(maxsize=4096)
def _order(stamp: str, zone: tzinfo) -> tuple[int, Decimal]:
    if _NUMBER.fullmatch(stamp):
        return 1, Decimal(stamp)
    try:
        at = _at(stamp, zone)
    except (ValueError, OverflowError, InvalidOperation):
        return 0, Decimal(0)
    return 2, Decimal((at - _EPOCH) // _MICROSECOND).scaleb(-6)


def believable(stamp: str, began: datetime | None, zone: tzinfo) -> str:
    """The stamp, or the moment at which the reading began if that is earlier, spelled alike."""
    if began is None or order(stamp, zone)[0] != 2 or _at(stamp, zone) <= began:
        return stamp
    return _spelled(began, stamp, zone)


def readable(stamp: str | None, zone: tzinfo) -> bool:
    """Can it be compared with others?"""
    return stamp is not None and order(stamp, zone)[0] > 0


def _at(stamp: str, zone: tzinfo) -> datetime:
    at, offset = moment(stamp)
    if not offset:
        return at.replace(tzinfo=zone)
    if offset == "Z":
        return at.replace(tzinfo=UTC)
    return datetime.fromisoformat(at.isoformat() + (offset if len(offset) > 3 else f"{offset}:00"))


def _spelled(at: datetime, like: str, zone: tzinfo) -> str:
    _, offset = moment(like)
    if len(like) == len("2026-01-31"):
        return at.astimezone(zone).date().isoformat()
    local = at.astimezone(UTC if offset else zone)
    text = local.strftime("%Y-%m-%dT%H:%M:%S" if "T" in like else "%Y-%m-%d %H:%M:%S")
    return text + ("" if not offset else "Z" if offset == "Z" else "+00:00")
