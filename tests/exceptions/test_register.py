"""The life of an exception over runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.exceptions.classify import exception_id
from finsync_dagster.exceptions.register import advance
from tests.exceptions.support import ENTITIES, MONDAY, REASONS, Register, finding, found

TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)
DECIDED = ["ACKNOWLEDGED", "IN_PROGRESS", "WAIVED"]


def test_what_is_found_is_opened() -> None:
    register = Register().run([finding()])
    assert register.moves == [(None, "OPEN")]
    assert register.one["state"] == "OPEN"
    assert register.one["opened_at"] == MONDAY
    # 24 working hours are three days from Monday ten o'clock.
    assert register.one["due_at"] == MONDAY + timedelta(days=3)
    assert register.one["first_run_id"] == register.one["last_seen_run_id"] == "r1"
    assert register.one["resolved_at"] is None
    assert register.one["assignee"] is None
    (event,) = register.events.to_dicts()
    assert event["exception_id"] == register.one["exception_id"]
    assert (event["at"], event["run_id"], event["actor"]) == (MONDAY, "r1", "finsync")


def test_what_is_still_there_keeps_its_clock_and_takes_the_new_figures() -> None:
    register = Register().run([finding()])
    register.run([finding(amount_at_risk=Decimal(2000), message="worse")], TUESDAY, "r2")
    assert register.moves == []
    assert register.one["opened_at"] == MONDAY
    assert register.one["due_at"] == MONDAY + timedelta(days=3)
    assert register.one["severity"] == "CRITICAL"
    assert register.one["message"] == "worse"
    assert register.one["first_run_id"] == "r1"
    assert register.one["last_seen_run_id"] == "r2"


@pytest.mark.parametrize("state", DECIDED)
def test_what_a_person_decided_stays_while_the_finding_does(state: str) -> None:
    register = Register().run([finding()]).decide(state, "kim").run([finding()], TUESDAY, "r2")
    assert register.moves == []
    assert (register.one["state"], register.one["assignee"]) == (state, "kim")


@pytest.mark.parametrize("state", ["OPEN", "REOPENED", *DECIDED])
def test_what_is_gone_resolves_itself(state: str) -> None:
    register = Register().run([finding()]).decide(state, "kim").run([], TUESDAY, "r2")
    assert register.moves == [(state, "RESOLVED_AUTO")]
    assert register.one["state"] == "RESOLVED_AUTO"
    assert register.one["resolved_at"] == TUESDAY
    assert register.one["last_seen_run_id"] == "r1"
    assert register.one["message"] == "what is wrong"


@pytest.mark.parametrize("state", ["RESOLVED_AUTO", "RESOLVED_HUMAN"])
def test_what_is_resolved_and_gone_stays_as_it_is(state: str) -> None:
    register = Register().run([finding()]).run([], TUESDAY, "r2").decide(state)
    register.run([], WEDNESDAY, "r3")
    assert register.moves == []
    assert (register.one["state"], register.one["resolved_at"]) == (state, TUESDAY)


def test_ag_released_then_failing_again_is_the_same_exception_reopened() -> None:
    """Worked case AG."""
    register = Register().run([finding()])
    first = register.one
    register.run([], TUESDAY, "r2").run([finding()], WEDNESDAY, "r3")
    assert register.moves == [("RESOLVED_AUTO", "REOPENED")]
    assert register.one["exception_id"] == first["exception_id"]
    assert register.one["opened_at"] == MONDAY
    assert register.one["due_at"] == WEDNESDAY + timedelta(days=5)  # a weekend in between
    assert register.one["resolved_at"] is None
    assert (register.one["first_run_id"], register.one["last_seen_run_id"]) == ("r1", "r3")
    assert register.events.select("from_state", "to_state").rows() == [
        (None, "OPEN"),
        ("OPEN", "RESOLVED_AUTO"),
        ("RESOLVED_AUTO", "REOPENED"),
    ]
    assert register.events["event_id"].is_unique().all()


def test_resolved_by_a_person_but_still_found_is_reopened() -> None:
    register = Register().run([finding()]).decide("RESOLVED_HUMAN", "kim")
    register.run([finding()], TUESDAY, "r2")
    assert register.moves == [("RESOLVED_HUMAN", "REOPENED")]
    assert register.one["assignee"] == "kim"


def test_a_waiver_does_not_outlive_its_finding() -> None:
    register = Register().run([finding()]).decide("WAIVED", "kim").run([], TUESDAY, "r2")
    register.run([finding()], WEDNESDAY, "r3")
    assert register.one["state"] == "REOPENED"


def test_variances_on_the_lines_of_a_duplicate_are_resolved_once_it_is_known() -> None:
    price = finding("PRICE_OVER", "I1/1")
    duplicate = finding("DUP_EXACT", "I1", subject_type="invoice", counter_key="I0")
    lines = pl.DataFrame({"entity_id": ["acme"], "invoice_id": ["I1"], "invoice_line_id": ["I1/1"]})
    before = Register().run([price])
    after, _ = advance(
        before.rows,
        found(price, duplicate),
        now=TUESDAY,
        run_id="r2",
        entities=ENTITIES,
        reasons=REASONS,
        invoice_lines=lines,
    )
    states = dict(after.select("reason_code", "state").rows())
    assert states == {"PRICE_OVER": "RESOLVED_AUTO", "DUP_EXACT": "OPEN"}


def test_running_twice_changes_nothing() -> None:
    rows = [finding(), finding(subject="L2")]
    register = Register().run([*rows, finding(subject="L3")]).run(rows, TUESDAY, "r2")
    before = register.rows
    register.run(rows, TUESDAY, "r2")
    assert register.rows.equals(before)
    assert register.last.is_empty()


def test_an_event_is_the_same_in_whatever_zone_the_moment_is_told() -> None:
    here, there = (
        Register().run([finding()], MONDAY.astimezone(zone))
        for zone in (UTC, ZoneInfo("Asia/Kolkata"))
    )
    assert here.rows.equals(there.rows)
    assert here.events.equals(there.events)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Register().run([finding()], datetime(2024, 3, 4, 10))


subjects = st.sets(st.sampled_from([f"L{i}" for i in range(6)]))
runs = st.lists(subjects, min_size=1, max_size=4)


@settings(deadline=None, max_examples=10)
@given(runs, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(history: list[set[str]], chance: Any) -> None:
    plain, mixed = Register(), Register()
    for day, names in enumerate(history):
        now, run_id = MONDAY + timedelta(days=day), f"r{day}"
        ordered = [finding(subject=name) for name in sorted(names)]
        plain.run(ordered, now, run_id)
        mixed.rows = mixed.rows[chance.sample(range(mixed.rows.height), mixed.rows.height)]
        mixed.run(chance.sample(ordered, len(ordered)), now, run_id)
        assert mixed.rows.equals(plain.rows)
        assert mixed.last.equals(plain.last)


@settings(deadline=None, max_examples=12)
@given(runs)
def test_the_events_tell_the_whole_story(history: list[set[str]]) -> None:
    register = Register()
    for day, names in enumerate(history):
        rows = [finding(subject=name) for name in names]
        register.run(rows, MONDAY + timedelta(days=day), f"r{day}")
    assert set(register.rows["subject_id"]) == set().union(*history)
    told: dict[str, str] = {}
    for row in register.events.sort("at", maintain_order=True).to_dicts():
        assert told.get(row["exception_id"]) == row["from_state"]
        told[row["exception_id"]] = row["to_state"]
    states = register.rows.select("exception_id", "state").rows()
    assert told == dict(states)
    present = register.rows.filter(~pl.col("state").str.starts_with("RESOLVED"))
    assert set(present["subject_id"]) == history[-1]


def test_ten_thousand_findings() -> None:
    codes = ["PRICE_OVER", "PRICE_UNDER", "PO_NOT_APPROVED", "DUP_SUSPECT"]
    rows = [
        finding(
            codes[i % 4], f"L{i}", entity_id=("acme", "other")[i % 2], message=f"{codes[i % 4]}"
        )
        for i in range(10_000)
    ]
    register = Register().run(rows)
    assert register.rows.height == register.events.height == 10_000
    # Whatever the joins did, every id is still that of its own row.
    facts = ("reason_code", "entity_id", "subject_type", "subject_id", "counter_key")
    told = register.rows.select("exception_id", *facts).iter_rows()
    assert all(known == exception_id(*parts) for known, *parts in told)
    again, events = advance(
        register.rows,
        found(*rows),
        now=TUESDAY,
        run_id="r2",
        entities=ENTITIES,
        reasons=REASONS,
    )
    assert events.is_empty()
    assert again["exception_id"].equals(register.rows["exception_id"])
