"""Which resource a path names.

Belongs here: cutting a path into sets, keys, navigations and $count. Not here: options after the
question mark (query.py), whether the entity is there (pages.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, Navigation, Property, Service
from finsync_dagster.sandbox.vendors.sap.errors import ODataError, bad_request, no_segment
from finsync_dagster.sandbox.vendors.sap.filters.grammar import Compare, Literal, Name, parse
from finsync_dagster.sandbox.vendors.sap.filters.words import Value, words

_SEGMENT = re.compile(r"(\$?\w+)(?:\((.*)\))?", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A set, reached directly or by a navigation; its key where one is given."""

    entity_set: EntitySet
    way: Navigation | None
    key: Mapping[str, Value] | None

    @property
    def single(self) -> bool:
        """Whether it is one entity, not a collection."""
        return self.key is not None or (self.way is not None and not self.way.many)


@dataclass(frozen=True)
class Resource:
    """The way to a resource; ``counted`` where its number is asked for alone."""

    steps: tuple[Step, ...]
    counted: bool

    @property
    def last(self) -> Step:
        """What is asked for."""
        return self.steps[-1]


def read_resource(path: str, service: Service) -> Resource:
    """The resource a path below the service's root names; keys decoded.

    Raises:
        ODataError: 404, there is no such thing; 400, a key is not understood.
    """
    segments = _segments(path.strip("/"))
    counted = segments[-1] == "$count"
    if counted:
        segments = segments[:-1]
    steps: list[Step] = []
    for number, segment in enumerate(segments):
        step = _step(segment, steps[-1] if steps else None, service)
        if steps and not steps[-1].single:
            raise bad_request(f"Segment '{segments[number - 1]}' is a collection: give a key")
        steps.append(step)
    if not steps or (counted and steps[-1].single):
        raise no_segment("$count")
    return Resource(tuple(steps), counted)


def _segments(path: str) -> list[str]:
    """Parts between slashes; a slash within quotes belongs to a key."""
    parts, quoted, start = [], False, 0
    for at, letter in enumerate(path):
        quoted ^= letter == "'"
        if letter == "/" and not quoted:
            parts.append(path[start:at])
            start = at + 1
    return [*parts, path[start:]]


def _step(segment: str, before: Step | None, service: Service) -> Step:
    match = _SEGMENT.fullmatch(segment)
    if match is None:
        raise no_segment(segment)
    name, inside = match[1], match[2]
    if before is None:
        way, entity_set = None, service.sets.get(name)
        if entity_set is None:
            raise no_segment(name)
    else:
        way = before.entity_set.navigations.get(name)
        if way is None:
            raise no_segment(name)
        entity_set = service.sets[way.target]
    key = None if inside is None else _key(inside, entity_set, service.version)
    return Step(entity_set, way, key)


def _key(inside: str, entity_set: EntitySet, version: int) -> Mapping[str, Value]:
    wanted = entity_set.keys
    try:
        values = _values(inside, wanted, version)
    except ODataError as error:
        raise bad_request(f"Malformed key of '{entity_set.name}'") from error
    if set(values) != {each.name for each in wanted}:
        names = ", ".join(each.name for each in wanted)
        raise bad_request(f"Invalid key predicate: the key of '{entity_set.name}' is {names}")
    return values


def _values(inside: str, wanted: tuple[Property, ...], version: int) -> dict[str, Value]:
    pairs = _pairs(inside)
    values: dict[str, Value] = {}
    if len(wanted) == 1 and re.match(r"\w+ eq ", pairs[0]) is None:
        found = words(inside, version)
        if len(found) != 1:
            raise bad_request("Malformed key")
        return {wanted[0].name: found[0].value}
    for pair in pairs:
        # The filter's grammar knows names and literals; = is not one of its words.
        node = parse(pair, version)
        if (
            not isinstance(node, Compare)
            or not isinstance(node.left, Name)
            or not isinstance(node.right, Literal)
        ):
            raise bad_request("Malformed key")
        values[node.left.name] = node.right.word.value
    return values


def _pairs(inside: str) -> list[str]:
    parts, quoted, start = [], False, 0
    for at, letter in enumerate(inside):
        quoted ^= letter == "'"
        if letter == "," and not quoted:
            parts.append(inside[start:at])
            start = at + 1
    parts.append(inside[start:])
    return [re.sub(r"^\s*(\w+)\s*=", r"\1 eq ", part) for part in parts]
