"""Draws are the same everywhere; rounding is exact and half up, away from zero."""

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.sandbox.world import draws

_AMOUNTS = st.integers(-(10**15), 10**15)


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    draws.define(connection, 7)
    yield connection
    connection.close()


def _one(sql: duckdb.DuckDBPyConnection, expression: str, *values: object) -> object:
    return sql.execute(f"SELECT {expression}", list(values)).fetchall()[0][0]


def test_draws_of_a_seed_never_change(sql: duckdb.DuckDBPyConnection) -> None:
    # Worlds are made of these: another hash, byte order or text of a key shows here first.
    for key in range(50):
        low = int.from_bytes(hashlib.md5(f"7|price|{key}".encode()).digest()[8:], "little")
        assert _one(sql, "upto('price', ?::BIGINT, 1000)", key) == low % 1000
    assert _one(sql, "upto('price', 0, 1000)") == 172
    assert draws.Draws(7).upto("price", 1, 1000) == 274


@given(a=_AMOUNTS, b=st.integers(1, 10**9))
def test_half_up(sql: duckdb.DuckDBPyConnection, a: int, b: int) -> None:
    expected = (Decimal(a) / b).quantize(Decimal(1), ROUND_HALF_UP)
    exact = Decimal(2 * a) / b
    if exact == exact.to_integral_value():
        sign = -1 if a < 0 else 1
        expected = Decimal(sign * ((2 * abs(a) + b) // (2 * b)))
    assert _one(sql, "half_up(?::BIGINT, ?::BIGINT)", a, b) == int(expected)


@pytest.mark.parametrize(
    ("a", "b", "rounded"), [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (15, 10, 2), (-25, 10, -3)]
)
def test_halves(sql: duckdb.DuckDBPyConnection, a: int, b: int, rounded: int) -> None:
    assert _one(sql, "half_up(?::BIGINT, ?::BIGINT)", a, b) == rounded


@pytest.mark.parametrize(
    ("q", "p", "num", "den", "pu", "ccy", "cents"),
    [
        (125_000, 423, 1, 1, 1, "EUR", 529),  # 125 at 0.0423 is 5.2875
        (100_000, 200_000, 10, 4, 1, "EUR", 500_000),  # 100 pieces of 2.5 kg at 20.00 a kg
        (6_000_000, 846_000, 1, 1, 1000, "EUR", 50_760),  # 6,000 at 84.60 per 1,000
        (3_000, 10_550_000, 1, 1, 1, "JPY", 316_500),  # 3 at 1,055 yen
        (500, 10_550_000, 1, 1, 1, "JPY", 52_800),  # half of 1,055 yen is 528
    ],
)
def test_worth(
    sql: duckdb.DuckDBPyConnection,
    q: int,
    p: int,
    num: int,
    den: int,
    pu: int,
    ccy: str,
    cents: int,
) -> None:
    values = (q, p, num, den, pu, ccy)
    assert (
        _one(sql, "worth(?::BIGINT, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?)", *values)
        == cents
    )
    assert (
        _one(sql, "worth(-(?::BIGINT), ?::BIGINT, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?)", *values)
        == -cents
    )


@given(cents=_AMOUNTS)
def test_money_is_exact(sql: duckdb.DuckDBPyConnection, cents: int) -> None:
    assert _one(sql, "money(?::BIGINT)", cents // 100) == Decimal(cents // 100) / 100


def test_weekdays(sql: duckdb.DuckDBPyConnection) -> None:
    assert _one(sql, "weekday(0)") == date(2025, 5, 1)
    assert _one(sql, "weekday(2)") == date(2025, 5, 5)
    assert _one(sql, "weekday(?::BIGINT)", draws.LAST_WEEKDAY) == date(2026, 10, 30)
    assert _one(sql, "max(isodow(weekday(w))) FROM range(400) AS r (w)") == 5
