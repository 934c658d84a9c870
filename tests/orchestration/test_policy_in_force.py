"""Putting versions of the policy in force, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from finsync_dagster.landscape.policy_model import Policy
from finsync_dagster.landscape.policy_versions import PolicyVersionError, in_force
from finsync_dagster.orchestration.policy_in_force import (
    POLICY_EVENTS,
    decisions,
    policy_on,
    put_in_force,
    roll_back,
)
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.schema import require_valid
from finsync_dagster.storage.state.store import StateStore
from tests.postgres import emptied_database
from tests.storage.state_rows import MONDAY

POLICIES = (
    Policy(version="1", tolerances={}),
    Policy(
        version="2", tolerances={}, supplier_groups={"a": ("S",)}, in_force_from=date(2027, 1, 1)
    ),
)
TODAY = MONDAY.date()
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workshop]:
    """A workshop that has versions of a policy and a state, and nothing else."""
    url = f"sqlite:///{tmp_path}/state.sqlite"
    if request.param == "postgresql":
        url = emptied_database("state")
    state = StateStore(url)
    yield cast(
        Workshop,
        SimpleNamespace(
            landscape=SimpleNamespace(policies=POLICIES),
            state=state,
            settings=SimpleNamespace(database_url=url),
        ),
    )
    state.close()


def test_forward_and_back(shop: Workshop) -> None:
    assert policy_on(shop, TODAY).version == "1"
    put_in_force(shop, "2", TODAY, "kim", "agreed", MONDAY)
    assert policy_on(shop, TODAY).version == "2"
    assert policy_on(shop, TODAY - timedelta(days=1)).version == "1"
    roll_back(shop, "lee", "too loose", LATER)
    assert policy_on(shop, TODAY).version == "1"
    # What was rolled back does not come again by its planned day.
    assert policy_on(shop, date(2027, 6, 1)).version == "1"
    rows = shop.state.policy_events()
    first, second = rows.iter_rows(named=True)
    assert (first["kind"], first["decided_by"], first["reason"]) == ("cut-over", "kim", "agreed")
    assert (first["from_version"], first["to_version"]) == ("1", "2")
    assert (second["kind"], second["from_version"], second["to_version"]) == ("roll-back", "2", "1")
    assert (first["to_digest"], second["to_digest"]) == (POLICIES[1].digest, POLICIES[0].digest)
    assert require_valid(POLICY_EVENTS, POLICY_EVENTS.conform(rows)).height == 2


def test_a_run_under_way_keeps_its_version(shop: Workshop) -> None:
    put_in_force(shop, "2", TODAY, "kim", "agreed", LATER)
    events = shop.state.policy_events()

    def known(at: datetime) -> str:
        return in_force(POLICIES, TODAY, decisions(events, at)).version

    assert known(MONDAY) == "1"
    assert known(LATER) == "2"


def test_from_a_later_day_on(shop: Workshop) -> None:
    day = TODAY + timedelta(days=7)
    put_in_force(shop, "2", day, "kim", "agreed", MONDAY)
    assert policy_on(shop, TODAY).version == "1"
    assert policy_on(shop, day).version == "2"


@pytest.mark.parametrize(
    ("version", "said"),
    [("7", "no policy version 7; valid choices are 1, 2"), ("1", "in force on .* already")],
)
def test_what_cannot_be_put_in_force(shop: Workshop, version: str, said: str) -> None:
    with pytest.raises(PolicyVersionError, match=said):
        put_in_force(shop, version, TODAY, "kim", "agreed", MONDAY)
    assert shop.state.policy_events().is_empty()
