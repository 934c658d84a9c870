"""Databases whose values the driver hands over: the same table, read both ways, is the same."""

from decimal import Decimal

import pytest

from finsync_dagster.connectors import sql, sql_table
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.extraction import Sum
from finsync_dagster.connectors.sql_model import SqlObject
from tests.connectors.databases import LINES, SourceDatabase, postgresql_database

JAN, FEB, MAR = "2016-01-01 08:00:00", "2016-02-01 08:00:00", "2016-03-01 08:00:00"


def taken(database: SourceDatabase, spec: SqlObject = LINES, since: str | None = None):
    with sql.extract("erp", database.url, "lines", spec, since=since) as extraction:
        return extraction, [row for page in extraction.pages for row in page]


@pytest.fixture
def by_driver(monkeypatch: pytest.MonkeyPatch):
    """From its call on, SQLite and PostgreSQL are read like a database that nobody knows."""
    return lambda: monkeypatch.setattr(sql_table, "TEXT_IN_DATABASE", frozenset())


@pytest.mark.parametrize("since", [None, FEB])
@pytest.mark.parametrize("query", [None, 'SELECT * FROM "Order_Lines"'])
def test_both_ways_give_the_same(database, by_driver, since, query):
    database.create_lines(
        (1, JAN, "1.10", "x"),
        (2, FEB, None, ""),
        (3, FEB, "-2.255", "é'"),
        (4, MAR, "1234567890123456.78", "ünïcode"),
    )
    spec = LINES if query is None else LINES.model_copy(update={"table": None, "query": query})
    exact, exact_rows = taken(database, spec, since)
    by_driver()
    other, rows = taken(database, spec, since)
    assert (other.columns, rows) == (exact.columns, exact_rows)
    assert other.stated == exact.stated


def test_numbers_are_summed_by_the_database_and_text_by_a_second_reading(database, by_driver):
    by_driver()
    database.run(
        "CREATE TABLE t (id BIGINT, n NUMERIC(24, 6), f DOUBLE PRECISION, s TEXT, e NUMERIC)",
        "INSERT INTO t VALUES (1, 7, 0.1, '1.5', NULL), (2, NULL, 0.25, 'n/a', NULL),"
        " (3, 5, NULL, NULL, NULL)",
    )
    spec = SqlObject(table="t", key=("id",), control_totals={"n": 2, "f": 1, "s": 2, "e": 0})
    extraction, _ = taken(database, spec)
    assert extraction.stated.sums_table == {
        "n": Sum(Decimal("12.00")),
        "f": Sum(Decimal("0.1"), 1),
        "s": Sum(Decimal("1.50"), 1),
        "e": Sum(Decimal("0")),
    }
    assert extraction.stated.sums_selected == extraction.stated.sums_table
    assert extraction.request.endswith("; totals of f, s, e by a second reading")


@pytest.mark.parametrize(
    ("kind", "stamps", "since", "newest", "asked"),
    [
        ("BIGINT", ("9", "10", "11"), "10", "11", {"2", "3"}),
        ("NUMERIC", ("9.5", "10.25", "10.5"), "10.25", "10.5", {"2", "3"}),
        ("DOUBLE PRECISION", ("0.1", "0.3", "0.7"), "0.3", "0.7", {"2", "3"}),
        ("DATE", ("2016-01-01", "2016-01-02", "2016-01-03"), "2016-01-02", "2016-01-03", "23"),
        ("TEXT", ("2016-01-01", "2016-01-02T10:00", "2016-01-02 11:00"), "2016-01-02 11:00",
         "2016-01-02T10:00", {"2", "3"}),
        ("TEXT", ("20160101", "20160102", "20160103"), "20160102", "20160103", {"2", "3"}),
        ("TIMESTAMP", ("2016-01-01 08:00", "2016-01-02 08:00:00.9", "2016-01-02 08:00:01.5"),
         "2016-01-02 08:00:01.5", "2016-01-02 08:00:01.5", {"2", "3"}),
        ("TIMESTAMPTZ", ("2016-01-01 08:00+00", "2016-01-02 01:00+02", "2016-01-02 00:00+00"),
         "2016-01-01 23:00:00+00", "2016-01-02 00:00:00+00", {"2", "3"}),
        ("BYTEA", ("\\x01", "\\x0a", "\\x0b"), "\\x0a", "\\x0b", {"2", "3"}),
    ],
)  # fmt: skip
def test_cursors_of_every_kind(tmp_path, by_driver, kind, stamps, since, newest, asked):
    database = postgresql_database(tmp_path)
    by_driver()
    database.run(f"CREATE TABLE t (id BIGINT, c {kind})")
    for number, stamp in enumerate((*stamps, None), start=1):
        value = "NULL" if stamp is None else f"'{stamp}'"
        database.run(f"INSERT INTO t VALUES ({number}, {value})")
    spec = SqlObject(table="t", key=("id",), cursor="c")
    assert taken(database, spec)[0].stated.cursor_max == newest
    extraction, rows = taken(database, spec, since)
    assert {row[0] for row in rows} == {*asked, "4"}
    assert extraction.stated.count_selected == len(rows)


@pytest.mark.parametrize(
    ("kind", "value"), [("BOOLEAN", "true"), ("TEXT", "nine"), ("UUID", "0" * 32), ("TIME", "8:00")]
)
def test_what_does_not_grow_is_no_cursor(tmp_path, by_driver, kind, value):
    database = postgresql_database(tmp_path)
    by_driver()
    database.run(f"CREATE TABLE t (id BIGINT, c {kind})", f"INSERT INTO t VALUES (1, '{value}')")
    with pytest.raises(SourceError, match="column c cannot be a cursor: it holds values of type"):
        taken(database, SqlObject(table="t", key=("id",), cursor="c"))


def test_a_cursor_whose_type_was_changed(database, by_driver):
    by_driver()
    database.run("CREATE TABLE t (id BIGINT, c BIGINT)", "INSERT INTO t VALUES (1, 5)")
    with pytest.raises(SourceError, match="c holds a number, and 'yesterday' is none"):
        taken(database, SqlObject(table="t", key=("id",), cursor="c"), since="yesterday")


def test_a_value_that_python_does_not_have(tmp_path, by_driver):
    database = postgresql_database(tmp_path)
    by_driver()
    database.run("CREATE TABLE t (id BIGINT, c DATE)", "INSERT INTO t VALUES (1, '0044-03-15 BC')")
    with pytest.raises(SourceError, match=r"erp\.lines: "):
        taken(database, SqlObject(table="t", key=("id",)))
    as_text = SqlObject(query="SELECT id, CAST(c AS TEXT) AS c FROM t", key=("id",))
    assert taken(database, as_text)[1] == [("1", "0044-03-15 BC")]
