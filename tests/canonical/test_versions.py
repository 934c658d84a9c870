"""Versions: idempotent, and every state can be read again."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.versions import as_of, current, difference, newest

START = datetime(2026, 1, 1, tzinfo=UTC)


def table(state: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "record_id": list(state),
            "row_hash": list(state.values()),
            "source_deleted": [False] * len(state),
            "valid_from": [None] * len(state),
        },
        schema={
            "record_id": pl.String,
            "row_hash": pl.String,
            "source_deleted": pl.Boolean,
            "valid_from": pl.Datetime("us", "UTC"),
        },
    )


def state_of(frame: pl.LazyFrame) -> dict[str, str]:
    rows = current(frame).collect()
    return dict(zip(rows["record_id"], rows["row_hash"], strict=True))


states = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["h1", "h2", "h3"])), max_size=6
)


@given(states)
@settings(max_examples=100, deadline=None)
def test_current_and_as_of_give_back_every_state(history: list[dict[str, str]]) -> None:
    stored, moments = table({}), []
    for n, state in enumerate(history):
        moment = START + timedelta(hours=n)
        stored_now = newest(stored.lazy()).collect()
        stored = pl.concat([stored, difference(stored_now, table(state), moment).new])
        moments.append(moment)
        again = difference(newest(stored.lazy()).collect(), table(state), moment)
        assert again.new.is_empty(), "the same state must not be written twice"
        assert state_of(stored.lazy()) == state
    for moment, state in zip(moments, history, strict=True):
        seen = as_of(stored.lazy(), moment).collect()
        assert dict(zip(seen["record_id"], seen["row_hash"], strict=True)) == state


def test_a_record_that_returns_unchanged_is_current_again() -> None:
    first = difference(table({}), table({"a": "h"}), START).new
    gone = difference(first, table({}), START + timedelta(hours=1))
    assert gone.gone.to_list() == ["a"]
    stored = pl.concat([first, gone.new])
    back = difference(
        newest(stored.lazy()).collect(), table({"a": "h"}), START + timedelta(hours=2)
    )
    assert back.changed.to_list() == ["a"]
    assert state_of(pl.concat([stored, back.new]).lazy()) == {"a": "h"}
