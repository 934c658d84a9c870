"""A query instead of a table: what it may be, and that it is read like a table."""

import pytest
from pydantic import ValidationError

from finsync_dagster.connectors import sql
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.sql_model import SqlObject
from finsync_dagster.connectors.sql_query import query_problem
from tests.connectors.databases import LINES, SourceDatabase, postgresql_database

JAN, FEB = "2016-01-01 08:00:00", "2016-02-01 08:00:00"
OPEN = SqlObject(
    query="""
        -- open lines; not those of "cancelled" orders
        SELECT "Id", "Changed", "Amount", 'a:b; 100%' AS "Note"
        FROM "Order_Lines" WHERE "Note" <> ':cancelled' -- the end""",
    key=("Id",),
    cursor="Changed",
    control_totals={"Amount": 2},
    rows_per_page=2,
)


def taken(database: SourceDatabase, spec: SqlObject, since: str | None = None):
    with sql.extract("erp", database.url, "lines", spec, since=since) as extraction:
        return extraction, [row for page in extraction.pages for row in page]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "  select a from b where c = 'x; DELETE FROM t' ",
        "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
        'SELECT "insert into", `;` FROM t -- ; update t set a = 1',
        "SELECT /* ; */ (a + b) * (c) FROM t",
        "SELECT $$ ; $$ AS a",
        "SELECT 'it''s' FROM t",
        "SELECT updated, deleted FROM truncated",
    ],
)
def test_one_select_may_be_read(query):
    assert query_problem(query) is None
    assert SqlObject(query=query, key=("a",)).query == query


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELECT 1; SELECT 2", "without a semicolon"),
        ("SELECT 1;", "without a semicolon"),
        ("DELETE FROM t", "begin with SELECT or WITH"),
        ("EXEC pay", "begin with SELECT or WITH"),
        ("-- SELECT\nDROP TABLE t", "begin with SELECT or WITH"),
        ("WITH d AS (DELETE FROM t RETURNING a) SELECT a FROM d", "this writes or locks: DELETE"),
        ("SELECT a INTO copy FROM t", "this writes or locks"),
        ("SELECT a FROM t FOR UPDATE", "this writes or locks: FOR UPDATE"),
        ("SELECT a) AS q UNION SELECT (a", "parentheses"),
        ("SELECT (a FROM t", "parentheses"),
        ("SELECT 'a FROM t", "opened and not closed"),
        ("SELECT a /* FROM t", "opened and not closed"),
    ],
)
def test_anything_else_is_refused(query, problem):
    with pytest.raises(ValidationError, match=problem):
        SqlObject(query=query, key=("a",))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({}, "either table or query"),
        ({"table": "t", "query": "SELECT 1"}, "either table or query"),
        ({"query": "SELECT 1", "db_schema": "s"}, "names its schemas itself"),
        ({"table": "t", "overlap": "2h"}, "name a cursor"),
        ({"table": "t", "snapshot_every": 3}, "name a cursor"),
        ({"table": "t", "cursor": "c", "overlap": "2 weeks"}, "overlap"),
        ({"table": "t", "cursor": "c", "overlap": -1}, "overlap"),
        ({"table": "t", "cursor": "c", "snapshot_every": 0}, "snapshot_every"),
    ],
)
def test_words_that_do_not_go_together(words, problem):
    with pytest.raises(ValidationError, match=problem):
        SqlObject(key=("a",), **words)


def test_a_query_is_read_like_a_table(database):
    database.create_lines((1, JAN, "1.10", "x"), (2, FEB, "2.20", "y"), (3, FEB, "9", ":cancelled"))
    extraction, rows = taken(database, OPEN)
    assert extraction.columns == ("Id", "Changed", "Amount", "Note")
    assert rows == [("1", JAN, "1.10", "a:b; 100%"), ("2", FEB, "2.20", "a:b; 100%")]
    stated = extraction.stated
    assert (stated.count_table, stated.count_selected, stated.cursor_max) == (2, 2, FEB)
    assert str((stated.sums_table or {})["Amount"].total) == "3.30"
    extraction, rows = taken(database, OPEN, since=FEB)
    assert [row[0] for row in rows] == ["2"]
    assert extraction.stated.count_selected == 1
    assert extraction.request.startswith(f"records of the query with Changed at or after {FEB}")


def test_a_query_of_several_tables_with_a_number_as_cursor(database):
    database.run("CREATE TABLE a (id BIGINT, v BIGINT)", "CREATE TABLE b (id BIGINT, t TEXT)")
    database.run("INSERT INTO a VALUES (1, 9), (2, 10)", "INSERT INTO b VALUES (1, 'x'), (2, 'y')")
    joined = SqlObject(
        query="WITH j AS (SELECT a.id, v, t FROM a JOIN b ON b.id = a.id) SELECT * FROM j",
        key=("id",),
        cursor="v",
        overlap=1,
    )
    assert taken(database, joined)[0].stated.cursor_max == "10"
    extraction, rows = taken(database, joined, since="10")
    assert extraction.since == "9"
    assert rows == [("1", "9", "x"), ("2", "10", "y")]


def test_moments_of_a_query_compare_as_moments(database):
    stamp = "TEXT" if database.kind == "sqlite" else "TIMESTAMPTZ"
    database.run(f"CREATE TABLE t (id BIGINT, c {stamp})")
    database.run("INSERT INTO t VALUES (1, '2016-01-31 23:00'), (2, '2016-02-01 01:00')")
    extraction, _ = taken(database, SqlObject(query="SELECT * FROM t", key=("id",), cursor="c"))
    assert (extraction.stated.cursor_max or "").startswith("2016-02-01 01:00")


def test_two_columns_of_one_name_cannot_be_told_apart(tmp_path):
    # SQLite gives one of them another name by itself.
    database = postgresql_database(tmp_path)
    database.run("CREATE TABLE a (id BIGINT)")
    spec = SqlObject(query="SELECT x.id, y.id FROM a x, a y", key=("id",))
    with pytest.raises(SourceError, match=r"two columns named id. Give one of them another name"):
        taken(database, spec)


def test_a_query_that_names_what_is_not_there(database):
    database.create_lines()
    with pytest.raises(SourceError, match="the query has no column Idd; it has: Id, Changed"):
        taken(database, SqlObject(query='SELECT "Id", "Changed" FROM "Order_Lines"', key=("Idd",)))
    with pytest.raises(SourceError, match=r"erp\.lines: the database gave up"):
        taken(database, SqlObject(query="SELECT nosuch FROM nowhere", key=("a",)))


def test_a_total_of_a_column_that_is_not_there_is_not_stated(database):
    database.create_lines((1, JAN, "1", ""))
    spec = LINES.model_copy(update={"control_totals": {"Amount": 2, "Vat": 2}})
    assert list(taken(database, spec)[0].stated.sums_table or {}) == ["Amount"]
