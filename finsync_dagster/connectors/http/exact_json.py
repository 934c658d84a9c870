"""JSON read so that nothing is lost: a number stays the text that the source wrote.

Belongs here: bytes to values and back. Not here: where in a body the records are (paths.py).

Values are dict, list, ``Number``, str, bool and None. A ``Number`` is the number as it was written,
so that no digit of an amount or of a long id passes through a binary float. Of a field that an
object has twice, the last one counts, as almost everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""dict, list, Number, str, bool or None."""

# Written out, a number with a larger exponent would fill the memory.
_LARGEST_EXPONENT = 400


class Number(str):
    """A JSON number as it was written: ``7.90``, ``1e3``."""

    __slots__ = ()


class NotJsonError(ValueError):
    """The text is no JSON; the message tells where it stops being it, ``what`` what it is not."""

    what = "JSON"


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
    try:
        text = _encode(value)
    except RecursionError:
        text = None
    if text is None or _EXPONENT.search(text):
        return _dumped(value, lambda number: json.dumps(plain(number)))
    return text


def plain(number: str) -> str:
    """A number without an exponent; unchanged where it has none, or one beyond reason."""
    if "e" not in number and "E" not in number:
        return number
    try:
        value = Decimal(number)
    except InvalidOperation:
        return number
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
        return number
    return format(value, "f")


def _constant(name: str) -> Json:
    # Some servers write NaN and Infinity, which JSON does not know: kept as text, to be judged by
    # whoever expects a number there.
    return name


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_constant)
_quote = json.JSONEncoder(ensure_ascii=False).encode
# Of a Number it makes a text, being one.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_EXPONENT = re.compile(r'"-?\d+(?:\.\d+)?[eE][+-]?\d+"')


class _Piece(str):
    """Something that is written as it is."""

    __slots__ = ()


def _dumped(value: Json, number: Callable[[Number], str]) -> str:
    """Without recursion: what a stranger nests deeply must not end us."""
    written: list[str] = []
    left: list[Json] = [value]
    while left:
        item = left.pop()
        if isinstance(item, _Piece):
            written.append(item)
        elif isinstance(item, Number):
            written.append(number(item))
        elif isinstance(item, dict):
            parts = [p for k, v in item.items() for p in (_Piece(f"{_quote(str(k))}:"), v)]
            _push(left, "{", parts, 2, "}")
        elif isinstance(item, list | tuple):
            _push(left, "[", item, 1, "]")
        else:
            written.append(_quote(item))
    return "".join(written)


def _push(left: list[Json], opening: str, parts: Sequence[Json], every: int, closing: str) -> None:
    """Put parts where they are taken from next, a comma before each ``every``-th but the first."""
    left.append(_Piece(closing))
    for place in range(len(parts) - 1, -1, -1):
        left.append(parts[place])
        if place and place % every == 0:
            left.append(_Piece(","))
    left.append(_Piece(opening))
