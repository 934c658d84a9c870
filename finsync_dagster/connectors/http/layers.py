"""What a system.yaml of protocol http need not repeat: its style, and its own defaults.

Belongs here: laying them under what is written. Not here: what the words mean (model.py).

``style: odata_v4`` brings what all systems of a kind have in common, from a file of styles/. An
object may have a style of its own, of which it takes the defaults instead of the system's.
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
    styled = _styled(tree)
    entries = dict(styled.entries)
    defaults = entries.pop("defaults", None)
    objects = entries.get("objects")
    if objects is not None:
        own = tree.child("defaults")
        laid = {n: _object(node, defaults, own) for n, node in objects.entries.items()}
        entries["objects"] = objects.with_entries(laid)
    return styled.with_entries(entries)


def _object(node: Node, defaults: Node | None, own: Node | None) -> Node:
    """An object over the system's defaults, or over those of its own style and the written ones."""
    declared = node.child("style")
    if declared is not None:
        node = _without_style(node)
        brought = _style(declared).child("defaults") or Node({}, declared.place)
        defaults = _laid_under(brought, own, _OBJECT_DEPTH) if own else brought
    return _laid_under(Node(defaults.value, node.place), node, _OBJECT_DEPTH) if defaults else node


def _styled(tree: Node) -> Node:
    declared = tree.child("style")
    if declared is None:
        return tree
    return _laid_under(
        Node(_style(declared).value, tree.place), _without_style(tree), _SYSTEM_DEPTH
    )


def _without_style(node: Node) -> Node:
    return node.with_entries({k: v for k, v in node.entries.items() if k != "style"})


def _style(declared: Node) -> Node:
    if declared.value not in style_names():
        raise TreeError(
            f"{declared.place}: style: {declared.value!r} is none; "
            f"{choices(style_names(), str(declared.value))}"
        )
    return read_tree(STYLES / f"{declared.value}.yaml")


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
