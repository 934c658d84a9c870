"""The words of a filter.

Belongs here: cutting a text into words, and the value of each literal. Not here: what they mean
together (grammar.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Literal

from finsync_dagster.sandbox.vendors.sap.errors import bad_request

Kind = Literal[
    "text", "number", "flag", "null", "moment", "day", "clock", "guid", "name", "(", ")", ","
]
Value = str | Decimal | bool | datetime | date | time | None


@dataclass(frozen=True)
class Word:
    """A word: its kind, its value where it is a literal, its text where it is a name."""

    kind: Kind
    value: Value
    at: int


_QUOTED = r"'((?:[^']|'')*)'"
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?"
_ZONE = r"(?:Z|[+-]\d\d:?\d\d)"
_COMMON = rf"(?P<text>{_QUOTED})|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:/[A-Za-z_][A-Za-z0-9_]*)*)"
_V2 = re.compile(
    rf"(?:datetimeoffset'(?P<dto>[^']*)'|datetime'(?P<dt>[^']*)'|time'(?P<time>[^']*)'"
    rf"|guid'(?P<guid>{_GUID})'|{_COMMON}"
    r"|(?P<number>-?\d+(?:\.\d+)?)[MmLlDdFf]?(?![\w.-])|(?P<mark>[(),]))"
)
_V4 = re.compile(
    rf"(?:(?P<dto>{_MOMENT}{_ZONE})|(?P<guid>{_GUID})(?![\w-])"
    rf"|(?P<day>\d{{4}}-\d\d-\d\d)(?![\w-])|(?P<clock>\d\d:\d\d(?::\d\d)?)(?![\w:])|{_COMMON}"
    r"|(?P<number>-?\d+(?:\.\d+)?)(?![\w.:-])|(?P<mark>[(),]))"
)
_CLOCK = re.compile(r"PT(?:(\d{1,2})H)?(?:(\d{1,2})M)?(?:(\d{1,2})S)?")


def words(text: str, version: int) -> list[Word]:
    """The words of a filter in OData ``version``.

    Raises:
        ODataError: 400, there is something that is no word, or a literal that is no value.
    """
    pattern = _V2 if version == 2 else _V4
    found: list[Word] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        at += len(text[at:]) - len(text[at:].lstrip())
        match = pattern.match(text, at)
        if match is None:
            raise bad_request(f"Invalid token detected at position {at}")
        found.append(_word(match, at))
        at = match.end()
    return found


def _word(match: re.Match[str], at: int) -> Word:
    kind = match.lastgroup or ""
    said = match[kind]
    plain = _PLAIN.get(kind)
    if plain is not None:
        return plain(said, at)
    try:
        return _in_time(kind, said, at)
    except (ValueError, OverflowError) as error:
        raise bad_request(f"Invalid literal '{said}' at position {at}") from error


def _text(said: str, at: int) -> Word:
    return Word("text", said[1:-1].replace("''", "'"), at)


def _mark(said: str, at: int) -> Word:
    return Word(said, None, at)  # type: ignore[arg-type]


def _name(said: str, at: int) -> Word:
    if said in {"true", "false"}:
        return Word("flag", said == "true", at)
    return Word("null", None, at) if said == "null" else Word("name", said, at)


_PLAIN: Mapping[str, Callable[[str, int], Word]] = {
    "text": _text,
    "mark": _mark,
    "name": _name,
    "number": lambda said, at: Word("number", Decimal(said), at),
    "guid": lambda said, at: Word("guid", said.lower(), at),
}


def _in_time(kind: str, said: str, at: int) -> Word:
    if kind == "day":
        return Word("day", date.fromisoformat(said), at)
    if kind == "time":
        return Word("clock", _clock(said), at)
    if kind == "clock":
        return Word("clock", time.fromisoformat(said), at)
    moment = datetime.fromisoformat(said)
    if kind == "dt":
        if moment.tzinfo is not None:
            raise ValueError(said)
        return Word("day", moment, at)
    if moment.tzinfo is None:
        raise ValueError(said)
    return Word("moment", moment.astimezone(UTC).replace(tzinfo=None), at)


def _clock(said: str) -> time:
    match = _CLOCK.fullmatch(said)
    if match is None:
        raise ValueError(said)
    hour, minute, second = (int(part or 0) for part in match.groups())
    return time(hour, minute, second)
