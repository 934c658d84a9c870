"""Mappings laid over other mappings: which of them is meant, and what of it stays.

Belongs here: lists of mappings, those of a connector over another's, or of a landscape over a
connector's. Not here: which lie over which (mapping.py, mapping_layers.py).

A mapping is told by its table and object. One that the lower list has keeps what is not given, down
to single columns and joins; any other is added. Where the lower list has several of one table and
object, ``of_where`` repeats the ``where`` of the one that is meant: a position would silently mean
another one after an update.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from finsync_dagster.connectors.likeness import laid_over
from finsync_dagster.landscape.explain import InvalidError, Problem, choices
from finsync_dagster.landscape.tree import Node

OF_WHERE = "of_where"
# A mapping's keys, and below them single columns and joins; or code maps, and single codes.
_DEPTH = 2

Laid: TypeAlias = Callable[[Node, Node, int], Node]
"""``overlay``, or one that lets null take away."""


def with_connector(base: Node, over: Node, without: Collection[str]) -> Node:
    """A connector's mappings laid over those of the one it is like.

    ``without``: objects it does not have any more, with whose mappings they go.

    Raises:
        InvalidError: it cannot be told which mapping is meant.
    """
    listed = base.child("mappings") or Node([], base.place)
    kept = [m for m in listed.items if _text(m, "object") not in without]
    tree = base.with_entries({**base.entries, "mappings": Node(kept, listed.place)})
    tree = with_mappings(tree, over.child("mappings"), laid_over)
    rest = over.with_entries({k: v for k, v in over.entries.items() if k != "mappings"})
    return laid_over(tree, rest, _DEPTH + 1)


def with_mappings(base: Node, over: Node | None, laid: Laid) -> Node:
    """A tree of mappings with those of the list ``over`` laid over them by ``laid``.

    Raises:
        InvalidError: it cannot be told which mapping is meant.
    """
    listed = base.child("mappings")
    if over is None or listed is None:
        return base
    own = list(listed.items)
    result, problems = list(own), []
    for node in over.items:
        given = node.with_entries({k: v for k, v in node.entries.items() if k != OF_WHERE})
        try:
            meant = _meant(own, node)
        except InvalidError as error:
            problems += error.problems
            continue
        if meant is None:
            result.append(given)
        else:
            result[meant] = laid(result[meant], given, _DEPTH)
    if problems:
        raise InvalidError(problems)
    return base.with_entries({**base.entries, "mappings": Node(result, listed.place)})


def _meant(own: list[Node], node: Node) -> int | None:
    """Position of the connector's mapping that an override is about; None if it is a new one."""
    table, source = _text(node, "table"), _text(node, "object")
    same = [
        i for i, m in enumerate(own) if (_text(m, "table"), _text(m, "object")) == (table, source)
    ]
    wheres = [_text(own[i], "where") for i in same]
    stated = node.child(OF_WHERE)
    what = f"mapping of {table} from {source}"
    if stated is not None:
        same = [i for i in same if _text(own[i], "where") == str(stated.value)]
        if len(same) != 1:
            said = f"the connector has no {what} with this where; {choices(wheres, stated.text)}"
            raise InvalidError([Problem(stated.place, f"{what}: {OF_WHERE}", said)])
    elif len(same) > 1:
        said = (
            f"the connector has {len(same)} of them; say which with {OF_WHERE}; {choices(wheres)}"
        )
        raise InvalidError([Problem(node.place, what, said)])
    return same[0] if same else None


def _text(node: Node, key: str) -> str:
    child = node.child(key)
    return str(child.value) if child else ""
