"""Nested lists of a record, as SQL: one row per element of the innermost list.

Belongs here: the query that takes lists apart, and when a list is none. Not here: the shape that is
declared (mapping.py), nor what is made of the rows (evaluate.py).

A list that cannot be read yields one row, on which the defect is told. What encloses a list stays
beside its elements: ``line.id`` beside ``item.pct``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from finsync_dagster.canonical.expressions import identifier, literal

if TYPE_CHECKING:
    from finsync_dagster.canonical.mapping import Items

NO_LIST = "_no_list"
"""Column that is true where a list of the record, or of one of its elements, could not be read."""


def unnested(items: Items, relation: str, kept: Sequence[str]) -> str:
    """A subquery over ``relation``: its columns ``kept`` (quoted), NO_LIST, an element per level.

    A record without elements in the innermost list yields no row.
    """
    rows, there = relation, [*kept]
    for level, outer in zip(items.levels, (None, *items.levels), strict=False):
        field = _place(level, outer)
        wrong = _is_none(level, field)
        flag = wrong if outer is None else f"({NO_LIST} OR {wrong})"
        read = f"SELECT *, {_list(level, field)} AS _list FROM {rows}"
        flagged = f"SELECT {', '.join(there)}, _list, {flag} AS {NO_LIST} FROM ({read})"
        listed = f"CASE WHEN {NO_LIST} THEN [NULL] ELSE _list END"
        names = ", ".join([*there, NO_LIST])
        rows = f"(SELECT {names}, unnest({listed}) AS {identifier(level.name)} FROM ({flagged}))"
        there.append(identifier(level.name))
    return rows


def _place(level: Items, outer: Items | None) -> str:
    first = identifier(level.path.split(".")[0])
    return first if outer is None else f"{identifier(outer.name)}.{first}"


def _list(level: Items, field: str) -> str:
    """SQL for the list; null if it is not there, or is no list of the declared shape."""
    _, *path = level.path.split(".")
    steps = "".join(f".{identifier(p)}" for p in path)
    read = f"TRY(json_transform_strict({field}, {_shape(path, level.fields)})){steps}"
    if not level.optional:
        return read
    # What may be missing is not looked for strictly; everything else still has to be there.
    every = _shape(path, (*level.fields, *level.optional))
    return f"CASE WHEN ({read}) IS NOT NULL THEN json_transform({field}, {every}){steps} END"


def _shape(path: Sequence[str], fields: Sequence[str]) -> str:
    shape: object = [dict.fromkeys(fields, "VARCHAR")]
    for name in reversed(path):
        shape = {name: shape}
    return literal(json.dumps(shape))


def _is_none(level: Items, field: str) -> str:
    """SQL condition: something stands in the list's place, and is no list of that shape."""
    _, *path = level.path.split(".")
    inside = "".join(f".{identifier(p)}" for p in path)
    absent = f"json_extract({field}, {literal('$' + inside)}) IS NULL" if path else "FALSE"
    return f"({field} IS NOT NULL AND _list IS NULL AND NOT coalesce(TRY({absent}), FALSE))"
