"""What holds for every way of paging: all records once, whatever the pages, and after any crash."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.paging.pagers import PagingError, page_values, pager
from tests.connectors.http.paging.paging_servers import Ask, Counted, Row, answer, read, rows, spec

Serve = Callable[[list[Row], int], Ask]


def cut(values: Mapping[str, Json], cap: int) -> int:
    return min(int(values["limit"]), cap)


def linked(held: list[Row], cap: int) -> Ask:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        begin = int(link.split("=")[1]) if link else 0
        end = begin + cut(values, cap)
        following = f"/list?skip={end}" if end < len(held) else None
        header = {"Link": f'</list?skip={end}>; title="a, b"; rel="next"'} if following else {}
        return answer({"items": held[begin:end], "next": following}, header)

    return ask


def with_tokens(held: list[Row], cap: int) -> Ask:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        begin = int(str(values.get("cursor", "t0"))[1:])
        end = begin + cut(values, cap)
        token = f"t{end}" if end < len(held) else "STOP"
        return answer({"items": held[begin:end], "token": token}, {"x-token": token})

    return ask


def by_key(held: list[Row], cap: int) -> Ask:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        after = int(values.get("after", 0))
        left = [row for row in held if int(row["id"]) > after]
        return answer({"items": left[: cut(values, cap)], "left": Number(len(left))})

    return ask


def by_range(held: list[Row], cap: int) -> Ask:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        low, high = int(values["low"]), int(values["high"])
        inside = [row for row in held if low <= int(row["id"]) <= high]
        return answer({"items": inside[: cut(values, cap)]})

    return ask


def offset_in_range(held: list[Row], cap: int) -> Ask:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        low, high, begin = (int(values[name]) for name in ("low", "high", "offset"))
        assert high - low < 7
        inside = [row for row in held if low <= int(row["id"]) <= high]
        return answer({"items": inside[begin : begin + cut(values, cap)]})

    return ask


RANGE: dict[str, Any] = {"scheme": "range", "low": 1, "high": 100}
SCHEMES: dict[str, tuple[dict[str, Any], Serve]] = {
    "offset": ({"scheme": "offset"}, lambda held, cap: Counted(held, [cap, 1]).by_offset),
    "offset from 1": (
        {"scheme": "offset", "start": 1},
        lambda held, cap: Counted(held, [cap], start=1).by_offset,
    ),
    "offset, more": (
        {"scheme": "offset", "last": {"more": "more"}},
        lambda held, cap: Counted(held, [cap, 2]).by_offset,
    ),
    "offset, total": (
        {"scheme": "offset", "last": {"total": "count"}},
        lambda held, cap: Counted(held, [cap, 3]).by_offset,
    ),
    "offset, total in a header": (
        {"scheme": "offset", "last": {"total": {"header": "content-range"}}},
        lambda held, cap: Counted(held, [cap, 3]).by_offset,
    ),
    "offset, short": (
        {"scheme": "offset", "last": {"short": True}},
        lambda held, cap: Counted(held, [1000]).by_offset,
    ),
    "page": ({"scheme": "page"}, lambda held, cap: Counted(held, [cap], start=1).by_page),
    "page from 0, pages": (
        {"scheme": "page", "start": 0, "last": {"pages": "pages"}},
        lambda held, cap: Counted(held, [cap]).by_page,
    ),
    "page, total": (
        {"scheme": "page", "last": {"total": "count"}},
        lambda held, cap: Counted(held, [cap], start=1).by_page,
    ),
    "next_link": ({"scheme": "next_link", "link": "next"}, linked),
    "link_header": ({"scheme": "link_header"}, linked),
    "cursor": ({"scheme": "cursor", "token": "token", "stop": ["STOP", ""]}, with_tokens),
    "cursor in a header": (
        {"scheme": "cursor", "token": {"header": "X-Token"}, "stop": ["STOP"], "first": "t0"},
        with_tokens,
    ),
    "keyset": ({"scheme": "keyset", "by": "id"}, by_key),
    "keyset, first": ({"scheme": "keyset", "by": "id", "first": 0}, by_key),
    "keyset, unordered": ({"scheme": "keyset", "by": "id", "ordered": False}, by_key),
    "keyset, total": ({"scheme": "keyset", "by": "id", "last": {"total": "left"}}, by_key),
    # A single value must be tellable from a piece that was cut off: hence two at least.
    "range": ({**RANGE}, lambda held, cap: by_range(held, 1000)),
    "range of pages": (
        {**RANGE, "widest": 7, "within": {"scheme": "offset"}},
        offset_in_range,
    ),
}


@pytest.mark.parametrize("scheme", SCHEMES)
@given(
    held=st.integers(0, 60).map(rows),
    cap=st.integers(1, 20),
    limit=st.integers(2, 25),
    at=st.data(),
)
def test_every_record_comes_once_and_a_crash_changes_nothing(
    scheme: str, held: list[Row], cap: int, limit: int, at: st.DataObject
) -> None:
    words, serve = SCHEMES[scheme]
    whole = read(pager(spec(**words), limit), serve(held, cap))
    assert whole.records == held
    crash = at.draw(st.integers(0, len(whole.positions) - 1))
    # Another pager and another server process: nothing but the position is left.
    rest = read(pager(spec(**words), limit), serve(held, cap), whole.positions[crash])
    assert rest.records == held[whole.kept_before[crash] :]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_positions_stay_small(scheme: str) -> None:
    words, serve = SCHEMES[scheme]
    whole = read(pager(spec(**words), 2), serve(rows(60), 2))
    assert max(len(json.dumps(at)) for at in whole.positions) < 500


@pytest.mark.parametrize("scheme", SCHEMES)
def test_only_declared_places_are_filled(scheme: str) -> None:
    words, serve = SCHEMES[scheme]
    pages = pager(spec(**words), 3)
    filled = [set(pages.values(at)) for at in read(pages, serve(rows(20), 3)).positions]
    assert set.union(*filled) <= page_values(spec(**words))
    # Links take the place of the declared request; all others fill every place from page two on.
    assert filled[-1] == page_values(spec(**words))


def test_numbers_become_json_numbers() -> None:
    values = pager(spec(scheme="offset"), 50).values({"pages": 2, "received": 80})
    assert values == {"limit": "50", "offset": "80", "end": "130", "last": "129"}
    assert all(isinstance(value, Number) for value in values.values())


@pytest.mark.parametrize("scheme", ["offset", "page", "next_link", "cursor", "keyset", "range"])
@given(count=st.integers(12, 40), which=st.integers(1, 5), times=st.integers(1, 2))
def test_a_page_that_comes_twice_is_asked_for_again(
    scheme: str, count: int, which: int, times: int
) -> None:
    words, serve = SCHEMES[scheme]
    limit = 2 if scheme != "range" else 5
    asked = Repeating(serve(rows(count), limit), which, times)
    reading = read(pager(spec(**words), limit), asked)
    assert reading.records == rows(count)


@pytest.mark.parametrize("scheme", ["offset", "page", "next_link", "cursor", "keyset", "range"])
def test_a_page_that_comes_for_ever_is_an_error(scheme: str) -> None:
    words, serve = SCHEMES[scheme]
    limit = 2 if scheme != "range" else 5
    asked = Repeating(serve(rows(20), limit), 3, 10_000)
    with pytest.raises(PagingError, match=r"same \d records|does not move on|goes? round"):
        read(pager(spec(**words), limit), asked)
    assert asked.repeated <= 3


class Repeating:
    """Gives the last page with records once more, from some page on, some times in a row."""

    def __init__(self, ask: Ask, which: int, times: int) -> None:
        self.ask = ask
        self.which = which
        self.times = times
        self.full: Answer | None = None
        self.pages = 0
        self.repeated = 0

    def __call__(self, values: Mapping[str, Json], link: str | None) -> Answer:
        got = self.ask(values, link)
        count = len(got.json["items"])
        cut_off = "low" in values and count >= int(values["limit"])
        due = self.pages >= self.which and self.repeated < self.times
        if self.full and count and not cut_off and due:
            self.repeated += 1
            return self.full
        if count and not cut_off:
            self.full = got
            self.pages += 1
        return got


def test_a_server_that_never_ends_is_left() -> None:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        return answer({"items": [{"id": values["page"]}]})

    with pytest.raises(PagingError, match=r"still more after 50 pages.*Raise paging.max_pages"):
        read(pager(spec(scheme="page", max_pages=50), 10), ask)


def test_a_list_of_exactly_the_most_pages_is_read() -> None:
    server = Counted(rows(10), [2]).by_offset
    words = {"scheme": "offset", "last": {"total": "count"}}
    assert len(read(pager(spec(**words, max_pages=5), 2), server).records) == 10
    with pytest.raises(PagingError, match="after 4 pages"):
        read(pager(spec(**words, max_pages=4), 2), server)


def test_a_status_may_stand_for_an_empty_page() -> None:
    server = Counted(rows(4), [2])

    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        got = server.by_offset(values, link)
        return got if got.json["items"] else answer("<h1>Not Found</h1>", status=404)

    words = {"scheme": "offset", "last": {"total": "absent"}, "empty_status": [404]}
    assert read(pager(spec(**words), 2), ask).records == rows(4)
    assert pager(spec(**RANGE, within=words), 2).empty_status == {404}
