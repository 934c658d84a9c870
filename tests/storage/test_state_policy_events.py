"""Which version of the policy people put in force, on either database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from finsync_dagster.storage.state import StateStore
from finsync_dagster.storage.state.engine import connect
from finsync_dagster.storage.state.errors import StaleDecisionError
from finsync_dagster.storage.state.policy_events import PolicyEvent, recorded
from tests.storage.state_rows import MONDAY, TUESDAY, event, register

FIRST = PolicyEvent(
    "20260302-a", MONDAY, "cut-over", "anna", "as agreed", "1", "aa", "2", "bb", MONDAY.date()
)
SECOND = replace(
    FIRST,
    event_id="20260303-b",
    at=TUESDAY,
    kind="roll-back",
    from_version="2",
    from_digest="bb",
    to_version="1",
    to_digest="aa",
    in_force_from=TUESDAY.date(),
)


def test_events_are_kept_in_order_of_time(state_url: str) -> None:
    store = StateStore(state_url)
    store.record_policy_event(FIRST, seen=0)
    store.record_policy_event(SECOND, seen=1)
    rows = store.policy_events()
    store.close()
    assert rows["event_id"].to_list() == ["20260302-a", "20260303-b"]
    assert rows.row(0, named=True) == {
        "event_id": "20260302-a",
        "at": MONDAY,
        "kind": "cut-over",
        "decided_by": "anna",
        "reason": "as agreed",
        "from_version": "1",
        "from_digest": "aa",
        "to_version": "2",
        "to_digest": "bb",
        "in_force_from": MONDAY.date(),
    }
    assert recorded(state_url).equals(rows)


def test_who_decides_on_what_is_no_longer_so_is_refused(state_url: str) -> None:
    store = StateStore(state_url)
    store.record_policy_event(FIRST, seen=0)
    with pytest.raises(StaleDecisionError, match="put in force meanwhile"):
        store.record_policy_event(SECOND, seen=0)
    assert store.policy_events().height == 1
    store.close()


def test_reading_creates_and_migrates_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    assert recorded(f"sqlite:///{file}").is_empty()
    assert not file.exists()
    engine = connect(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE other (n INTEGER)"))
    engine.dispose()
    assert recorded(f"sqlite:///{file}").is_empty()


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a b%20c/state.sqlite"
    store = StateStore(url)
    store.record_policy_event(FIRST, seen=0)
    store.close()
    assert recorded(url).height == 1


def test_a_database_from_before_policy_events_keeps_its_exceptions(state_url: str) -> None:
    store = StateStore(state_url)
    store.save_exceptions(register({}), event("x1", None, "OPEN"))
    store.close()
    engine = connect(state_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE policy_events"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0002'"))
    engine.dispose()
    later = StateStore(state_url)
    assert later.policy_events().is_empty()
    assert later.exceptions()["exception_id"].to_list() == ["x1"]
    later.close()
