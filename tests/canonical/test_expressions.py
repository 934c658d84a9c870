"""The expression dialect: exact helpers, syntax trees, and the closed room."""

from collections.abc import Iterator
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from finsync_dagster.canonical.expressions import (
    ExpressionError,
    FieldRef,
    calls,
    open_room,
    referenced_fields,
)


@pytest.fixture
def room() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_room("erp", {"uom": {"E": "EA", "it's": "PA"}}) as opened:
        yield opened


def value(room: duckdb.DuckDBPyConnection, expression: str) -> object:
    return room.sql(f"SELECT TRY({expression})").fetchall()[0][0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("exact('.00')", Decimal(0)),
        ("exact('1.005')", Decimal("1.005")),
        ("exact('0.1234567')", None),
        ("exact('12,5')", None),
        ("exact('3') * exact('3.333333')", Decimal("9.999999")),
        ("whole('12.0')", "12"),
        ("whole('12.5')", "12.5"),
        ("whole('B-7')", "B-7"),
        ("code('uom', 'E ')", "EA"),
        ("code('uom', 'it''s')", "PA"),
        ("code('uom', 'X')", None),
        ("id('orders', '7')", "erp|orders|7"),
        ("CAST(day('2015-08-12 12:25:46.483000000') AS VARCHAR)", "2015-08-12"),
        ("CAST(stamp('2013-01-02') AS VARCHAR)", "2013-01-02 00:00:00+00"),
    ],
)
def test_helpers(room: duckdb.DuckDBPyConnection, expression: str, expected: object) -> None:
    assert value(room, expression) == expected


def test_an_unreadable_value_spoils_its_own_row_only(room: duckdb.DuckDBPyConnection) -> None:
    """Fails if the optimizer is on: the cast, needed twice, then leaves the TRY's guard."""
    room.register("r", pl.DataFrame({"a": ["1.5", "text"]}))
    query = (
        "SELECT TRY(CAST(a AS DECIMAL(38,4))) AS x, TRY(CAST(a AS DECIMAL(38,4)) * 2) AS y FROM r"
    )
    assert room.sql(query).fetchall() == [(Decimal("1.5"), Decimal(3)), (None, None)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO 'should_not_exist.csv'",
        "ATTACH 'should_not_exist.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_the_room_is_closed(room: duckdb.DuckDBPyConnection, query: str) -> None:
    with pytest.raises(duckdb.Error):
        room.execute(query)


def test_fields_are_read_off_the_syntax_tree() -> None:
    found = referenced_fields("exact(record.Qty) * coalesce(item.Outer, 'Qty') || \"Odd Name\"")
    assert found == (FieldRef("record", "Qty"), FieldRef("item", "Outer"), FieldRef("", "Odd Name"))


@pytest.mark.parametrize("text", ["1 +", "1; DROP TABLE x", "a FROM b", "a, b", ""])
def test_only_one_expression_is_accepted(text: str) -> None:
    with pytest.raises(ExpressionError):
        referenced_fields(text)


def test_calls_sees_functions_and_not_text() -> None:
    assert calls("upper(code('uom', x))", "code")
    assert not calls("'code'", "code")
