"""Deadlines in working time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.exceptions.calendar import due_at
from finsync_dagster.landscape.model import Calendar

OFFICE = Calendar()  # 9 to 17, Monday to Friday, UTC


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# 2024-03-04 is a Monday.
@pytest.mark.parametrize(
    ("opened", "hours", "due"),
    [
        ("2024-03-04 10:00", 4, "2024-03-04 14:00"),
        ("2024-03-04 09:00", 8, "2024-03-04 17:00"),
        ("2024-03-04 06:30", 4, "2024-03-04 13:00"),
        ("2024-03-04 17:00", 1, "2024-03-05 10:00"),
        ("2024-03-04 21:00", 4, "2024-03-05 13:00"),
        ("2024-03-04 15:30", 4, "2024-03-05 11:30"),
        ("2024-03-04 10:00", 24, "2024-03-07 10:00"),
        ("2024-03-08 16:00", 4, "2024-03-11 12:00"),
        ("2024-03-09 12:00", 8, "2024-03-11 17:00"),
        ("2024-03-04 10:00", 80, "2024-03-18 10:00"),
    ],
    ids=[
        "within the day",
        "exactly a day",
        "before opening",
        "at closing",
        "after closing",
        "over night",
        "several days",
        "over the weekend",
        "on a Saturday",
        "two weeks",
    ],
)
def test_hours_of_an_office(opened: str, hours: int, due: str) -> None:
    assert due_at(at(opened), hours, OFFICE) == at(due)


def test_other_weekdays_and_hours() -> None:
    gulf = Calendar(timezone="Asia/Riyadh", opens=8, closes=14, weekdays=(7, 1, 2, 3, 4))
    # Thursday 13:00 in Riyadh; Friday and Saturday are free.
    assert due_at(at("2024-03-07 13:00", "Asia/Riyadh"), 3, gulf) == at(
        "2024-03-10 10:00", "Asia/Riyadh"
    )


def test_a_place_that_never_closes() -> None:
    always = Calendar(opens=0, closes=24, weekdays=(1, 2, 3, 4, 5, 6, 7))
    assert due_at(at("2024-03-04 10:30"), 40, always) == at("2024-03-06 02:30")


@pytest.mark.parametrize(
    ("opened", "due"),
    [("2024-03-08 16:00", "2024-03-11 12:00"), ("2024-11-01 16:00", "2024-11-04 12:00")],
    ids=["to summer time", "to winter time"],
)
def test_a_clock_change_does_not_move_the_working_day(opened: str, due: str) -> None:
    west = Calendar(timezone="America/Los_Angeles")
    zone = "America/Los_Angeles"
    assert due_at(at(opened, zone), 4, west) == at(due, zone)


def test_the_zone_of_the_moment_does_not_matter() -> None:
    west = Calendar(timezone="America/Los_Angeles")
    here = at("2024-03-04 10:00", "America/Los_Angeles")
    assert due_at(here.astimezone(UTC), 4, west) == due_at(here, 4, west)
    assert due_at(here, 4, west).utcoffset() == timedelta(0)


def reference(opened: datetime, hours: int, calendar: Calendar) -> datetime:
    """Minute by minute on the wall clock: a minute counts if it begins within working hours."""
    zone = ZoneInfo(calendar.timezone)
    wall, left = opened.astimezone(zone).replace(tzinfo=None), hours * 60
    while left:
        working = wall.isoweekday() in calendar.weekdays
        if working and calendar.opens <= wall.hour < calendar.closes:
            left -= 1
        wall += timedelta(minutes=1)
    return wall.replace(tzinfo=zone).astimezone(UTC)


calendars = st.builds(
    lambda opens, length, weekdays, zone: Calendar(
        timezone=zone, opens=opens, closes=min(24, opens + length), weekdays=tuple(weekdays)
    ),
    st.integers(0, 23),
    st.integers(1, 24),
    st.sets(st.integers(1, 7), min_size=1),
    st.sampled_from(["UTC", "America/Los_Angeles", "Asia/Kolkata", "Europe/Berlin"]),
)
# Weeks with clock changes in America and Europe, and one without.
moments = st.builds(
    lambda day, minute: datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(minutes=minute),
    st.sampled_from(["2024-03-08", "2024-03-29", "2024-10-25", "2024-11-01", "2024-06-03"]),
    st.integers(0, 4 * 24 * 60),
)


@settings(deadline=None, max_examples=50)
@given(moments, st.integers(1, 30), calendars)
def test_as_a_clock_watched_minute_by_minute(
    opened: datetime, hours: int, calendar: Calendar
) -> None:
    assert due_at(opened, hours, calendar) == reference(opened, hours, calendar)


@settings(deadline=None)
@given(moments, st.integers(1, 80), calendars)
def test_more_hours_are_never_due_earlier(opened: datetime, hours: int, calendar: Calendar) -> None:
    sooner, later = (due_at(opened, h, calendar) for h in (hours, hours + 1))
    assert opened <= sooner <= later


def test_nobody_works_on_a_holiday() -> None:
    easter = Calendar(holidays=(date(2024, 3, 29), date(2024, 4, 1)))
    # Thursday before Good Friday; Easter Monday is free too.
    assert due_at(at("2024-03-28 16:00"), 4, easter) == at("2024-04-02 12:00")
    assert due_at(at("2024-03-28 16:00"), 4, OFFICE) == at("2024-03-29 12:00")
    # Opened on the holiday itself: the clock starts on the next working day.
    assert due_at(at("2024-04-01 11:00"), 1, easter) == at("2024-04-02 10:00")
