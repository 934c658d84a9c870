"""What DuckDB itself says of an expression before any record is seen: does it bind, to what type.

Belongs here: binding expressions over empty text fields. Not here: the fields and code maps they
name (mapping_checks.py), nor values (evaluate.py).
"""

from __future__ import annotations

from collections import defaultdict

import duckdb

from finsync_dagster.canonical.expressions import identifier, referenced_fields

INEXACT = ("DOUBLE", "FLOAT")


def unbindable(room: duckdb.DuckDBPyConnection, text: str, sql_type: str) -> str | None:
    """Why an expression cannot be computed, or would be floating point where figures are exact.

    Such an expression would fail, or spoil, every record alike. ``sql_type``: of the column it is
    for; empty if it is a condition.
    """
    sources: dict[str, list[str]] = defaultdict(list)
    for ref in referenced_fields(text):
        sources[ref.object or "record"].append(ref.field)
    tables = [
        f"(SELECT {', '.join(f'NULL::VARCHAR AS {identifier(f)}' for f in fields)}) "
        f"AS {identifier(name)}"
        for name, fields in sources.items()
    ]
    place = f" FROM {', '.join(tables)}" if tables else ""
    try:
        (found,) = room.sql(f"SELECT ({text}) AS x{place}").types
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return inexact(str(found), sql_type)


def inexact(found: str, sql_type: str) -> str | None:
    """What is wrong with a type where another is needed; None if nothing is."""
    if found in INEXACT and sql_type.startswith("DECIMAL"):
        return (
            "yields binary floating point, which figures are never kept in; write * 0.01 instead "
            "of / 100, or round(CAST(... AS DECIMAL(38, 6)), 2)"
        )
    return None
