"""Whether, and by what, a policy limits a check at all.

Belongs here: looking at the limits of a check before anything is computed for it. Not here: which
of them is about a document (policy/scopes.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.policy.ruling import LIMITS, Ruling
from finsync_dagster.matching.tolerance import Limits
from finsync_dagster.money import PRICE

NOTHING = pl.DataFrame(
    schema={
        "subject_type": pl.String,
        "subject_id": pl.String,
        "expected": PRICE,
        "actual": PRICE,
    }
)
"""Nothing to compare."""


def rulings(limits: Limits, check: str) -> list[Ruling]:
    """What holds for a check in general, and what rules of a narrower scope say."""
    narrower = limits.narrower.get(check, ())
    return [
        limits.by_check[check],
        *(Ruling.of(check, rule.limits, rule.label) for rule in narrower),
    ]


def limited(limits: Limits, check: str) -> bool:
    """Does any of them state a limit? A check that nobody limits fails nothing."""
    return any(r.limit(name) is not None for r in rulings(limits, check) for name in LIMITS)
