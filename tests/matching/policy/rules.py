"""Policies of tests: everything exact, except what rules say."""

from __future__ import annotations

from typing import Any

from finsync_dagster.landscape.policy_model import MatchingRule, Policy, ToleranceRule
from tests.matching.ledger import policy


def rule(check: str, **said: Any) -> ToleranceRule:
    """A rule as YAML would have it; ``from_`` is its first day."""
    return ToleranceRule.model_validate({"check": check, **_yaml(said)})


def matched(**said: Any) -> MatchingRule:
    """A matching rule as YAML would have it."""
    return MatchingRule.model_validate(_yaml(said))


def ruled(*rules: ToleranceRule | MatchingRule, **more: Any) -> Policy:
    """The exact policy of the ledger with these rules; ``more`` are keys of the policy."""
    return policy().model_copy(
        update={
            "rules": tuple(r for r in rules if isinstance(r, ToleranceRule)),
            "matching": tuple(r for r in rules if isinstance(r, MatchingRule)),
            **more,
        }
    )


def _yaml(said: dict[str, Any]) -> dict[str, Any]:
    return {name.rstrip("_"): value for name, value in said.items()}
