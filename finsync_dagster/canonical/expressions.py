"""The expression dialect of mappings: DuckDB SQL, with a few exact helpers, in a closed room.

Belongs here: the connection in which expressions are evaluated, its helper functions, and reading
an expression's fields off its syntax tree. Not here: what to do with the results (evaluate.py).

Helpers available to every expression, beside DuckDB's own functions; docs/files.md has examples of
each. A value that cannot be read for certain is an error, never a guess, and nothing is rounded
where the expression does not say so.
    id(object, key)        the canonical id ``system|object|key`` of a record of this system
    exact(text)            the number, exactly; an error if it has more than six decimals
    number(text, decimal)  the same, from a figure as people write it, with '.' or ',' for decimals
    nearest(text, n)       the number with n decimals nearest to a binary floating point number
    signed(figure, side)   the figure on the debit side, its negative on the credit side
    sided(text, decimal)   the same, where text holds figure and side: "12.50 CR"
    whole(text)            an id without the traces of floating point: "12.0" is "12"; key_text.py
    day(text)              the date of a date or timestamp, as written
    date_in(text, f, …)    the date, in one of up to eight strptime formats; null for 00000000
    excel_day(text)        the date of a spreadsheet's day number
    stamp(text)            a moment; UTC, unless the text tells its offset
    blank(text)            the text, or null if there is nothing but blanks in it
    code(map, text)        the canonical code from a code map; one that is not listed is an error
    code_or(map, text, x)  the same, but x for a code that is not listed, or empty
"""

from __future__ import annotations

import atexit
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import duckdb

from finsync_dagster.canonical.helper_macros import MACROS

_LOOKUP = re.compile(r"\bcode\s*\(\s*'[^']+'\s*,")


class ExpressionError(ValueError):
    """An expression is not a SQL expression."""


class FieldRef(NamedTuple):
    """A field an expression reads; ``object`` is empty when the expression does not qualify it."""

    object: str
    field: str


class CodedField(NamedTuple):
    """A field whose values are looked up in a code map as they are."""

    map: str
    field: FieldRef
    alone: bool
    """The lookup is the whole expression, so that every record's value is looked up."""


def open_room(
    system: str,
    code_maps: Mapping[str, Mapping[str, str]],
    place: str = ":memory:",
    memory: str = "1GB",
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that can compute but reach no file, network or extension but its own.

    ``place``: file of the database, made if there is none. ``memory``: what is more, spills.

    Raises:
        duckdb.IOException: the file is open in another process, or is no database.
    """
    room = duckdb.connect(
        place,
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory,
        },
    )
    room.execute("SET TimeZone = 'UTC'")
    # Eliminating common subexpressions and folding constants move a cast out of the TRY that
    # guards it, so that one unreadable value would abort the whole batch (a test shows it).
    room.execute("SET enable_optimizer = false")
    # Of this connection only: a database that is opened again must not hold older ones.
    room.execute(MACROS.replace("CREATE MACRO", "CREATE OR REPLACE TEMP MACRO"))
    room.execute(f"SET VARIABLE system = {literal(system)}")
    room.execute(f"SET VARIABLE code_maps = {_maps_literal(code_maps)}")
    room.execute("SET enable_external_access = false")
    return room


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@cache
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


def coded_fields(expression: str) -> tuple[CodedField, ...]:
    """Fields that the expression hands to ``code()`` as they are, in order of appearance.

    A lookup of anything computed, such as ``code('uom', whole(x))``, is left out.
    """
    tree = _parse(expression)
    found = []
    for node in _nodes(tree):
        if node.get("function_name") != "code":
            continue
        given = [argument["expression"] for argument in node["arguments"]]
        if [g.get("class") for g in given] == ["CONSTANT", "COLUMN_REF"]:
            names = given[1]["column_names"]
            ref = FieldRef(names[-2] if len(names) > 1 else "", names[-1])
            found.append(CodedField(given[0]["literal"]["text"], ref, node is tree))
    return tuple(found)


def looked_up(expression: str) -> tuple[str, ...]:
    """What the expression hands to ``code()``, each as it is written there, once."""
    found = (_argument(expression, call.end()) for call in _LOOKUP.finditer(expression))
    return tuple(dict.fromkeys(found))


def _argument(expression: str, start: int) -> str:
    """The text up to the bracket that closes the call; brackets within quotes do not count."""
    depth, quote = 1, ""
    for place in range(start, len(expression)):
        sign = expression[place]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return expression[start:place].strip()
    return expression[start:].strip()


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
