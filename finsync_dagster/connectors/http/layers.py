"""What a system.yaml of protocol http need not repeat: its style, and its own defaults.

Belongs here: laying them under what is written. Not here: what the words mean (model.py).

``style: odata_v4`` brings what all systems of a kind have in common, from a file of styles/.
``defaults`` holds words of objects that hold for all of them; an object's own words come first, key
by key within requests. What is of another ``scheme``, and a body beside a form, is not mixed: the
own one stands alone.
"""

from __future__ import annotations

from pathlib import Path

from finsync_dagster.landscape.explain import choices
from finsync_dagster.landscape.tree import Node, TreeError, overlay, read_tree

STYLES = Path(__file__).parent / "styles"
# An object, its count, the request, its body, one entry: what lies deeper is replaced as a whole.
_OBJECT_DEPTH = 4
_RIVALS = {"body": "form", "form": "body"}
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
            name: _laid_under(Node(defaults.value, node.place), node, _OBJECT_DEPTH)
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
    return _laid_under(Node(style.value, tree.place), rest, _SYSTEM_DEPTH)


def _laid_under(base: Node, over: Node, depth: int) -> Node:
    return overlay(_without_rivals(base, over), over, depth)


def _without_rivals(base: Node, over: Node) -> Node:
    """The base without what cannot stand beside what is written over it."""
    own = over.entries
    kept = {
        key: _without_rivals(node, own[key]) if key in own and node.entries else node
        for key, node in base.entries.items()
        if _RIVALS.get(key) not in own and not (key in own and _another(node, own[key]))
    }
    return base.with_entries(kept) if base.entries else base


def _another(base: Node, over: Node) -> bool:
    one, two = base.entries.get("scheme"), over.entries.get("scheme")
    return one is not None and two is not None and one.value != two.value
