"""Everything on PostgreSQL: both sources, the state and the warehouse; and no password anywhere."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.publishing.read import query
from finsync_dagster.storage.lake import Lake
from tests.pipeline.homes import Home
from tests.postgres import server

PASSWORD = "hunter2-not-to-be-found"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, rates: str, landscape: str) -> Home:
    names = {
        "FINSYNC_WWI_URL": "pipeline_wwi",
        "FINSYNC_ADVENTUREWORKS_URL": "pipeline_adventureworks",
        "FINSYNC_DATABASE_URL": "pipeline_state",
        "FINSYNC_WAREHOUSE_URL": "pipeline_warehouse",
    }
    urls = {
        variable: make_url(server().create(name))
        .set(password=PASSWORD)
        .render_as_string(hide_password=False)
        for variable, name in names.items()
    }
    extra = {"FINSYNC_ECB_URL": rates, "FINSYNC_LANDSCAPE": landscape, **urls}
    return Home(tmp_path_factory.mktemp("postgres"), tuple(extra.items()))


@pytest.fixture(scope="module")
def told(home: Home) -> str:
    done = home.process("demo")
    assert done.code == 0, done.text
    return done.text


def test_canonical_rows_are_the_same_as_from_sqlite(finished: Home, home: Home, told: str) -> None:
    assert "MATCHED" in told
    ours, theirs = (Lake(f"file://{h.path}/lake") for h in (home, finished))
    for name, spec in TABLES.items():
        if "row_hash" in spec.polars_schema:
            columns = ["record_id", "row_hash"]
            left = ours.current(spec).select(columns).collect().sort(columns)
            right = theirs.current(spec).select(columns).collect().sort(columns)
            assert left.equals(right), name


def test_the_warehouse_tells_the_same(finished: Home, home: Home, told: str) -> None:
    for sql in (
        "SELECT count(*) FROM canonical.purchase_order_lines",
        "SELECT sum(gross_amount) FROM canonical.purchase_orders",
        "SELECT count(*) FROM matching.invoice_results WHERE outcome = 'MATCHED'",
        "SELECT sum(amount_group) FROM spend.facts",
        "SELECT count(*) FROM operations.open_exceptions",
    ):
        left, right = finished.one(sql), home.one(sql)
        assert Decimal(str(left)) == Decimal(str(right)), sql


def test_the_password_is_nowhere(home: Home, told: str) -> None:
    assert PASSWORD not in told
    wrong = make_url(dict(home.extra)["FINSYNC_WWI_URL"]).set(database="no_such_database")
    broken = Home(
        home.path,
        tuple({**dict(home.extra), "FINSYNC_WWI_URL": wrong.render_as_string(False)}.items()),
    )
    failed = broken.finsync("run", "--entity", "wwi")
    assert failed.code == 1
    assert PASSWORD not in failed.text
    for file in home.path.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes(), file
    columns = home.ask(
        "SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns "
        "WHERE table_schema IN ('operations', 'canonical') AND data_type IN ('text', "
        "'character varying')"
    )
    assert len(columns) > 50
    for table, column in columns:
        found = query(
            home.warehouse,
            f"SELECT count(*) AS n FROM {table} WHERE \"{column}\" LIKE '%{PASSWORD}%'",
        )
        assert found.item() == 0, f"{table}.{column}"


def test_the_folder_holds_no_second_copy_of_state_or_warehouse(home: Home, told: str) -> None:
    left = {p.name for p in Path(home.path).iterdir()}
    assert not left & {"state.sqlite", "warehouse.duckdb"}
