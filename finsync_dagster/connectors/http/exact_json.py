"""JSON read so that nothing is lost: a number stays the text that the source wrote.

Belongs here: bytes to values and back. Not here: where in a body the records are (paths.py).

Values are dict, list, ``Number``, str, bool and None. A ``Number`` is the number as it was written,
so that no digit of an amount or of a long id passes through a binary float.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""dict, list, Number, str, bool or None."""

# Written out, a number with a larger exponent would fill the memory.
_LARGEST_EXPONENT = 400


class Number(str):
    """A JSON number as it was written: ``7.90``, ``1e3``."""

    __slots__ = ()


class NotJsonError(ValueError):
    """The text is no JSON; the message tells where it stops being it."""


def parse(text: str) -> Json:
    """The value of a JSON text.

    Raises:
        NotJsonError: it is no JSON, or is nested too deeply.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise NotJsonError("it is nested too deeply") from None


def dump(value: Json) -> str:
    """The value as compact JSON, numbers spelled as they were read."""
    return _dumped(value, lambda number: number)


def landed(value: Json) -> str | None:
    """The value as it is kept in a landed field: text, or None for null.

    Numbers are plain digits (no exponent), booleans ``true`` and ``false``. Objects and lists are
    JSON in which every number is a string, so that whoever reads it cannot make a float of it.
    """
    if value is None:
        return None
    if isinstance(value, Number):
        return plain(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _dumped(value, lambda number: json.dumps(plain(number)))


def plain(number: str) -> str:
    """A number without an exponent; unchanged where it has none, or one beyond reason."""
    if "e" not in number and "E" not in number:
        return number
    value = Decimal(number)
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
        return number
    return format(value, "f")


def _constant(name: str) -> Json:
    # Some servers write NaN and Infinity, which JSON does not know: kept as text, to be judged by
    # whoever expects a number there.
    return name


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_constant)
_quote = json.JSONEncoder(ensure_ascii=False).encode


def _dumped(value: Json, number: Any) -> str:
    if isinstance(value, Number):
        return str(number(value))
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"{_quote(str(k))}:{_dumped(v, number)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join(_dumped(item, number) for item in value) + "]"
    return _quote(value)
