"""Requests written in YAML with places to be filled: ``${since}``, ``${limit}``, ``${id|base64}``.

Belongs here: finding and filling the places. Not here: which values there are at which moment
(asking.py).

A text that is nothing but one place takes over the value as it is: a number stays a number, a list
a list. Within a longer text a value is written as text. ``${name|filter|filter}`` passes the value
through filters. A ``$`` without a brace is just a ``$``, so that ``$filter`` may be written.

Some values are absent at times: there is no ``${since}`` when everything is read. What depends on
one is written as ``{when: since, use: X, otherwise: Y}``, which stands for X or Y, or for nothing
at all without ``otherwise``; ``{join: " and ", of: [...]}`` joins the texts that are there;
``{as: json|base64url, of: X}`` passes what X is filled to through filters.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from finsync_dagster.connectors.http.exact_json import Json, Number, dump
from finsync_dagster.connectors.sql_overlap import aware, moment

ABSENT: Any = type("Absent", (), {"__repr__": lambda _: "ABSENT"})()
"""A value that there is not at this moment, and what is left of a template that depends on it."""
_PLACE = re.compile(r"\$\{([^{}]*)\}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Whoever sends an address takes such parts out of its path.
_UPWARDS = re.compile(r"(?:^|(?<=/))\.\.?(?=/|\?|$)")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class TemplateError(ValueError):
    """A place cannot be filled; the message names it and what could stand there."""


def places(template: Json) -> Iterator[str]:
    """Names of all places within a template, filters left out."""
    if isinstance(template, str):
        for found in _PLACE.finditer(template):
            yield found[1].split("|")[0].strip()
    elif isinstance(template, Mapping):
        if _is_choice(template):
            yield template["when"]
        for key, value in template.items():
            yield from places(key)
            yield from places(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from places(value)


def problem(template: Json) -> str | None:
    """Why the template could never be filled: a filter or a spelling that does not exist."""
    if isinstance(template, str):
        return next(filter(None, map(_place_problem, _PLACE.findall(template))), None)
    if isinstance(template, Mapping):
        return _mapping_problem(template) or problem(list(template.values()))
    if isinstance(template, list | tuple):
        return next(filter(None, map(problem, template)), None)
    return None


def _place_problem(place: str) -> str | None:
    name, *filters = (part.strip() for part in place.split("|"))
    if not _NAME.fullmatch(name):
        return f"${{{place}}} names no value; write for example ${{since}}"
    for word in filters:
        if word not in _FILTERS and not word.startswith("%"):
            known = ", ".join([*_FILTERS, "a date format such as %Y-%m-%d"])
            return f"${{{place}}}: there is no filter {word}; there are {known}"
    return None


def _mapping_problem(template: Mapping[str, Json]) -> str | None:
    if "use" in template and "when" in template and not _is_choice(template):
        return "beside when and use only otherwise may stand, and when is the name of a value"
    if set(template) == {"join", "of"} and not _is_joined(template):
        return "join is a text, and of a list of texts or ${a list}"
    if _is_filtered(template):
        return _place_problem(f"value|{template['as']}")
    return None


def _is_choice(template: Mapping[str, Json]) -> bool:
    return (
        {"when", "use"} <= set(template) <= {"when", "use", "otherwise"}
        and isinstance(template["when"], str)
        and bool(_NAME.fullmatch(template["when"]))
    )


def _is_joined(template: Mapping[str, Json]) -> bool:
    return (
        set(template) == {"join", "of"}
        and isinstance(template["join"], str)
        and (
            isinstance(template["of"], list | tuple) or bool(_PLACE.fullmatch(str(template["of"])))
        )
    )


def _is_filtered(template: Mapping[str, Json]) -> bool:
    return set(template) == {"as", "of"} and isinstance(template["as"], str)


def fill(template: Json, values: Mapping[str, Json]) -> Json:
    """The template with every place filled; ABSENT if nothing is left of it.

    Raises:
        TemplateError: a place names no value there is, or one that is absent where something must
            stand, or a filter cannot take the value.
    """
    if isinstance(template, str):
        whole = _PLACE.fullmatch(template)
        if whole:
            return _value(whole[1], values)
        return _PLACE.sub(lambda found: as_text(_present(found[1], values)), template)
    if isinstance(template, Mapping):
        return _filled(template, values)
    if isinstance(template, list | tuple):
        found = (_element(value, values) for value in template)
        return [value for value in found if value is not ABSENT]
    return template


def _filled(template: Mapping[str, Json], values: Mapping[str, Json]) -> Json:
    if _is_choice(template):
        if template["when"] not in values:
            raise _unknown(template["when"], values)
        there = values[template["when"]] is not ABSENT
        return fill(template["use"] if there else template.get("otherwise", ABSENT), values)
    if _is_joined(template):
        found = fill(template["of"], values)
        parts = [as_text(part) for part in (found if isinstance(found, list) else [found])]
        return template["join"].join(parts) if parts else ABSENT
    if _is_filtered(template):
        inside = fill(template["of"], values)
        return _value(f"of|{template['as']}", {"of": inside})
    found = {fill_text(key, values): _element(value, values) for key, value in template.items()}
    return {key: value for key, value in found.items() if value is not ABSENT}


def _element(template: Json, values: Mapping[str, Json]) -> Json:
    """A part of a list or mapping: only what says so may be absent."""
    chosen = isinstance(template, Mapping) and (_is_choice(template) or _is_joined(template))
    value = fill(template, values)
    if value is ABSENT and not chosen and template is not ABSENT:
        raise _absent(str(template))
    return value


def fill_text(template: str, values: Mapping[str, Json]) -> str:
    """The template, filled, as text."""
    return as_text(fill(template, values))


def fill_path(template: str, values: Mapping[str, Json]) -> str:
    """The path of an address; each value is quoted and stays within its part of it.

    Raises:
        TemplateError: as ``fill`` does; or a value is ``..``, which would lead upwards.
    """
    filled = _PLACE.sub(
        lambda found: quote(as_text(_present(found[1], values)), safe=""),
        template,
    )
    written = len(_UPWARDS.findall(_PLACE.sub("x", template)))
    if len(_UPWARDS.findall(filled)) > written:
        raise TemplateError(f"a value would change where the path {template} leads")
    return filled


def as_text(value: Json) -> str:
    """A value within a longer text: text as it is, anything else as JSON spells it."""
    return value if isinstance(value, str) else dump(value)


def fill_query(template: Mapping[str, Json], values: Mapping[str, Json]) -> dict[str, Json]:
    """A query or headers, filled: an entry whose value is absent is left out."""
    found = {
        key: fill(value, values) for key, value in template.items() if _all_there(value, values)
    }
    return {key: value for key, value in found.items() if value is not ABSENT}


def _all_there(template: Json, values: Mapping[str, Json]) -> bool:
    text = isinstance(template, str)
    return not text or all(values.get(name) is not ABSENT for name in places(template))


def _present(place: str, values: Mapping[str, Json]) -> Json:
    value = _value(place, values)
    if value is ABSENT:
        raise _absent(f"${{{place}}}")
    return value


def _unknown(name: str, values: Mapping[str, Json]) -> TemplateError:
    known = ", ".join(sorted(values)) or "none"
    return TemplateError(f"there is no value {name} here; there are {known}")


def _absent(place: str) -> TemplateError:
    return TemplateError(
        f"{place} has no value in this request; write {{when: <name>, use: ...}} around it"
    )


def _value(place: str, values: Mapping[str, Json]) -> Json:
    name, *filters = (part.strip() for part in place.split("|"))
    if name not in values:
        raise _unknown(name, values)
    value = values[name]
    if value is ABSENT:
        return ABSENT
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


def _base64url(value: Json) -> str:
    return base64.urlsafe_b64encode(as_text(value).encode()).decode()


def _milliseconds(value: Json) -> Number:
    at = _moment(value)
    return Number((at - _EPOCH) // timedelta(milliseconds=1))


def _quoted(value: Json) -> str:
    # A quote within SQL or OData text is doubled.
    return "'" + as_text(value).replace("'", "''") + "'"


_FILTERS: Mapping[str, Callable[[Any], Json]] = {
    "int": _int,
    "text": as_text,
    "json": dump,
    "base64": _base64,
    "base64url": _base64url,
    "ms": _milliseconds,
    "quoted": _quoted,
}
