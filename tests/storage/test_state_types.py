"""Amounts and moments survive either database, or are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsync_dagster.storage.state.engine import connect
from finsync_dagster.storage.state.types import ExactAmount, UtcTimestamp

VALUES = sa.Table(
    "sample", sa.MetaData(), sa.Column("amount", ExactAmount()), sa.Column("at", UtcTimestamp())
)


@pytest.fixture
def connection(state_url: str) -> Iterator[sa.Connection]:
    engine = connect(state_url)
    with engine.begin() as connection:
        VALUES.create(connection)
        yield connection
    engine.dispose()


def stored(connection: sa.Connection, **values: object) -> sa.Row[tuple[object, ...]]:
    connection.execute(VALUES.delete())
    connection.execute(VALUES.insert(), [{"amount": None, "at": None} | values])
    return connection.execute(sa.select(VALUES)).one()


@pytest.mark.parametrize(
    "amount",
    ["12345678901234567890.1234", "-0.0001", "0", "9" * 34 + ".9999", "100", "1E+3", "-1.50"],
)
def test_an_amount_comes_back_digit_for_digit(connection: sa.Connection, amount: str) -> None:
    found = stored(connection, amount=Decimal(amount)).amount
    assert (found, found.as_tuple().exponent) == (Decimal(amount), -4)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(units=st.integers(-(10**38) + 1, 10**38 - 1), at=st.datetimes(timezones=st.just(UTC)))
def test_any_amount_and_moment_come_back(
    connection: sa.Connection, units: int, at: datetime
) -> None:
    amount = Decimal(f"{units}E-4")
    assert tuple(stored(connection, amount=amount, at=at)) == (amount, at)


@pytest.mark.parametrize("amount", [1.5, 3, "1.00", Decimal("0.00001"), Decimal("1e34")])
def test_what_is_not_exact_is_refused(connection: sa.Connection, amount: object) -> None:
    with pytest.raises(sa.exc.StatementError, match=r"is a Decimal|does not fit NUMERIC\(38,4\)"):
        stored(connection, amount=amount)


def test_a_moment_is_kept_in_utc(connection: sa.Connection) -> None:
    there = datetime(2026, 7, 1, 1, 30, 0, 7, tzinfo=timezone(timedelta(hours=2)))
    found = stored(connection, at=there).at
    assert found == datetime(2026, 6, 30, 23, 30, 0, 7, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


def test_a_moment_without_zone_is_refused(connection: sa.Connection) -> None:
    with pytest.raises(sa.exc.StatementError, match="without time zone"):
        stored(connection, at=datetime(2026, 1, 1))
