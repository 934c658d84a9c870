"""Coupa's field tables (R39): which fields an object has, and which objects lie within it.

Belongs here: reading facts/fields.csv. Not here: what the connector reads (test_fields.py).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

# Where one of several objects may stand, by the table's own words.
ONE_OF = {("Approval", "approver"): ("UserSimple", "ApprovalGroup")}


@cache
def tables() -> dict[str, dict[str, str]]:
    """Schema → property → type: ``string``, ``->Currency``, ``array[->OrderLine]``."""
    found: dict[str, dict[str, str]] = {}
    with (Path(__file__).parent / "facts" / "fields.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["schema"], {})[row["property"]] = row["type"]
    return found


def within(schema: str, name: str) -> tuple[str, ...]:
    """Schemas of what lies in a property; none if that is a plain value.

    Raises:
        KeyError: the schema has no such property.
    """
    kind = tables()[schema][name]
    if (schema, name) in ONE_OF:
        return ONE_OF[schema, name]
    inner = kind.removeprefix("array[").removesuffix("]").removeprefix("->")
    return (inner,) if inner != kind else ()


def reach(schema: str, path: Sequence[str]) -> Iterator[str]:
    """Schemas at the end of a path of properties.

    Raises:
        KeyError: no schema on the way has the next property.
    """
    here: tuple[str, ...] = (schema,)
    for name in path:
        having = [s for s in here if name in tables()[s]]
        if not having:
            raise KeyError(f"{' or '.join(here)} has no {name}")
        here = tuple(inner for s in having for inner in within(s, name))
    yield from here
