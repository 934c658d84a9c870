"""Making one of Coupa's objects from values, written as its properties want them.

Belongs here: the one way to an object: every property is there, no other can be given, each value
is written by its kind. Not here: the values (documents/), the writing itself (written.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

from finsync_dagster.sandbox.vendors.coupa import written
from finsync_dagster.sandbox.vendors.coupa.fields import Field, blank, fields_of

Object = dict[str, Any]


def make(schema: str, values: Object) -> Object:
    """The object with these values; what is not given is null, or an empty list.

    Raises:
        KeyError: the object has no such property.
        ValueError: a decimal has more decimals than its property keeps.
    """
    found = blank(schema)
    writers = _writers(schema)
    for name, value in values.items():
        found[name] = None if value is None else writers[name](value)
    return found


@cache
def _writers(schema: str) -> dict[str, Callable[[Any], Any]]:
    return {name: _writer(field) for name, field in fields_of(schema).items()}


def _writer(field: Field) -> Callable[[Any], Any]:
    if field.kind == "decimal" and field.of:
        return partial(written.scaled, scale=int(field.of))
    return _WRITERS.get(field.kind, _as_it_is)


def _as_it_is(value: Any) -> Any:
    return value


def _moment(value: date) -> str | None:
    return written.moment(value) if isinstance(value, datetime) else written.midnight(value)


def _text(value: Any) -> str | None:
    return written.plain(value) if isinstance(value, Decimal) else str(value)


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "decimal": written.plain,
    "float": written.rate,
    "datetime": _moment,
    "date": written.day,
    "string": _text,
}
