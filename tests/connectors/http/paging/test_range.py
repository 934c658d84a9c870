"""A range in pieces: everything once, however the values lie, and as few requests as needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.paging.pagers import PagingError, pager
from tests.connectors.http.paging.paging_servers import Ask, Row, answer, read, rows, spec

DAY = date(2026, 1, 1)
DAYS: dict[str, Any] = {"scheme": "range", "low": DAY, "high": date(2026, 12, 31)}


def between(held: list[Row], cap: int = 10_000) -> Ask:
    """A server that cuts off at a cap, and counts what it would have."""

    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        inside = [row for row in held if values["low"] <= row["day"] <= values["high"]]
        page = inside[: min(cap, int(values["limit"]))]
        return answer({"items": page, "n": Number(len(inside)), "cut": len(page) < len(inside)})

    return ask


def dated(days: list[int]) -> list[Row]:
    return [
        {"id": Number(n), "day": (DAY + timedelta(days=day)).isoformat()}
        for n, day in enumerate(sorted(days))
    ]


@given(
    days=st.lists(st.integers(0, 364), max_size=60),
    limit=st.integers(2, 30),
    widest=st.none() | st.integers(1, 400),
)
def test_days_are_divided_until_each_piece_is_whole(
    days: list[int], limit: int, widest: int | None
) -> None:
    assume(max(Counter(days).values(), default=0) < limit)
    held = dated(days)
    got = read(pager(spec(**DAYS, widest=widest), limit), between(held))
    assert got.records == held
    longest = max(len(at["open"]) for at in got.positions)
    assert longest <= 12


@given(st.sets(st.integers(-(10**9), 10**9), max_size=20), st.integers(2, 5))
def test_numbers_far_apart(values: set[int], limit: int) -> None:
    held = [{"id": Number(n)} for n in sorted(values)]

    def ask(given_: Mapping[str, Json], link: str | None) -> Answer:
        low, high = int(given_["low"]), int(given_["high"])
        return answer({"items": [r for r in held if low <= int(r["id"]) <= high][:limit]})

    words = spec(scheme="range", low=-(10**9), high=10**9)
    assert read(pager(words, limit), ask).records == held


@pytest.mark.parametrize("last", [{"more": "cut"}, {"total": "n"}])
def test_servers_that_cut_off_below_the_limit_may_say_so(last: dict[str, Any]) -> None:
    held = dated(list(range(0, 300, 5)))
    assert read(pager(spec(**DAYS, last=last), 1000), between(held, cap=7)).records == held
    # Without being told, nobody could know: the cap must be declared.
    assert read(pager(spec(**DAYS, cap=7), 1000), between(held, cap=7)).records == held
    assert len(read(pager(spec(**DAYS), 1000), between(held, cap=7)).records) == 7


def test_one_day_that_is_cut_off_is_an_error() -> None:
    held = dated([3, 40, 40, 40, 80])
    told = "the answer for 2026-02-10 alone has 3 records.*divide the range"
    with pytest.raises(PagingError, match=told):
        read(pager(spec(**DAYS), 3), between(held))


def test_no_piece_is_wider_than_the_server_takes() -> None:
    pages = pager(spec(**DAYS, widest=31), 100)
    got = read(pages, between(dated([1, 200])))
    asked = [(pages.values(at)["low"], pages.values(at)["high"]) for at in got.positions]
    assert asked[0] == ("2026-01-01", "2026-01-31")
    assert asked[-1][1] == "2026-12-31"
    for (_, high), (low, _) in pairwise(asked):
        assert date.fromisoformat(low) - date.fromisoformat(high) == timedelta(days=1)


def test_a_server_that_ignores_the_bounds_is_told() -> None:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        return answer({"items": rows(2)})

    with pytest.raises(PagingError, match="same 2 records"):
        read(pager(spec(scheme="range", low=1, high=100, widest=10), 5), ask)
    with pytest.raises(PagingError, match="the answer for 1 alone has 2 records"):
        read(pager(spec(scheme="range", low=1, high=100), 2), ask)


def test_bounds_are_spelled_as_their_kind() -> None:
    numbers = pager(spec(scheme="range", low=1, high=9), 5)
    assert isinstance(numbers.values(numbers.first())["low"], Number)
    days = pager(spec(**DAYS), 5)
    assert type(days.values(days.first())["low"]) is str


def test_a_piece_that_shrank_is_still_told_at_the_end() -> None:
    held = dated(list(range(40)))
    totals = iter([10, 9])

    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        inside = [row for row in held if values["low"] <= row["day"] <= values["high"]]
        begin = int(values["offset"])
        page = inside[begin : begin + 4]
        return answer({"items": page, "n": Number(next(totals, len(inside)))})

    within = {"scheme": "offset", "last": {"total": "n"}}
    got = read(pager(spec(**DAYS, widest=9, within=within), 4), ask)
    assert got.drifted
    assert got.records == held
