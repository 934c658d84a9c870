"""Evaluating one mapping over a set of records: typed rows, in a table of the holding.

Belongs here: the query that is built from a mapping. Not here: what is wrong with its rows
(defects.py), nor rules that span records or tables (closure.py).

Rows land in ``eval_i`` for the mapping's position i: ``_id``, ``_pk``, ``_imprecise`` (a bit per
column whose value had more decimals than are kept), ``_no_list`` (the record's nested list could
not be read), ``_flagged`` (the source calls it deleted), ``_updated_at``, and the business columns.
A value that cannot be read is null there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb

from finsync_dagster.canonical.expressions import identifier, literal, referenced_fields
from finsync_dagster.canonical.holding import Holding
from finsync_dagster.canonical.landed import ID, KEY, LANDING_COLUMNS
from finsync_dagster.canonical.mapping import (
    ENTITY_COLUMN,
    RECORD,
    Mapping,
    MappingError,
)
from finsync_dagster.canonical.mapping_binding import inexact
from finsync_dagster.canonical.nested import NO_LIST, unnested
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.connectors.extraction import DEFECT, FILE, LINE, RAW
from finsync_dagster.schema import TableSpec

# The widest scale at which a figure is looked at before it is stored: more decimals than this are
# noise of binary floating point, and show up as a difference at this scale.
_EXACT = "DECIMAL(38,18)"
_PLACES = (ID, KEY, "_hash", *LANDING_COLUMNS)
_OF_FILES = (FILE, LINE, DEFECT, RAW)


@dataclass(frozen=True)
class Task:
    """One mapping of a system, ready to be evaluated. ``entity_id``: of records whose mapping does
    not derive one."""

    index: int
    mapping: Mapping
    entity_id: str
    narrow: frozenset[str] = frozenset()
    """Columns whose expression cannot have more decimals than are kept."""

    @property
    def spec(self) -> TableSpec:
        """The canonical table it fills."""
        return TABLES[self.mapping.table]

    @property
    def table(self) -> str:
        """Where its rows land."""
        return f"eval_{self.index}"

    @cached_property
    def expressions(self) -> dict[str, str]:
        """Canonical column → expression, the legal entity's included.

        Raises:
            MappingError: nothing says which legal entity the records belong to.
        """
        columns = self.mapping.columns
        if ENTITY_COLUMN not in self.spec.polars_schema:
            return dict(columns)
        if not self.entity_id and ENTITY_COLUMN not in columns:
            raise MappingError(
                f"mapping of {self.mapping.object} to {self.mapping.table}: the system holds "
                "records of several legal entities, so the mapping must say which: add a column "
                f"{ENTITY_COLUMN}"
            )
        return {ENTITY_COLUMN: literal(self.entity_id), **columns}

    @cached_property
    def types(self) -> dict[str, str]:
        """Canonical column → SQL type."""
        return {c.name: c.sql_type for c in self.spec.columns()}


@dataclass(frozen=True)
class Scope:
    """Where a task's records are: relation names of the record's part and of the joined objects.

    ``whole``: the task's table has rows of these records only.
    """

    record: str
    joins: dict[str, str]
    whole: bool


def prepare(h: Holding, task: Task) -> Task:
    """Make the task's table, empty, and look up what its expressions yield.

    Raises:
        MappingError: an expression names a field that does not exist, does not type-check, or
            yields floating point where figures are kept: a defect of the mapping, not of a record.
    """
    columns = "".join(f", {identifier(c)} {task.types[c]}" for c in task.expressions)
    h.run(
        f"CREATE OR REPLACE TEMP TABLE {task.table} ({ID} VARCHAR, _pk VARCHAR, "
        f"_imprecise BIGINT, _no_list BOOLEAN, _flagged BOOLEAN, _updated_at TIMESTAMPTZ{columns})"
    )
    held = {a: f"held_{j.object}" for a, j in task.mapping.joins.items()}
    place = source(task, Scope(f"held_{task.mapping.object}", held, whole=True))
    yielded = _types(h, task, place)
    fits = {c for c, kind in yielded.items() if _decimals(kind) <= _decimals(task.types[c])}
    return replace(task, narrow=frozenset(fits))


def _types(h: Holding, task: Task, place: str) -> dict[str, str]:
    """Canonical column → the type its expression yields; asked for all at once, which is quick."""
    # Under names that no expression speaks of: SQL would let it read another's result.
    read = ", ".join(f"({e}) AS _yielded_{i}" for i, e in enumerate(task.expressions.values()))
    try:
        found = list(h.types(f"SELECT {read} {place}").values())
    except duckdb.Error:
        found = []
    if len(found) == len(task.expressions):
        yielded = dict(zip(task.expressions, found, strict=True))
        if not any(inexact(kind, task.types[c]) for c, kind in yielded.items()):
            return yielded
    # One by one, to tell which is wrong.
    return {c: _type_of(h, task, c, place) for c in task.expressions}


def _type_of(h: Holding, task: Task, column: str, place: str) -> str:
    where = f"mapping of {task.mapping.object} to {task.mapping.table}, column {column}"
    try:
        (found,) = h.types(f"SELECT ({task.expressions[column]}) AS x {place}").values()
    except duckdb.Error as error:
        raise MappingError(f"{where}: {str(error).splitlines()[0]}") from None
    wrong = inexact(found, task.types[column])
    if wrong:
        raise MappingError(f"{where}: {wrong}")
    return found


def evaluate(h: Holding, task: Task, scope: Scope) -> None:
    """Add the rows of the scope's records to the task's table."""
    read = [
        f"TRY(CAST(({e}) AS {wide(task, c)})) AS {identifier(c)}"
        for c, e in task.expressions.items()
    ]
    stamp = f"TRY(CAST(({task.mapping.updated_at or 'NULL'}) AS TIMESTAMPTZ))"
    flagged = f"coalesce(TRY(CAST(({task.mapping.deleted or 'FALSE'}) AS BOOLEAN)), FALSE)"
    no_list = f"record.{NO_LIST}" if task.mapping.items else "FALSE"
    inner = (
        f"SELECT record.{ID}, {_pk(task.mapping)} AS _pk, {no_list} AS _no_list, "
        f"{flagged} AS _flagged, "
        f"{stamp} AS _updated_at, {', '.join(read)} {source(task, scope)}"
    )
    h.guarded(
        f"INSERT INTO {task.table} SELECT {ID}, _pk, {_imprecise(task)}, _no_list, _flagged, "
        f"_updated_at, {', '.join(_narrowed(task))} FROM ({inner})"
    )


def wide(task: Task, column: str) -> str:
    """The type in which a column is first read: figures with all their decimals."""
    declared = task.types[column]
    exact = column not in task.narrow and declared.startswith("DECIMAL")
    return _EXACT if exact else declared


def _decimals(sql_type: str) -> int:
    """Decimals a value of the type can have; of a text, more than any."""
    found = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", sql_type)
    if found:
        return int(found[1])
    return 0 if sql_type.endswith("INT") or sql_type.endswith("INTEGER") else 99


def source(task: Task, scope: Scope) -> str:
    """FROM, joins and condition of the task's query."""
    mapping = task.mapping
    joins = " ".join(
        f"LEFT JOIN {scope.joins[alias]} AS {alias} ON ({join.condition})"
        for alias, join in mapping.joins.items()
    )
    # A condition that cannot be evaluated keeps the record: what makes it unreadable then
    # surfaces as a defect of a column instead of the record vanishing.
    where = f"WHERE TRY(({mapping.where})) IS DISTINCT FROM FALSE" if mapping.where else ""
    return f"FROM {records(mapping, scope.record)} AS record {joins} {where}"


