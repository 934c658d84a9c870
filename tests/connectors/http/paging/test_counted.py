"""Offsets and page numbers while servers shrink pages and the data changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.paging.pagers import PagingError, pager
from tests.connectors.http.paging.paging_servers import Counted, Row, answer, ids, read, rows, spec

SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=5)
TOTAL: dict[str, Any] = {"scheme": "offset", "last": {"total": "count"}}


@given(held=st.integers(0, 50).map(rows), sizes=SIZES, limit=st.integers(1, 12))
@pytest.mark.parametrize("last", [{}, {"more": "more"}, {"total": "count"}])
def test_offsets_follow_what_was_received(
    last: dict[str, Any], held: list[Row], sizes: list[int], limit: int
) -> None:
    server = Counted(held, sizes)
    got = read(pager(spec(scheme="offset", last=last), limit), server.by_offset)
    assert got.records == held


def test_a_known_end_costs_no_further_request() -> None:
    for last, asked in [({}, 6), ({"more": "more"}, 5), ({"total": "count"}, 5)]:
        server = Counted(rows(10), [2])
        read(pager(spec(scheme="offset", last=last), 2), server.by_offset)
        assert server.asked == asked, last
    server = Counted(rows(9), [2])
    read(pager(spec(scheme="offset", last={"short": True}), 2), server.by_offset)
    assert server.asked == 5
    server = Counted(rows(9), [2], start=1)
    numbered = pager(spec(scheme="page", last={"pages": "pages"}), 2)
    assert read(numbered, server.by_page).asked == 5


class Growing(Counted):
    """After each page, records are added at the end."""

    def __init__(self, held: list[Row], added: list[int]) -> None:
        super().__init__(held, [3])
        self.added = added
        self.last_held = held

    def by_offset(self, values: Mapping[str, Json], link: str | None) -> Answer:
        got = super().by_offset(values, link)
        self.last_held = self.held
        self.held = rows(len(self.held) + (self.added.pop(0) if self.added else 0))
        return got


@given(count=st.integers(1, 20), added=st.lists(st.integers(0, 4), max_size=8))
@pytest.mark.parametrize("last", [{}, {"total": "count"}, {"more": "more"}])
def test_what_is_added_at_the_end_meanwhile_comes_too(
    last: dict[str, Any], count: int, added: list[int]
) -> None:
    server = Growing(rows(count), list(added))
    got = read(pager(spec(scheme="offset", last=last), 3), server.by_offset)
    assert ids(got.records) == list(range(1, len(got.records) + 1))
    assert len(got.records) >= count
    # All that there was when the last page was given.
    assert got.records == server.last_held


def test_a_total_that_grew_is_the_end_only_with_an_empty_page() -> None:
    # 4 records, then 6; when the 6 are reached, a seventh appears.
    server = Growing(rows(4), [2, 1])
    got = read(pager(spec(**TOTAL), 3), server.by_offset)
    assert ids(got.records) == [1, 2, 3, 4, 5, 6, 7]


class Emptied(Counted):
    """States after the first page that most records are gone."""

    def by_offset(self, values: Mapping[str, Json], link: str | None) -> Answer:
        got = super().by_offset(values, link)
        return answer({**got.json, "count": Number(9 if values["offset"] == "0" else 3)})


def test_records_removed_meanwhile_are_told() -> None:
    with pytest.raises(PagingError, match=r"6 records were received, .* states 3: .*once more"):
        read(pager(spec(**TOTAL), 3), Emptied(rows(9), [3]).by_offset)


class Shrinking(Counted):
    """Two records vanish from the front after the first page."""

    def by_offset(self, values: Mapping[str, Json], link: str | None) -> Answer:
        got = super().by_offset(values, link)
        if self.asked == 1:
            self.held = self.held[2:]
        return got


@pytest.mark.parametrize("last", [{}, {"short": True}])
def test_a_total_that_shrinks_is_told(last: dict[str, Any]) -> None:
    words = spec(scheme="offset", last={**last, "total": "count"})
    got = read(pager(words, 3), Shrinking(rows(9), [3]).by_offset)
    # Two others were passed over, although the total is reached.
    assert ids(got.records) == [1, 2, 3, 6, 7, 8, 9]
    assert got.total == len(got.records)
    assert got.drifted


def test_a_total_that_is_not_reached_is_left_to_the_reader() -> None:
    pages = pager(spec(**TOTAL), 4)
    step = pages.step(pages.first(), answer({"count": Number(9)}), [])
    assert (step.next, step.total, step.drifted) == (None, 9, False)


def test_drift_may_pass_with_a_second_reading() -> None:
    pages = pager(spec(**TOTAL), 3)
    with pytest.raises(PagingError) as caught:
        pages.step(pages.first(), answer({"count": Number(2)}), rows(3))
    assert caught.value.transient


def test_a_server_that_ignores_the_offset_is_told() -> None:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        return answer({"items": rows(20)})

    with pytest.raises(PagingError, match=r"page 2 has the same 20 records .*heeds them"):
        read(pager(spec(scheme="offset"), 20), ask)


def test_more_that_never_comes_is_told() -> None:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        return answer({"items": [], "hasMore": True})

    for scheme in ({"scheme": "offset"}, {"scheme": "page"}, {"scheme": "keyset", "by": "id"}):
        with pytest.raises(PagingError, match="page 1 is empty, and hasMore says"):
            read(pager(spec(**scheme, last={"more": "hasMore"}), 20), ask)


def test_a_single_answer_must_be_all() -> None:
    pages = pager(spec(scheme="none", cap=3, last={"more": "more", "total": "count"}), 100)
    step = pages.step(pages.first(), answer({"count": Number(2)}), rows(2))
    assert (step.next, step.total) == (None, 2)
    with pytest.raises(PagingError, match="3 records, and the server cuts off at 3"):
        pages.step(pages.first(), answer({}), rows(3))
    with pytest.raises(PagingError, match="says at more that there is more than its 1 records"):
        pages.step(pages.first(), answer({"more": True}), rows(1))


def test_pages_that_are_empty_within_the_stated_number_are_passed() -> None:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        page = int(values["page"])
        return answer({"items": rows(6)[page : page + 1] if page % 2 else [], "of": Number(5)})

    got = read(pager(spec(scheme="page", last={"pages": "of"}), 10), ask)
    assert ids(got.records) == [2, 4, 6]
