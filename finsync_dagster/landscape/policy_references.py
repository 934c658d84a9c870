"""What must fit within a policy: rules that do not overlap, groups that exist, versions in order.

Belongs here: checks across the parts of a policy, on the tree, so that they speak beside the errors
of single values. Not here: names of checks, which only matching knows (orchestration/company.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import ValidationError

from finsync_dagster.landscape.explain import Problem, choices, problem
from finsync_dagster.landscape.policy_model import (
    MatchingRule,
    Scope,
    ToleranceRule,
    overlapping,
)
from finsync_dagster.landscape.tree import Loc, Node

RULES: dict[str, type[ToleranceRule] | type[MatchingRule]] = {
    "rules": ToleranceRule,
    "matching": MatchingRule,
}
"""Lists of rules in a policy, and what each holds."""


def versions(tree: Node) -> list[tuple[Loc, Node]]:
    """Every version of the policy as it is written, and where; one, if it has no versions."""
    node = tree.child("policy")
    if node is None:
        return []
    if node.items:
        return [(("policy", i), item) for i, item in enumerate(node.items)]
    return [(("policy",), node)]


def policy_problems(tree: Node) -> Iterator[Problem]:
    """Everything in the policy that contradicts something else in it."""
    written = versions(tree)
    for loc, node in written:
        for key, model in RULES.items():
            yield from _overlaps(tree, (*loc, key), _child(node, key).items, model)
            yield from _groups(tree, (*loc, key), _child(node, key).items, node)
    yield from _names(tree, written)
    yield from _beginnings(tree, written)


def rule_entities(tree: Node) -> Iterator[tuple[Loc, str]]:
    """Every legal entity that a policy names, and where."""
    for loc, node in versions(tree):
        for entity in _child(node, "entity_tolerances").entries:
            yield (*loc, "entity_tolerances", entity), entity
        for entity in _child(node, "tax_rounding").entries:
            yield (*loc, "tax_rounding", entity), entity
        for key in RULES:
            for i, rule in enumerate(_child(node, key).items):
                if (named := rule.child("entity")) is not None:
                    yield (*loc, key, i, "entity"), str(named.value)


def _overlaps(
    tree: Node, loc: Loc, written: list[Node], model: type[ToleranceRule] | type[MatchingRule]
) -> Iterator[Problem]:
    read: list[tuple[int, Scope, str]] = []
    for i, node in enumerate(written):
        try:
            rule: Scope = model.model_validate(node.plain())
        except ValidationError:
            continue  # Said where single values are checked.
        read.append((i, rule, str(getattr(rule, "check", ""))))
    for a, b, first in overlapping([(rule, about) for _, rule, about in read]):
        (i, one, about), (j, _, _) = read[a], read[b]
        when = f"from {first} on" if first > date.min else "at the same time"
        said = " of ".join(word for word in (about, one.scope_words) if word)
        yield problem(
            tree,
            (*loc, j),
            f"two rules for {said} {when}: the other is {loc[-1]}.{i}, written at "
            f"{written[i].place}; leave one out, or let one end before the other begins",
        )


def _groups(tree: Node, loc: Loc, written: list[Node], policy: Node) -> Iterator[Problem]:
    known = list(_child(policy, "supplier_groups").entries)
    for i, rule in enumerate(written):
        named = rule.child("supplier_group")
        if named is not None and named.value not in known:
            said = (
                f"{named.value!r} is not among supplier_groups; {choices(known, str(named.value))}"
            )
            yield problem(tree, (*loc, i, "supplier_group"), said)


def _names(tree: Node, written: list[tuple[Loc, Node]]) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for loc, node in written:
        name = str(_child(node, "version").value)
        if name in seen:
            said = (
                f"version {name} is written twice, also at {seen[name].place}; name one otherwise"
            )
            yield problem(tree, (*loc, "version"), said)
        seen.setdefault(name, _child(node, "version"))


def _beginnings(tree: Node, written: list[tuple[Loc, Node]]) -> Iterator[Problem]:
    seen: dict[object, Node] = {}
    for loc, node in written:
        first = _child(node, "in_force_from").value
        if first in seen:
            when = f"from {first}" if first else "from the beginning"
            yield problem(
                tree,
                (*loc, "in_force_from"),
                f"two versions in force {when}, also the one at {seen[first].place}; give each "
                "another in_force_from",
            )
        seen.setdefault(first, node)


def _child(node: Node, key: str) -> Node:
    return node.child(key) or Node(None, node.place)
