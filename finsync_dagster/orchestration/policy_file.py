"""Policies as they are written: the checks they name, and a policy in a file of its own.

Belongs here: what only somebody who knows every check can say of a policy. Not here: what a policy
may say (landscape/policy_model.py), nor running with it (shadow.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter

from finsync_dagster.landscape.explain import InvalidError, Problem, choices, problem, validated
from finsync_dagster.landscape.load import LandscapeError, LandscapeTree
from finsync_dagster.landscape.model import PolicyVersions
from finsync_dagster.landscape.policy_model import Policy
from finsync_dagster.landscape.policy_references import policy_problems, rule_entities, versions
from finsync_dagster.landscape.tree import Loc, Node, TreeError, read_tree
from finsync_dagster.landscape.words import Strict
from finsync_dagster.matching.checks.families import ALL_CHECKS as MATCHED
from finsync_dagster.reconciliation.order_totals import ORDER_TOTAL
from finsync_dagster.reconciliation.payments import OPEN_BALANCE

ALL_CHECKS = (*MATCHED, ORDER_TOTAL, OPEN_BALANCE)
"""Checks that compare something, and therefore need a tolerance."""


class _PolicyFile(Strict):
    policy: PolicyVersions


_FILE: TypeAdapter[_PolicyFile] = TypeAdapter(_PolicyFile)


def read_policies(path: Path, landscape: LandscapeTree) -> tuple[Policy, ...]:
    """The versions of the policy in a file: a policy alone, or ``policy:`` among other things.

    Args:
        path: the file.
        landscape: the company it is for.

    Raises:
        LandscapeError: with everything that is wrong in it, by file and line.
    """
    try:
        written = read_tree(path)
    except OSError as error:
        raise LandscapeError(f"{path}: cannot be read ({error.strerror})") from error
    except TreeError as error:
        raise LandscapeError(str(error)) from error
    node = written.child("policy") or written
    tree = written.with_entries({"policy": node})
    problems = [
        *policy_problems(tree),
        *check_problems(tree),
        *_unknown_entities(tree, list(landscape.tree.under("legal_entities"))),
    ]
    try:
        found = validated(_FILE, tree).policy
    except InvalidError as error:
        raise LandscapeError(str(InvalidError([*error.problems, *problems]))) from error
    if problems:
        raise LandscapeError(str(InvalidError(problems)))
    return found


def check_problems(tree: Node) -> Iterator[Problem]:
    """Checks that a policy names and there are not, or that it leaves out."""
    for loc, policy in versions(tree):
        yield from _unknown_checks(tree, loc, policy)
        rows = policy.under("tolerances")
        missing = [check for check in ALL_CHECKS if check not in rows]
        if missing and rows:
            said = (
                f"no limits for {', '.join(missing)}; a check without limits stops the run "
                "(write {} for one that is not to be made)"
            )
            yield problem(tree, (*loc, "tolerances"), said)


def _unknown_checks(tree: Node, loc: Loc, policy: Node) -> Iterator[Problem]:
    named: list[tuple[Loc, str]] = [
        (("tolerances", check), check) for check in policy.under("tolerances")
    ]
    for entity, own in policy.under("entity_tolerances").items():
        named += [(("entity_tolerances", entity, check), check) for check in own.entries]
    rules = policy.child("rules")
    for i, rule in enumerate(rules.items if rules else ()):
        if (check_ := rule.child("check")) is not None:
            named.append((("rules", i, "check"), str(check_.value)))
    for at, check in named:
        if check not in ALL_CHECKS:
            said = f"there is no check {check}; {choices(ALL_CHECKS, check)}"
            yield problem(tree, (*loc, *at), said)


def _unknown_entities(tree: Node, known: list[str]) -> Iterator[Problem]:
    for loc, name in rule_entities(tree):
        if name not in known:
            said = f"{name!r} is not among the landscape's legal_entities; {choices(known, name)}"
            yield problem(tree, loc, said)
