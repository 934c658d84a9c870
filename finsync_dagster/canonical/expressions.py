"""The expression dialect of mappings: DuckDB SQL, with a few exact helpers, in a closed room.

Belongs here: the connection in which expressions are evaluated, its helper functions, and reading
an expression's fields off its syntax tree. Not here: what to do with the results (evaluate.py).

Helpers available to every expression, beside DuckDB's own functions:
    id(object, key)   the canonical id ``system|object|key`` of a record of this system
    exact(text)       the number, exactly; an error if it has more than six decimals
    whole(text)       "12.0" as "12": ids that a nullable column turned into decimals
    day(text)         the date of a date or timestamp
    stamp(text)       a timestamp, read as UTC
    code(map, text)   the canonical code from a code map; a code that is not listed is an error
"""

from __future__ import annotations

import atexit
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import duckdb

_MACROS = """
CREATE MACRO exact(x) AS CASE
    WHEN CAST(x AS DECIMAL(38, 18)) = CAST(x AS DECIMAL(38, 6)) THEN CAST(x AS DECIMAL(38, 6))
    ELSE CAST(x || ' has more than six decimals' AS DECIMAL(38, 6)) END;
CREATE MACRO whole(x) AS CASE
    WHEN regexp_full_match(x, '-?[0-9]+[.]0+') THEN split_part(x, '.', 1) ELSE x END;
CREATE MACRO day(x) AS CAST(CAST(x AS TIMESTAMP) AS DATE);
CREATE MACRO stamp(x) AS CAST(CAST(x AS TIMESTAMP) AS TIMESTAMPTZ);
CREATE MACRO code(m, x) AS getvariable('code_maps')[m][trim(x)];
CREATE MACRO id(o, k) AS getvariable('system') || '|' || o || '|' || k;
"""


class ExpressionError(ValueError):
    """An expression is not a SQL expression."""


class FieldRef(NamedTuple):
    """A field an expression reads; ``object`` is empty when the expression does not qualify it."""

    object: str
    field: str


def open_room(system: str, code_maps: Mapping[str, Mapping[str, str]]) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that can compute but reach no file, network or extension.

    The optimizer stays off: eliminating common subexpressions and folding constants move a cast
    out of the TRY that guards it, so that one unreadable value would abort the whole batch (a
    test shows it). These queries are plain projections, which gain nothing from it.
    """
    room = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    room.execute("SET TimeZone = 'UTC'")
    room.execute("SET enable_optimizer = false")
    room.execute(_MACROS)
    room.execute(f"SET VARIABLE system = {literal(system)}")
    room.execute(f"SET VARIABLE code_maps = {_maps_literal(code_maps)}")
    room.execute("SET enable_external_access = false")
    room.execute("SET lock_configuration = true")
    return room


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def referenced_fields(expression: str) -> tuple[FieldRef, ...]:
    """The fields an expression reads, in order of appearance, each once.

    Raises:
        ExpressionError: the text does not parse as one SQL expression.
    """
    nodes = _column_refs(_parse(expression))
    refs = (FieldRef(names[-2] if len(names) > 1 else "", names[-1]) for names in nodes)
    return tuple(dict.fromkeys(refs))


def calls(expression: str, function: str) -> bool:
    """Does the expression call this function?"""
    return any(n.get("function_name") == function for n in _nodes(_parse(expression)))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    parser = duckdb.connect()
    atexit.register(parser.close)
    return parser


@cache
def _parse(expression: str) -> Any:
    query = f"SELECT {expression}"
    row = _parser().cursor().execute("SELECT json_serialize_sql(?)", [query]).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if tree["error"]:
        raise ExpressionError(f"not a SQL expression: {expression!r} ({tree.get('error_message')})")
    node = tree["statements"][0]["node"]
    items = node.get("select_list", [])
    alone = node.get("from_table", {}).get("type") == "EMPTY" and not node.get("where_clause")
    if len(tree["statements"]) != 1 or len(items) != 1 or not alone:
        raise ExpressionError(f"not one SQL expression: {expression!r}")
    return items[0]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for child in tree.values():
            yield from _nodes(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from _nodes(child)


def _column_refs(tree: Any) -> Iterator[list[str]]:
    return (n["column_names"] for n in _nodes(tree) if n.get("class") == "COLUMN_REF")


def _maps_literal(code_maps: Mapping[str, Mapping[str, str]]) -> str:
    def one(codes: Mapping[str, str]) -> str:
        pairs = ", ".join(f"{literal(s)}: {literal(t)}" for s, t in codes.items())
        return f"MAP {{{pairs}}}"

    if not code_maps:
        return "MAP {'': MAP {'': ''}}"
    outer = ", ".join(f"{literal(name)}: {one(codes)}" for name, codes in code_maps.items())
    return f"MAP {{{outer}}}"
