"""Which values a control total sums, and how a database is asked for the totals.

Belongs here: the rule, and the query with its reading. Not here: SQLite's way of summing exactly
(sqlite_sums.py), nor comparing what the source states with what arrived (landing).

A value is summed if it is a plain number (sign, digits, point; no exponent, no blanks) with at most
``decimals`` decimals, not counting trailing zeros, and at most 18 digits in all. Anything else
counts as zero and is counted apart, so that one bad value never hides a whole total. The limits
are what 64-bit integers carry exactly; the same rule holds everywhere, so that totals of the same
records are equal wherever they are computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from finsync_dagster.connectors.extraction import Sum
from finsync_dagster.connectors.sql_stages import staged
from finsync_dagster.connectors.sqlite_sums import HALF, sqlite_terms

DIGITS = 18
# Python's default would round a sum to 28 digits.
EXACT = Context(prec=60)


def summable_pattern(decimals: int) -> str:
    """Regular expression (POSIX, Rust and Python alike) of a summed value that has a digit."""
    return rf"^[+-]?0*[0-9]{{0,{DIGITS - decimals}}}(\.[0-9]{{0,{decimals}}}0*)?$"


def totals_query(
    dialect: str,
    source: sa.FromClause,
    flags: Mapping[str, ColumnElement[bool]],
    fields: Sequence[tuple[ColumnElement[str], int]],
) -> sa.Select[Any]:
    """One row: number of records; of those with each flag; then every field's totals per scope.

    ``fields`` are (value as text, decimals). The scopes are all records, then each flag;
    ``read_totals`` reads one of them.
    """
    columns: dict[str, ColumnElement[Any]] = {
        name: sa.case((flag, 1), else_=0) for name, flag in flags.items()
    }
    columns |= {f"text{i}": text for i, (text, _) in enumerate(fields)}
    values = staged(source, columns)
    decimals = [places for _, places in fields]
    rows: sa.FromClause = values
    if dialect == "sqlite":
        rows, terms = sqlite_terms(values, tuple(flags), decimals, DIGITS)
    else:
        terms = [term for i, places in enumerate(decimals) for term in _terms(values, i, places)]
    asked: list[ColumnElement[Any]] = [sa.func.count()]
    asked += [sa.func.sum(rows.c[flag]) for flag in flags]
    asked += [sa.func.sum(term) for term in terms]
    asked += [sa.func.sum(term).filter(rows.c[flag] == 1) for flag in flags for term in terms]
    return sa.select(*(column.label(f"a{i}") for i, column in enumerate(asked))).select_from(rows)


def read_totals(dialect: str, values: Iterator[Any], decimals: Mapping[str, int]) -> dict[str, Sum]:
    """The totals of the next scope in the row that ``totals_query`` yields, field by field."""
    sums = {}
    for name, places in decimals.items():
        if dialect == "sqlite":
            units = int(next(values) or 0) * HALF + int(next(values) or 0)
            total = Decimal(units).scaleb(-places, EXACT)
        else:
            total = EXACT.quantize(Decimal(next(values) or 0), Decimal(1).scaleb(-places))
        sums[name] = Sum(total, int(next(values) or 0))
    return sums


def _terms(rows: sa.CTE, i: int, decimals: int) -> list[ColumnElement[Any]]:
    """PostgreSQL: the value or 0; 1 where it is not summed."""
    text = rows.c[f"text{i}"]
    ok = sa.and_(text.op("~")(summable_pattern(decimals)), text.op("~")("[0-9]"))
    value = sa.case((ok, sa.cast(text, sa.Numeric)), else_=0)
    return [value, sa.case((text.is_(None), 0), (ok, 0), else_=1)]
