"""Deadlines in working time.

Belongs here: adding working hours to a moment on an entity's calendar.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from finsync_dagster.landscape.model import Calendar


def due_at(opened_at: datetime, sla_hours: int, calendar: Calendar) -> datetime:
    """The moment, in UTC, at which ``sla_hours`` of working time have passed since ``opened_at``.

    Time outside working hours does not count. Hours are wall-clock hours of the calendar's zone,
    so that a change to summer time does not move the end of a working day.
    """
    zone = ZoneInfo(calendar.timezone)
    now = opened_at.astimezone(zone).replace(tzinfo=None)
    left = timedelta(hours=sla_hours)
    while True:
        opens, closes = _working_day(now, calendar)
        start = max(now, opens)
        if calendar.works_on(now.date()) and start < closes:
            if start + left <= closes:
                return (start + left).replace(tzinfo=zone).astimezone(UTC)
            left -= closes - start
        now = datetime.combine(now.date() + timedelta(days=1), time())


def _working_day(day: datetime, calendar: Calendar) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day.date(), time())
    return midnight + timedelta(hours=calendar.opens), midnight + timedelta(hours=calendar.closes)
