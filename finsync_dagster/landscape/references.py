"""Names in a landscape that must be those of something else in it, and periods that must fit.

Belongs here: checks across parts of the tree. They look at the tree and not at the model, so that
they speak beside the errors of single values and not after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from finsync_dagster.landscape.explain import Problem, choices, problem
from finsync_dagster.landscape.policy_references import policy_problems, rule_entities
from finsync_dagster.landscape.tree import Loc, Node


def reference_problems(tree: Node) -> list[Problem]:
    """Everything that names what is not there, or overlaps."""
    return [*_unknown_entities(tree), *_authority(tree), *policy_problems(tree)]


def _unknown_entities(tree: Node) -> Iterator[Problem]:
    known = list(_child(tree, "legal_entities").entries)
    for loc, name in _entity_names(tree):
        if name not in known:
            said = f"{name!r} is not among legal_entities; {choices(known, name)}"
            yield problem(tree, loc, said)


def _entity_names(tree: Node) -> Iterator[tuple[Loc, str]]:
    """Every place where a legal entity is named."""
    for name, system in _under(tree, "systems"):
        for i, entry in enumerate(_child(system, "entities").items):
            yield ("systems", name, "entities", i), str(entry.value)
        for entity in _child(_child(system, "in_force"), "entities").entries:
            yield ("systems", name, "in_force", "entities", entity), entity
    yield from rule_entities(tree)
    for entity in _child(_child(tree, "sla"), "entities").entries:
        yield ("sla", "entities", entity), entity
    for i, row in enumerate(_child(tree, "authority").items):
        if (node := row.child("entity")) is not None:
            yield ("authority", i, "entity"), str(node.value)


def _authority(tree: Node) -> Iterator[Problem]:
    rows = _child(tree, "authority").items
    for i, row in enumerate(rows):
        yield from _serves(tree, i, row)
    scopes = sorted({(_text(r, "entity"), d) for r in rows for d in _domains(r)})
    for entity, domain in scopes:
        own = [
            i for i, r in enumerate(rows) if _text(r, "entity") == entity and domain in _domains(r)
        ]
        yield from _one_after_the_other(tree, own, f"{domain} of {entity}")


def _serves(tree: Node, i: int, row: Node) -> Iterator[Problem]:
    """The system named must hold the entity's records of the domain."""
    systems = dict(_under(tree, "systems"))
    name, entity = _text(row, "system"), _text(row, "entity")
    at: Loc = ("authority", i, "system")
    if not name:
        return
    if name not in systems:
        yield problem(tree, at, f"{name!r} is not among systems; {choices(systems, name)}")
        return
    for domain in _domains(row):
        able = [
            n
            for n, s in systems.items()
            if entity in _texts(_child(s, "entities")) and domain in _texts(_child(s, "domains"))
        ]
        if name not in able:
            said = f"{name} has no {domain} of {entity}; {choices(able, name)}"
            yield problem(tree, at, said)


def _one_after_the_other(tree: Node, own: Iterable[int], what: str) -> Iterator[Problem]:
    spans = sorted((*_days(tree.at(["authority", i])), i) for i in own)
    for (_, last, i), (first, _, j) in pairwise(spans):
        later, earlier = ("authority", j), tree.at(["authority", i]).place
        if first <= last:
            yield problem(
                tree,
                later,
                f"two systems of record for {what} {_overlap(first, last)}: the other is "
                f"written at {earlier}; give it an until before this from",
            )
        elif first - last > timedelta(days=1):
            yield problem(
                tree,
                later,
                f"no system of record for {what} from {last + timedelta(days=1)} until "
                f"{first - timedelta(days=1)}: the one before is written at {earlier}; let the "
                "periods meet",
            )


def _days(row: Node) -> tuple[date, date]:
    first, last = (_child(row, key).value for key in ("from", "until"))
    return (
        first if isinstance(first, date) else date.min,
        last if isinstance(last, date) else date.max,
    )


def _domains(row: Node) -> list[str]:
    return [_text(row, "domain")] * bool(row.child("domain")) + _texts(_child(row, "domains"))


def _under(tree: Node, key: str) -> Iterable[tuple[str, Node]]:
    return _child(tree, key).entries.items()


def _child(node: Node, key: str) -> Node:
    return node.child(key) or Node(None, node.place)


def _text(node: Node, key: str) -> str:
    return str(_child(node, key).value or "")


def _texts(node: Node) -> list[str]:
    return [str(item.value) for item in node.items]


def _overlap(first: date, last: date) -> str:
    if first > date.min:
        return f"on {first}"
    return "at all times" if last == date.max else f"until {last}"
