"""What can be wrong with mappings before any record is seen, with the line it is written in.

Belongs here: tables, columns, SQL, objects and code maps that an expression names. Not here: the
shape of a mapping (mapping.py), nor values (evaluate.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import duckdb
from pydantic import TypeAdapter

from finsync_dagster.canonical.expressions import (
    ExpressionError,
    open_room,
    referenced_fields,
)
from finsync_dagster.canonical.mapping_binding import unbindable
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.landscape.explain import (
    InvalidError,
    Problem,
    choices,
    dotted,
    problem,
    validated,
)
from finsync_dagster.landscape.tree import Loc, Node

if TYPE_CHECKING:
    from finsync_dagster.canonical.mapping import Mapping as TableMapping
    from finsync_dagster.canonical.mapping import SystemMappings

_ENTITY = "entity_id"
_LOOKUP = re.compile(r"\bcode(?:_or)?\(\s*'([^']+)'\s*,")


def checked_mappings(
    adapter: TypeAdapter[SystemMappings], tree: Node, objects: Collection[str] | None = None
) -> SystemMappings:
    """The tree as mappings.

    ``objects`` are those the system declares; None if nobody knows yet.

    Raises:
        InvalidError: with everything that is wrong.
    """
    name = partial(_named, tree)
    problems = list(_table_problems(tree, name))
    try:
        mappings = validated(adapter, tree, name)
    except InvalidError as error:
        # What the model says about columns as a whole is said above column by column.
        told = {p.loc[:2] for p in problems}
        rest = [p for p in error.problems if p.loc not in told]
        raise InvalidError([*problems, *rest]) from error
    found = [*problems, *_expression_problems(mappings, tree, name, objects)]
    if found:
        raise InvalidError(found)
    return mappings


def business_columns(table: str) -> list[str]:
    """The columns of a canonical table that a mapping fills."""
    return [c for c in TABLES[table].polars_schema if c not in AUDIT_COLUMNS]


def lookups(expression: str) -> set[str]:
    """Code maps that an expression names."""
    return set(_LOOKUP.findall(expression))


def expressions_of(mapping: TableMapping) -> Iterator[tuple[Loc, str]]:
    """Every SQL expression of a mapping with its path in it."""
    for column, text in mapping.columns.items():
        yield ("columns", column), text
    for alias, join in mapping.joins.items():
        yield ("joins", alias, "condition"), join.condition
    for key in ("where", "row_key", "updated_at", "deleted"):
        if (text := getattr(mapping, key)) is not None:
            yield (key,), text


def _named(tree: Node, loc: Loc) -> str:
    """A position in a list says little: a mapping is told by its table and object."""
    if len(loc) < 2 or loc[0] != "mappings":
        return dotted(loc)
    mapping = tree.at(loc[:2])
    table, source = (n.text if (n := mapping.child(k)) else "?" for k in ("table", "object"))
    return f"mapping of {table} from {source}" + (f": {dotted(loc[2:])}" if loc[2:] else "")


def _table_problems(tree: Node, name: Callable[[Loc], str]) -> Iterator[Problem]:
    listed = tree.child("mappings")
    for i, mapping in enumerate(listed.items if listed else []):
        table = mapping.child("table")
        if table is None or not isinstance(table.value, str):
            continue
        if table.value not in TABLES:
            said = f"there is no canonical table {table.value}; {choices(TABLES, table.value)}"
            yield problem(tree, ("mappings", i, "table"), said, name)
            continue
        yield from _column_problems(tree, i, table.value, name)


def _column_problems(
    tree: Node, i: int, table: str, name: Callable[[Loc], str]
) -> Iterator[Problem]:
    columns = tree.at(["mappings", i]).child("columns")
    given = columns.entries if columns else {}
    known = business_columns(table)
    for column in given:
        if column not in known:
            said = f"{table} has no column {column}; {choices(known, column)}"
            yield problem(tree, ("mappings", i, "columns", column), said, name)
    needless = {_ENTITY, *TABLES[table].may_be_left_out}
    missing = [c for c in known if c not in given and c not in needless]
    if missing and columns:
        said = f'without {", ".join(missing)}; write "NULL" for a fact the source does not have'
        yield problem(tree, ("mappings", i, "columns"), said, name)


def _expression_problems(
    mappings: SystemMappings,
    tree: Node,
    name: Callable[[Loc], str],
    objects: Collection[str] | None,
) -> Iterator[Problem]:
    with open_room("system", mappings.code_maps) as room:
        yield from _bound_problems(mappings, tree, name, objects, room)


def _bound_problems(
    mappings: SystemMappings,
    tree: Node,
    name: Callable[[Loc], str],
    objects: Collection[str] | None,
    room: duckdb.DuckDBPyConnection,
) -> Iterator[Problem]:
    for i, mapping in enumerate(mappings.mappings):
        at: Loc = ("mappings", i)
        for loc, source in _objects_named(mapping):
            if objects is not None and source not in objects:
                said = f"the system has no object {source}; {choices(objects, source)}"
                yield problem(tree, (*at, *loc), said, name)
        types = {c.name: c.sql_type for c in TABLES[mapping.table].columns()}
        for loc, text in expressions_of(mapping):
            wrong = list(_wrong_in(text, mapping, mappings.code_maps))
            column = str(loc[-1]) if loc[0] == "columns" else ""
            bound = None if wrong else unbindable(room, text, types.get(column, ""))
            for said in [*wrong, *([bound] if bound else [])]:
                yield problem(tree, (*at, *loc), said, name)


def _objects_named(mapping: TableMapping) -> Iterator[tuple[Loc, str]]:
    yield ("object",), mapping.object
    for alias, join in mapping.joins.items():
        yield ("joins", alias, "object"), join.object


def _wrong_in(
    text: str, mapping: TableMapping, code_maps: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    try:
        fields = referenced_fields(text)
    except ExpressionError as error:
        yield str(error)
        return
    sources = ["record", *mapping.joins, *(mapping.items.names if mapping.items else ())]
    for field in fields:
        if field.object and field.object not in sources:
            yield (
                f"reads {field.object}.{field.field}, but {field.object} is neither the record "
                f"nor a join; {choices(sources, field.object)}"
            )
    for used in sorted(lookups(text) - set(code_maps)):
        yield f"there is no code map {used}; {choices(code_maps, used)}"
