"""Schedules in five fields."""

import pytest

from finsync_dagster.landscape.cron import require_cron


@pytest.mark.parametrize(
    "text",
    ["0 7-19/2 * * 1-5", "*/15 * * * *", "0 0 1 jan,JUL mon-fri", "59 23 31 12 7", "5 4 * * 0,6"],
)
def test_good(text: str) -> None:
    assert require_cron(text) == text


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("60 * * * *", "minute '60'"),
        ("0 24 * * *", "hour '24'"),
        ("0 0 0 * *", "day of the month '0'"),
        ("0 0 1 13 *", "month '13'"),
        ("0 0 * * 8", "day of the week '8'"),
        ("5-1 * * * *", "minute '5-1'"),
        ("*/0 * * * *", "minute '\\*/0'"),
        ("0, * * * *", "minute '0,'"),
        ("0 7 * *", "five fields .* here are 4"),
    ],
)
def test_bad(text: str, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        require_cron(text)
