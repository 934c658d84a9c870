"""What a driver hands over becomes text that says exactly the same."""

import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.sql_values import as_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("  padded  ", "  padded  "),
        ("", ""),
        (True, "true"),
        (10**30, "1" + "0" * 30),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+5"), "100000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("NaN"), "NaN"),
        (Decimal("-Infinity"), "-Infinity"),
        (0.1, "0.1"),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        (b"\xab\x00", "\\xab00"),
        (memoryview(b"\x01"), "\\x01"),
        (datetime(2016, 1, 31, 8, 0, 0, 500000), "2016-01-31 08:00:00.5"),
        (datetime(2016, 1, 31), "2016-01-31 00:00:00"),
        (datetime(2016, 1, 31, 8, tzinfo=UTC), "2016-01-31 08:00:00+00"),
        (
            datetime(2016, 1, 31, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            "2016-01-30 22:30:00+00",
        ),
        (date(2016, 1, 31), "2016-01-31"),
        (time(8, 5, 0, 250), "08:05:00.00025"),
        (timedelta(hours=25, microseconds=5), "25:00:00.000005"),
        (timedelta(minutes=-90), "-01:30:00"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ({"é": [1, Decimal("1.10"), None]}, '{"é":[1,"1.10",null]}'),
        ([date(2016, 1, 31)], '["2016-01-31"]'),
        ({"b", "a"}, '["a","b"]'),
    ],
)
def test_values(value, text):
    assert as_text(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_lose_nothing_and_have_no_exponent(value):
    text = as_text(value) or ""
    assert "E" not in text.upper()
    assert Decimal(text) == value


@given(st.datetimes())
def test_moments_lose_nothing(value):
    text = as_text(value) or ""
    whole, _, fraction = text.partition(".")
    seen = datetime.fromisoformat(whole).replace(microsecond=int(fraction.ljust(6, "0")))
    assert seen == value
    assert not fraction.endswith("0")
