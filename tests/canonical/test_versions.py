"""Versions: every state can be read again, as of any moment."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.versions import as_of, current, newest, withdrawal

START = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {
    "source_system": pl.String,
    "record_id": pl.String,
    "row_hash": pl.String,
    "source_deleted": pl.Boolean,
    "valid_from": pl.Datetime("us", "UTC"),
}
State = dict[str, str]


def append(stored: pl.DataFrame, system: str, state: State, at: datetime) -> pl.DataFrame:
    """The versions after a run that found this state of one system."""
    held = newest(stored.lazy()).filter(pl.col("source_system") == system).collect()
    live = held.filter(~pl.col("source_deleted"))
    known = dict(zip(live["record_id"], live["row_hash"], strict=True))
    new = [(system, k, h, False, at) for k, h in state.items() if known.get(k) != h]
    gone = live.filter(~pl.col("record_id").is_in(list(state)))
    return pl.concat([stored, pl.DataFrame(new, SCHEMA, orient="row"), withdrawal(gone, at)])


def state_of(rows: pl.LazyFrame, system: str) -> State:
    own = rows.filter(pl.col("source_system") == system).collect()
    assert own["record_id"].is_unique().all()
    return dict(zip(own["record_id"], own["row_hash"], strict=True))


def state(prefix: str) -> st.SearchStrategy[State]:
    keys = st.sampled_from([prefix + key for key in "abcd"])
    return st.dictionaries(keys, st.sampled_from(["h1", "h2", "h3"]))


# Two systems, of which the second begins later: the first versions of each are its own.
states = st.lists(st.tuples(state("x"), st.none() | state("y")), max_size=6)


@given(states)
@settings(max_examples=60, deadline=None)
def test_current_and_as_of_give_back_every_state(history: list) -> None:
    stored = pl.DataFrame(schema=SCHEMA)
    expected: list[tuple[datetime, State, State]] = []
    for n, (one, other) in enumerate(history):
        moment = START + timedelta(hours=n)
        stored = append(stored, "one", one, moment)
        last = expected[-1][2] if expected else {}
        if other is not None:
            stored = append(stored, "other", other, moment)
        expected.append((moment, one, last if other is None else other))
        assert state_of(current(stored.lazy()), "one") == one
    for moment, one, other in expected:
        seen = as_of(stored.lazy(), moment)
        assert state_of(seen, "one") == one
        assert state_of(seen, "other") == other


def test_a_record_that_returns_unchanged_is_current_again() -> None:
    stored = append(pl.DataFrame(schema=SCHEMA), "one", {"a": "h"}, START)
    stored = append(stored, "one", {}, START + timedelta(hours=1))
    assert current(stored.lazy()).collect().is_empty()
    stored = append(stored, "one", {"a": "h"}, START + timedelta(hours=2))
    assert stored.height == 3
    assert state_of(current(stored.lazy()), "one") == {"a": "h"}
