"""Limits with the name of the rule that states them, alone or as a table of several.

Belongs here: limits as whole numbers, ready to be compared. Not here: comparing (evaluate.py), nor
which rule is about which document (scopes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from finsync_dagster.landscape.policy_model import PERCENT_DECIMALS, Tolerance
from finsync_dagster.money import PRICE, PRICE_SCALE

SIDES = ("upper", "lower")
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


def table(rulings: Sequence[Ruling]) -> pl.DataFrame:
    """One row per ruling, ``_rule`` being its position: ``_upper_abs`` ... as Int128, the same
    as stated, ``_any``, ``_above``, ``_below``, ``limit_rule``.
    """
    columns: dict[str, pl.Series] = {
        RULE: pl.Series(range(len(rulings)), dtype=pl.Int32),
        "_any": pl.Series([r.tolerance.combine == "ANY" for r in rulings], dtype=pl.Boolean),
        "_above": pl.Series([r.above for r in rulings], dtype=pl.String),
        "_below": pl.Series([r.below for r in rulings], dtype=pl.String),
        "limit_rule": pl.Series([r.rule for r in rulings], dtype=pl.String),
    }
    for name in LIMITS:
        stated = [r.limit(name) for r in rulings]
        whole = [None if value is None else units(name, value) for value in stated]
        columns[f"_{name}"] = pl.Series(whole, dtype=pl.Int128)
        columns[f"_{name}_stated"] = pl.Series(stated, dtype=PRICE)
    return pl.DataFrame(columns)
