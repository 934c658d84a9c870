"""Exact sums of decimal text inside SQLite, which itself only knows integers and binary floats.

Belongs here: SQLite's way of summing. Not here: which values are summed (control_totals.py).

A value is taken apart as text, the point is moved by putting digits side by side, and the result is
an integer. High and low half are summed apart: a sum of 18-digit integers would not fit 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from finsync_dagster.connectors.sql_stages import staged

HALF = 10**9
# Units of so many digits fit 64 bits, whatever the decimals.
_QUICK_DIGITS = 17
_Columns = dict[str, ColumnElement[Any]]


def sqlite_terms(
    rows: sa.CTE, flags: Sequence[str], decimals: Sequence[int], max_digits: int
) -> tuple[sa.Subquery, list[ColumnElement[Any]]]:
    """Rows with the flags, and per field three columns to sum: high half, low half, not summed.

    ``rows`` has the flags and the fields as ``text0``, ``text1``, ... Most records hold short plain
    numbers only and take one stage; the others are taken apart in three.
    """
    fields = range(len(decimals))
    quick = staged(
        rows,
        {flag: rows.c[flag] for flag in flags}
        | {f"text{i}": rows.c[f"text{i}"] for i in fields}
        | {f"units{i}": _quick(rows.c[f"text{i}"], decimals[i]) for i in fields},
    )
    easy = sa.and_(
        sa.true(),
        *(sa.or_(quick.c[f"units{i}"].is_not(None), quick.c[f"text{i}"].is_(None)) for i in fields),
    )
    done: _Columns = {flag: quick.c[flag] for flag in flags}
    for i in fields:
        done |= {f"units{i}": quick.c[f"units{i}"], f"not_summed{i}": sa.literal_column("0")}
    hard = staged(quick, {name: quick.c[name] for name in rows.c.keys()}, sa.not_(easy))  # noqa: SIM118
    slow = _taken_apart(hard, flags, decimals, max_digits)
    both = sa.union_all(
        sa.select(*(column.label(name) for name, column in done.items())).where(easy),
        sa.select(*(slow.c[name] for name in done)),
    ).subquery()
    half: ColumnElement[Any] = sa.literal_column(str(HALF))
    terms: list[ColumnElement[Any]] = []
    for i in fields:
        units = both.c[f"units{i}"]
        terms += [units.op("/")(half), units.op("%")(half), both.c[f"not_summed{i}"]]
    return both, terms


def _quick(text: ColumnElement[Any], decimals: int) -> ColumnElement[Any]:
    """The units of a short number without a sign; null of anything else."""
    point = sa.func.instr(text, ".")
    plain = sa.and_(
        sa.func.length(text) <= _QUICK_DIGITS - decimals,
        text.op("GLOB")("[0-9]*"),
        text.op("NOT GLOB")("*[^0-9.]*"),
    )
    fraction = sa.func.length(text) - point
    scale = sa.cast(sa.func.substr("1" + "0" * decimals, 1, 1 + decimals - fraction), sa.BigInteger)
    digits = sa.cast(sa.func.replace(text, ".", ""), sa.BigInteger)
    one_point = sa.and_(fraction <= decimals, text.op("NOT GLOB")("*.*.*"))
    whole = sa.cast(text, sa.BigInteger) * sa.literal_column(str(10**decimals))
    return sa.case((plain, sa.case((point == 0, whole), (one_point, digits * scale))))


def _taken_apart(
    rows: sa.CTE, flags: Sequence[str], decimals: Sequence[int], max_digits: int
) -> sa.CTE:
    """Flags, and per field its units and whether it is not summed, of any text whatever."""

    def stage(source: sa.CTE, columns_of: Callable[[sa.CTE, int], _Columns]) -> sa.CTE:
        columns: _Columns = {flag: source.c[flag] for flag in flags}
        for i in range(len(decimals)):
            columns |= columns_of(source, i)
        return staged(source, columns)

    rows = stage(stage(rows, _unsigned), _parts)
    return stage(rows, lambda source, i: _units(source, i, decimals[i], max_digits))


def _unsigned(rows: sa.CTE, i: int) -> _Columns:
    text = rows.c[f"text{i}"]
    first = sa.func.substr(text, 1, 1)
    bare = sa.case((first.in_(["+", "-"]), sa.func.substr(text, 2)), else_=text)
    return {f"sign{i}": sa.case((first == "-", -1), else_=1), f"bare{i}": bare}


def _parts(rows: sa.CTE, i: int) -> _Columns:
    """Digits before and after the point, without idle zeros; and whether it is a plain number."""
    bare = rows.c[f"bare{i}"]
    point = sa.func.instr(bare.concat("."), ".")
    return {
        f"sign{i}": rows.c[f"sign{i}"],
        f"whole{i}": sa.func.ltrim(sa.func.substr(bare, 1, point - 1), "0"),
        f"fraction{i}": sa.func.rtrim(sa.func.substr(bare, point + 1), "0"),
        f"plain{i}": sa.case(
            (bare.op("GLOB")("*[^0-9.]*"), 0),
            (bare.op("GLOB")("*.*.*"), 0),
            else_=bare.op("GLOB")("*[0-9]*"),
        ),
    }


def _units(rows: sa.CTE, i: int, decimals: int, max_digits: int) -> _Columns:
    whole, fraction, plain = rows.c[f"whole{i}"], rows.c[f"fraction{i}"], rows.c[f"plain{i}"]
    fits = sa.and_(
        plain == 1,
        sa.func.length(whole) <= max_digits - decimals,
        sa.func.length(fraction) <= decimals,
    )
    digits = whole.concat(sa.func.substr(fraction.concat("0" * decimals), 1, decimals))
    scaled = rows.c[f"sign{i}"] * sa.cast(digits, sa.BigInteger)
    return {
        f"units{i}": sa.case((fits, scaled), else_=0),
        f"not_summed{i}": sa.case((plain.is_(None), 0), (fits, 0), else_=1),
    }
