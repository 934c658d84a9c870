"""What a request wants of an entity set: the options of its query, understood.

Belongs here: $select, $expand, $top and the like, and what is refused of them. Not here: the
grammar of a filter (filters/), which rows that gives (pages.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, Navigation, Property, Service
from finsync_dagster.sandbox.vendors.sap.errors import bad_request
from finsync_dagster.sandbox.vendors.sap.filters.sql import known

_OPTIONS = {
    2: frozenset(
        {
            "$filter",
            "$select",
            "$expand",
            "$orderby",
            "$top",
            "$skip",
            "$skiptoken",
            "$inlinecount",
            "$format",
        }
    ),
    4: frozenset(
        {
            "$filter",
            "$select",
            "$expand",
            "$orderby",
            "$top",
            "$skip",
            "$skiptoken",
            "$count",
            "$format",
        }
    ),
}
_DEEPEST = 8


@dataclass(frozen=True)
class Shape:
    """What an entity shows: properties, links that are not followed, those that are."""

    entity_set: EntitySet
    properties: tuple[Property, ...]
    deferred: tuple[Navigation, ...]
    expanded: tuple[tuple[Navigation, Shape], ...]


@dataclass(frozen=True)
class Query:
    """The options of a request to a set."""

    shape: Shape
    filter: str | None
    orderby: str | None
    top: int | None
    skip: int
    skiptoken: str | None
    counted: bool


@dataclass
class _Branch:
    """What is wanted of one set, while $select and $expand are read."""

    select: set[str] = field(default_factory=set)
    expand: dict[str, _Branch] = field(default_factory=dict)


def read_query(given: Iterable[tuple[str, str]], entity_set: EntitySet, service: Service) -> Query:
    """The options of a request.

    Raises:
        ODataError: 400, an option is unknown, or says what it cannot say.
    """
    options = _options(given, service.version)
    branch = _Branch()
    if service.version == 2:
        _v2_branch(branch, options)
    else:
        _v4_branch(branch, options.get("$select"), options.get("$expand"))
    return Query(
        shape=_shape(branch, entity_set, service, 0),
        filter=options.get("$filter"),
        orderby=options.get("$orderby"),
        top=_number(options, "$top"),
        skip=_number(options, "$skip") or 0,
        skiptoken=options.get("$skiptoken"),
        counted=_counted(options),
    )


def _options(given: Iterable[tuple[str, str]], version: int) -> Mapping[str, str]:
    options: dict[str, str] = {}
    for name, value in given:
        if not name.startswith("$"):
            continue  # sap-client, sap-language and the client's own
        if name not in _OPTIONS[version]:
            raise bad_request(f"Invalid system query option '{name}' specified")
        if name in options:
            raise bad_request(f"System query option '{name}' is specified more than once")
        options[name] = value
    return options


def _number(options: Mapping[str, str], name: str) -> int | None:
    said = options.get(name)
    if said is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", said):
        raise bad_request(f"Invalid value '{said}' for system query option '{name}'")
    return int(said)


def _counted(options: Mapping[str, str]) -> bool:
    for name, yes, no in (("$inlinecount", "allpages", "none"), ("$count", "true", "false")):
        said = options.get(name)
        if said is None:
            continue
        if said not in {yes, no}:
            raise bad_request(f"Invalid value '{said}' for system query option '{name}'")
        return said == yes
    return False


def _v2_branch(branch: _Branch, options: Mapping[str, str]) -> None:
    for path in _listed(options.get("$expand")):
        here = branch
        for step in path.split("/"):
            here = here.expand.setdefault(step, _Branch())
    for path in _listed(options.get("$select")):
        *steps, last = path.split("/")
        here = branch
        for step in steps:
            here.select.add(step)
            if step not in here.expand:
                raise bad_request(f"Navigation '{step}' is selected, but not expanded")
            here = here.expand[step]
        here.select.add(last)


def _v4_branch(branch: _Branch, select: str | None, expand: str | None) -> None:
    branch.select.update(_listed(select))
    for part in _split(expand or "", ","):
        name, inside = part.strip(), ""
        if match := re.fullmatch(r"(\w+)\((.*)\)", name, re.DOTALL):
            name, inside = match[1], match[2]
        if name in branch.expand:
            raise bad_request(f"Navigation '{name}' is expanded more than once")
        options: dict[str, str] = {}
        for each in _split(inside, ";"):
            option, _, value = each.partition("=")
            if option not in {"$select", "$expand"}:
                raise bad_request(f"Option '{option}' is not supported within $expand")
            options[option] = value
        branch.expand[name] = child = _Branch()
        _v4_branch(child, options.get("$select"), options.get("$expand"))


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _split(text: str, mark: str) -> list[str]:
    """Parts between marks that are not within parentheses."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == mark and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    if depth:
        raise bad_request("Parentheses within $expand do not match")
    return [part for part in parts if part.strip()]


def _shape(branch: _Branch, entity_set: EntitySet, service: Service, depth: int) -> Shape:
    if depth > _DEEPEST:
        raise bad_request("$expand is nested too deeply")
    expanded = []
    for name, child in branch.expand.items():
        way = entity_set.navigations.get(name)
        if way is None:
            raise bad_request(f"Invalid navigation '{name}' of type '{entity_set.type}'")
        target = _shape(child, service.sets[way.target], service, depth + 1)
        expanded.append((way, target))
    wanted = branch.select - {"*"}
    for name in sorted(wanted - entity_set.navigations.keys()):
        known(entity_set, name)
    everything = not branch.select or "*" in branch.select
    shown = tuple(
        each for each in entity_set.properties.values() if everything or each.name in wanted
    )
    ways = entity_set.navigations.values() if service.version == 2 else ()
    open_names = branch.expand.keys()
    if service.version == 2 and branch.select:
        # What is expanded but not selected is not shown.
        expanded = [pair for pair in expanded if pair[0].name in branch.select]
    deferred = tuple(
        way
        for way in ways
        if way.name not in open_names and (not branch.select or way.name in branch.select)
    )
    return Shape(entity_set, shown, deferred, tuple(expanded))
