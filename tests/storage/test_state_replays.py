"""The history of replays, on either database."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from finsync_dagster.orchestration.replaying import REPLAYS
from finsync_dagster.storage.state import StateStore
from finsync_dagster.storage.state.engine import connect
from finsync_dagster.storage.state.replays import Replay
from tests.storage.state_rows import MONDAY, TUESDAY, event, register

BEGUN = Replay("20260302-a", MONDAY, "anna", '{"systems": ["sap"]}', "sap", 3)


def test_a_replay_is_recorded_as_it_begins_and_as_it_ends(state_url: str) -> None:
    store = StateStore(state_url)
    store.begin_replay(BEGUN)
    (row,) = store.replays().to_dicts()
    assert (row["outcome"], row["selected"], row["released"]) == ("running", 3, None)
    store.save_replay(
        replace(BEGUN, released=2, still_waiting=1, run_ids="r1,r2", outcome="succeeded")
    )
    (row,) = store.replays().to_dicts()
    assert row == {
        "replay_id": "20260302-a",
        "requested_at": MONDAY,
        "requested_by": "anna",
        "selection": '{"systems": ["sap"]}',
        "systems": "sap",
        "selected": 3,
        "released": 2,
        "still_waiting": 1,
        "run_ids": "r1,r2",
        "outcome": "succeeded",
    }
    store.close()


def test_a_replay_that_was_killed_is_closed_by_the_next(state_url: str) -> None:
    store = StateStore(state_url)
    store.begin_replay(BEGUN)
    store.begin_replay(replace(BEGUN, replay_id="20260303-b", requested_at=TUESDAY))
    outcomes = store.replays().select("replay_id", "outcome").rows()
    assert outcomes == [("20260302-a", "interrupted"), ("20260303-b", "running")]
    store.close()


def test_what_is_stored_can_be_published_as_it_is(state_url: str) -> None:
    store = StateStore(state_url)
    store.begin_replay(BEGUN)
    assert REPLAYS.conform(store.replays()).columns == store.replays().columns
    store.close()


def test_a_database_from_before_replays_keeps_its_exceptions(state_url: str) -> None:
    store = StateStore(state_url)
    store.save_exceptions(register({}), event("x1", None, "OPEN"))
    store.close()
    engine = connect(state_url)
    with engine.begin() as connection:
        # What later migrations made was not there either.
        connection.execute(sa.text("DROP TABLE policy_events"))
        connection.execute(sa.text("DROP TABLE replays"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    later = StateStore(state_url)
    assert later.replays().is_empty()
    assert later.exceptions()["exception_id"].to_list() == ["x1"]
    later.close()
