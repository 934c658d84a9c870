"""How strictly documents are compared: limits per check, rules of a narrower scope, versions.

Belongs here: what a policy may say, what it is called, its digest. Not here: which rule holds for
a document (matching/policy/), nor which version is in force on a day (policy_versions.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from finsync_dagster.landscape.words import Exact, Name, Period, Strict

AMOUNT_DECIMALS = 10
"""Decimals an absolute limit may have: as many as a price."""
PERCENT_DECIMALS = 6
"""Decimals a limit in per cent may have."""

_Absolute = Annotated[Exact, Field(ge=0, decimal_places=AMOUNT_DECIMALS)]
_Percent = Annotated[Exact, Field(ge=0, decimal_places=PERCENT_DECIMALS)]
Effect = Literal["block", "warn"]
MatchType = Literal["none", "2w", "3w", "4w", "limit"]
TaxRounding = Literal["line", "rate", "document"]

BLOCKED_BOTH_WAYS = ("DOC_ARITHMETIC",)
"""Checks of which a breach below blocks as one above does, unless the policy says otherwise: such
a document is wrong in itself."""


class Tolerance(Strict):
    """Limits of one check. null: not checked. "0": no variance. Boundaries are inclusive."""

    lower_abs: _Absolute | None = None
    lower_pct: _Percent | None = None
    upper_abs: _Absolute | None = None
    """Of money: in the legal entity's functional currency."""
    upper_pct: _Percent | None = None
    """Of the absolute expected value."""
    combine: Literal["ALL", "ANY"] = "ALL"
    """ALL: every stated limit must hold. ANY: one is enough."""
    above: Effect | None = None
    """What follows a breach above; block, if nothing is said."""
    below: Effect | None = None
    """What follows a breach below; warn, if nothing is said (DOC_ARITHMETIC: block)."""

    def effects(self, check: str) -> tuple[Effect, Effect]:
        """What follows a breach above, and one below."""
        below: Effect = "block" if check in BLOCKED_BOTH_WAYS else "warn"
        return self.above or "block", self.below or below


