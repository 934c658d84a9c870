"""`finsync replay`: what it is asked for, what it says, and what is recorded of it."""

from __future__ import annotations

import json

import pytest

from finsync_dagster.orchestration.replaying import SelectionError
from finsync_dagster.publishing.read import query
from finsync_dagster.storage.state.store import StateStore
from tests.commands.conftest import DAYS, SmallHome


def recorded(home: SmallHome) -> list[dict]:
    store = StateStore(f"sqlite:///{home.path}/state.sqlite")
    rows = store.replays().to_dicts()
    store.close()
    return rows


@pytest.mark.parametrize("options", [(), ("--everything", "--system", "ecb"), ("--dry-run",)])
def test_it_must_be_said_what(small: SmallHome, options: tuple[str, ...]) -> None:
    result = small.finsync("replay", *options)
    assert result.exit_code == 2
    assert "say what to replay: --system" in result.output


def test_names_are_checked(small: SmallHome) -> None:
    with pytest.raises(SelectionError, match="no system sap; there are: ecb"):
        small.finsync("replay", "--system", "sap", catch_exceptions=False)


def test_nothing_that_matches_starts_nothing(small: SmallHome) -> None:
    result = small.finsync("replay", "--reason", "MAPPING_MISSING")
    assert result.exit_code == 0
    assert " ".join(result.output.split()) == (
        "No record in quarantine is meant by this; nothing to do. After a mapping was changed "
        "without any record waiting: finsync replay --everything, or the next finsync run."
    )
    assert recorded(small) == []


def test_a_dry_run_says_and_does_nothing(small: SmallHome) -> None:
    result = small.finsync("replay", "--system", "ecb", "--dry-run")
    assert result.exit_code == 0
    assert "selected: 1 record of 1 object" in result.output
    assert "conformed again from landing, nothing is extracted: ecb" in result.output
    assert recorded(small) == []


@pytest.mark.slow
def test_a_record_that_is_still_wrong_stays_and_is_told(small: SmallHome) -> None:
    # The source is repaired, but a replay asks no source.
    small.deliver(DAYS)
    before = len([*(small.path / "lake/landing/manifests").rglob("*.json")])
    result = small.finsync("replay", "--reason", "VALUE_NOT_READABLE")
    assert result.exit_code == 0, result.output
    assert len([*(small.path / "lake/landing/manifests").rglob("*.json")]) == before
    assert "left quarantine: 0 of 1 record" in result.output
    assert "1 record ecb eurofxref_hist: VALUE_NOT_READABLE" in result.output
    (row,) = recorded(small)
    assert (row["selected"], row["released"], row["still_waiting"]) == (1, 0, 1)
    assert (row["systems"], row["outcome"]) == ("ecb", "succeeded")
    assert json.loads(row["selection"]) == {"reason": "VALUE_NOT_READABLE"}
    # Reference data concerns the whole group: its systems, each entity, and publishing.
    assert len(row["run_ids"].split(",")) == 3
    published = query(
        f"duckdb:///{small.path}/warehouse.duckdb",
        "SELECT replay_id, selected, released, still_waiting, outcome FROM operations.replays",
    ).rows()
    assert published == [(row["replay_id"], 1, 0, 1, "succeeded")]
    # The next run, which asks the source, takes the repaired record by itself.
    assert small.finsync("run").exit_code == 0
    assert small.finsync("quarantine", "ls").output == "Nothing is in quarantine.\n"


@pytest.mark.slow
def test_a_system_that_was_never_landed_fails_and_is_recorded(nothing: SmallHome) -> None:
    result = nothing.finsync("replay", "--everything")
    assert result.exit_code == 1
    assert "has never been extracted" in " ".join(result.output.split())
    (row,) = recorded(nothing)
    assert (row["selected"], row["released"], row["outcome"]) == (0, 0, "failed")
    assert json.loads(row["selection"]) == {"everything": True}
