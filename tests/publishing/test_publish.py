"""What is published is what was given, in either warehouse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.publishing import VIEWS, PublishError, WarehouseError, publish
from finsync_dagster.publishing.ddl import published_columns
from finsync_dagster.publishing.operations import OWN_TABLES
from finsync_dagster.publishing.prepare import prepare
from finsync_dagster.publishing.read import query
from tests.publishing.samples import (
    BILLS,
    COUNTS,
    EXCEPTIONS,
    FACTS,
    META,
    NOON,
    bills,
    exceptions,
    facts,
)

pytestmark = pytest.mark.slow

EXTREME = {
    "bill_id": "full",
    "note": 'O\'Neill; "q", \\. \\N \u20ac \r\n\t--',
    "lines": -(2**63),
    "open": True,
    "billed_on": date(9999, 12, 31),
    "seen_at": datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    "net": Decimal("-1234567890123456789012345678901234.1234"),
    "unit_price": Decimal("1234567890123456789012345678.0123456789"),
    "quantity": Decimal("-0.000001"),
    "rate": Decimal("0.000000000001"),
}
EMPTY: dict[str, Any] = {"bill_id": "empty"}
BLANK: dict[str, Any] = {"bill_id": "", "note": ""}


def stored(url: str) -> pl.DataFrame:
    rows = query(url, "SELECT * FROM canonical.bills ORDER BY bill_id")
    return rows.cast({c.name: c.dtype for c in BILLS.columns() if isinstance(c.dtype, pl.Decimal)})


def test_every_value_survives(url: str) -> None:
    given_rows = bills(EXTREME, EMPTY, BLANK)
    rows = publish([(BILLS, given_rows)], url, [], META)
    assert rows["canonical.bills"] == 3
    expected = given_rows.select(c.name for c in published_columns(BILLS)).sort("bill_id")
    assert_frame_equal(stored(url), expected)


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


def exact(scale: int) -> st.SearchStrategy[Decimal]:
    # Short of the type's own end, so that the sum of a few still fits.
    limit = 10**37
    return st.integers(-limit, limit).map(lambda units: Decimal(f"{units}E-{scale}"))


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "bill_id": TEXT,
            "note": st.none() | TEXT,
            "lines": st.none() | st.integers(-(2**63), 2**63 - 1),
            "open": st.none() | st.booleans(),
            "billed_on": st.none() | st.dates(),
            "seen_at": st.none() | st.datetimes(timezones=st.just(UTC)),
            "net": st.none() | exact(4),
            "unit_price": st.none() | exact(10),
            "quantity": st.none() | exact(6),
            "rate": st.none() | exact(12),
        }
    ),
    max_size=4,
    unique_by=lambda row: row["bill_id"],
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS)
def test_any_value_survives(url: str, rows: list[dict[str, Any]]) -> None:
    given_rows = bills(*rows)
    publish([(BILLS, given_rows)], url, [], META)
    order = [c.name for c in published_columns(BILLS)]
    by_id = given_rows.select(order).sort("bill_id")
    assert_frame_equal(stored(url).sort("bill_id"), by_id)


def test_the_audit_block_stands_last(url: str) -> None:
    publish([(BILLS, bills(EMPTY))], url, [], META)
    columns = query(url, "SELECT * FROM canonical.bills").columns
    assert columns[0] == "bill_id"
    assert tuple(columns[-len(AUDIT_COLUMNS) :]) == AUDIT_COLUMNS


def test_money_is_stored_exactly(url: str) -> None:
    publish([(BILLS, bills(EMPTY))], url, [], META)
    types = query(
        url,
        "SELECT column_name, numeric_precision AS p, numeric_scale AS s "
        "FROM information_schema.columns WHERE table_name = 'bills' AND table_schema = 'canonical' "
        "AND column_name IN ('net', 'unit_price', 'quantity', 'rate') ORDER BY 1",
    )
    assert types.rows() == [
        ("net", 38, 4),
        ("quantity", 38, 6),
        ("rate", 38, 12),
        ("unit_price", 38, 10),
    ]


def test_lazy_frames_and_row_order_make_no_difference(url: str) -> None:
    rows = bills(EXTREME, EMPTY, BLANK)
    publish([(BILLS, rows)], url, [], META)
    first = stored(url)
    publish([(BILLS, rows.reverse().lazy())], url, [], META)
    assert_frame_equal(stored(url), first)


def test_the_publication_describes_itself(url: str) -> None:
    tables = [(BILLS, bills(EMPTY)), (EXCEPTIONS, exceptions()), (FACTS, facts({})), COUNTS]
    publish(tables, url, VIEWS, META)
    listed = query(url, "SELECT * FROM operations.published ORDER BY schema_name, table_name")
    counts = {f"{r['schema_name']}.{r['table_name']}": r["rows"] for r in listed.to_dicts()}
    for name, rows in counts.items():
        found = query(url, f"SELECT count(*) AS n FROM {name}").item()
        assert rows in (found, None)
    assert sorted(name for name, rows in counts.items() if rows is None) == [
        "operations.conservation_now",
        "operations.exceptions_by_reason",
        "operations.open_exceptions",
        "spend.by_stage",
    ]
    facts_of_it = listed.select("published_at", "run_id", "as_of", "code_version").unique()
    assert facts_of_it.rows() == [(NOON, "run1", date(2026, 3, 1), "0.1.0")]


def test_the_dictionary_is_the_database(url: str) -> None:
    tables = [(BILLS, bills(EMPTY)), (EXCEPTIONS, exceptions()), (FACTS, facts()), COUNTS]
    publish(tables, url, VIEWS, META)
    names = "schema_name, table_name, position, column_name"
    declared = query(url, f"SELECT {names} FROM operations.data_dictionary ORDER BY 1, 2, 3")
    real = query(
        url,
        "SELECT table_schema, table_name, CAST(ordinal_position AS BIGINT), column_name "
        "FROM information_schema.columns "
        "WHERE table_schema IN ('canonical', 'operations', 'spend') ORDER BY 1, 2, 3",
    )
    assert declared.rows() == real.rows()


def test_a_second_publication_replaces_the_first(url: str) -> None:
    publish([(BILLS, bills(EMPTY)), (FACTS, facts({}))], url, [], META)
    later = replace(META, run_id="run2")
    publish([(BILLS, bills(EXTREME, BLANK))], url, [], later)
    assert stored(url)["bill_id"].to_list() == ["", "full"]
    assert query(url, "SELECT max(run_id) AS r FROM operations.published").item() == "run2"
    with pytest.raises(WarehouseError):
        query(url, "SELECT * FROM spend.facts")


@pytest.mark.parametrize(
    ("frame", "complaint"),
    [
        (bills(EMPTY, EMPTY), "repeat a key, such as .*empty"),
        (bills(EMPTY).drop("net"), "missing or not declared: net"),
        (bills(EMPTY).with_columns(net=pl.lit(1.5)), "net is Float64, not Decimal"),
        (bills(EMPTY).with_columns(net=pl.col("rate")), "net is Decimal.*12.*, not Decimal"),
        (bills(EMPTY).with_columns(source_pk=pl.lit(None, pl.String)), "canonical.bills"),
    ],
)
def test_what_is_not_the_declared_table_is_refused(
    url: str, frame: pl.DataFrame, complaint: str
) -> None:
    publish([(BILLS, bills(EXTREME))], url, [], META)
    with pytest.raises(PublishError, match=complaint):
        publish([(BILLS, frame)], url, [], META)
    assert stored(url)["bill_id"].to_list() == ["full"]


def test_a_column_without_values_may_be_untyped(url: str) -> None:
    publish([(BILLS, bills(EMPTY).with_columns(net=None))], url, [], META)
    assert stored(url)["net"].to_list() == [None]


def test_a_view_on_what_is_not_published_is_refused(url: str) -> None:
    with pytest.raises(PublishError, match=r"spend.by_stage reads spend.facts"):
        publish([(EXCEPTIONS, exceptions()), COUNTS], url, VIEWS, META)
    with pytest.raises(WarehouseError):
        query(url, "SELECT * FROM operations.published")


def test_nothing_may_be_published_twice(url: str) -> None:
    with pytest.raises(PublishError, match=r"published twice: canonical\.bills"):
        publish([(BILLS, bills()), (BILLS, bills())], url, [], META)


def test_a_load_that_loses_something_is_noticed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    publish([(BILLS, bills(EXTREME))], url, [], META)
    whole = pl.DataFrame.iter_slices
    monkeypatch.setattr(pl.DataFrame, "iter_slices", lambda f, n: whole(f.head(1), n))
    with pytest.raises(
        PublishError, match=r"canonical.bills was not loaded.*rows: 2 given, 1 loaded"
    ):
        publish([(BILLS, bills(EXTREME, EMPTY))], url, [], META)
    monkeypatch.undo()
    assert stored(url)["bill_id"].to_list() == ["full"]


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "warehouse.duckdb", "duckdb://relative"])
def test_other_warehouses_are_refused(url: str) -> None:
    with pytest.raises(PublishError, match="FINSYNC_WAREHOUSE_URL") as caught:
        publish([], url, [], META)
    assert "secret" not in str(caught.value)


def test_prepared_rows_are_in_the_order_of_the_key() -> None:
    rows = prepare(BILLS, bills(EXTREME, BLANK, EMPTY))
    assert rows["bill_id"].to_list() == ["", "empty", "full"]


def test_own_tables_need_no_one_to_name_them(url: str) -> None:
    rows = publish([], url, [], META)
    assert sorted(rows) == sorted(spec.full_name for spec in OWN_TABLES)
