"""One declaration, and everything that derives from it."""

from decimal import Decimal

import pandera.polars as pa
import polars as pl
import pytest

from finsync_dagster.schema import Amount, Table, TableShapeError, TableSpec, TsUTC, violations


class Sample(Table):
    name: str = pa.Field(description="A name.")
    kind: str = pa.Field(isin=["x", "y"], description="A kind.")
    amount: Amount = pa.Field(nullable=True, ge=0, description="An amount.")
    at: TsUTC = pa.Field(nullable=True, description="A moment.")


SAMPLE = TableSpec("canonical", "sample", "sample", ("name",), Sample)


def frame(**columns: list) -> pl.DataFrame:
    base = {"name": ["a"], "kind": ["x"], "amount": [Decimal(1)], "at": [None]}
    return pl.DataFrame({**base, **columns}, schema=SAMPLE.polars_schema)


def test_sql_types_keep_money_exact() -> None:
    assert [c.sql_type for c in SAMPLE.columns()] == [
        "VARCHAR",
        "VARCHAR",
        "DECIMAL(38,4)",
        "TIMESTAMPTZ",
    ]


def test_the_values_that_a_column_takes_are_part_of_its_description() -> None:
    assert [c.description for c in SAMPLE.columns()] == [
        "A name.",
        "A kind. One of: x, y.",
        "An amount.",
        "A moment.",
    ]


def test_a_valid_frame_has_no_violations() -> None:
    assert violations(SAMPLE, frame()) == []


def test_bad_rows_are_named_with_column_and_rule() -> None:
    """Guards the full validation depth: pandera alone checks only the schema of a lazy frame."""
    bad = frame(kind=["z"], amount=[Decimal(-1)])
    found = {(v.row, v.column) for v in violations(SAMPLE, bad)}
    assert found == {(0, "kind"), (0, "amount")}


def test_a_null_where_none_may_be() -> None:
    assert [(v.column, v.check) for v in violations(SAMPLE, frame(name=[None]))] == [
        ("name", "not_nullable")
    ]


def test_a_missing_column_is_not_blamed_on_a_row() -> None:
    with pytest.raises(TableShapeError, match=r"canonical\.sample"):
        violations(SAMPLE, frame().drop("kind"))


def test_a_float_is_not_money() -> None:
    with pytest.raises(TableShapeError, match="amount"):
        violations(SAMPLE, frame().with_columns(amount=pl.lit(1.5)))
