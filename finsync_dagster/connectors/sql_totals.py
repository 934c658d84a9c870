"""What a source states about an object: counts and control totals, on whatever database.

Belongs here: choosing how a database is asked. Not here: the rule of what is summed and the exact
queries of SQLite and PostgreSQL (control_totals.py), comparing with what arrived (landing).

A database sums its decimals and integers as numbers. To anything else SQLite and PostgreSQL apply
the rule themselves, to their own text. Of other databases floats and text, whose spelling is the
driver's, are added up here in a second reading of their own, apart from the one that is landed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from finsync_dagster.connectors.control_totals import (
    DIGITS,
    EXACT,
    read_totals,
    summable_pattern,
    totals_query,
)
from finsync_dagster.connectors.extraction import Sum
from finsync_dagster.connectors.sql_cursor import selected
from finsync_dagster.connectors.sql_table import SourceTable
from finsync_dagster.connectors.sql_values import as_text

# Room for ten thousand million values of 18 digits, and still within the 31 digits of Db2.
_SUM_DIGITS = DIGITS + 10
_ROWS = 5000
_Sums: TypeAlias = dict[str, Sum]
_Counts: TypeAlias = tuple[int, int, int]
"""Records, those an extract asks for, and those without a key."""


@dataclass(frozen=True)
class Totals:
    """Counts and totals of all records, and of those an extract asks for."""

    count_table: int
    count_selected: int
    count_without_key: int
    sums_table: dict[str, Sum]
    sums_selected: dict[str, Sum]


def totals(connection: sa.Connection, table: SourceTable, since: str | None) -> Totals:
    """What the source counts and sums, in the connection's snapshot."""
    chosen = selected(table, since)
    numbers = {name: n for name, n in table.totals.items() if _is_number(table, name)}
    others = {name: n for name, n in table.totals.items() if name not in numbers}
    if table.in_database and not numbers:
        counts, whole, asked_for = _of_text(connection, table, chosen, others)
    else:
        counts, whole, asked_for = _of_numbers(connection, table, chosen, numbers)
        more: tuple[_Sums, _Sums] = ({}, {})
        if others and table.in_database:
            more = _of_text(connection, table, chosen, others)[1:]
        elif others:
            more = _second_reading(connection, table, chosen, others)
        whole, asked_for = whole | more[0], asked_for | more[1]
    return Totals(
        *counts,
        {name: whole[name] for name in table.totals},
        {name: asked_for[name] for name in table.totals},
    )


def summed_by_reading(table: SourceTable) -> list[str]:
    """Fields that the database does not sum: they are added up in a second reading."""
    return [] if table.in_database else [n for n in table.totals if not _is_number(table, n)]


def _is_number(table: SourceTable, name: str) -> bool:
    """Whether the database has the field as a decimal or integer, and can sum it as one."""
    if table.dialect == "sqlite" and table.in_database:
        return False
    if table.in_database:
        declared = table.types[name]
        return isinstance(declared, sa.Integer | sa.Numeric) and not isinstance(declared, sa.Float)
    sample = table.samples.get(name)
    return isinstance(sample, int | Decimal) and not isinstance(sample, bool)


def _of_numbers(
    connection: sa.Connection,
    table: SourceTable,
    chosen: ColumnElement[bool],
    fields: dict[str, int],
) -> tuple[_Counts, _Sums, _Sums]:
    """Counts of all, chosen and keyless records; totals of all, and of the chosen ones."""
    whole = _counted(connection, table, fields, None)
    # Apart from the whole, so that an index on the cursor can be used.
    part = whole if chosen.compare(sa.true()) else _counted(connection, table, fields, chosen)
    return (whole[0], part[0], whole[1]), whole[2], part[2]


def _counted(
    connection: sa.Connection,
    table: SourceTable,
    fields: dict[str, int],
    chosen: ColumnElement[bool] | None,
) -> tuple[int, int, _Sums]:
    """Number of records, of those without a key, and totals."""
    asked: list[ColumnElement[Any]] = [sa.func.count()]
    asked.append(sa.func.sum(sa.case((_no_key(table), 1), else_=0)))
    for name, places in fields.items():
        column: ColumnElement[Any] = table.column(name)
        summed = _summed(column, table.types[name], places)
        asked += [sa.func.sum(summed), sa.func.count(column), sa.func.count(summed)]
    query = sa.select(*(term.label(f"a{i}") for i, term in enumerate(asked)))
    query = query.select_from(table.from_)
    row = connection.execute(query if chosen is None else query.where(chosen)).one()
    count, no_key_count, *rest = row
    values = iter(rest)
    sums = {name: _read(values, places) for name, places in fields.items()}
    return int(count), int(no_key_count or 0), sums


