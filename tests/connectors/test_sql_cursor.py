"""Change stamps in the spellings that databases hold."""

import pytest

from finsync_dagster.connectors import sql
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.sql_model import SqlObject
from tests.connectors.databases import SourceDatabase, postgresql_database

SPEC = SqlObject(table="t", key=("id",), cursor="c")


def stamped(database: SourceDatabase, sql_type: str, *stamps: str | None) -> None:
    database.run(f"CREATE TABLE t (id BIGINT, c {sql_type})")
    for number, stamp in enumerate(stamps, start=1):
        value = "NULL" if stamp is None else f"'{stamp}'"
        database.run(f"INSERT INTO t VALUES ({number}, {value})")


def since(database: SourceDatabase, cursor: str) -> set[str]:
    with sql.extract("erp", database.url, "t", SPEC, since=cursor) as extraction:
        return {row[0] or "" for page in extraction.pages for row in page}


def newest(database: SourceDatabase) -> str | None:
    with sql.extract("erp", database.url, "t", SPEC) as extraction:
        return extraction.stated.cursor_max


def test_text_stamps_compare_as_moments_not_as_text(database):
    stamped(
        database,
        "TEXT",
        "2016-05-30",
        "2016-05-31",
        "2016-05-31T00:00:00",
        "2016-05-31 00:00:00.0000000",
        "2016-05-31 07:00",
        "yesterday",
        None,
    )
    everything_but_the_first = {"2", "3", "4", "5", "6", "7"}
    for spelling in ("2016-05-31", "2016-05-31 00:00:00", "2016-05-31 00:00:00.0000000"):
        assert since(database, spelling) == everything_but_the_first
    assert newest(database) == "2016-05-31 07:00"


def test_numbers_compare_as_numbers(database):
    stamped(database, "BIGINT", "9", "10", "11", None)
    assert newest(database) == "11"
    assert since(database, "10") == {"2", "3", "4"}


def test_fractions_of_a_second_lose_nothing(database):
    kind = "TEXT" if database.kind == "sqlite" else "TIMESTAMP"
    stamped(database, kind, "2016-05-31 07:00:00.4", "2016-05-31 07:00:00.5", "2016-05-31 07:00:01")
    last = "2016-05-31 07:00:00.5"
    assert since(database, last) >= {"2", "3"}
    assert newest(database) == "2016-05-31 07:00:01"


def test_postgresql_types_that_are_moments_or_numbers(tmp_path):
    for kind, older, newer, text in (
        ("TIMESTAMPTZ", "2016-01-01 00:00+00", "2016-01-01 02:30+02", "2016-01-01 00:30:00+00"),
        ("DATE", "2016-01-01", "2016-01-02", "2016-01-02"),
        ("NUMERIC", "9.5", "10.25", "10.25"),
        ("DOUBLE PRECISION", "0.1", "0.30000000000000004", "0.30000000000000004"),
    ):
        database = postgresql_database(tmp_path)
        stamped(database, kind, older, newer)
        assert newest(database) == text
        assert since(database, text) == {"2"}


def test_postgresql_refuses_a_column_that_does_not_grow(tmp_path):
    database = postgresql_database(tmp_path)
    database.run("CREATE TABLE t (id BIGINT, c JSONB)")
    with pytest.raises(SourceError, match="column c of type JSONB cannot be a cursor"):
        since(database, "1")
