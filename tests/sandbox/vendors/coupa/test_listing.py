"""Ids kept, pages pushed back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.coupa.listing import Drifts, Lists


def test_a_list_is_found_once() -> None:
    lists, asked = Lists(), []
    for _ in range(3):
        assert list(lists.ids("a", lambda: asked.append(1) or [3, 5])) == [3, 5]  # type: ignore[func-returns-value]
    assert asked == [1]


def test_only_the_lists_asked_for_last_are_kept() -> None:
    lists = Lists()
    for number in range(100):
        lists.ids(number, lambda: [1])
    assert lists.ids(0, lambda: [2])[0] == 2
    assert lists.ids(99, lambda: [2])[0] == 1


def test_later_pages_stay_pushed_back() -> None:
    drifts = Drifts()
    assert drifts.start("r", 0, 2, 100) == 0  # nothing before it could come again
    assert drifts.start("r", 10, 2, 100) == 8
    assert drifts.start("r", 20, 0, 100) == 18
    assert drifts.start("r", 30, 3, 100) == 25
    assert drifts.start("other", 30, 0, 100) == 30


def test_asked_again_the_answer_is_the_same() -> None:
    drifts = Drifts()
    assert drifts.start("r", 10, 2, 100) == 8
    assert drifts.start("r", 10, 0, 100) == 8
    assert drifts.start("r", 10, 3, 100) == 8
    assert drifts.start("r", 0, 0, 100) == 0


def test_past_the_end_nothing_comes_again() -> None:
    drifts = Drifts()
    drifts.start("r", 10, 2, 12)
    assert drifts.start("r", 14, 2, 12) == 12


@given(
    sizes=st.lists(st.lists(st.integers(1, 9), min_size=1), min_size=1, max_size=4),
    pushes=st.lists(st.integers(0, 8), min_size=1),
    rows=st.integers(0, 40),
)
def test_readers_with_pages_of_any_size_lose_nothing(
    sizes: list[list[int]], pushes: list[int], rows: int
) -> None:
    drifts, number = Drifts(), 0
    readers = [{"offset": 0, "page": 0, "seen": [], "done": False} for _ in sizes]
    while not all(reader["done"] for reader in readers):
        for reader, own in zip(readers, sizes, strict=True):
            size = own[reader["page"] % len(own)]
            push = min(pushes[number % len(pushes)], size - 1)
            start = drifts.start("r", reader["offset"], push, rows)
            page = list(range(rows))[start : start + size]
            reader["seen"] += page
            reader["offset"] += len(page)
            reader["page"] += 1
            reader["done"] = not page
            number += 1
    for reader in readers:
        assert sorted(set(reader["seen"])) == list(range(rows))
