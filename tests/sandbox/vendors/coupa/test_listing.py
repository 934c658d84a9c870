"""Ids kept, pages pushed back."""

from __future__ import annotations

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


def test_asked_again_the_last_word_counts() -> None:
    drifts = Drifts()
    assert drifts.start("r", 10, 2, 100) == 8
    assert drifts.start("r", 10, 0, 100) == 10
    assert drifts.start("r", 20, 0, 100) == 20
    drifts.start("r", 10, 2, 100)
    assert drifts.start("r", 0, 0, 100) == 0
    assert drifts.start("r", 20, 0, 100) == 20


def test_past_the_end_nothing_comes_again() -> None:
    drifts = Drifts()
    drifts.start("r", 10, 2, 12)
    assert drifts.start("r", 14, 2, 12) == 12
