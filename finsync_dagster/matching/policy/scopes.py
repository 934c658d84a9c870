"""Which rule of a policy is about a document: the narrowest scope that fits it on its day.

Belongs here: the order in which scopes are searched, and the search. Not here: what is known of a
document (subjects.py), nor what a rule says.

Sources: the nine steps of D365's price tolerances (item, item group or all, each by vendor, vendor
group or all: "table before group before all", the item first); D365's matching policies by item and
vendor, item, vendor, category, company; purchase order lines above them all, as in Oracle and SAP,
where the line carries its own match approval level and tolerances.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby, product

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.policy_model import Scope
from finsync_dagster.matching.policy.ruling import RULE

LINE = "_line"
ORDER = "_order"
ITEM = "_item"
CATEGORY = "_category"
SUPPLIER = "_supplier"
MATCH_TYPE = "_match_type"
DAY = "_day"

Step = tuple[str, str]
"""What a rule says of the thing bought, and of the supplier; empty: any."""

_LINE_FIRST: tuple[Step, ...] = (("order_line", ""), ("order", ""))
TOLERANCE_STEPS: tuple[Step, ...] = (
    *_LINE_FIRST,
    *product(("item", "category", ""), ("supplier", "supplier_group", "")),
)
"""Limits: after the order line and the order, the nine steps, from item x supplier to all x all."""

MATCHING_STEPS: tuple[Step, ...] = (
    *_LINE_FIRST,
    *product(("item",), ("supplier", "supplier_group", "")),
    ("category", "supplier"),
    ("category", "supplier_group"),
    ("", "supplier"),
    ("", "supplier_group"),
    ("category", ""),
    ("", ""),
)
"""How lines are matched: a supplier outranks a category."""

_KEYS = {"order_line": LINE, "order": ORDER, "item": ITEM, "category": CATEGORY}


class PolicyError(ValueError):
    """Two rules of a policy are about the same document; nothing was decided."""


@dataclass(frozen=True)
class Names:
    """The ids that a name in a rule stands for, among the documents of one entity."""

    docs: Documents
    supplier_groups: Mapping[str, Sequence[str]]

    def keys(self, rule: Scope) -> dict[str, list[str]]:
        """Column of facts → the values a rule is about; a column not named may hold any."""
        found: dict[str, list[str]] = {}
        if rule.order_line and rule.order:
            found[LINE] = self._order_line(rule.order, rule.order_line)
        elif rule.order:
            found[ORDER] = self._order(rule.order)
        elif rule.item:
            found[ITEM] = self._item(rule.item)
        elif rule.category:
            found[CATEGORY] = [rule.category]
        if rule.supplier:
            found[SUPPLIER] = self._suppliers([rule.supplier])
        elif rule.supplier_group:
            found[SUPPLIER] = self._suppliers(self.supplier_groups.get(rule.supplier_group, ()))
        if rule.match_type:
            found[MATCH_TYPE] = [rule.match_type]
        return found

    def unknown(self, rule: Scope) -> str | None:
        """What a rule names that none of the documents bears, in words; None if there is all."""
        suppliers = [rule.supplier] if rule.supplier else []
        suppliers += self.supplier_groups.get(rule.supplier_group or "", ())
        items = self.docs.items
        named = {
            f"order {rule.order}": rule.order is None or bool(self._order(rule.order)),
            f"order line {rule.order_line}": not (rule.order and rule.order_line)
            or bool(self._order_line(rule.order, rule.order_line)),
            f"item {rule.item}": rule.item is None
            or bool(items.filter(pl.col("item_id").is_in(self._item(rule.item))).height),
            f"category {rule.category}": rule.category is None
            or rule.category in items["category"],
            **{f"supplier {name}": bool(self._goldens([name])) for name in suppliers},
        }
        missing = [words for words, known in named.items() if not known]
        return missing[0] if missing else None

    def _order(self, name: str) -> list[str]:
        orders = self.docs.purchase_orders
        named = (pl.col("po_number") == name) | (pl.col("po_id") == name)
        return orders.filter(named)["po_id"].unique().sort().to_list()

    def _order_line(self, order: str, line: str) -> list[str]:
        named = pl.col("po_id").is_in(self._order(order)) & (pl.col("line_no") == line)
        lines = self.docs.purchase_order_lines.filter(named)
        return lines["po_line_id"].unique().sort().to_list()

    def _item(self, name: str) -> list[str]:
        named = self.docs.items.filter(pl.col("item_no") == name)["item_id"]
        return sorted({name, *named})

    def _suppliers(self, names: Iterable[str]) -> list[str]:
        wanted = list(names)
        return sorted({*wanted, *self._goldens(wanted)})

    def _goldens(self, names: list[str]) -> list[str]:
        named = pl.any_horizontal(pl.col("golden", "supplier_src_id", "name").is_in(names))
        return self._golden.filter(named)["golden"].to_list()

    @cached_property
    def _golden(self) -> pl.DataFrame:
        return self.docs.golden(self.docs.suppliers.select("supplier_src_id", "name"))


def rank(rule: Scope, steps: Sequence[Step]) -> tuple[int, int, int]:
    """How narrow a rule is: smaller is narrower.

    First the step of the search, then whether an entity is named, then whether a match type is.
    """
    if rule.order:
        step: Step = ("order_line" if rule.order_line else "order", "")
    else:
        bought = "item" if rule.item else "category" if rule.category else ""
        whose = "supplier" if rule.supplier else "supplier_group" if rule.supplier_group else ""
        step = (bought, whose)
    return steps.index(step), rule.entity is None, rule.match_type is None


def decided(
    facts: pl.DataFrame, rules: Sequence[Scope], steps: Sequence[Step], names: Names
) -> pl.DataFrame:
    """``_n``, ``_rule`` (position among the rules) of the facts that a rule is about.

    Args:
        facts: ``_n`` and what is known of each subject (the columns named above); a subject whose
            day is not known is only met by rules that hold always.
        rules: those that may be about the entity's documents.
        steps: the order of the search.
        names: what the rules' words stand for.

    Raises:
        PolicyError: two rules of one rank are about the same subject on its day.
    """
    ranked = sorted((rank(rule, steps), position) for position, rule in enumerate(rules))
    found = [pl.DataFrame(schema={"_n": facts.schema["_n"], RULE: pl.Int32})]
    left = facts
    for _, group in groupby(ranked, key=lambda pair: pair[0]):
        if left.is_empty():
            break
        hits = _about(left, [(position, rules[position]) for _, position in group], names)
        _require_one(hits, rules)
        hits = hits.unique().sort("_n")
        found.append(hits)
        left = left.join(hits, on="_n", how="anti", maintain_order="left")
    return pl.concat(found)


def _about(facts: pl.DataFrame, rules: Sequence[tuple[int, Scope]], names: Names) -> pl.DataFrame:
    """``_n``, ``_rule`` of every fact and rule that fit; rules of one rank ask for the same."""
    rows: list[tuple[object, ...]] = []
    columns: list[str] = []
    for position, rule in rules:
        keys = names.keys(rule)
        columns = list(keys)
        rows += [(*values, position, rule.from_, rule.until) for values in product(*keys.values())]
    schema: dict[str, type[pl.DataType]] = {
        **dict.fromkeys(columns, pl.String),
        RULE: pl.Int32,
        "_from": pl.Date,
        "_until": pl.Date,
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")
    met = facts.join(table, on=columns) if columns else facts.join(table, how="cross")
    first = pl.coalesce("_from", pl.lit(date.min))
    last = pl.coalesce("_until", pl.lit(date.max))
    always = pl.col("_from").is_null() & pl.col("_until").is_null()
    in_time = always | pl.col(DAY).is_between(first, last).fill_null(False)
    return met.filter(in_time).select("_n", RULE)


def _require_one(hits: pl.DataFrame, rules: Sequence[Scope]) -> None:
    several = (
        hits.unique().group_by("_n").agg(pl.col(RULE).sort()).filter(pl.col(RULE).list.len() > 1)
    )
    if several.height:
        one, other = (rules[i] for i in several.sort("_n")[RULE][0].to_list()[:2])
        raise PolicyError(
            f"two rules of the policy hold for the same document: {_said(one)} and {_said(other)}; "
            "leave one out, or let one end before the other begins"
        )


def _said(rule: Scope) -> str:
    check = getattr(rule, "check", "matching")
    return f"{check} ({rule.label})"
