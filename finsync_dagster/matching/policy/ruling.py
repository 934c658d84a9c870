"""Limits with the name of the rule that states them, alone or as a table of several.

Belongs here: limits as whole numbers, ready to be compared. Not here: comparing (evaluate.py), nor
which rule is about which document (scopes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.landscape.policy_model import PERCENT_DECIMALS, Tolerance
from finsync_dagster.money import PRICE, PRICE_SCALE

SIDES = ("upper", "lower")
DIRECTIONS = ("none", "over", "under")
"""Which way a figure differs from the expected one."""
LIMITS = ("upper_abs", "upper_pct", "lower_abs", "lower_pct")
RULE = "_rule"
"""Column: position of the rule that decides a row, among several."""


@dataclass(frozen=True)
class Ruling:
    """The limits of a check, what follows a breach, and the rule that says so."""

    tolerance: Tolerance
    rule: str
    above: str
    below: str

    @classmethod
    def of(cls, check: str, tolerance: Tolerance, rule: str) -> Ruling:
        """The limits as a rule of that name states them for a check."""
        above, below = tolerance.effects(check)
        return cls(tolerance, rule, above, below)

    def limit(self, name: str) -> Decimal | None:
        """One of the four limits; None if it is not checked."""
        found: Decimal | None = getattr(self.tolerance, name)
        return found

    @property
    def states_money(self) -> bool:
        """Is there an absolute limit other than none at all, which is the same in any currency?"""
        return any(self.limit(f"{side}_abs") for side in SIDES)

    @property
    def largest(self) -> int:
        """The largest limit, as a whole number; 0 if there is none."""
        return max(
            (units(name, value) for name in LIMITS if (value := self.limit(name))), default=0
        )


def units(name: str, value: Decimal) -> int:
    """A limit as a whole number: absolute ones in units of a price, others of 10^-6 per cent.

    Raises:
        ValueError: it has more decimals than can be held.
    """
    scale = PRICE_SCALE if name.endswith("_abs") else PERCENT_DECIMALS
    scaled = value.scaleb(scale)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"tolerance {value}: more than {scale} decimals cannot be held exactly")
    return int(scaled)


def sides(rulings: Sequence[Ruling]) -> pl.DataFrame:
    """What each ruling says of each of ``DIRECTIONS``, in that order, ruling by ruling.

    Returns:
        ``direction``; ``_abs`` and ``_pct``, the limits as Int128, null where none is stated, and
        ``_abs_stated``, ``_pct_stated`` as stated; ``_abs_name`` and ``_pct_name``, what they are
        called ("none" for a per cent limit that is not stated); ``_any``: one of them is enough;
        ``_effect`` of a breach; ``limit_rule``.
    """
    rows = [row for ruling in rulings for row in _sides(ruling)]
    return pl.DataFrame(rows, schema=_SIDES, orient="row")


_SIDES: dict[str, Any] = {
    "direction": pl.String,
    "_abs": pl.Int128,
    "_abs_stated": PRICE,
    "_abs_name": pl.String,
    "_pct": pl.Int128,
    "_pct_stated": PRICE,
    "_pct_name": pl.String,
    "_any": pl.Boolean,
    "_effect": pl.String,
    "limit_rule": pl.String,
}


def _sides(ruling: Ruling) -> list[tuple[object, ...]]:
    either = ruling.tolerance.combine == "ANY"
    none = ("none", None, None, "none", None, None, "none", either, "none", ruling.rule)
    found: list[tuple[object, ...]] = [none]
    for direction, side, effect in (
        ("over", "upper", ruling.above),
        ("under", "lower", ruling.below),
    ):
        row: list[object] = [direction]
        for name in (f"{side}_abs", f"{side}_pct"):
            stated = ruling.limit(name)
            whole = None if stated is None else units(name, stated)
            row += [whole, stated, "none" if stated is None else name]
        found.append((*row, either, effect, ruling.rule))
    return found
