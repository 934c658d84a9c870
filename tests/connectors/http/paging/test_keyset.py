"""Paging by the last values: order, ties, and what is told when a server keeps to neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.paging.order import compared
from finsync_dagster.connectors.http.paging.pagers import PagingError, page_values, pager
from tests.connectors.http.paging.paging_servers import Ask, Row, answer, read, spec

STAMPS: dict[str, Any] = {"scheme": "keyset", "by": "at", "inclusive": True}


def stamped(stamps: Sequence[int]) -> list[Row]:
    """Records in the order of their stamps."""
    return [{"id": f"r{n}", "at": f"2026-11-{day:02d}"} for n, day in enumerate(sorted(stamps))]


def since(held: list[Row], cap: int) -> Ask:
    """A server that knows only: changed at this moment or later."""

    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        left = [row for row in held if row["at"] >= values.get("after", "")]
        page = left[: min(cap, int(values["limit"]))]
        return answer({"items": page, "left": Number(len(left)), "more": len(page) < len(left)})

    return ask


@pytest.mark.parametrize("last", [{}, {"total": "left"}, {"more": "more"}])
@given(stamps=st.lists(st.integers(1, 9), max_size=40), limit=st.integers(2, 50), cut=st.booleans())
def test_records_that_share_a_value_come_once(
    last: dict[str, Any], stamps: list[int], limit: int, cut: bool
) -> None:
    most = max((stamps.count(day) for day in stamps), default=0)
    cap = limit - 1 if cut and limit > 2 else limit
    assume(most < cap)
    held = stamped(stamps)
    got = read(pager(spec(**STAMPS, last=last), limit), since(held, cap))
    assert got.records == held
    if last == {"total": "left"}:
        assert got.total == len(held)


@given(st.integers(2, 12), st.lists(st.integers(1, 9), max_size=20))
def test_more_of_one_value_than_fit_a_page_is_told(limit: int, stamps: list[int]) -> None:
    held = stamped([*stamps, *[5] * (limit + 1)])
    with pytest.raises(
        PagingError, match=r"have the at '2026-11-0\d'.*more records share one value"
    ):
        read(pager(spec(**STAMPS), limit), since(held, limit))


def test_a_few_records_of_one_value_are_the_whole_list() -> None:
    for count in (1, 2, 4):
        got = read(pager(spec(**STAMPS), 5), since(stamped([3] * count), 5))
        assert len(got.records) == count


def test_a_record_changed_meanwhile_comes_again() -> None:
    pages = pager(spec(**STAMPS), 2)
    one, two = {"id": "1", "at": "a"}, {"id": "2", "at": "b"}
    step = pages.step(pages.first(), answer({}), [one, two])
    assert step.next is not None
    again = pages.step(step.next, answer({}), [two, {"id": "3", "at": "c"}])
    assert again.repeated == {0}
    changed = pages.step(step.next, answer({}), [{**two, "n": "x"}, {"id": "3", "at": "c"}])
    assert changed.repeated == frozenset()


def test_all_that_came_of_one_value_is_remembered() -> None:
    a, b, c = ({"id": name, "at": "x"} for name in "abc")
    for ordered in (True, False):
        pages = pager(spec(**STAMPS, ordered=ordered), 5)
        first = pages.step(pages.first(), answer({}), [{"id": "z", "at": "w"}, a, b]).next
        assert first is not None
        second = pages.step(first, answer({}), [b, c])
        assert (second.repeated, second.next is None) == ({0}, False)
        assert second.next is not None
        third = pages.step(second.next, answer({}), [a, c])
        assert (third.repeated, third.next) == ({0, 1}, None)


def test_pages_smaller_than_asked_for_may_still_be_full() -> None:
    # The server gives three at most, which the pages so far show: five of one value do not fit.
    with pytest.raises(PagingError, match="more records share one value than fit a page"):
        read(pager(spec(**STAMPS), 10), since(stamped([1, 2, 3, 3, 3, 3, 3]), 3))


def test_a_known_end_costs_no_further_request() -> None:
    held = stamped([1, 2, 3, 4, 5])
    assert read(pager(spec(**STAMPS), 3), since(held, 3)).asked == 3
    for last in ({"total": "left"}, {"more": "more"}, {"short": True}):
        words = {"scheme": "keyset", "by": "at", "inclusive": True, "last": last}
        assert read(pager(spec(**words), 4), since(held, 4)).asked == 2


@given(pairs=st.sets(st.tuples(st.integers(1, 5), st.integers(1, 30))), limit=st.integers(1, 9))
def test_several_fields_are_one_order(pairs: set[tuple[int, int]], limit: int) -> None:
    held = [{"Day": f"d{day}", "Meta": {"No": Number(no)}} for day, no in sorted(pairs)]

    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        after = (values.get("after.day", ""), int(values.get("after.meta_no", 0)))
        left = [row for row in held if (row["Day"], int(row["Meta"]["No"])) > after]  # type: ignore[index]
        return answer({"items": left[:limit]})

    words = spec(scheme="keyset", by=["Day", ["Meta", "No"]])
    assert page_values(words) == {"limit", "after.day", "after.meta_no"}
    assert read(pager(words, limit), ask).records == held


def stepped(pages: list[list[Json]], **words: Any) -> None:
    """Give these values of ``id``, page by page."""
    follower = pager(spec(**{"scheme": "keyset", "by": "id", **words}), 10)
    at = follower.first()
    for values in pages:
        step = follower.step(at, answer({}), [{"id": value, "n": str(at)} for value in values])
        assert step.next is not None
        at = step.next


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ([["a", "c", "b"]], "id 'b' comes after id 'c': the records are not in ascending order"),
        ([["a", "b"], ["b", "c"]], "id 'b' comes after id 'b', although more .*does not move on"),
        ([["a", "b"], ["a", "c"]], "id 'a' comes after id 'b', although more .*does not move on"),
        ([["a", "a"]], "records share one value.*Add a field to paging.by"),
        ([["a", None]], r"record 2 of page 1 has no id to go on from \(null\)"),
        ([["a"], ["b", {"x": "y"}]], r"record 2 of page 2 has no id"),
    ],
)
def test_what_breaks_the_order_is_told(pages: list[list[Json]], told: str) -> None:
    with pytest.raises(PagingError, match=told):
        stepped(pages)


def test_numbers_and_digits_compare_as_numbers() -> None:
    stepped([[Number(9), Number(10)], [Number("1e2")]])
    stepped([["9", "10"], ["11", "100"]])
    stepped([["00009", "00010"]])
    stepped([["10", "9"]], numeric=False)
    stepped([["9.5", "10.25"]], numeric=True)
    with pytest.raises(PagingError, match="'x7' is no number"):
        stepped([["1", "x7"]], numeric=True)
    with pytest.raises(PagingError, match="numeric: true or false"):
        stepped([["10", "9"]])


def test_an_order_that_is_not_ours_is_left_to_the_server() -> None:
    stepped([["b", "A", "c"], ["D", "a"]], ordered=False)
    with pytest.raises(PagingError, match="ends with id 'c', as an earlier one did"):
        stepped([["b", "c"], ["x", "c"]], ordered=False)


def test_a_server_that_ignores_the_place_is_told_with_both_values() -> None:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        return answer({"items": [{"id": Number(1)}, {"id": Number(7)}]})

    told = r"asked for after id '7' ends with '7' again: id does not move on"
    with pytest.raises(PagingError, match=told):
        read(pager(spec(scheme="keyset", by="id"), 2), ask)


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2, max_size=2))
def test_keys_of_numbers_compare_as_pairs_of_integers(pairs: list[tuple[int, int]]) -> None:
    one, other = pairs
    texts = [tuple(map(Number, pair)) for pair in pairs]
    assert compared(texts[0], texts[1], None) == (one > other) - (one < other)
    plain = [tuple(map(str, pair)) for pair in pairs]
    assert compared(plain[0], plain[1], None) == (one > other) - (one < other)
    assert compared(plain[0], plain[1], False) == (plain[0] > plain[1]) - (plain[0] < plain[1])
