"""One rule of what is summed: SQLite, PostgreSQL and Polars agree with a plain statement of it."""

import re
import sqlite3
from contextlib import closing
from decimal import Decimal

import polars as pl
import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.connectors.control_totals import read_totals, totals_query
from finsync_dagster.connectors.extraction import Sum
from finsync_dagster.landing.sums import sums
from tests.postgres import fresh_database

_NUMBER = st.from_regex(r"[+-]?0{0,3}[0-9]{0,20}(\.[0-9]{0,6}0{0,3})?", fullmatch=True)
_ODD = st.sampled_from(
    ["", " 1", "1 ", "1e5", "NaN", "Infinity", "1.2.3", "--1", "+-1", "12,5", "abc", ".", "-", "٣"]
)
VALUES = st.lists(st.none() | _NUMBER | _ODD, max_size=12)
DECIMALS = st.integers(min_value=0, max_value=6)


def expected(values: list[str | None], decimals: int) -> Sum:
    total, not_summed = 0, 0
    for value in values:
        if value is None:
            continue
        found = re.fullmatch(r"([+-]?)([0-9]*)\.?([0-9]*)", value)
        whole = found[2].lstrip("0") if found else ""
        fraction = found[3].rstrip("0") if found else ""
        number = found is not None and bool(found[2] or found[3])
        if not number or len(whole) + decimals > 18 or len(fraction) > decimals:
            not_summed += 1
        else:
            units = int((whole + fraction.ljust(decimals, "0")) or "0")
            total += -units if found[1] == "-" else units
    return Sum(Decimal(total) / 10**decimals, not_summed)


def asked(dialect: str, decimals: int) -> sa.Select:
    value = sa.column("v", sa.Text)
    return totals_query(dialect, sa.table("t"), {"chosen": value.is_not(None)}, [(value, decimals)])


def read(dialect: str, row: tuple, decimals: int) -> tuple[Sum, Sum]:
    values = iter(row[2:])
    both = [read_totals(dialect, values, {"v": decimals})["v"] for _ in range(2)]
    return both[0], both[1]


@given(VALUES, DECIMALS)
@settings(deadline=None)
def test_polars(values, decimals):
    frame = pl.DataFrame({"v": values}, schema={"v": pl.String})
    assert sums(frame, {"v": decimals}) == {"v": expected(values, decimals)}


@given(VALUES, DECIMALS)
@settings(max_examples=60, deadline=None)
def test_sqlite(values, decimals):
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (v TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [(v,) for v in values])
        engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=sa.StaticPool)
        with engine.connect() as opened:
            row = opened.execute(asked("sqlite", decimals)).one()
    want = expected(values, decimals)
    assert row[0] == len(values)
    assert read("sqlite", tuple(row), decimals) == (want, want)


@pytest.fixture(scope="module")
def postgresql():
    engine = sa.create_engine(fresh_database("totals"))
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE t (v TEXT)")
        connection.commit()
        yield connection
    engine.dispose()


@given(values=VALUES, decimals=DECIMALS)
@settings(max_examples=60, deadline=None)
def test_postgresql(postgresql, values, decimals):
    cursor: psycopg.Cursor = postgresql.connection.cursor()
    cursor.execute("TRUNCATE t")
    cursor.executemany("INSERT INTO t VALUES (%s)", [(v,) for v in values])
    row = postgresql.execute(asked("postgresql", decimals)).one()
    want = expected(values, decimals)
    assert read("postgresql", tuple(row), decimals) == (want, want)


def test_a_total_that_no_64_bit_integer_holds():
    values = ["999999999999999999"] * 50
    frame = pl.DataFrame({"v": values})
    assert sums(frame, {"v": 0})["v"].total == Decimal("49999999999999999950")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (v TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [(v,) for v in values])
        engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=sa.StaticPool)
        with engine.connect() as opened:
            row = opened.execute(asked("sqlite", 0)).one()
    assert read("sqlite", tuple(row), 0)[0].total == Decimal("49999999999999999950")
