"""How a system's objects become canonical rows: its connector's mappings and the landscape's.

Belongs here: putting the layers together, the more particular over the more general. Not here:
what a mapping may say (mapping.py, mapping_checks.py).

From bottom to top: the connector's mappings.yaml, over that of the connector it is like, if it is;
the landscape's ``code_maps``, code by code; the system's ``overrides``: code maps code by code,
mappings by table and object (mapping_overlay.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from finsync_dagster.canonical.mapping import (
    ADAPTER,
    MappingError,
    SystemMappings,
    read_connector,
)
from finsync_dagster.canonical.mapping_checks import checked_mappings, lookups
from finsync_dagster.canonical.mapping_overlay import OF_WHERE, with_mappings
from finsync_dagster.connectors.layers import connector_folder, override_trees
from finsync_dagster.landscape.explain import InvalidError
from finsync_dagster.landscape.load import LandscapeTree
from finsync_dagster.landscape.tree import Node, overlay

__all__ = ["OF_WHERE", "system_mappings"]
# Code maps, and below them single codes.
_DEPTH = 2


def system_mappings(source: LandscapeTree, system: str, objects: Collection[str]) -> SystemMappings:
    """The mappings in force for a system; ``objects`` are those it declares.

    Raises:
        MappingError: something in the connector or in the landscape is not allowed; each line
            names the file it is in.
        ConnectorConfigError: there is no such connector.
    """
    base = read_connector(connector_folder(source, system))
    over = override_trees(source, system)
    try:
        tree = with_mappings(base, over.get("mappings"), overlay)
        tree = _with_code_maps(tree, source.tree.child("code_maps"), over.get("code_maps"))
        return checked_mappings(ADAPTER, tree, objects)
    except InvalidError as error:
        raise MappingError(str(error)) from error


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
