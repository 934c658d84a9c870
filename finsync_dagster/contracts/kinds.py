"""Kinds of text values, and the narrowest kind that several values share.

Belongs here: how a value is recognised, and the order of kinds. Not here: counting (profile.py).

Every value has exactly one kind. Kinds form a lattice with ``empty`` at the bottom and ``text`` at
the top: whatever is an integer can be read as a decimal, whatever is a date as a timestamp, and
everything as text; two kinds have nothing else in common.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import polars as pl

INTEGER = "integer"
DECIMAL = "decimal"
DATE = "date"
TIMESTAMP = "timestamp"
BOOLEAN = "boolean"
JSON = "json"
TEXT = "text"
EMPTY = "empty"

VALUE_KINDS = (INTEGER, DECIMAL, DATE, TIMESTAMP, BOOLEAN, JSON, TEXT)
"""Kinds a value can have, in the order in which they are told."""
KINDS = (EMPTY, *VALUE_KINDS)
"""Kinds a field can have: ``empty`` if it has no value."""
MEASURES = frozenset({INTEGER, DECIMAL, DATE, TIMESTAMP})
"""Kinds that money, quantities and dates arrive as."""

_DAY = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
# No value fits two of them, so that the order in which they are tried does not matter.
PATTERNS: Mapping[str, str] = {
    INTEGER: r"^[+-]?[0-9]+$",
    DECIMAL: r"^[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+[eE][+-]?[0-9]+"
    r"|[0-9]+\.[0-9]*[eE][+-]?[0-9]+|\.[0-9]+[eE][+-]?[0-9]+)$",
    DATE: rf"^{_DAY}$",
    TIMESTAMP: rf"^{_DAY}[T ]{_TIME}(?:Z| ?[+-][0-9]{{2}}:?(?:[0-9]{{2}})?)?$",
    BOOLEAN: r"^(?i:true|false)$",
    JSON: r"(?s)^\s*(?:\{.*\}|\[.*\])\s*$",
}
# What every value of the kinds above begins with, and most texts do not.
_BEGINS = r"^[-+.0-9tTfF\[{\s]"

_BELOW: Mapping[str, frozenset[str]] = {
    INTEGER: frozenset({INTEGER, DECIMAL, TEXT}),
    DATE: frozenset({DATE, TIMESTAMP, TEXT}),
    EMPTY: frozenset(KINDS),
    TEXT: frozenset({TEXT}),
} | {kind: frozenset({kind, TEXT}) for kind in (DECIMAL, TIMESTAMP, BOOLEAN, JSON)}


def fits(narrow: str, wide: str) -> bool:
    """Can every value of kind ``narrow`` be read as ``wide``?"""
    return wide in _BELOW[narrow]


def join(left: str, right: str) -> str:
    """The narrowest kind that both fit."""
    common = _BELOW[left] & _BELOW[right]
    return next(kind for kind in common if common == _BELOW[kind])


def narrowest(kinds: Iterable[str]) -> str:
    """The narrowest kind that all fit; ``empty`` if there is none."""
    return reduce(join, kinds, EMPTY)


def count_kinds(
    values: pl.Series, weights: pl.Series | None = None, guess: Sequence[str] = ()
) -> dict[str, int]:
    """How many values are of each kind that occurs; nulls are not counted.

    ``weights`` says how often each value occurs (once, if not given). ``guess`` are the kinds to
    try first, which saves time and changes nothing.
    """
    rest = values.drop_nulls()
    times = None if weights is None else weights.filter(values.is_not_null())
    found: dict[str, int] = {}
    likely = [kind for kind in dict.fromkeys(guess) if kind in PATTERNS]
    for kind in [*likely, TEXT, *(k for k in PATTERNS if k not in likely)]:
        if rest.is_empty():
            break
        hit = _are(rest, kind)
        if hit.any():
            here = int(hit.sum() if times is None else times.filter(hit).sum())
            found[kind] = found.get(kind, 0) + here
            rest, times = rest.filter(~hit), None if times is None else times.filter(~hit)
    if rest.len():
        found[TEXT] = found.get(TEXT, 0) + int(rest.len() if times is None else times.sum())
    return {kind: found[kind] for kind in VALUE_KINDS if kind in found}


def _are(values: pl.Series, kind: str) -> pl.Series:
    """Which values are of the kind; of text only the greater part, which is seen at once."""
    if kind == TEXT:
        return ~values.str.contains(_BEGINS)
    hit = values.str.contains(PATTERNS[kind])
    return _really_json(values, hit) if kind == JSON and hit.any() else hit


def _really_json(values: pl.Series, looks: pl.Series) -> pl.Series:
    checked = [
        bool(candidate) and _is_json(value) for value, candidate in zip(values, looks, strict=True)
    ]
    return pl.Series(checked, dtype=pl.Boolean)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
