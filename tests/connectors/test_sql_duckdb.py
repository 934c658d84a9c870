"""A third database, that no line of the connector knows: DuckDB, through its own dialect."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from finsync_dagster.connectors import sql
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.sql_connection import snapshot
from finsync_dagster.connectors.sql_model import SqlObject
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.take import take
from finsync_dagster.landing.verify import verify
from tests.connectors.databases import SourceDatabase
from tests.landing.support import clock

pytest.importorskip("duckdb_engine", reason="the dialect of DuckDB is not installed")

LINES = SqlObject(
    table="order_lines",
    key=("id",),
    cursor="changed",
    control_totals={"amount": 4, "price": 2},
    rows_per_page=3,
    overlap="1d",
)


@pytest.fixture
def shop(tmp_path: Path) -> SourceDatabase:
    made = SourceDatabase("duckdb", f"duckdb:///{tmp_path}/source.duckdb")
    made.run(
        "CREATE TABLE order_lines (id BIGINT, changed TIMESTAMP, amount DECIMAL(18,4), "
        "price DOUBLE, note VARCHAR, day DATE, raw BLOB, ok BOOLEAN, tags VARCHAR[])"
    )
    for i in range(1, 8):
        made.run(
            f"INSERT INTO order_lines VALUES ({i}, '2016-01-0{i} 08:00:00.5', {i}.125, 0.1, "
            f"'n:{i}', '2016-01-0{i}', '\\xAB\\x00'::BLOB, true, ['a', 'é'])"
        )
    return made


def test_values_counts_and_totals(shop):
    with sql.extract("erp", shop.url, "lines", LINES, since="2016-01-06 08:00:00.5") as extraction:
        rows = [row for page in extraction.pages for row in page]
    # A moment is compared from the second before, after the overlap of a day.
    assert [row[0] for row in rows] == ["5", "6", "7"]
    assert rows[2] == (
        "7", "2016-01-07 08:00:00.5", "7.1250", "0.1", "n:7", "2016-01-07", "\\xab00", "true",
        '["a","é"]',
    )  # fmt: skip
    stated = extraction.stated
    assert (stated.count_table, stated.count_selected) == (7, 3)
    assert stated.cursor_max == "2016-01-07 08:00:00.5"
    totals = {name: str(found.total) for name, found in (stated.sums_table or {}).items()}
    assert totals == {"amount": "28.8750", "price": "0.70"}


def test_increments_deletes_and_a_query(shop, tmp_path):
    landing, now = Landing((tmp_path / "landing").as_uri()), clock()
    query = LINES.model_copy(update={"table": None, "query": "SELECT * FROM order_lines -- all"})

    def taken(spec: SqlObject, name: str) -> str:
        manifest = take(landing, "erp", shop.url, name, spec, now=now)
        assert manifest.complete
        return f"{manifest.mode} {manifest.row_count}"

    both = {"table": LINES, "query": query}
    assert [taken(spec, name) for name, spec in both.items()] == ["full 7"] * 2
    shop.run("UPDATE order_lines SET amount = 9.5, changed = '2016-02-01' WHERE id = 1")
    assert [taken(spec, name) for name, spec in both.items()] == ["incremental 3"] * 2
    shop.run("DELETE FROM order_lines WHERE id = 2")
    assert [taken(spec, name) for name, spec in both.items()] == ["full 6"] * 2
    assert verify(landing) == []


def test_it_is_only_read(shop):
    with (
        pytest.raises(SourceError, match="read-only"),
        snapshot("erp", shop.url, "lines") as connection,
    ):
        connection.execute(sa.text("DELETE FROM order_lines"))


def test_a_file_that_is_missing_is_not_created(tmp_path):
    with (
        pytest.raises(SourceError),
        sql.extract("erp", f"duckdb:///{tmp_path}/none.duckdb", "lines", LINES),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
