"""The schema is what it says: exact types, a sentence for everything, no word of plants."""

import re

import duckdb
import pytest

from finsync_dagster.sandbox.world import schema
from finsync_dagster.sandbox.world.table import TYPES, table


@pytest.fixture
def empty() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    schema.create(connection)
    return connection


def test_every_table_and_column_has_a_comment(empty: duckdb.DuckDBPyConnection) -> None:
    silent = empty.execute(
        "SELECT table_name, column_name FROM duckdb_columns()"
        " WHERE NOT internal AND comment IS NULL"
        " UNION ALL SELECT table_name, NULL FROM duckdb_tables() WHERE comment IS NULL"
    ).fetchall()
    assert silent == []


def test_nothing_is_a_float(empty: duckdb.DuckDBPyConnection) -> None:
    types = {
        row[0]
        for row in empty.execute(
            "SELECT DISTINCT data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    }
    assert types == set(TYPES.values())


def test_the_first_column_is_the_key() -> None:
    for each in schema.TABLES:
        assert each.names[0] == f"{each.name}_id"
        assert each.columns[0].required


def test_no_column_outside_the_ground_truth_tells_of_a_plant() -> None:
    words = re.compile(r"\b(planted|faults?|innocent|reason_code|victim)\b")
    for each in schema.TABLES:
        if each.name not in ("planted", "innocent"):
            said = f"{each.name} {each.comment} " + " ".join(
                f"{c.name} {c.comment}" for c in each.columns
            )
            assert not words.search(said.replace("_", " ")), each.name


def test_the_notation() -> None:
    made = table("t", "it's a table", "a ID! key of it\nb MONEY what it costs")
    assert [(c.name, c.sql_type, c.required, c.comment) for c in made.columns] == [
        ("a", "BIGINT", True, "key of it"),
        ("b", "DECIMAL(18,4)", False, "what it costs"),
    ]
    assert made.ddl()[:2] == [
        "CREATE TABLE t (a BIGINT NOT NULL, b DECIMAL(18,4))",
        "COMMENT ON TABLE t IS 'it''s a table'",
    ]
