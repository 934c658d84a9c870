"""The properties of Concur's objects: reports, entries and their parts, and financial documents.

Belongs here: reading ``fields.tsv`` (version 3 of the API) and ``financial_fields.tsv`` (the parts
of financial documents), and making objects that have every property. Not here: values
(documents/).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

Object = dict[str, Any]
_RANGE = re.compile(r"\{1\.\.(\d+)\}")


@cache
def tables() -> dict[str, dict[str, str]]:
    """The kind of every property of version 3's objects: double, moment, string, boolean, integer,
    or ``object:`` and its name.
    """
    found: dict[str, dict[str, str]] = {}
    for schema, name, kind in _lines("fields.tsv"):
        found.setdefault(schema, {})[name] = kind
    return found


@cache
def parts() -> dict[str, tuple[str, ...]]:
    """The properties of every part of a financial document."""
    found: dict[str, list[str]] = {}
    for part, name in _lines("financial_fields.tsv"):
        if counted := _RANGE.search(name):
            numbers = range(1, int(counted[1]) + 1)
            names = [_RANGE.sub(str(number), name) for number in numbers]
        else:
            names = [name]
        found.setdefault(part, []).extend(names)
    return {part: tuple(names) for part, names in found.items()}


def make(schema: str, values: Object) -> Object:
    """An object of version 3 with these values; what is not given is null.

    Raises:
        KeyError: the object has no such property.
    """
    known = tables()[schema]
    found: Object = dict.fromkeys(known)
    for name, value in values.items():
        if name not in known:
            raise KeyError(name)
        found[name] = _written(value, local_moment)
    return found


def make_part(part: str, values: Object) -> Object:
    """A part of a financial document with these values; what is not given is null.

    Raises:
        KeyError: the part has no such property.
    """
    found: Object = dict.fromkeys(parts()[part])
    for name, value in values.items():
        if name not in found:
            raise KeyError(name)
        found[name] = _written(value, zulu_moment)
    return found


def double(value: Decimal) -> float | int:
    """A number as a JSON double is printed: 1900, 24.3. It is printed, never summed."""
    return int(value) if value == value.to_integral_value() else float(value)


def local_moment(value: date) -> str:
    """A moment without a zone, without the zeros at its end: ``2013-09-02T19:05:57.68``."""
    if not isinstance(value, datetime):
        return f"{value.isoformat()}T00:00:00"
    text = value.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return text.rstrip("0").rstrip(".") if "." in text else text


def zulu_moment(value: date) -> str:
    """A moment in UTC: ``2019-05-28T17:22:47.687Z``."""
    if not isinstance(value, datetime):
        return f"{value.isoformat()}T00:00:00.000Z"
    return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _written(value: Any, moment: Any) -> Any:
    if isinstance(value, Decimal):
        return double(value)
    return moment(value) if isinstance(value, date) else value


def _lines(name: str) -> list[list[str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]
