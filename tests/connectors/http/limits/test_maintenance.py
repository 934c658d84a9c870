"""Windows in which a system is down on purpose, in their own zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from finsync_dagster.connectors.http.limits.maintenance import in_maintenance
from finsync_dagster.connectors.http.limits.model import DAYS, MaintenanceWindow

BERLIN = ZoneInfo("Europe/Berlin")


def window(begin: str, to: str, timezone: str = "Europe/Berlin", **more: Any) -> MaintenanceWindow:
    written = {"from": begin, "to": to, "timezone": timezone, **more}
    return MaintenanceWindow.model_validate(written)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-03-08 00:59", None),
        ("2026-03-08 01:00", "2026-03-08 05:00"),
        ("2026-03-08 04:59:59", "2026-03-08 05:00"),
        ("2026-03-08 05:00", None),
        ("2026-03-09 02:00", None),
    ],
)
def test_a_window_of_one_day(now: str, end: str | None) -> None:
    sunday = window("02:00", "06:00", days=["sun"])
    assert in_maintenance([sunday], utc(now)) == (utc(end) if end else None)


def test_the_end_is_told_in_the_windows_zone() -> None:
    end = in_maintenance([window("02:00", "06:00")], utc("2026-07-05 00:30"))
    assert end is not None
    assert end.isoformat() == "2026-07-05T06:00:00+02:00"


def test_over_midnight_the_day_is_the_one_it_begins_on() -> None:
    saturday = window("22:00", "03:00", "UTC", days=["sat"])
    assert in_maintenance([saturday], utc("2026-03-08 02:59")) == utc("2026-03-08 03:00")
    assert in_maintenance([saturday], utc("2026-03-07 02:59")) is None
    assert in_maintenance([saturday], utc("2026-03-08 22:30")) is None


def test_the_zone_may_be_on_another_day_than_the_caller() -> None:
    tokyo = window("01:00", "02:00", "Asia/Tokyo", days=["mon"])
    sunday_in_london = utc("2026-03-08 16:30")
    assert in_maintenance([tokyo], sunday_in_london) == utc("2026-03-08 17:00")


def test_windows_without_a_gap_are_one() -> None:
    windows = [window("22:00", "00:00", "UTC"), window("00:00", "04:00", "UTC")]
    assert in_maintenance(windows, utc("2026-03-08 23:00")) == utc("2026-03-09 04:00")


def test_always_in_maintenance_has_an_end_nevertheless() -> None:
    assert in_maintenance([window("00:00", "00:00", "UTC")], utc("2026-03-08 12:00")) is not None


def test_when_clocks_go_forward_the_window_is_an_hour_shorter() -> None:
    night = window("01:00", "06:00")
    assert in_maintenance([night], utc("2026-03-28 23:59")) is None
    assert in_maintenance([night], utc("2026-03-29 00:00")) == utc("2026-03-29 04:00")


def test_a_window_within_the_hour_that_is_skipped_is_not_lost() -> None:
    # 02:15 to 02:45 is not shown by any clock on that day.
    assert in_maintenance([window("02:15", "02:45")], utc("2026-03-29 01:10")) is not None


def test_when_clocks_go_back_both_hours_belong_to_it() -> None:
    # Summer time ends at 01:00 UTC; 02:00 to 03:00 is shown twice, from 00:00 to 02:00 UTC.
    night = window("02:00", "02:30")
    for minute in ("2026-10-25 00:00", "2026-10-25 00:45", "2026-10-25 01:29"):
        end = in_maintenance([night], utc(minute))
        assert end is not None
        assert end.astimezone(UTC) == utc("2026-10-25 01:30")
    assert in_maintenance([night], utc("2026-10-25 01:30")) is None


clocks = st.times().map(lambda at: f"{at.hour:02}:{at.minute:02}")


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    begin=clocks,
    to=clocks,
    days=st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
)
@example(now=utc("2026-10-25 01:15"), begin="02:30", to="02:45", days=["sun"])
def test_it_agrees_with_the_clock_on_the_wall(
    now: datetime, begin: str, to: str, days: list[Any]
) -> None:
    """What a clock on the wall in Berlin shows within the window is within it."""
    local = now.astimezone(BERLIN)
    shown, today = f"{local:%H:%M}", DAYS[local.weekday()]
    yesterday = DAYS[local.weekday() - 1]
    if begin < to:
        inside = today in days and begin <= shown < to
    else:
        inside = (today in days and shown >= begin) or (yesterday in days and shown < to)
    end = in_maintenance([window(begin, to, days=days)], now)
    if inside:
        assert end is not None
        assert end.astimezone(UTC) > now
    elif end is not None:
        # Only around a change of the clocks, when a time is shown twice or never.
        before, after = (
            (local.astimezone(UTC) + timedelta(hours=h)).astimezone(BERLIN).utcoffset()
            for h in (-2, 2)
        )
        assert before != after


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"from": 120, "to": "06:00"}, 'write it in quotes, such as "02:00"'),
        ({"from": "2:00", "to": "06:00"}, "no time of day"),
        ({"from": "02:00", "to": "24:00"}, "no time of day"),
        ({"from": "02:00", "to": "06:00", "timezone": "Berlin"}, "Europe/Berlin"),
        ({"from": "02:00", "to": "06:00", "days": []}, "at least 1 item"),
        ({"from": "02:00", "to": "06:00", "days": ["sunday"]}, "'sun'"),
    ],
)
def test_what_cannot_be_a_window_is_said(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MaintenanceWindow.model_validate({"timezone": "UTC", **written})
