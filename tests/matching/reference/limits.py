"""Four limits and how they combine, as the rules state them.

Belongs here: whether one comparison is within the policy. Not here: what is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.matching.reference.exact import exact

BLOCKS_BOTH_WAYS = ("DOC_ARITHMETIC",)


@dataclass(frozen=True)
class Comparison:
    """One check of one subject: what was expected, what is stated, what follows."""

    subject: str
    check: str
    basis: str
    expected: Fraction
    actual: Fraction
    passed: bool
    limit: str
    """The limit that decided, or "none"."""
    effect: str
    """none, warn or block."""

    @property
    def differs(self) -> bool:
        """The two figures are not the same."""
        return self.expected != self.actual


def compare(
    subject: str, check: str, basis: str, expected: Fraction, actual: Fraction, limits: Any
) -> Comparison:
    """Within the limits of a check or not, boundaries inclusive.

    A limit in per cent is of the absolute expected figure, so that it allows nothing where 0 was
    expected. ALL: every limit of the side must hold, the one that allows least decides. ANY: one
    is enough, the one that allows most decides. No limit on a side: that side is not checked.
    """
    variance = actual - expected
    side = "upper" if variance > 0 else "lower"
    allowed = _allowed(limits, side, abs(expected))
    if variance == 0 or not allowed:
        return Comparison(subject, check, basis, expected, actual, True, "none", "none")
    combine = limits.get("combine", "ALL")
    pick = min if combine == "ALL" else max  # where both allow the same, the amount is named
    name, most = pick(allowed, key=lambda pair: pair[1])
    passed = abs(variance) <= most
    blocks = side == "upper" or check in BLOCKS_BOTH_WAYS
    effect = "none" if passed else "block" if blocks else "warn"
    return Comparison(subject, check, basis, expected, actual, passed, name, effect)


def _allowed(
    limits: Mapping[str, Any], side: str, expected: Fraction
) -> list[tuple[str, Fraction]]:
    found = []
    for name in (f"{side}_abs", f"{side}_pct"):
        if limits.get(name) is not None:
            value = exact(limits[name])
            found.append((name, value if name.endswith("_abs") else expected * value / 100))
    return found
