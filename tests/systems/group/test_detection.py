"""Every planted fault that the rules can decide is found, and nothing else is reported."""

from __future__ import annotations

import pytest

from benchmarks.detect import LIMITS, NOT_DECIDED_YET, NOT_PLANTED, decided_codes, scored
from tests.systems.group.cases import cases, findings, told
from tests.systems.group.conftest import Judged
from tests.systems.group.scoring import Score, reported_innocents

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scores(clean: Judged) -> dict[str, Score]:
    return scored(clean.world, clean.warehouse)


def test_every_plant_of_a_code_that_is_decided_is_found(scores: dict[str, Score]) -> None:
    missed = [case for code in decided_codes() if code in scores for case in scores[code].missed]
    assert missed == [], told(missed)


def test_nothing_is_reported_that_was_not_planted(scores: dict[str, Score]) -> None:
    false = [finding for each in scores.values() for finding in each.false]
    assert false == [], told(false)


def test_what_only_looks_wrong_is_not_reported(clean: Judged) -> None:
    found = findings(clean.world, clean.warehouse)
    reported = reported_innocents(cases(clean.world, "innocent"), found)
    assert reported == [], told(reported)


def test_codes_that_no_rule_raises_yet_are_these(scores: dict[str, Score]) -> None:
    """A rule that is added moves its code from here to those that must be found."""
    planted = {code for code, each in scores.items() if each.planted or each.beyond}
    assert planted - decided_codes() == NOT_DECIDED_YET


def test_codes_that_are_decided_and_never_planted_are_these(scores: dict[str, Score]) -> None:
    planted = {code for code, each in scores.items() if each.planted or each.beyond}
    assert decided_codes() - planted == set(NOT_PLANTED)


def test_every_limit_is_of_a_plant_that_is_there(scores: dict[str, Score]) -> None:
    """A limit that covers nothing is no longer one."""
    beyond = [case for each in scores.values() for case in each.beyond]
    here = [limit for limit in LIMITS if limit.seed == 7]
    unused = [limit for limit in here if not any(limit.covers(case) for case in beyond)]
    assert unused == []
