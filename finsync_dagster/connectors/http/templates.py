"""Requests written in YAML with places to be filled: ``${since}``, ``${limit}``, ``${token|base64}``.

Belongs here: finding and filling the places. Not here: which values there are at which moment
(requests.py).

A text that is nothing but one place takes over the value as it is: a number stays a number, a list
a list. Within a longer text a value is written as text. ``${name|filter|filter}`` passes the value
through filters. A ``$`` without a brace is just a ``$``, so that ``$filter`` may be written.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from finsync_dagster.connectors.http.exact_json import Json, Number, dump
from finsync_dagster.connectors.sql_overlap import aware, moment

_PLACE = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class TemplateError(ValueError):
    """A place cannot be filled; the message names it and what could stand there."""


def places(template: Json) -> Iterator[str]:
    """Names of all places within a template, filters left out."""
    if isinstance(template, str):
        for found in _PLACE.finditer(template):
            yield found[1].split("|")[0].strip()
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from places(key)
            yield from places(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from places(value)


def problem(template: Json) -> str | None:
    """Why the template could never be filled: a filter or a spelling that does not exist."""
    if isinstance(template, str):
        for found in _PLACE.finditer(template):
            name, *filters = (part.strip() for part in found[1].split("|"))
            if not _NAME.fullmatch(name):
                return f"${{{found[1]}}} names no value; write for example ${{since}}"
            for word in filters:
                if word not in _FILTERS and not word.startswith("%"):
                    known = ", ".join([*_FILTERS, "a date format such as %Y-%m-%d"])
                    return f"${{{found[1]}}}: there is no filter {word}; there are {known}"
        return None
    inner = template.values() if isinstance(template, Mapping) else template
    if not isinstance(template, Mapping | list | tuple):
        return None
    return next((said for value in inner if (said := problem(value))), None)


def fill(template: Json, values: Mapping[str, Json]) -> Json:
    """The template with every place filled.

    Raises:
        TemplateError: a place names no value there is, or a filter cannot take the value.
    """
    if isinstance(template, str):
        whole = _PLACE.fullmatch(template)
        if whole:
            return _value(whole[1], values)
        return _PLACE.sub(lambda found: as_text(_value(found[1], values)), template)
    if isinstance(template, Mapping):
        return {fill_text(key, values): fill(value, values) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(value, values) for value in template]
    return template


def fill_text(template: str, values: Mapping[str, Json]) -> str:
    """The template, filled, as text."""
    return as_text(fill(template, values))


def as_text(value: Json) -> str:
    """A value within a longer text: text as it is, anything else as JSON spells it."""
    return value if isinstance(value, str) else dump(value)


def _value(place: str, values: Mapping[str, Json]) -> Json:
    name, *filters = (part.strip() for part in place.split("|"))
    if name not in values:
        known = ", ".join(sorted(values)) or "none"
        raise TemplateError(f"${{{place}}}: there is no value {name} here; there are {known}")
    value = values[name]
    for word in filters:
        try:
            value = _strftime(value, word) if word.startswith("%") else _FILTERS[word](value)
        except (ValueError, KeyError, TypeError) as error:
            raise TemplateError(f"${{{place}}}: {word} cannot take {value!r} ({error})") from None
    return value


def _strftime(value: Json, spelling: str) -> str:
    # %f is microseconds, %3f is milliseconds, which Python does not know.
    at = _moment(value)
    return at.strftime(spelling.replace("%3f", f"{at.microsecond // 1000:03d}"))


def _moment(value: Json) -> datetime:
    """The stamp in UTC, if it tells its zone, or else as it is spelled."""
    text = as_text(value)
    at, offset = moment(text.replace("T", " "))
    return aware(text.replace("T", " ")) if offset else at.replace(tzinfo=UTC)


def _int(value: Json) -> Number:
    return Number(int(as_text(value)))


def _base64(value: Json) -> str:
    return base64.b64encode(as_text(value).encode()).decode()


def _milliseconds(value: Json) -> Number:
    at = _moment(value)
    return Number(int(at.timestamp()) * 1000 + at.microsecond // 1000)


def _quoted(value: Json) -> str:
    # A quote within SQL or OData text is doubled.
    return "'" + as_text(value).replace("'", "''") + "'"


_FILTERS: Mapping[str, Callable[[Any], Json]] = {
    "int": _int,
    "text": as_text,
    "json": dump,
    "base64": _base64,
    "ms": _milliseconds,
    "quoted": _quoted,
}
