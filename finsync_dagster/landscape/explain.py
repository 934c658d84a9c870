"""Validation whose errors say file, line, what is wrong and what could stand there.

Belongs here: from a tree and a Pydantic type to a value, or to problems in sentences. Not here:
what is valid (the models say).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from finsync_dagster.landscape.tree import Loc, Node, Place

T = TypeVar("T")
_SHOWN = 40


@dataclass(frozen=True)
class Problem:
    """Something to correct. ``loc`` is its path as Pydantic has it."""

    place: Place
    path: str
    what: str
    loc: Loc = field(default=(), compare=False)

    def __str__(self) -> str:
        where = f"{self.place}: {self.path}: " if self.path else f"{self.place}: "
        return where + " ".join(self.what.split())


class InvalidError(ValueError):
    """A tree that does not fit its type, with everything that is wrong, in order of lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        self.problems = sorted(unique, key=lambda p: (str(p.place.file), p.place.line))
        super().__init__("\n".join(map(str, self.problems)))


def dotted(loc: Loc) -> str:
    """A path as people write it, positions in lists counted from 0."""
    return ".".join(map(str, loc))


def validated(adapter: TypeAdapter[T], tree: Node, name: Callable[[Loc], str] = dotted) -> T:
    """The tree as a value of the adapter's type; ``name`` says how a path is told.

    Raises:
        InvalidError: with every problem Pydantic found.
    """
    try:
        return adapter.validate_python(tree.plain())
    except ValidationError as error:
        schema = adapter.json_schema()
        found = [e for e in error.errors(include_url=False) if not _follows(e, error)]
        problems = [_problem(schema, tree, name, e) for e in found]
        # Pydantic's own error shows what was written, which may be a secret in the wrong place.
        raise InvalidError(problems) from None


def _follows(one: ErrorDetails, error: ValidationError) -> bool:
    """A list is also too short because its items could not be read: that says nothing new."""
    inside = (
        e["loc"][: len(one["loc"])] for e in error.errors() if len(e["loc"]) > len(one["loc"])
    )
    return one["type"] == "too_short" and one["loc"] in inside


def problem(tree: Node, loc: Loc, what: str, name: Callable[[Loc], str] = dotted) -> Problem:
    """A problem at a path of a tree."""
    return Problem(tree.at(loc).place, name(loc), what, loc)


def choices(names: Iterable[str], near: str = "") -> str:
    """``did you mean x? valid choices are a, b, x`` (the first part only if something is near)."""
    ordered = list(dict.fromkeys(names))
    if not ordered:
        return "there is nothing to choose from"
    close = get_close_matches(near, ordered, n=1) if near else []
    meant = f"did you mean {close[0]}? " if close else ""
    more = f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return f"{meant}valid choices are {', '.join(ordered[:_SHOWN])}{more}"


def _problem(
    schema: Mapping[str, Any], tree: Node, name: Callable[[Loc], str], error: ErrorDetails
) -> Problem:
    loc = tuple(step for step in error["loc"] if step != "[key]")
    at = tree.at(loc)
    return Problem(at.place, name(_written(tree, loc)), _what(schema, loc, at, error), error["loc"])


def _written(tree: Node, loc: Loc) -> Loc:
    """The path without the names of union variants, which nobody wrote; the last step stays."""
    kept: list[str | int] = []
    node = tree
    for i, step in enumerate(loc):
        child = node.child(step)
        if child is not None:
            kept.append(step)
            node = child
        elif i == len(loc) - 1:
            kept.append(step)
    return tuple(kept)


def _what(schema: Mapping[str, Any], loc: Loc, at: Node, error: ErrorDetails) -> str:
    kind, name = error["type"], str(loc[-1]) if loc else ""
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown key; {choices(_keys(schema, loc[:-1]), name)}"
    if kind in ("enum", "literal_error"):
        said = f"{at.text or at.value!r} is not allowed"
        return f"{said}; {choices(_quoted(context.get('expected')), at.text)}"
    if kind.startswith("union_tag"):
        found = str(context.get("tag", ""))
        key = str(context.get("discriminator", "")).strip("'")
        said = f"{key}: {found} is not allowed" if found else f"{key} is missing"
        return f"{said}; {choices(_quoted(context.get('expected_tags')) or _tags(schema), found)}"
    return _plain_words(schema, loc, at, error)


def _plain_words(schema: Mapping[str, Any], loc: Loc, at: Node, error: ErrorDetails) -> str:
    kind = error["type"]
    if kind == "missing":
        return "is missing"
    if kind == "string_type" and at.text:
        return f'YAML does not read {at.text} as text; write it in quotes: "{at.text}"'
    said = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind == "value_error":
        return said
    example = _example(schema, loc)
    said = said[:1].lower() + said[1:]
    return f"{said}, such as {example}" if example else said


def _quoted(text: object) -> list[str]:
    return re.findall(r"'([^']*)'", str(text or ""))


def _tags(schema: Mapping[str, Any]) -> list[str]:
    return list(schema.get("discriminator", {}).get("mapping", {}))


def _keys(schema: Mapping[str, Any], loc: Loc) -> list[str]:
    """Keys that may stand at a path."""
    found = (s.get("properties", {}) for s in _schemas(schema, loc))
    return sorted({key for properties in found for key in properties})


def _example(schema: Mapping[str, Any], loc: Loc) -> str:
    found = (str(e) for s in _schemas(schema, loc) for e in s.get("examples", ()))
    return next(found, "")


def _schemas(root: Mapping[str, Any], loc: Loc) -> list[Mapping[str, Any]]:
    """The JSON schemas in force at a path, one per variant that it may belong to."""
    here = list(_variants(root, root))
    for step in loc:
        further = [s for schema in here for s in _step(root, schema, step)]
        # The name of a union's variant is a step of Pydantic's path, but not of the schema.
        here = further or here
    return here


def _step(
    root: Mapping[str, Any], schema: Mapping[str, Any], step: str | int
) -> Iterator[Mapping[str, Any]]:
    found: Any = None
    if isinstance(step, int):
        found = schema.get("items")
    elif step in schema.get("properties", {}):
        found = schema["properties"][step]
    elif isinstance(schema.get("additionalProperties"), dict):
        found = schema["additionalProperties"]
    else:
        found = next(iter(schema.get("patternProperties", {}).values()), None)
    if isinstance(found, dict):
        yield from _variants(root, found)


def _variants(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in schema:
        yield from _variants(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
        return
    yield schema
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _variants(root, inner)
