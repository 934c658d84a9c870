"""Saving the register: exact, idempotent, and never over a person's decision."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from finsync_dagster.storage.state import StaleDecisionError, StateError, StateStore
from finsync_dagster.storage.state.saving import Decision, Saved
from tests.storage.state_rows import MONDAY, TUESDAY, event, no_events, register


@pytest.fixture
def store(state_url: str) -> Iterator[StateStore]:
    opened = StateStore(state_url)
    yield opened
    opened.close()


def waived(exception_id: str = "x1", seen: str = "OPEN") -> Decision:
    return Decision(exception_id, seen, "WAIVED", "anna", None, "anna", TUESDAY)


def only(frame: pl.DataFrame) -> dict[str, object]:
    assert frame.height == 1
    return frame.row(0, named=True)


def test_a_register_comes_back_as_it_was_saved(store: StateStore) -> None:
    rows = register(
        {"exception_id": "x2", "amount_at_risk": Decimal("12345678901234567890.1234")},
        {"exception_id": "x1", "supplier_src_id": "S1", "message": "O'Neill; \u20ac \n\t\\"},
    )
    events = pl.concat([event("x1", None, "OPEN"), event("x2", None, "OPEN")])
    assert store.save_exceptions(rows, events) == Saved(inserted=2, updated=0, kept=())
    assert_frame_equal(store.exceptions(), rows.sort("exception_id"))
    assert_frame_equal(store.events(), events.sort("event_id"))


def test_an_empty_store_has_the_declared_columns(store: StateStore) -> None:
    assert store.exceptions().schema == register().schema
    assert store.events().schema == no_events().schema
    assert store.save_exceptions(register(), no_events()) == Saved(0, 0, ())


def test_exceptions_are_read_by_legal_entity(store: StateStore) -> None:
    rows = [
        {"exception_id": f"x{n}", "entity_id": e} for n, e in enumerate(["DE01", "US01", "FR01"])
    ]
    store.save_exceptions(register(*rows), no_events())
    assert store.read_exceptions(["US01", "DE01"])["exception_id"].to_list() == ["x0", "x1"]
    assert store.read_exceptions([]).schema == register().schema


def test_saving_twice_changes_nothing(store: StateStore) -> None:
    rows, events = register({}), event("x1", None, "OPEN")
    store.save_exceptions(rows, events)
    again = store.save_exceptions(rows, events)
    assert again == Saved(inserted=0, updated=1, kept=())
    assert_frame_equal(store.exceptions(), rows)
    assert_frame_equal(store.events(), events)


def test_a_later_run_updates_facts_and_moves_the_state(store: StateStore) -> None:
    store.save_exceptions(register({}), event("x1", None, "OPEN"))
    later = register(
        {"state": "RESOLVED_AUTO", "resolved_at": TUESDAY, "amount_at_risk": Decimal("0.0001")}
    )
    store.save_exceptions(later, event("x1", "OPEN", "RESOLVED_AUTO", "run2", TUESDAY))
    assert_frame_equal(store.exceptions(), later)
    assert store.events()["to_state"].sort().to_list() == ["OPEN", "RESOLVED_AUTO"]


def test_more_rows_than_a_batch(store: StateStore) -> None:
    rows = register(*({"exception_id": f"x{n:05}"} for n in range(2500)))
    store.save_exceptions(rows, no_events())
    assert store.save_exceptions(rows.reverse(), no_events()) == Saved(0, 2500, ())
    assert_frame_equal(store.exceptions(), rows)


def test_a_waiver_given_during_the_run_stays(store: StateStore) -> None:
    store.save_exceptions(register({}), event("x1", None, "OPEN"))
    store.decide(waived())  # after the run read OPEN, before it saves
    resolved = register({"state": "RESOLVED_AUTO", "resolved_at": TUESDAY, "message": "New words."})
    saved = store.save_exceptions(resolved, event("x1", "OPEN", "RESOLVED_AUTO", "run2", TUESDAY))
    assert saved.kept == ("x1",)
    row = only(store.exceptions())
    assert (row["state"], row["assignee"], row["resolved_at"]) == ("WAIVED", "anna", None)
    assert row["message"] == "New words."
    history = store.events().select("from_state", "to_state", "actor").rows()
    assert set(history) == {(None, "OPEN", "finsync"), ("OPEN", "WAIVED", "anna")}


def test_a_waiver_stays_when_the_run_changed_nothing(store: StateStore) -> None:
    store.save_exceptions(register({}), event("x1", None, "OPEN"))
    store.decide(waived())
    seen_again = register({"last_seen_run_id": "run2"})
    assert store.save_exceptions(seen_again, no_events()).kept == ("x1",)
    row = only(store.exceptions())
    assert (row["state"], row["last_seen_run_id"]) == ("WAIVED", "run2")


def test_an_assignment_is_never_overwritten(store: StateStore) -> None:
    store.save_exceptions(register({}), event("x1", None, "OPEN"))
    store.decide(Decision("x1", "OPEN", "OPEN", "anna", None, "boss", TUESDAY))
    saved = store.save_exceptions(register({"last_seen_run_id": "run2"}), no_events())
    assert saved.kept == ()
    assert only(store.exceptions())["assignee"] == "anna"


def test_the_next_run_goes_on_from_the_decision(store: StateStore) -> None:
    store.save_exceptions(register({}), event("x1", None, "OPEN"))
    store.decide(waived())
    gone = store.read_exceptions(["DE01"]).with_columns(
        state=pl.lit("RESOLVED_AUTO"), resolved_at=pl.lit(TUESDAY).cast(pl.Datetime("us", "UTC"))
    )
    saved = store.save_exceptions(gone, event("x1", "WAIVED", "RESOLVED_AUTO", "run3", TUESDAY))
    assert saved.kept == ()
    row = only(store.exceptions())
    assert (row["state"], row["assignee"]) == ("RESOLVED_AUTO", "anna")


def test_a_decision_on_what_has_moved_on_is_refused(store: StateStore) -> None:
    store.save_exceptions(register({}), event("x1", None, "OPEN"))
    store.decide(waived())
    with pytest.raises(StaleDecisionError, match="x1 is not OPEN any more"):
        store.decide(waived())
    assert store.events().height == 2


def test_two_runs_that_find_the_same_thing(store: StateStore) -> None:
    both = threading.Barrier(2)

    def save(run_id: str) -> Saved:
        both.wait()
        rows = register({"first_run_id": run_id, "last_seen_run_id": run_id})
        return store.save_exceptions(rows, event("x1", None, "OPEN", run_id))

    with ThreadPoolExecutor(2) as pool:
        saved = list(pool.map(save, ["run1", "run2"]))
    assert sorted(s.inserted for s in saved) == [0, 1]
    # The one who came first opened it; the other only saw it again.
    assert only(store.events())["run_id"] == only(store.exceptions())["first_run_id"]


def test_an_error_leaves_the_store_untouched(store: StateStore) -> None:
    rows = register({})
    with pytest.raises(StateError, match="not in the register"):
        store.save_exceptions(rows, event("x9", None, "OPEN"))
    twice = pl.concat([event("x1", None, "OPEN"), event("x1", "OPEN", "WAIVED")])
    with pytest.raises(StateError, match="several transitions"):
        store.save_exceptions(rows, twice)
    assert store.exceptions().height == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (pl.lit(None, pl.String).alias("message"), "no value in message"),
        (pl.lit("x").alias("extra"), "missing or unknown: extra"),
        (pl.lit("1.00001").alias("amount_at_risk"), "amount_at_risk is String, not Decimal"),
        (pl.col("amount_at_risk").cast(pl.Decimal(38, 5)), r"not Decimal\(precision=38, scale=4\)"),
    ],
)
def test_a_malformed_register_is_refused(
    store: StateStore, change: pl.Expr, complaint: str
) -> None:
    with pytest.raises(StateError, match=complaint):
        store.save_exceptions(register({}).with_columns(change), no_events())


def test_a_repeated_exception_is_refused(store: StateStore) -> None:
    with pytest.raises(StateError, match="several rows with one exception_id"):
        store.save_exceptions(register({}, {}), no_events())


def test_moments_keep_their_microseconds(store: StateStore) -> None:
    due = MONDAY + timedelta(microseconds=1)
    store.save_exceptions(register({"due_at": due}), no_events())
    assert only(store.exceptions())["due_at"] == due
