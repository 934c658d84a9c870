"""A connector that is another one with differences: ``like: <connector>`` in its system.yaml.

Belongs here: finding the other, and laying one tree over another so that null takes away. Not here:
what is laid over which mapping (canonical/mapping_overlay.py), what a landscape says (layers.py).

The other is looked for beside the connector, then among the shipped ones. A connector of the same
name as a shipped one may be like that one.
"""

from __future__ import annotations

from pathlib import Path

from finsync_dagster.connectors.errors import ConnectorConfigError
from finsync_dagster.landscape.explain import choices
from finsync_dagster.landscape.tree import Node, TreeError, overlay, read_tree

CONNECTORS = Path(__file__).parent
FILE = "system.yaml"
LIKE = "like"
# system.yaml, objects, one object: what lies deeper is replaced as a whole.
_DEPTH = 3


def connector_names(folder: Path = CONNECTORS) -> list[str]:
    """Connectors that exist: folders with a system.yaml."""
    return sorted(path.parent.name for path in folder.glob(f"*/{FILE}"))


def family(connector: Path) -> list[tuple[Path, Node]]:
    """A connector's folder and its system.yaml as written, after those of the one it is like.

    Raises:
        ConnectorConfigError: a file cannot be read or is not YAML, or there is no such other.
    """
    found = [(connector, _written(connector))]
    while (declared := found[0][1].child(LIKE)) is not None:
        folder = _other(found[0][0], declared, [seen for seen, _ in found])
        found.insert(0, (folder, _written(folder)))
    return found


def joined_system(connector: Path) -> Node:
    """The system.yaml in a connector's folder, laid over that of the connector it is like.

    Raises:
        ConnectorConfigError: see ``family``.
    """
    (_, tree), *others = family(connector)
    for _, over in others:
        rest = over.with_entries({k: v for k, v in over.entries.items() if k != LIKE})
        tree = laid_over(tree, rest, _DEPTH)
    return tree


def taken_away(tree: Node) -> set[str]:
    """Names of the objects that a system.yaml as written takes away: those it sets to null."""
    return {name for name, node in tree.under("objects").items() if node.value is None}


def laid_over(base: Node, over: Node, depth: int) -> Node:
    """As ``overlay``, and what ``over`` sets to null within these keys is taken away."""
    return _without_nulls(overlay(base, over, depth), over, depth)


def _without_nulls(tree: Node, over: Node, depth: int) -> Node:
    if depth == 0 or not over.entries or not tree.entries:
        return tree
    kept = {
        name: _without_nulls(node, over.entries[name], depth - 1) if name in over.entries else node
        for name, node in tree.entries.items()
        if name not in over.entries or over.entries[name].value is not None
    }
    return tree.with_entries(kept)


def _written(connector: Path) -> Node:
    try:
        return read_tree(connector / FILE)
    except OSError as error:
        raise ConnectorConfigError(f"{error.filename}: cannot be read: {error.strerror}") from error
    except TreeError as error:
        raise ConnectorConfigError(str(error)) from error


def _other(connector: Path, declared: Node, seen: list[Path]) -> Path:
    name = str(declared.value)
    places = dict.fromkeys([connector.parent / name, CONNECTORS / name])
    there = [folder for folder in places if (folder / FILE).is_file()]
    found = next((folder for folder in there if folder not in seen), None)
    if found is not None:
        return found
    if there:
        said = f"{name} leads back to itself; a connector is like one that has been written before"
    else:
        known = {*connector_names(connector.parent), *connector_names()} - {connector.name}
        said = f"there is no connector {name}; {choices(sorted(known), name)}"
    raise ConnectorConfigError(f"{declared.place}: {LIKE}: {said}")
