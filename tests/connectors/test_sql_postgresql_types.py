"""Whatever a PostgreSQL table holds becomes text and lands; nothing makes the extract fail."""

import pytest

from finsync_dagster.connectors import sql
from finsync_dagster.connectors.sql_model import SqlObject
from tests.connectors.databases import SourceDatabase, postgresql_database

TYPES = {
    # type: (literal, text)
    "JSON": ("""'{"b": 1.10}'""", '{"b": 1.10}'),
    "JSONB": ("""'{"b": 1.10, "a": null}'""", '{"a": null, "b": 1.10}'),
    "TEXT[]": ("'{a,\"b,c\",NULL}'", '{a,"b,c",NULL}'),
    "NUMERIC[]": ("'{{1.10,2},{3,4}}'", "{{1.10,2},{3,4}}"),
    "mood": ("'happy'", "happy"),
    "positive": ("7.50", "7.50"),
    "NUMERIC": ("'NaN'", "NaN"),
    "NUMERIC(20,2)": ("'NaN'", "NaN"),
    "DOUBLE PRECISION": ("'-Infinity'", "-Infinity"),
    "TIMESTAMP": ("'0044-03-15 12:00 BC'", "0044-03-15 12:00:00 BC"),
    "TIMESTAMPTZ": ("'infinity'", "infinity"),
    "DATE": ("'-infinity'", "-infinity"),
    "TIMETZ": ("'08:00+02'", "08:00:00+02"),
    "INTERVAL": ("'1 year 2 days 90 minutes'", "P1Y2DT1H30M"),
    "MONEY": ("'1234.5'", "1234.50"),
    "BYTEA": ("'\\xab00'", "\\xab00"),
    "BOOLEAN": ("true", "true"),
    "UUID": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "INET": ("'10.0.0.1/8'", "10.0.0.1/8"),
    "TSTZRANGE": (
        "'[2016-01-01 00:00+00,)'",
        '["2016-01-01 00:00:00+00",)',
    ),
    "POINT": ("'(1,2)'", "(1,2)"),
    "BIT(4)": ("B'0101'", "0101"),
}


@pytest.fixture
def database(tmp_path) -> SourceDatabase:
    made = postgresql_database(tmp_path)
    made.run(
        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
        "CREATE DOMAIN positive AS NUMERIC(10,2) CHECK (VALUE > 0)",
    )
    return made


def rows(database: SourceDatabase, spec: SqlObject, since: str | None = None) -> list[tuple]:
    with sql.extract("erp", database.url, "t", spec, since=since) as extraction:
        return [row for page in extraction.pages for row in page]


@pytest.mark.parametrize("query", [None, "SELECT * FROM t"])
def test_values_of_every_type_are_text(database, query):
    columns = ", ".join(f"c{i} {kind}" for i, kind in enumerate(TYPES))
    database.run(f"CREATE TABLE t (id BIGINT, {columns})")
    literals = ", ".join(literal for literal, _ in TYPES.values())
    database.run(f"INSERT INTO t VALUES (1, {literals})", "INSERT INTO t (id) VALUES (2)")
    source = {"table": "t"} if query is None else {"query": query}
    spec = SqlObject(key=("id",), control_totals={f"c{i}": 2 for i in range(len(TYPES))}, **source)
    told = dict(zip(TYPES, rows(database, spec)[0][1:], strict=True))
    assert told == {kind: text for kind, (_, text) in TYPES.items()}
    assert rows(database, spec)[1][1:] == (None,) * len(TYPES)


@pytest.mark.parametrize("kind", ["mood", "JSON", "TEXT[]", "UUID", "positive", "POINT"])
def test_a_key_of_any_type_has_an_order(database, kind):
    database.run(f"CREATE TABLE t (k {kind})", f"INSERT INTO t VALUES ({TYPES[kind][0]})")
    assert rows(database, SqlObject(table="t", key=("k",))) == [(TYPES[kind][1],)]


@pytest.mark.parametrize(
    ("kind", "newest", "odd"),
    [
        ("TIMESTAMP", "2016-01-01 08:00:00", ("infinity", "-infinity")),
        ("DATE", "2016-01-01", ("infinity", "-infinity", "9999-12-31")),
        ("TIMESTAMPTZ", "2016-01-01 08:00:00+00", ("infinity", "9999-12-31 00:00+00")),
        ("NUMERIC", "7", ("NaN", "Infinity", "-Infinity")),
        ("DOUBLE PRECISION", "7", ("NaN", "Infinity")),
        ("TEXT", "2016-01-01", ("infinity", "9999-12-31", "")),
    ],
)
def test_stamps_that_would_hide_every_later_change_do_not_count(database, kind, newest, odd):
    database.run(f"CREATE TABLE t (id BIGINT, c {kind})")
    for number, stamp in enumerate((newest, *odd), start=1):
        database.run(f"INSERT INTO t VALUES ({number}, '{stamp}')")
    spec = SqlObject(table="t", key=("id",), cursor="c")
    with sql.extract("erp", database.url, "t", spec) as extraction:
        assert extraction.stated.cursor_max == newest
    # Records whose stamp says nothing are asked for every time.
    assert len(rows(database, spec, since=newest)) == 1 + len(odd)


def test_a_cursor_of_a_domain_s_type(database):
    database.run("CREATE TABLE t (id BIGINT, c positive)", "INSERT INTO t VALUES (1, 5), (2, 10)")
    assert [
        row[0] for row in rows(database, SqlObject(table="t", key=("id",), cursor="c"), "10")
    ] == ["2"]
