"""YAML as a tree whose every value knows its file and line, and the merging of such trees.

Belongs here: reading YAML strictly, merging folders and layers. Not here: what a value means
(model.py), nor saying what is wrong with it (explain.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Loc: TypeAlias = tuple[str | int, ...]
# The C parser is ten times as fast; it is there whenever PyYAML came as a wheel.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRING, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Place:
    """Where something is written. ``line`` counts from 1."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class TreeError(ValueError):
    """A YAML file that cannot be read as it was meant; the message begins with ``file:line:``."""


@dataclass(frozen=True)
class Node:
    """A value of a YAML file: a scalar, a list of nodes or nodes by key.

    ``place`` is the line of its key, where it has one. ``text`` is a scalar as it is written.
    """

    value: Any
    place: Place
    text: str = field(default="", compare=False)

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, loc: Sequence[str | int]) -> Node:
        """The node at a path, or the last one on the way to it that exists.

        A step that does not exist is passed over, since Pydantic puts the name of the chosen
        variant of a union into its paths.
        """
        node = self
        for step in loc:
            node = node.child(step) or node
        return node

    def under(self, *loc: str) -> dict[str, Node]:
        """Nodes by key at exactly this path; none if there is nothing."""
        node: Node | None = self
        for step in loc:
            node = node.child(step) if node else None
        return node.entries if node else {}

    def child(self, step: str | int) -> Node | None:
        """The node under a key or at a position; None if there is none."""
        if isinstance(self.value, dict):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    @property
    def entries(self) -> dict[str, Node]:
        """Nodes by key; none if the node is something else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """Nodes of a list; none if the node is something else."""
        return self.value if isinstance(self.value, list) else []

    def with_entries(self, entries: Mapping[str, Node]) -> Node:
        """The same place with these entries."""
        return replace(self, value=dict(entries))


def read_tree(path: Path) -> Node:
    """The tree of one YAML file; an empty file is an empty mapping.

    Raises:
        OSError: the file cannot be read.
        TreeError: broken YAML, a key written twice, or a key that YAML does not read as text.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise TreeError(f"{path}:{line}: not YAML: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TreeError(f"{path}:1: not YAML: {error}") from error
    if root is None:
        return Node({}, Place(path, 1))
    return _Reader(path).node(root, Place(path, 1))


def merge_files(trees: Iterable[Node]) -> Node:
    """One tree of several files: mappings are merged, lists at the top are joined.

    Raises:
        TreeError: the same value is in two files.
    """
    first, *others = trees
    for other in others:
        first = _joined(first, other, ())
    return first


def overlay(base: Node, over: Node, depth: int) -> Node:
    """``base`` with the entries of ``over`` in place of its own, merged down to ``depth`` keys."""
    if depth == 0 or not isinstance(over.value, dict) or not isinstance(base.value, dict):
        return over
    merged = dict(base.value)
    for key, node in over.value.items():
        own = merged.get(key)
        merged[key] = overlay(own, node, depth - 1) if own else node
    return base.with_entries(merged)


def _joined(one: Node, two: Node, path: Loc) -> Node:
    if isinstance(one.value, dict) and isinstance(two.value, dict):
        merged = dict(one.value)
        for key, node in two.value.items():
            own = merged.get(key)
            merged[key] = _joined(own, node, (*path, key)) if own else node
        return one.with_entries(merged)
    if len(path) == 1 and isinstance(one.value, list) and isinstance(two.value, list):
        return replace(one, value=[*one.value, *two.value])
    name = ".".join(map(str, path)) or "(whole file)"
    raise TreeError(f"{two.place}: {name}: is already written at {one.place}; keep one of them")


class _Reader:
    """Turns the nodes of one file into ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.within: list[yaml.Node] = []

    def node(self, node: yaml.Node, place: Place) -> Node:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        if node in self.within:
            raise TreeError(f"{place}: an alias may not stand inside what it names")
        self.within.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return Node(self._entries(node), place)
            return Node([self.node(item, self._place(item)) for item in node.value], place)
        finally:
            self.within.pop()

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.path, node.start_mark.line + 1)

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Node:
        try:
            value = yaml.constructor.SafeConstructor().construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            said = getattr(error, "problem", None) or error
            raise TreeError(f"{place}: {node.value!r} cannot be read: {said}") from error
        return Node(value, place, node.value)

    def _entries(self, mapping: yaml.MappingNode) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        inherited: dict[str, Node] = {}
        for key, value in mapping.value:
            place = self._place(key)
            if key.tag == _MERGE:
                inherited |= self._inherited(value, place)
                continue
            name = self._key(key, place)
            if name in entries:
                raise TreeError(
                    f"{place}: {name}: is already written in line {entries[name].place.line}; "
                    "keep one of them"
                )
            entries[name] = self.node(value, place)
        return {**inherited, **entries}

    def _inherited(self, value: yaml.Node, place: Place) -> dict[str, Node]:
        parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
        nodes = [self.node(part, place) for part in parts]
        # YAML: of several, the first wins.
        return {k: v for node in reversed(nodes) for k, v in node.entries.items()}

    def _key(self, key: yaml.Node, place: Place) -> str:
        if not isinstance(key, yaml.ScalarNode):
            raise TreeError(f"{place}: a key must be a word, not a list or mapping")
        if key.tag == _STRING:
            return str(key.value)
        kind = {"bool": "true or false", "int": "a number", "float": "a number"}.get(
            key.tag.rpartition(":")[2], "something else than text"
        )
        raise TreeError(
            f'{place}: YAML reads the key {key.value} as {kind}; write it in quotes: "{key.value}"'
        )
