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
_Columns = dict[str, ColumnElement[Any]]


def sqlite_terms(
    rows: sa.CTE, flags: Sequence[str], decimals: Sequence[int], max_digits: int
) -> tuple[sa.CTE, list[ColumnElement[Any]]]:
    """Rows with the flags, and per field three columns to sum: high half, low half, not summed.

    ``rows`` has the flags and the fields as ``text0``, ``text1``, ...
    """

    def stage(source: sa.CTE, columns_of: Callable[[sa.CTE, int], _Columns]) -> sa.CTE:
        columns: _Columns = {flag: source.c[flag] for flag in flags}
        for i in range(len(decimals)):
            columns |= columns_of(source, i)
        return staged(source, columns)

    rows = stage(stage(rows, _unsigned), _parts)
    rows = stage(rows, lambda source, i: _units(source, i, decimals[i], max_digits))
    half: ColumnElement[Any] = sa.literal_column(str(HALF))
    terms: list[ColumnElement[Any]] = []
    for i in range(len(decimals)):
        units = rows.c[f"units{i}"]
        terms += [units.op("/")(half), units.op("%")(half), rows.c[f"not_summed{i}"]]
    return rows, terms


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
