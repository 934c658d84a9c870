"""Change stamps: their order, and which of them are believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.stamps import as_date, believable, newer, order, readable

BERLIN = ZoneInfo("Europe/Berlin")
BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("9", "10"),
        ("-1", "0"),
        ("9007199254740992", "9007199254740993"),
        ("2026-01-31", "2026-02-01"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z"),
        ("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:01Z"),
        ("2026-01-01T02:00:00+0200", "2026-01-01 00:00:01+00"),
        ("2026-01-01 00:59:59", "2026-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.500Z", "1969-12-31T23:59:59.750Z"),
        ("nonsense", "2026-01-01"),
        ("0000-00-00 00:00:00", "1"),
        ("9" * 1_000_000, "1"),
        ("", "1"),
    ],
)
def test_order(earlier: str, later: str) -> None:
    assert order(earlier, BERLIN) < order(later, BERLIN)
    assert newer(earlier, later, BERLIN) == newer(later, earlier, BERLIN) == later


@given(MOMENTS, MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_the_order_is_that_of_time_whatever_the_zone(
    one: datetime, two: datetime, minutes: int
) -> None:
    away = timezone(timedelta(minutes=minutes))
    first, second = one.replace(tzinfo=UTC), two.replace(tzinfo=UTC)
    spelled = first.astimezone(away).isoformat(), second.isoformat().replace("+00:00", "Z")
    assert (order(spelled[0], UTC) < order(spelled[1], UTC)) == (first < second)


def test_nothing_is_older_than_anything() -> None:
    assert newer(None, "1", UTC) == newer("1", None, UTC) == "1"
    assert newer(None, None, UTC) is None
    assert not readable(None, UTC)
    assert not readable("soon", UTC)
    assert readable("2026-01-01", UTC)


@pytest.mark.parametrize(
    ("stamp", "believed"),
    [
        ("2026-03-01T11:59:59Z", "2026-03-01T11:59:59Z"),
        ("2026-03-01T12:00:01Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T15:00:00+02:00", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01 12:59:59", "2026-03-01 12:59:59"),
        ("2026-03-01 13:00:01", "2026-03-01 13:00:00"),
        ("2999-12-31", "2026-03-01"),
        ("9999999999", "9999999999"),
        ("soon", "soon"),
    ],
)
def test_no_stamp_after_the_reading_began_is_believed(stamp: str, believed: str) -> None:
    assert believable(stamp, BEGAN, BERLIN) == believed
    assert believable(stamp, None, BERLIN) == stamp


@given(MOMENTS)
def test_what_is_believed_is_never_later_than_the_beginning(at: datetime) -> None:
    for stamp in (at.isoformat(), at.isoformat(sep=" "), at.isoformat() + "Z"):
        found = believable(stamp, BEGAN, BERLIN)
        limit = order(BEGAN.isoformat(), BERLIN)
        assert order(found, BERLIN) <= limit


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("/Date(1574294400000)/", "2019-11-21T00:00:00Z"),
        ("/Date(1574294400123)/", "2019-11-21T00:00:00.123Z"),
        ("/Date(1574294400000+0200)/", "2019-11-21T00:00:00Z"),
        ("/Date(-1)/", "1969-12-31T23:59:59.999Z"),
        ("/Date(-62135596800000)/", "0001-01-01T00:00:00Z"),
        ("/Date(999999999999999)/", "/Date(999999999999999)/"),
        ("/Date(1574294400000)", "/Date(1574294400000)"),
        ("/Date(x)/", "/Date(x)/"),
    ],
)
def test_milliseconds_since_1970(text: str, stamp: str) -> None:
    assert as_date(text) == stamp
