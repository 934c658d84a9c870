"""Is a system down on purpose, and until when?

Belongs here: reckoning with declared windows. Not here: waiting, or skipping the system
(client.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from finsync_dagster.connectors.http.limits.model import DAYS, MaintenanceWindow

_MOST_IN_A_ROW = 100


def in_maintenance(windows: Iterable[MaintenanceWindow], now: datetime) -> datetime | None:
    """When the maintenance that ``now`` lies in ends, in the window's zone; None outside of any.

    ``now`` tells its zone. Windows that follow one another without a gap count as one, up to a
    hundred of them: a system that is always in maintenance has an end nevertheless. Where the
    clocks change, a time that is shown twice begins a window the first time and ends one the
    second; of a time that is skipped, the reading counts that makes the window longer.
    """
    declared = tuple(windows)
    end: datetime | None = None
    for _ in range(_MOST_IN_A_ROW):
        at = end or now
        later = _latest_end(declared, at)
        if later is None or (end is not None and later <= end):
            return end
        end = later
    return end


def _latest_end(windows: Iterable[MaintenanceWindow], at: datetime) -> datetime | None:
    # Compared in UTC: two moments of one zone compare by what their clocks show.
    moment = at.astimezone(UTC)
    ends = [
        end.astimezone(ZoneInfo(window.timezone))
        for window in windows
        for begin, end in _near(window, at)
        if begin <= moment < end
    ]
    return max(ends, key=lambda end: end.astimezone(UTC), default=None)


def _near(window: MaintenanceWindow, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end, in UTC, of the windows of the days around a moment."""
    zone = ZoneInfo(window.timezone)
    today = at.astimezone(zone).date()
    overnight = timedelta(days=1 if window.to <= window.from_ else 0)
    for days in (-1, 0, 1):
        day = today + timedelta(days=days)
        if DAYS[day.weekday()] in window.days:
            begin = min(_readings(day, window.from_, zone))
            yield begin, max(_readings(day + overnight, window.to, zone))


def _readings(day: date, clock: time, zone: ZoneInfo) -> list[datetime]:
    local = datetime.combine(day, clock, tzinfo=zone)
    return [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
