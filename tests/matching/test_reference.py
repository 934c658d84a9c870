"""The engine and the reference agree on every field of thousands of random small cases."""

from random import Random
from typing import Any

import pytest

from tests.matching.ledger import AS_OF, EXACT, Ledger
from tests.matching.reference.cases import ledger_of, policy_rows
from tests.matching.reference.comparing import CHECKS, differences
from tests.matching.reference.matcher import judge


def disagreements(ledger: Ledger, looser: Any) -> list[str]:
    """What the engine and the reference say differently of a ledger."""
    verdict = judge(ledger.rows, {**EXACT, **looser}, AS_OF)
    return differences(ledger.match(**looser), verdict)


def test_without_any_tolerance() -> None:
    assert disagreements(ledger_of(1, 200), {}) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_under_random_limits(seed: int) -> None:
    looser = policy_rows(Random(seed), CHECKS)
    assert disagreements(ledger_of(seed, 250), looser) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 104))
def test_what_bills_which_receipt_whatever_else_is_wrong(seed: int) -> None:
    told = disagreements(ledger_of(seed, 250), {})
    assert [sentence for sentence in told if sentence.startswith("allocation")] == []