class Scope(Period):
    """What a rule holds for: everything that is said must be so; what is not said, is any."""

    entity: Name | None = None
    """Legal entity."""
    order: str | None = None
    """Number of a purchase order."""
    order_line: str | None = None
    """Line of that order, as the source numbers it."""
    item: str | None = None
    """Item: its number, or its canonical id."""
    category: str | None = None
    """Category of the item, as the source has it."""
    supplier: str | None = None
    """Supplier: golden id, canonical id of one of its records, or its name as written there."""
    supplier_group: Name | None = None
    """A group of the policy's ``supplier_groups``."""
    match_type: MatchType | None = None
    """Match type of the order line."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Scope:
        of_item = self.item or self.category
        if self.order_line and not self.order:
            raise ValueError("order_line needs the order it belongs to")
        if self.order and (of_item or self.supplier or self.supplier_group):
            raise ValueError(
                "an order already says item and supplier: leave out item, category, supplier and "
                "supplier_group, or the order"
            )
        if self.item and self.category:
            raise ValueError("name the item or its category, not both")
        if self.supplier and self.supplier_group:
            raise ValueError("name the supplier or its group, not both")
        return self

    @property
    def scope(self) -> tuple[str | None, ...]:
        """Everything but the days, for telling whether two rules are about the same."""
        return tuple(getattr(self, name) for name in _SCOPE)

    @property
    def scope_words(self) -> str:
        """``order 450 line 10, entity acme``; ``default`` for a rule of everything."""
        said = [
            f"order {self.order}" + (f" line {self.order_line}" if self.order_line else "")
            if self.order
            else "",
            " x ".join(
                f"{word} {value}"
                for word, value in (
                    ("item", self.item),
                    ("category", self.category),
                    ("supplier", self.supplier),
                    ("supplier group", self.supplier_group),
                )
                if value
            ),
            f"entity {self.entity}" if self.entity else "",
            f"match type {self.match_type}" if self.match_type else "",
        ]
        return ", ".join(word for word in said if word) or "default"

    @property
    def label(self) -> str:
        """The scope with its days: how results name the rule."""
        return f"{self.scope_words} {self.words}" if self.from_ or self.until else self.scope_words


_SCOPE = (
    "entity",
    "order",
    "order_line",
    "item",
    "category",
    "supplier",
    "supplier_group",
    "match_type",
)


class ToleranceRule(Scope, Tolerance):
    """Limits of one check for a narrower scope; they replace those of a wider one as a whole."""

    check: str
    """Check, as named in ``tolerances``."""

    @property
    def limits(self) -> Tolerance:
        """The limits alone."""
        return Tolerance(**{name: getattr(self, name) for name in Tolerance.model_fields})


class MatchingRule(Scope):
    """How lines of a scope are matched; each word is taken from the narrowest rule that says it."""

    set_match_type: MatchType | None = None
    """Documents compared, whatever the source says of the order line."""
    set_match_basis: Literal["qty", "amount"] | None = None
    """Compared by quantity or by amount, whatever the source says."""
    receipt_basis: Literal["po_cumulative", "receipt_specific"] | None = None
    """po_cumulative: any receipt of the order line. receipt_specific: only the receipt named."""
    invoice_before_receipt: Literal["block", "hold", "allow"] | None = None
    """What follows if the goods are received after the invoice."""
    grace_days: Annotated[int, Field(ge=0)] | None = None
    """Days by which the receipt may be later than the invoice without that."""

    @model_validator(mode="after")
    def _says_something(self) -> MatchingRule:
        if all(getattr(self, word) is None for word in MATCHING_WORDS):
            raise ValueError(f"say at least one of {', '.join(MATCHING_WORDS)}")
        return self


MATCHING_WORDS = (
    "set_match_type",
    "set_match_basis",
    "receipt_basis",
    "invoice_before_receipt",
    "grace_days",
)
_Rule = TypeVar("_Rule", bound=Scope)


class Policy(Strict):
    """How strictly documents are compared. Every check needs a row: a missing one fails the run."""

    version: Annotated[str, Field(min_length=1, max_length=60)]
    """Name of this version; every result carries it."""
    in_force_from: date | None = None
    """First day of this version, where there are several; the first may leave it out."""
    tolerances: dict[str, Tolerance]
    """Limits of each check, for everything that no rule is about."""
    entity_tolerances: dict[Name, dict[str, Tolerance]] = Field(default_factory=dict)
    """The same for one legal entity."""
    rules: tuple[ToleranceRule, ...] = ()
    """Limits for orders, items, suppliers, categories, times: the narrowest scope decides."""
    matching: tuple[MatchingRule, ...] = ()
    """How lines are matched, by the same scopes."""
    supplier_groups: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    """Group → its suppliers, each named as ``supplier`` of a rule."""
    tax_rounding: dict[Name, TaxRounding] = Field(default_factory=dict)
    """Legal entity → where the tax of its invoices is rounded: on each line, on the total of each
    rate, on the document. Where nothing is said: by line from an order's rates, by rate from the
    invoice's own."""
    document_rounding: Annotated[int, Field(ge=0, le=10)] = 0
    """Minor units per line by which the parts of a document may miss its totals (DOC_ARITHMETIC)
    before its limits count. 0: what does not add up is told."""

    def tolerance(self, check: str, entity_id: str) -> Tolerance:
        """The limits in force where no rule says otherwise, the entity's own before the default.

        Raises:
            KeyError: no row for this check: fails closed, since a check without limits would
                pass everything without anyone having decided so.
        """
        return self.general(check, entity_id)[0]

    def general(self, check: str, entity_id: str) -> tuple[Tolerance, str]:
        """The same with its name: ``entity lumen_de`` or ``default``.

        Raises:
            KeyError: as ``tolerance``.
        """
        own = self.entity_tolerances.get(entity_id, {}).get(check)
        if own is not None:
            return own, f"entity {entity_id}"
        found = self.tolerances.get(check)
        if found is None:
            raise KeyError(
                f"tolerances: no limits for check {check} (entity {entity_id}); add them to the "
                f"landscape under policy.tolerances.{check}"
            )
        return found, "default"

    def rules_of(self, check: str, entity_id: str) -> tuple[ToleranceRule, ...]:
        """Rules of a check that may hold for a document of the entity."""
        return tuple(
            rule for rule in self.rules if rule.check == check and rule.entity in (None, entity_id)
        )

    def matching_of(self, entity_id: str) -> tuple[MatchingRule, ...]:
        """Matching rules that may hold for a line of the entity."""
        return tuple(rule for rule in self.matching if rule.entity in (None, entity_id))

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits of what the policy says, whatever it is called."""
        said = self.model_dump(exclude={"version", "in_force_from"}, exclude_defaults=True)
        text = json.dumps(_plain(said), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def label(self) -> str:
        """``2026-11-01+1f3a5b7c``: version and digest, as results carry it."""
        return f"{self.version}+{self.digest}"


def overlapping(rules: Sequence[tuple[_Rule, str]]) -> Iterator[tuple[int, int, date]]:
    """Positions of two rules that are about the same on the same day, and the first such day.

    Args:
        rules: each rule with what it is about beside its scope (the check).
    """
    same: dict[tuple[object, ...], list[int]] = {}
    for position, (rule, about) in enumerate(rules):
        same.setdefault((about, *rule.scope), []).append(position)
    for positions in same.values():
        for i, j in combinations(positions, 2):
            first = max(rules[i][0].first, rules[j][0].first)
            if first <= min(rules[i][0].last, rules[j][0].last):
                yield i, j, first


def _plain(value: Any) -> Any:
    """As JSON has it; a number is the same however many zeros it is written with."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value
