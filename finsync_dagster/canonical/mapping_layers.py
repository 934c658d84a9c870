"""How a system's objects become canonical rows: its connector's mappings and the landscape's.

Belongs here: putting the layers together, the more particular over the more general. Not here:
what a mapping may say (mapping.py, mapping_checks.py).

From bottom to top: the connector's mappings.yaml; the landscape's ``code_maps``, code by code; the
system's ``overrides``: code maps code by code, mappings by table and object. A mapping that the
connector has keeps what is not given, down to single columns and joins; any other is added. Where
the connector has several of one table and object, ``of_where`` repeats the ``where`` of the one
that is meant: a position would silently mean another one after an update.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from finsync_dagster.canonical.mapping import (
    ADAPTER,
    FILE,
    MappingError,
    SystemMappings,
    read_mappings,
)
from finsync_dagster.canonical.mapping_checks import checked_mappings, lookups
from finsync_dagster.connectors.layers import connector_folder, override_trees
from finsync_dagster.landscape.explain import InvalidError, Problem, choices
from finsync_dagster.landscape.load import LandscapeTree
from finsync_dagster.landscape.tree import Node, overlay

OF_WHERE = "of_where"
# A mapping's keys, and below them single columns and joins.
_DEPTH = 2


def system_mappings(source: LandscapeTree, system: str, objects: Collection[str]) -> SystemMappings:
    """The mappings in force for a system; ``objects`` are those it declares.

    Raises:
        MappingError: something in the connector or in the landscape is not allowed; each line
            names the file it is in.
        ConnectorConfigError: there is no such connector.
    """
    base = read_mappings(connector_folder(source, system) / FILE)
    over = override_trees(source, system)
    try:
        tree = _with_mappings(base, over)
        tree = _with_code_maps(tree, source.tree.child("code_maps"), over.get("code_maps"))
        return checked_mappings(ADAPTER, tree, objects)
    except InvalidError as error:
        raise MappingError(str(error)) from error


def _with_mappings(base: Node, over: dict[str, Node]) -> Node:
    listed = base.child("mappings")
    if "mappings" not in over or listed is None:
        return base
    own = list(listed.items)
    result, problems = list(own), []
    for node in over["mappings"].items:
        given = node.with_entries({k: v for k, v in node.entries.items() if k != OF_WHERE})
        try:
            meant = _meant(own, node)
        except InvalidError as error:
            problems += error.problems
            continue
        if meant is None:
            result.append(given)
        else:
            result[meant] = overlay(result[meant], given, _DEPTH)
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


def _with_code_maps(tree: Node, shared: Node | None, own: Node | None) -> Node:
    maps = tree.child("code_maps") or Node({}, tree.place)
    if shared:
        needed = {*maps.entries, *(own.entries if own else ()), *_looked_up(tree)}
        # Only maps that the system uses: another one would change the version of its mappings,
        # and have all its records conformed anew, for nothing.
        used = {name: codes for name, codes in shared.entries.items() if name in needed}
        maps = overlay(maps, shared.with_entries(used), _DEPTH)
    if own:
        maps = overlay(maps, own, _DEPTH)
    return tree.with_entries({**tree.entries, "code_maps": maps})


def _looked_up(tree: Node) -> set[str]:
    return set().union(*(lookups(text) for text in _texts([tree])))


def _texts(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        if isinstance(node.value, str):
            yield node.value
        yield from _texts([*node.entries.values(), *node.items])


def _text(node: Node, key: str) -> str:
    child = node.child(key)
    return str(child.value) if child else ""
