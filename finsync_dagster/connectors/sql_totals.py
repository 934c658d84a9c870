"""What a source states about an object: counts and control totals, on whatever database.

Belongs here: choosing how a database is asked. Not here: the rule of what is summed and the exact
queries of SQLite and PostgreSQL (control_totals.py), comparing with what arrived (landing).

SQLite and PostgreSQL apply the rule themselves, to their own text. Other databases sum their
decimals and integers; floats and text, whose spelling is the driver's, are added up here in a
second reading of their own, apart from the one that is landed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

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
    no_key = sa.or_(*(table.column(name).is_(None) for name in table.spec.key))
    if table.in_database:
        return _stated_by_text(connection, table, chosen, no_key)
    return _stated_by_value(connection, table, chosen, no_key)


def summed_by_reading(table: SourceTable) -> list[str]:
    """Fields that the database does not sum: they are added up in a second reading."""
    return [] if table.in_database else [n for n in table.totals if not _exact(table, n)]


def _stated_by_text(
    connection: sa.Connection,
    table: SourceTable,
    chosen: ColumnElement[bool],
    no_key: ColumnElement[bool],
) -> Totals:
    fields = [(table.text(name), places) for name, places in table.totals.items()]
    query = totals_query(table.dialect, table.from_, {"chosen": chosen, "no_key": no_key}, fields)
    count, chosen_count, no_key_count, *rest = connection.execute(query).one()
    values = iter(rest)
    return Totals(
        count,
        chosen_count or 0,
        no_key_count or 0,
        read_totals(table.dialect, values, table.totals),
        read_totals(table.dialect, values, table.totals),
    )


def _stated_by_value(
    connection: sa.Connection,
    table: SourceTable,
    chosen: ColumnElement[bool],
    no_key: ColumnElement[bool],
) -> Totals:
    exact = {name: places for name, places in table.totals.items() if _exact(table, name)}
    asked: list[ColumnElement[Any]] = [sa.func.count()]
    asked += [sa.func.sum(sa.case((flag, 1), else_=0)) for flag in (chosen, no_key)]
    for scope in (None, chosen):
        for name, places in exact.items():
            asked += _sums_of(table.column(name), places, scope)
    query = sa.select(*(term.label(f"a{i}") for i, term in enumerate(asked)))
    count, chosen_count, no_key_count, *rest = connection.execute(
        query.select_from(table.from_)
    ).one()
    values = iter(rest)
    whole = {name: _read(values, places) for name, places in exact.items()}
    asked_for = {name: _read(values, places) for name, places in exact.items()}
    if reading := summed_by_reading(table):
        second = _second_reading(connection, table, chosen, reading)
        whole, asked_for = whole | second[0], asked_for | second[1]
    return Totals(
        int(count),
        int(chosen_count or 0),
        int(no_key_count or 0),
        {name: whole[name] for name in table.totals},
        {name: asked_for[name] for name in table.totals},
    )


def _exact(table: SourceTable, name: str) -> bool:
    sample = table.samples.get(name)
    return isinstance(sample, int | Decimal) and not isinstance(sample, bool)


def _sums_of(
    column: ColumnElement[Any], places: int, scope: ColumnElement[bool] | None
) -> list[ColumnElement[Any]]:
    """The sum of what the rule sums, and the number of values that it does not."""
    limit: ColumnElement[Any] = sa.literal_column(str(10 ** (DIGITS - places)))
    small = sa.and_(column < limit, column > -limit)
    cut = sa.cast(column, sa.Numeric(_SUM_DIGITS, places))
    # Nested, so that a value too large is never cast.
    fits = sa.case((small, sa.case((cut == column, 1), else_=0)), else_=0)
    value = sa.case((small, sa.case((cut == column, cut))))
    missed = sa.case((column.is_(None), 0), else_=1 - fits)
    if scope is not None:
        value, missed = sa.case((scope, value)), sa.case((scope, missed), else_=0)
    return [sa.func.sum(value), sa.func.sum(missed)]


def _read(values: Iterator[Any], places: int) -> Sum:
    total = EXACT.quantize(Decimal(next(values) or 0), Decimal(1).scaleb(-places))
    return Sum(total, int(next(values) or 0))


def _second_reading(
    connection: sa.Connection, table: SourceTable, chosen: ColumnElement[bool], names: list[str]
) -> tuple[dict[str, Sum], dict[str, Sum]]:
    """Totals of these fields over all records, and over the chosen ones."""
    flag = sa.case((chosen, 1), else_=0).label("chosen")
    columns = [table.column(name).label(f"f{i}") for i, name in enumerate(names)]
    query = sa.select(flag, *columns).select_from(table.from_)
    everything = [_Adding(table.totals[name]) for name in names]
    asked = [_Adding(table.totals[name]) for name in names]
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
