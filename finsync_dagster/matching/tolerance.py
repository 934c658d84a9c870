"""The limits that hold for the documents of one legal entity, per check.

Belongs here: the names of checks, and from two figures to a check result. Not here: how a limit
decides (policy/evaluate.py), which rule is about a document (policy/scopes.py), what is expected
and what a failure leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import polars as pl

from finsync_dagster.landscape.policy_model import (
    BLOCKED_BOTH_WAYS,
    Policy,
    TaxRounding,
    ToleranceRule,
)
from finsync_dagster.matching.policy import evaluate as comparing
from finsync_dagster.matching.policy.ruling import RULE, Ruling
from finsync_dagster.money import PRICE, RATE_SCALE

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

__all__ = ["BLOCKED_BOTH_WAYS", "CHECKS", "Comparison", "Limits", "differing"]

_ONE = 10**RATE_SCALE
"""The rate of figures whose absolute limits are in no other currency."""


@dataclass(frozen=True)
class Comparison:
    """Two figures per subject that a check has to judge."""

    check: str
    basis: str
    rows: pl.DataFrame
    """``subject_type``, ``subject_id``, ``expected``, ``actual``; neither figure is null."""
    then: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    """What else decides of the check results, once the limits have."""


def differing(
    frame: pl.DataFrame,
    check: str,
    basis: str,
    then: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> Comparison:
    """The rows of which the two figures differ: no limit could fail the others.

    Rows where either figure is null are left out: there was nothing to compare.
    """
    if not frame.is_empty():
        differs = frame["expected"] != frame["actual"]
        every = differs.null_count() == 0 and differs.all()
        frame = frame if every else frame.filter(differs)
    return Comparison(check, basis, frame, then)


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
        """The check results of all rows of which both figures are known (see ``judged``)."""
        stated = frame.filter(pl.col("expected").is_not_null() & pl.col("actual").is_not_null())
        return self.judged([Comparison(check, basis, stated)])

    def judged(self, comparisons: Iterable[Comparison]) -> pl.DataFrame:
        """The check results of all comparisons, in their order.

        All of them in one pass: a call costs the same for one row as for thousands.

        Raises:
            ValueError: there are rules of a narrower scope, and nothing is known of the documents.
            PolicyError: two rules are about the same row, and neither is narrower.
            PrecisionError: a figure is too large to be compared exactly.
        """
        some = [c for c in comparisons if not c.rows.is_empty()]
        if not some:
            return pl.DataFrame(schema=_JUDGED)
        rulings = {check: self._rulings(check) for check in dict.fromkeys(c.check for c in some)}
        rows = self._rated(pl.concat(self._placed(c, rulings) for c in some), rulings)
        found = comparing.evaluate(rows, [each for those in rulings.values() for each in those])
        found = found.hstack(rows.select("check", "basis"))
        return found if all(c.then is None for c in some) else _settled(found, some)

    def _rulings(self, check: str) -> tuple[Ruling, ...]:
        """What may decide on a check; first what holds in general."""
        narrower = self.narrower.get(check, ())
        return self.by_check[check], *(Ruling.of(check, r.limits, r.label) for r in narrower)

    def _placed(
        self, comparison: Comparison, rulings: Mapping[str, Sequence[Ruling]]
    ) -> pl.DataFrame:
        """The rows with ``_rule``, which of all rulings decides on each of them."""
        check, rows = comparison.check, comparison.rows
        before = list(rulings)[: list(rulings).index(check)]
        first = pl.lit(sum(len(rulings[each]) for each in before), dtype=pl.Int32)
        rule = first
        if rules := self.narrower.get(check, ()):
            if self.subjects is None:
                raise ValueError(f"limits of {check} depend on documents that are not at hand")
            rows = self.subjects.ruled(rows, rules)
            rule = (pl.col(RULE) + 1).fill_null(0).cast(pl.Int32) + first
        return rows.select(
            "subject_type",
            "subject_id",
            pl.col("expected").cast(PRICE),
            pl.col("actual").cast(PRICE),
            rule.alias(RULE),
            check=pl.lit(check),
            basis=pl.lit(comparison.basis),
        )

    def _rated(self, rows: pl.DataFrame, rulings: Mapping[str, Sequence[Ruling]]) -> pl.DataFrame:
        """The rows with ``_rate``, if absolute limits of any of them are in another currency."""
        money = [
            check
            for check, those in rulings.items()
            if check not in NOT_IN_MONEY and any(ruling.states_money for ruling in those)
        ]
        if not money or self.subjects is None:
            return rows
        in_money = rows["check"].is_in(money)
        rated = self.subjects.rates(rows.filter(in_money))
        if rated is None:
            return rows
        rate = pl.repeat(_ONE, rows.height, dtype=pl.Int128, eager=True)
        rate = rate.scatter(in_money.arg_true(), rated[comparing.RATE])
        return rows.with_columns(rate.alias(comparing.RATE))


_JUDGED: dict[str, Any] = {**comparing.EVALUATED, "check": pl.String, "basis": pl.String}


def _settled(found: pl.DataFrame, comparisons: Sequence[Comparison]) -> pl.DataFrame:
    parts, start = [], 0
    for each in comparisons:
        part = found.slice(start, each.rows.height)
        parts.append(each.then(part) if each.then else part)
        start += each.rows.height
    return pl.concat(parts)
