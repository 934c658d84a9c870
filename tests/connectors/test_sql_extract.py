from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from finsync_dagster.connectors import sql
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.extraction import Sum
from finsync_dagster.connectors.sql_connection import snapshot
from finsync_dagster.connectors.sql_model import SqlObject
from tests.connectors.databases import LINES, SourceDatabase

JAN, FEB, MAR = "2016-01-01 08:00:00", "2016-02-01 08:00:00", "2016-03-01 08:00:00"


def taken(database: SourceDatabase, spec: SqlObject = LINES, since: str | None = None):
    with sql.extract("erp", database.url, "lines", spec, since=since) as extraction:
        return extraction, [page for page in extraction.pages]


def ids(pages: list) -> list[str]:
    return [row[0] for page in pages for row in page]


def test_rows_are_text_in_pages_in_order_of_cursor_and_key(database):
    database.create_lines((3, FEB, "1.10", "x"), (2, JAN, None, ""), (1, FEB, "-2.25", "é'"))
    extraction, pages = taken(database)
    assert extraction.columns == ("Id", "Changed", "Amount", "Note")
    assert [len(page) for page in pages] == [2, 1]
    assert pages == [
        [("2", JAN, None, ""), ("1", FEB, "-2.25", "é'")],
        [("3", FEB, "1.10", "x")],
    ]


def test_the_source_states_counts_totals_and_the_newest_stamp(database):
    database.create_lines((1, JAN, "10.10", ""), (2, FEB, "0.20", ""), (None, MAR, "3", ""))
    stated = taken(database, since=FEB)[0].stated
    assert (stated.count_table, stated.count_selected, stated.count_without_key) == (3, 2, 1)
    assert stated.cursor_max == MAR
    assert stated.sums_table == {"Amount": Sum(Decimal("13.30"))}
    assert stated.sums_selected == {"Amount": Sum(Decimal("3.20"))}


def test_an_increment_repeats_the_last_stamp_and_takes_records_without_one(database):
    database.create_lines((1, JAN, "1", ""), (2, FEB, "1", ""), (3, FEB, "1", ""))
    database.insert((4, MAR, "1", ""), (5, None, "1", ""))
    assert ids(taken(database, since=FEB)[1]) == ["5", "2", "3", "4"]


def test_an_empty_table(database):
    database.create_lines()
    extraction, pages = taken(database)
    assert (pages, extraction.stated.cursor_max, extraction.stated.count_table) == ([], None, 0)


def test_without_a_cursor_everything_is_taken_by_key(database):
    database.create_lines((2, JAN, "1", ""), (1, FEB, "1", ""))
    extraction, pages = taken(database, LINES.model_copy(update={"cursor": None}))
    assert ids(pages) == ["1", "2"]
    assert extraction.stated.cursor_max is None


def test_text_in_a_number_is_landed_and_counted(database):
    database.create_lines((1, JAN, "1.5", ""), (2, JAN, "n/a", ""), amount_type="TEXT")
    extraction, pages = taken(database)
    assert [row[2] for row in pages[0]] == ["1.5", "n/a"]
    found = (extraction.stated.sums_table or {})["Amount"]
    assert (str(found.total), found.not_summed) == ("1.50", 1)


def test_one_snapshot_whatever_others_write_meanwhile(database):
    database.create_lines(*((i, JAN, "1", "") for i in range(1, 8)))
    if database.kind == "sqlite":
        database.run("PRAGMA journal_mode = WAL")
    with sql.extract("erp", database.url, "lines", LINES) as extraction:
        # The totals have been asked for, the records not yet.
        database.run('UPDATE "Order_Lines" SET "Amount" = 99', 'DELETE FROM "Order_Lines"')
        rows = [row for page in extraction.pages for row in page]
    assert [row[2] for row in rows] == ["1"] * 7
    assert extraction.stated.count_selected == 7


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (LINES.model_copy(update={"table": "Order_Line"}), ["table Order_Line;", "Order_Lines"]),
        (LINES.model_copy(update={"key": ("Idd",)}), ["Order_Lines", "column Idd", "Id, "]),
        (LINES.model_copy(update={"cursor": "Changd"}), ["column Changd", "Changed"]),
    ],
)
def test_what_is_missing_is_named_with_what_there_is(database, spec, words):
    database.create_lines()
    with (
        pytest.raises(SourceError) as caught,
        sql.extract("erp", database.url, "lines", spec),
    ):
        pass
    message = str(caught.value)
    assert message.startswith("erp.lines: ")
    assert "\n" not in message
    assert all(word in message for word in words)
    assert not caught.value.transient


def test_nothing_can_be_written(database):
    database.create_lines((1, JAN, "1", ""))
    with (
        pytest.raises(SourceError, match=r"read-?only"),
        snapshot("erp", database.url, "lines") as connection,
    ):
        connection.exec_driver_sql('DELETE FROM "Order_Lines"')
    assert ids(taken(database)[1]) == ["1"]


def test_names_that_need_quoting(database):
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    table = sa.Table(
        'odd "name" 100%',
        sa.MetaData(),
        sa.Column('a "b" %', sa.BigInteger),
        sa.Column("d:e", sa.Text),
    )
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert().values((7, "x")))
    spec = SqlObject(
        table=table.name, key=('a "b" %',), control_totals={'a "b" %': 0}, cursor='a "b" %'
    )
    extraction, pages = taken(database, spec, since="7")
    assert extraction.columns == ('a "b" %', "d:e")
    assert pages == [[("7", "x")]]
    assert extraction.stated.cursor_max == "7"


def test_a_change_stamp_changes_with_the_data(database):
    database.create_lines((1, JAN, "1", "a"))
    whole = LINES.model_copy(update={"cursor": None})
    stamps = []
    for statement in (
        "SELECT 1",
        f"""INSERT INTO "Order_Lines" VALUES (2, '{FEB}', 1, 'b')""",
        f"""UPDATE "Order_Lines" SET "Note" = 'c', "Changed" = '{MAR}' WHERE "Id" = 1""",
        'DELETE FROM "Order_Lines" WHERE "Id" = 2',
    ):
        database.run(statement)
        stamps.append(
            tuple(sql.change_stamp("erp", database.url, "lines", spec) for spec in (LINES, whole))
        )
    for spec in range(2):
        assert len({stamp[spec] for stamp in stamps}) == 4
    again = tuple(sql.change_stamp("erp", database.url, "lines", spec) for spec in (LINES, whole))
    assert again == stamps[-1]


def test_a_query_that_fails_says_why(database):
    database.create_lines()
    with (
        pytest.raises(SourceError, match=r"erp\.lines: the database gave up with \w+") as caught,
        snapshot("erp", database.url, "lines") as connection,
    ):
        connection.exec_driver_sql("SELECT nosuch FROM nowhere")
    assert not isinstance(caught.value.__cause__, DBAPIError)
