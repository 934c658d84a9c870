"""Engine and SQL script decide the same documents alike, row by row."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from benchmarks.match import agree, engine
from benchmarks.match.generate import Bucket, buckets, generate


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("inputs"), 20_000, seed=11)


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return agree.prepared()


@pytest.mark.slow
def test_engine_and_script_agree(inputs: Path, database: duckdb.DuckDBPyConnection) -> None:
    compared: dict[str, int] = {}
    for bucket in buckets(inputs):
        for table, rows, differing in agree.disagreements(database, bucket):
            compared[table] = compared.get(table, 0) + rows
            assert differing.is_empty(), (bucket.entity, table, differing.head(4).to_dicts())
    assert compared["invoice_line_results"] > 19_000
    assert compared["check_results"] > 8_000


@pytest.mark.slow
def test_a_document_that_only_one_of_them_sees_is_noticed(
    inputs: Path, database: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = buckets(inputs)[0]
    read = engine.read

    def without_a_receipt(given: Bucket) -> dict[str, pl.DataFrame]:
        frames = read(given)
        return frames | {"receipt_lines": frames["receipt_lines"].slice(1)}

    monkeypatch.setattr(engine, "read", without_a_receipt)
    found = {table: rows.height for table, _, rows in agree.disagreements(database, bucket)}
    assert found["receipt_status"] == 1
    assert found["invoice_line_results"] >= 2
