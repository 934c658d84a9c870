"""Date formats as Oracle writes them, and how values are written in answers.

Belongs here: ``YYYY-MM-DD"T"HH24:MI:SS`` as a strftime format; a value as SuiteQL's text. Not here:
queries (dialect.py).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

# Longest first: HH24 before HH.
_PARTS: tuple[tuple[str, str], ...] = (
    ("HH24", "%H"),
    ("HH12", "%I"),
    ("YYYY", "%Y"),
    ("MONTH", "%B"),
    ("MON", "%b"),
    ("DAY", "%A"),
    ("DDD", "%j"),
    ("FF3", "%g"),
    ("FF6", "%f"),
    ("DY", "%a"),
    ("YY", "%y"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("HH", "%I"),
    ("MI", "%M"),
    ("SS", "%S"),
    ("AM", "%p"),
    ("PM", "%p"),
)


class UnknownFormatError(ValueError):
    """A date format has a part that is not known; the message names it."""


def strftime_format(oracle: str) -> str:
    """The strftime format of an Oracle date format.

    Raises:
        UnknownFormatError: a part of it is not known.
    """
    written, place = [], 0
    while place < len(oracle):
        if oracle[place] == '"':
            end = oracle.find('"', place + 1)
            if end < 0:
                raise UnknownFormatError(oracle[place:])
            written.append(oracle[place + 1 : end].replace("%", "%%"))
            place = end + 1
            continue
        rest = oracle[place:].upper()
        part = next((p for p in _PARTS if rest.startswith(p[0])), None)
        if part:
            written.append(part[1])
            place += len(part[0])
        elif oracle[place] in " -/.,:;":
            written.append(oracle[place])
            place += 1
        else:
            raise UnknownFormatError(oracle[place:])
    return "".join(written)


def as_text(value: Any) -> str:
    """A value as SuiteQL gives it: everything is text, dates in the account's format MM/DD/YYYY.

    A column with a time of day shows its day alone unless the query says TO_CHAR (from memory).
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, date | datetime):
        return f"{value.month:02}/{value.day:02}/{value.year:04}"
    return str(value)


def _number(value: Decimal) -> str:
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
