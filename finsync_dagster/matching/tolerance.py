"""The limits that hold for the documents of one legal entity, per check.

Belongs here: the names of checks, and from two figures to a check result. Not here: how a limit
decides (policy/evaluate.py), which rule is about a document (policy/scopes.py), what is expected
and what a failure leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import polars as pl

from finsync_dagster.landscape.policy_model import (
    BLOCKED_BOTH_WAYS,
    Policy,
    TaxRounding,
    Tolerance,
    ToleranceRule,
)
from finsync_dagster.matching.policy import evaluate as comparing
from finsync_dagster.matching.policy.ruling import RULE, Ruling

QTY_RECEIVED = "QTY_RECEIVED"
QTY_ORDERED = "QTY_ORDERED"
PRICE_UNIT = "PRICE_UNIT"
LINE_TOTAL = "LINE_TOTAL"
TAX_TOTAL = "TAX_TOTAL"
DOC_ARITHMETIC = "DOC_ARITHMETIC"
OVER_DELIVERY = "OVER_DELIVERY"
UNDER_DELIVERY = "UNDER_DELIVERY"

CHECKS = (
    QTY_RECEIVED,
    QTY_ORDERED,
    PRICE_UNIT,
    LINE_TOTAL,
    TAX_TOTAL,
    DOC_ARITHMETIC,
    OVER_DELIVERY,
    UNDER_DELIVERY,
)

NOT_IN_MONEY = (
    QTY_RECEIVED,
    QTY_ORDERED,
    OVER_DELIVERY,
    UNDER_DELIVERY,
    "UOM_RATIO",
    "SEQUENCE",
    "INVOICE_BEFORE_RECEIPT",
    "LIMIT_VALIDITY",
    "FX_RATE",
)
"""Checks of quantities, ratios, days or rates: their absolute limits have no currency."""

__all__ = ["BLOCKED_BOTH_WAYS", "CHECKS", "Limits", "evaluate"]


class Subjects(Protocol):
    """What the policy has to know of the subjects of check results (policy/subjects.py)."""

    def rates(self, rows: pl.DataFrame) -> pl.DataFrame | None:
        """The rows with ``_rate``; None if nothing is known of rates at all."""

    def ruled(self, rows: pl.DataFrame, rules: tuple[ToleranceRule, ...]) -> pl.DataFrame:
        """The rows with ``_rule``: position of the rule about each, null where none is."""


@dataclass(frozen=True)
class Limits:
    """The tolerances of one entity for the checks of a stage, all present."""

    by_check: Mapping[str, Ruling]
    """Where no rule of a narrower scope is about a document."""
    narrower: Mapping[str, tuple[ToleranceRule, ...]] = field(default_factory=dict)
    subjects: Subjects | None = None
    tax_rounding: TaxRounding | None = None
    """Where the entity's tax is rounded; None: the policy does not say."""
    document_rounding: int = 0
    """Minor units per line by which a document may miss its totals."""

    @classmethod
    def of(cls, policy: Policy, entity_id: str, checks: tuple[str, ...] = CHECKS) -> Limits:
        """Looks every check up before anything is compared.

        Raises:
            KeyError: the policy has no row for a check; nothing passes undecided.
        """
        general = {check: Ruling.of(check, *policy.general(check, entity_id)) for check in checks}
        rules = {check: policy.rules_of(check, entity_id) for check in checks}
        return cls(
            general,
            {check: found for check, found in rules.items() if found},
            tax_rounding=policy.tax_rounding.get(entity_id),
            document_rounding=policy.document_rounding,
        )

    def checked(self, check: str) -> bool:
        """Does any rule state a limit other than none at all?"""
        stated = [self.by_check[check].tolerance]
        stated += [rule.limits for rule in self.narrower.get(check, ())]
        names = ("upper_abs", "upper_pct", "lower_abs", "lower_pct")
        return any(getattr(limits, name) is not None for limits in stated for name in names)

    def about(self, subjects: Subjects) -> Limits:
        """The same, knowing the documents: needed for rules of a scope and for other currencies."""
        return replace(self, subjects=subjects)

    def evaluate(self, frame: pl.DataFrame, check: str, basis: str) -> pl.DataFrame:
        """The frame's ``subject_type``, ``subject_id``, ``expected``, ``actual`` as check results.

        Rows where either figure is null are left out: there was nothing to compare.

        Raises:
            ValueError: there are rules of a narrower scope, and nothing is known of the documents.
        """
        stated = frame.filter(pl.col("expected").is_not_null() & pl.col("actual").is_not_null())
        rows, rulings = self._ruled(stated, check)
        return comparing.evaluate(rows, rulings).with_columns(
            check=pl.lit(check), basis=pl.lit(basis)
        )

    def differences(self, frame: pl.DataFrame, check: str, basis: str) -> pl.DataFrame:
        """The same, only of rows where the two figures differ: no limit could fail the others."""
        differs = pl.col("expected") != pl.col("actual")
        return self.evaluate(frame.filter(differs.fill_null(False)), check, basis)

    def _ruled(self, rows: pl.DataFrame, check: str) -> tuple[pl.DataFrame, tuple[Ruling, ...]]:
        """The rows with what decides on each of them."""
        general, rules = self.by_check[check], self.narrower.get(check, ())
        rulings = (general, *(Ruling.of(check, rule.limits, rule.label) for rule in rules))
        if rules:
            if self.subjects is None:
                raise ValueError(f"limits of {check} depend on documents that are not at hand")
            # Position 0 is what holds in general.
            rows = self.subjects.ruled(rows, rules).with_columns(
                (pl.col(RULE) + 1).fill_null(0).cast(pl.Int32)
            )
        in_money = check not in NOT_IN_MONEY and any(r.states_money for r in rulings)
        if in_money and self.subjects is not None:
            rated = self.subjects.rates(rows)
            rows = rows if rated is None else rated
        return rows, rulings


def evaluate(frame: pl.DataFrame, tolerance: Tolerance, check: str = "") -> pl.DataFrame:
    """One tolerance for all rows of a frame (policy/evaluate.py)."""
    return comparing.evaluate(frame, (Ruling.of(check, tolerance, "default"),))
