"""What a system.yaml of protocol http need not repeat: its style, and its own defaults.

Belongs here: laying them under what is written. Not here: what the words mean (model.py).

``style: odata_v4`` brings what all systems of a kind have in common, from a file of styles/.
``defaults`` holds words of objects that hold for all of them; an object's own words come first, key
by key within requests.
"""

from __future__ import annotations

from pathlib import Path

from finsync_dagster.landscape.explain import choices
from finsync_dagster.landscape.tree import Node, TreeError, overlay, read_tree

STYLES = Path(__file__).parent / "styles"
# An object, its count, the request, its body, one entry: what lies deeper is replaced as a whole.
_OBJECT_DEPTH = 4
_SYSTEM_DEPTH = _OBJECT_DEPTH + 1


def style_names() -> list[str]:
    """Styles there are."""
    return sorted(path.stem for path in STYLES.glob("*.yaml"))


def laid_out(tree: Node) -> Node:
    """The tree with its style and defaults under every object; unchanged for other protocols.

    Raises:
        TreeError: there is no such style.
    """
    if tree.at(["protocol"]).value != "http":
        return tree
    tree = _styled(tree)
    entries = dict(tree.entries)
    defaults = entries.pop("defaults", None)
    objects = entries.get("objects")
    if defaults is not None and objects is not None:
        under = {
            name: overlay(Node(defaults.value, node.place), node, _OBJECT_DEPTH)
            for name, node in objects.entries.items()
        }
        entries["objects"] = objects.with_entries(under)
    return tree.with_entries(entries)


def _styled(tree: Node) -> Node:
    declared = tree.child("style")
    if declared is None:
        return tree
    rest = tree.with_entries({k: v for k, v in tree.entries.items() if k != "style"})
    if declared.value not in style_names():
        raise TreeError(
            f"{declared.place}: style: {declared.value!r} is none; "
            f"{choices(style_names(), str(declared.value))}"
        )
    style = read_tree(STYLES / f"{declared.value}.yaml")
    return overlay(Node(style.value, tree.place), rest, _SYSTEM_DEPTH)