def _pk(mapping: Mapping) -> str:
    suffix = f" || '|' || ({mapping.row_key})" if mapping.row_key else ""
    return f"TRY(record.{KEY}{suffix})"


def _imprecise(task: Task) -> str:
    bits = [
        f"CASE WHEN {identifier(c)} <> TRY(CAST({identifier(c)} AS {task.types[c]})) "
        f"THEN {1 << i} ELSE 0 END"
        for i, c in enumerate(task.expressions)
        if wide(task, c) != task.types[c]
    ]
    return f"CAST({' + '.join(bits) or '0'} AS BIGINT)"


def _narrowed(task: Task) -> Iterator[str]:
    for column in task.expressions:
        name, declared = identifier(column), task.types[column]
        same = wide(task, column) == declared
        yield name if same else f"TRY(CAST({name} AS {declared}))"


def records(mapping: Mapping, record: str) -> str:
    """What a mapping speaks of as ``record``: the relation, or a subquery that takes it apart."""
    if mapping.expand is not None:
        # By a condition, since a name that is not there may not be excluded: only files have some.
        kept = ", ".join(literal(c) for c in (*mapping.expand.keep, *_PLACES, *_OF_FILES))
        return (
            f"(UNPIVOT {record} ON COLUMNS(lambda c: c NOT IN ({kept})) "
            f"INTO NAME {identifier(mapping.expand.name)} "
            f"VALUE {identifier(mapping.expand.value)})"
        )
    if mapping.items is not None:
        # Only the fields that are needed are repeated for every item.
        refs = [r for e in _all(mapping) for r in referenced_fields(e)]
        read = {r.field for r in refs if r.object in ("", RECORD)}
        own = [identifier(f) for f in sorted(read)]
        return unnested(mapping.items, record, [ID, KEY, *own])
    return record


def _all(mapping: Mapping) -> list[str]:
    optional = (mapping.where, mapping.row_key, mapping.updated_at, mapping.deleted)
    conditions = [j.condition for j in mapping.joins.values()]
    return [*mapping.columns.values(), *(e for e in optional if e), *conditions]
