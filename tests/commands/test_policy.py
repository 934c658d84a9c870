"""`finsync policy`: what is in force, is a file right, changing over and going back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from finsync_dagster.landscape.policy_versions import PolicyVersionError
from finsync_dagster.orchestration.policy_in_force import policy_on
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.publishing.read import query
from tests.commands.conftest import SmallHome
from tests.commands.stored import LOOSE, STRICT, policies, stored

__all__ = ["stored"]
WHO = ("--by", "kim", "--reason", "agreed with procurement")


def now_in_force() -> str:
    return policy_on(Workshop(), datetime.now(UTC).date()).version


def test_the_policy_in_force_is_shown(stored: SmallHome) -> None:
    said = " ".join(stored.finsync("policy", "show").output.split())
    assert f"{STRICT}, from the beginning (planned)" in said
    assert f"also there: {LOOSE}+" in said
    assert "PRICE_UNIT default 1 % 1 % block warn" in said
    later = " ".join(stored.finsync("policy", "show", LOOSE).output.split())
    assert "PRICE_UNIT supplier Muttern OHG 0 % not checked block" in later
    assert not (stored.path / "state.sqlite").exists()


def test_changing_over_and_going_back(stored: SmallHome) -> None:
    assert now_in_force() == STRICT
    done = stored.finsync("policy", "cut-over", LOOSE, *WHO)
    assert done.exit_code == 0, done.output
    assert "the next run uses it" in done.output
    assert now_in_force() == LOOSE
    done = stored.finsync("policy", "roll-back", "--by", "lee", "--reason", "too loose")
    assert done.exit_code == 0, done.output
    assert now_in_force() == STRICT
    said = " ".join(stored.finsync("policy", "history").output.split())
    digests = {p.version: p.digest for p in Workshop().landscape.policies}
    new, old = f"{LOOSE}+{digests[LOOSE]}", f"{STRICT}+{digests[STRICT]}"
    assert f"cut-over {old} {new}" in said
    assert f"roll-back {new} {old}" in said
    assert "kim agreed with procurement" in said
    assert "lee too loose" in said


def test_what_a_version_says_today_is_compared_with_what_was_decided_on(
    stored: SmallHome,
) -> None:
    stored.finsync("policy", "cut-over", LOOSE, *WHO)
    file = stored.path / "landscape.yaml"
    company = yaml.safe_load(file.read_text())
    company["policy"][1]["rules"] = []
    file.write_text(yaml.safe_dump(company))
    said = " ".join(stored.finsync("policy", "history").output.split())
    assert f"{LOOSE} says something else today than when it was put in force" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("cut-over", "2028", *WHO),
            f"no policy version 2028; .*valid choices are {STRICT}, {LOOSE}",
        ),
        (("cut-over", STRICT, *WHO), f"policy version {STRICT} is in force on .* already"),
        (("roll-back", *WHO), "it has none before it; name the version you want"),
    ],
)
def test_what_cannot_be_put_in_force(
    stored: SmallHome, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(PolicyVersionError, match=said):
        stored.finsync("policy", *arguments, catch_exceptions=False)
    assert now_in_force() == STRICT


@pytest.mark.parametrize("options", [("--by", "kim"), ("--by", " ", "--reason", "x")])
def test_who_and_why_must_be_said(stored: SmallHome, options: tuple[str, ...]) -> None:
    assert stored.finsync("policy", "cut-over", LOOSE, *options).exit_code == 2


def test_a_file_is_checked(stored: SmallHome, tmp_path: Path) -> None:
    file = tmp_path / "next.yaml"
    file.write_text(yaml.safe_dump(policies()[1]), encoding="utf-8")
    done = stored.finsync("policy", "check", str(file))
    assert done.exit_code == 0
    assert f"Policy {LOOSE}+" in done.output
    rules = [{"check": "PRICE_UNIT", "item": "X", "upper_pct": pct} for pct in ("1", "2")]
    file.write_text(yaml.safe_dump({**policies()[1], "rules": rules}), encoding="utf-8")
    done = stored.finsync("policy", "check", str(file))
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert "two rules for PRICE_UNIT of item X at the same time: the other is rules.0" in said
    assert "1 to correct" in said


@pytest.mark.slow
def test_the_next_run_uses_the_version_decided_on_and_says_so(small: SmallHome) -> None:
    file = small.path / "landscape.yaml"
    company = yaml.safe_load(file.read_text())
    later = {**company["policy"], "version": "next", "in_force_from": "2999-01-01"}
    file.write_text(yaml.safe_dump({**company, "policy": [company["policy"], later]}))
    assert small.finsync("policy", "cut-over", "next", *WHO).exit_code == 0
    assert small.finsync("run").exit_code in (0, 1)
    used = query(
        f"duckdb:///{small.path}/warehouse.duckdb",
        "SELECT policy_version FROM operations.runs WHERE job = 'intraday' "
        "ORDER BY started_at DESC LIMIT 1",
    ).rows()
    assert used == [(Workshop().landscape.policies[1].label,)]
    published = query(
        f"duckdb:///{small.path}/warehouse.duckdb",
        "SELECT kind, decided_by, to_version FROM operations.policy_events",
    ).rows()
    assert published == [("cut-over", "kim", "next")]