def _no_key(table: SourceTable) -> ColumnElement[bool]:
    return sa.or_(*(table.column(name).is_(None) for name in table.spec.key))


def _of_text(
    connection: sa.Connection,
    table: SourceTable,
    chosen: ColumnElement[bool],
    fields: dict[str, int],
) -> tuple[_Counts, _Sums, _Sums]:
    """As ``_of_numbers``, of fields that are text or whose text alone is exact."""
    asked = [(table.text(name), places) for name, places in fields.items()]
    flags = {"chosen": chosen, "no_key": _no_key(table)}
    query = totals_query(table.dialect, table.from_, flags, asked)
    count, chosen_count, no_key_count, *rest = connection.execute(query).one()
    values = iter(rest)
    counts = (int(count), int(chosen_count or 0), int(no_key_count or 0))
    whole = read_totals(table.dialect, values, fields)
    return counts, whole, read_totals(table.dialect, values, fields)


def _summed(
    column: ColumnElement[Any], declared: TypeEngine[Any], places: int
) -> ColumnElement[Any]:
    """The value if the rule sums it, else null."""
    limit: ColumnElement[Any] = sa.literal_column(str(10 ** (DIGITS - places)))
    precision, scale = getattr(declared, "precision", None), getattr(declared, "scale", None)
    if precision and scale is not None and scale <= places and precision - scale + places <= DIGITS:
        # The declaration leaves no more room than the rule does. NaN is above any limit.
        return sa.case((column < limit, column))
    small = sa.and_(column < limit, column > -limit)
    if isinstance(declared, sa.Integer):
        return sa.case((small, column))
    # Nested, so that a value too large is never cast.
    cut = sa.cast(column, sa.Numeric(_SUM_DIGITS, places))
    return sa.case((small, sa.case((cut == column, cut))))


def _read(values: Iterator[Any], places: int) -> Sum:
    total = EXACT.quantize(Decimal(next(values) or 0), Decimal(1).scaleb(-places))
    return Sum(total, int(next(values)) - int(next(values)))


def _second_reading(
    connection: sa.Connection,
    table: SourceTable,
    chosen: ColumnElement[bool],
    fields: dict[str, int],
) -> tuple[_Sums, _Sums]:
    """Totals of these fields over all records, and over the chosen ones."""
    names = list(fields)
    flag = sa.case((chosen, 1), else_=0).label("chosen")
    columns = [table.column(name).label(f"f{i}") for i, name in enumerate(names)]
    query = sa.select(flag, *columns).select_from(table.from_)
    everything = [_Adding(fields[name]) for name in names]
    asked = [_Adding(fields[name]) for name in names]
    streaming = connection.execution_options(stream_results=True, yield_per=_ROWS)
    for row in streaming.execute(query):
        for i, value in enumerate(row[1:]):
            text = as_text(value)
            everything[i].add(text)
            if row[0]:
                asked[i].add(text)
    return _sums(names, everything), _sums(names, asked)


def _sums(names: list[str], adding: list[_Adding]) -> dict[str, Sum]:
    return {name: each.sum() for name, each in zip(names, adding, strict=True)}


class _Adding:
    """One field's total while its values pass, by the rule of control_totals.py."""

    def __init__(self, places: int) -> None:
        self._summable = re.compile(summable_pattern(places), re.ASCII).match
        self._total, self._missed = Decimal(0), 0
        self._step = Decimal(1).scaleb(-places)

    def add(self, text: str | None) -> None:
        """Takes one more value into account."""
        if text is None:
            return
        if self._summable(text) and any(sign.isdecimal() for sign in text):
            self._total = EXACT.add(self._total, Decimal(text))
        else:
            self._missed += 1

    def sum(self) -> Sum:
        """The total so far."""
        return Sum(EXACT.quantize(self._total, self._step), self._missed)
