"""Which properties of an object an answer holds: ``fields=[…]`` and ``return_object``.

Belongs here: reading the two parameters and trimming objects by them. Not here: filters
(conditions.py), building objects (documents/).

``fields`` is JSON: names, and for a nested object one mapping of its name to its own list; names
may be dashed or underscored; a name the object does not have is passed over, as Coupa does (K).
``return_object=limited`` leaves the id, ``shallow`` every property of the object itself and of what
it refers to only the id and its natural keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from finsync_dagster.sandbox.vendors.coupa.errors import Refusal
from finsync_dagster.sandbox.vendors.coupa.fields import dashed

Trim = Callable[[dict[str, Any]], dict[str, Any]]
_DEEPEST = 12
NATURAL_KEYS = (
    "id",
    "code",
    "name",
    "number",
    "login",
    "po-number",
    "invoice-number",
    "line-num",
    "email",
)


@dataclass
class _Wanted:
    names: dict[str, _Wanted | None] = field(default_factory=dict)


def trimming(fields: str | None, return_object: str | None) -> Trim:
    """What to do with each object of an answer; ``fields`` wins over ``return_object``.

    Raises:
        Refusal: ``fields`` is no such JSON, or there is no such ``return_object``.
    """
    if fields is not None:
        wanted = _parse(fields)
        return lambda record: _take(record, wanted)
    if return_object in (None, "", "full"):
        return lambda record: record
    if return_object == "limited":
        return lambda record: {"id": record["id"]}
    if return_object == "shallow":
        return _shallow
    raise Refusal(400, f"return_object {return_object} is not supported for queries")


def _parse(text: str) -> _Wanted:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise Refusal(400, "fields must be a JSON array of names")
    return _wanted(value, _DEEPEST)


def _wanted(value: list[Any], deeper: int) -> _Wanted:
    found = _Wanted()
    if deeper == 0:
        raise Refusal(400, "fields is nested too deeply")
    for item in value:
        if isinstance(item, str):
            found.names.setdefault(dashed(item), None)
        elif isinstance(item, dict) and all(isinstance(v, list) for v in item.values()):
            for name, inner in item.items():
                found.names[dashed(name)] = _wanted(inner, deeper - 1)
        else:
            raise Refusal(400, "fields must hold names and objects of names")
    return found


def _take(record: dict[str, Any], wanted: _Wanted) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in wanted.names.items():
        if name not in record:
            continue
        value = record[name]
        if inner is None:
            found[name] = value
        elif isinstance(value, dict):
            found[name] = _take(value, inner)
        elif isinstance(value, list):
            found[name] = [_take(item, inner) for item in value]
        else:
            found[name] = value
    return found


def _shallow(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found[name] = _keys_of(value)
        elif isinstance(value, list):
            found[name] = [_keys_of(item) for item in value]
        else:
            found[name] = value
    return found


def _keys_of(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in NATURAL_KEYS if name in record}
