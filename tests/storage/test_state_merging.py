"""The rule by which a computed register meets the stored one, as properties."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from finsync_dagster.storage.state.merging import LIFECYCLE, merge
from tests.storage.state_rows import MONDAY, event, no_events, register

STATES = st.sampled_from(["OPEN", "WAIVED", "RESOLVED_AUTO"])
CASES = st.lists(
    st.fixed_dictionaries(
        {
            "read": st.none() | STATES,
            "new": STATES,
            "stored": st.none() | STATES,
            "assignee": st.sampled_from([None, "anna"]),
        }
    ),
    max_size=6,
)


def frames(cases: list[dict[str, Any]]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    later = MONDAY + timedelta(days=9)
    new = [
        {"exception_id": f"x{n}", "state": c["new"], "opened_at": later}
        for n, c in enumerate(cases)
    ]
    moved = [
        event(f"x{n}", c["read"], c["new"]) for n, c in enumerate(cases) if c["read"] != c["new"]
    ]
    held = [
        {"exception_id": f"x{n}", "state": c["stored"], "assignee": c["assignee"]}
        for n, c in enumerate(cases)
        if c["stored"] is not None
    ]
    return register(*new), pl.concat([no_events(), *moved]), register(*held)


@given(CASES)
def test_state_and_history_follow_the_rule(cases: list[dict[str, Any]]) -> None:
    computed, events, stored = frames(cases)
    merged = merge(computed, events, stored)
    for n, case in enumerate(cases):
        row = merged.rows.row(n, named=True)
        theirs = case["stored"] not in (None, case["read"])
        assert row["state"] == (case["stored"] if theirs else case["new"])
        assert (row["opened_at"] == MONDAY) == theirs
        assert row["assignee"] == (case["assignee"] if case["stored"] else None)
        told = f"x{n}" in merged.events["exception_id"]
        assert told == (case["read"] != case["new"] and not theirs)
        assert (f"x{n}" in merged.kept) == (theirs and case["stored"] != case["new"])


@given(CASES)
def test_merging_what_was_merged_changes_nothing(cases: list[dict[str, Any]]) -> None:
    computed, events, stored = frames(cases)
    once = merge(computed, events, stored).rows
    assert_frame_equal(merge(computed, events, once).rows, once)


@given(CASES, st.randoms())
def test_the_order_of_rows_does_not_matter(cases: list[dict[str, Any]], random: Any) -> None:
    computed, events, stored = frames(cases)
    seeds = [random.randrange(1000) for _ in range(3)]
    shuffled = [
        frame.sample(fraction=1, shuffle=True, seed=seed)
        for frame, seed in zip((computed, events, stored), seeds, strict=True)
    ]
    first, second = merge(computed, events, stored), merge(*shuffled)
    assert_frame_equal(first.rows, second.rows)
    assert_frame_equal(first.events, second.events)
    assert first.kept == second.kept


def test_the_lifecycle_moves_as_a_whole() -> None:
    assert set(LIFECYCLE) < set(register().columns)
