"""Which version is in force: what was planned, what people decided, whichever is later."""

from __future__ import annotations

from datetime import date

import pytest

from finsync_dagster.landscape.policy_model import Policy
from finsync_dagster.landscape.policy_versions import (
    Decided,
    PolicyVersionError,
    in_force,
    rolled_back_to,
    version_named,
)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


POLICIES = (
    Policy(version="1", tolerances={}),
    Policy(version="3", tolerances={}, in_force_from=day("09-01")),
    Policy(version="2", tolerances={}, in_force_from=day("05-01")),
)
EARLY = Decided(day("04-10"), "2", "1")
BACK = Decided(day("04-20"), "1", "2", "roll-back")
AGAIN = Decided(day("06-01"), "2", "1")


@pytest.mark.parametrize(
    ("on", "decided", "version"),
    [
        ("01-01", (), "1"),
        ("04-30", (), "1"),
        ("05-01", (), "2"),
        ("12-31", (), "3"),
        # Put in force before its day.
        ("04-09", (EARLY,), "1"),
        ("04-10", (EARLY,), "2"),
        # The next planned one still comes.
        ("09-01", (EARLY,), "3"),
        # What was rolled back does not come again by its day, only by a cut-over.
        ("04-20", (EARLY, BACK), "1"),
        ("05-31", (EARLY, BACK), "1"),
        ("06-01", (EARLY, BACK, AGAIN), "2"),
        ("09-01", (EARLY, BACK), "3"),
        # Both on one day: the later decision; and a decision before a plan.
        ("04-10", (EARLY, Decided(day("04-10"), "1", "2", "roll-back")), "1"),
        ("09-01", (Decided(day("09-01"), "1", "3"),), "1"),
    ],
)
def test_the_later_of_plan_and_decision(
    on: str, decided: tuple[Decided, ...], version: str
) -> None:
    assert in_force(POLICIES, day(on), decided).version == version


def test_before_the_first_none_is_in_force() -> None:
    with pytest.raises(PolicyVersionError, match="the first is planned from 2026-05-01; give"):
        in_force(POLICIES[1:], day("01-01"))


def test_a_version_there_is_not() -> None:
    with pytest.raises(PolicyVersionError, match="no policy version 4; valid choices are 1, 3, 2"):
        version_named(POLICIES, "4")
    with pytest.raises(PolicyVersionError, match="no policy version 9"):
        in_force(POLICIES, day("04-10"), (Decided(day("04-10"), "9", "1"),))


@pytest.mark.parametrize(
    ("on", "decided", "version"),
    [("05-02", (), "1"), ("09-02", (), "2"), ("04-11", (EARLY,), "1")],
)
def test_rolling_back_leads_to_what_was_before(
    on: str, decided: tuple[Decided, ...], version: str
) -> None:
    assert rolled_back_to(POLICIES, day(on), decided) == version


@pytest.mark.parametrize(
    ("on", "decided", "said"),
    [
        ("04-21", (EARLY, BACK), "it came by a roll-back itself; name the version you want"),
        ("01-01", (), "it has none before it"),
    ],
)
def test_there_is_not_always_something_to_go_back_to(
    on: str, decided: tuple[Decided, ...], said: str
) -> None:
    with pytest.raises(PolicyVersionError, match=said):
        rolled_back_to(POLICIES, day(on), decided)
