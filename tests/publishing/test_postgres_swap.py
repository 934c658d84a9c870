"""Replacing the published tables in PostgreSQL with readers at work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from finsync_dagster.publishing import (
    VIEWS,
    PublishError,
    WarehouseError,
    address,
    postgres_swap,
    publish,
)
from finsync_dagster.publishing.read import query
from tests.publishing.samples import (
    BILLS,
    COUNTS,
    EXCEPTIONS,
    FACTS,
    META,
    bills,
    exceptions,
    facts,
)
from tests.publishing.test_duckdb_file import PROJECT, STUCK

ALL_EMPTY = [(EXCEPTIONS, exceptions()), (FACTS, facts()), COUNTS]


def dsn(url: str) -> str:
    found = address.parse(url)
    assert isinstance(found, address.PostgresDatabase)
    return found.conninfo


@pytest.fixture
def admin(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn(postgres_url), autocommit=True) as connection:
        yield connection


@pytest.fixture
def analyst(admin: psycopg.Connection) -> Iterator[str]:
    """A role that owns nothing; roles belong to the server, so it is dropped again."""
    name = f"analyst_{os.getpid()}_{time.monotonic_ns()}"
    admin.execute(f'CREATE ROLE "{name}" LOGIN')
    yield name
    admin.execute(f'DROP OWNED BY "{name}"')
    admin.execute(f'DROP ROLE "{name}"')


def ids(url: str) -> list[str]:
    return query(url, "SELECT bill_id FROM canonical.bills ORDER BY 1")["bill_id"].to_list()


def schemas(admin: psycopg.Connection) -> set[str]:
    rows = admin.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")
    return {name for (name,) in rows} - {"information_schema", "public"}


def test_staging_is_gone_afterwards(postgres_url: str, admin: psycopg.Connection) -> None:
    publish([(BILLS, bills({"bill_id": "a"})), *ALL_EMPTY], postgres_url, VIEWS, META)
    assert schemas(admin) == {"canonical", "operations", "spend"}
    with pytest.raises(PublishError):
        publish([(BILLS, bills({}))], postgres_url, [], META)
    assert schemas(admin) == {"canonical", "operations", "spend"}


def test_readers_never_see_an_error_or_a_mixture(postgres_url: str) -> None:
    """Both tables and the record of the publication carry its number; one query reads all three."""
    question = """
        SELECT (SELECT min(bill_id) FROM canonical.bills),
               (SELECT max(supplier_id) FROM spend.facts),
               (SELECT count(*) FROM spend.by_stage),
               (SELECT max(run_id) FROM operations.published)
    """

    def one(number: str) -> None:
        tables = [
            (BILLS, bills({"bill_id": number})),
            (FACTS, facts({"supplier_id": number})),
            (EXCEPTIONS, exceptions()),
            COUNTS,
        ]
        publish(tables, postgres_url, VIEWS, replace(META, run_id=number))

    seen: set[str] = set()
    done = threading.Event()

    def read() -> int:
        answers = 0
        with psycopg.connect(dsn(postgres_url), autocommit=True) as connection:
            while not done.is_set():
                bill, supplier, stages, run = connection.execute(question).fetchone() or ()
                assert bill == supplier == run
                assert stages == 1
                seen.add(run)
                answers += 1
        return answers

    one("run0")
    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for number in range(1, 5):
                one(f"run{number}")
        finally:
            done.set()
        assert all(reader.result(timeout=30) > 0 for reader in readers)
    assert len(seen) > 1


@pytest.mark.slow
def test_a_long_reader_delays_the_publication_and_not_its_colleagues(postgres_url: str) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], postgres_url, [], META)
    newest = "SELECT max(bill_id) FROM canonical.bills"
    with (
        psycopg.connect(dsn(postgres_url)) as long,
        psycopg.connect(dsn(postgres_url), autocommit=True) as colleague,
        ThreadPoolExecutor(1) as pool,
    ):
        colleague.execute("SET statement_timeout = '5s'")
        long.execute(newest)  # holds its lock from here on
        try:
            later = pool.submit(
                publish, [(BILLS, bills({"bill_id": "new"}))], postgres_url, [], META
            )
            deadline = time.monotonic() + 2.5  # long enough for the publication to try twice
            while time.monotonic() < deadline:
                assert colleague.execute(newest).fetchone() == ("old",)
            assert not later.done()
            # The long reader's own transaction is not disturbed either.
            assert long.execute(newest).fetchone() == ("old",)
        finally:
            long.commit()
        later.result(timeout=30)
    assert ids(postgres_url) == ["new"]


def test_patience_has_an_end(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], postgres_url, [], META)
    monkeypatch.setattr(postgres_swap, "PATIENCE_SECONDS", 0.0)
    with psycopg.connect(dsn(postgres_url)) as long:
        long.execute("SELECT count(*) FROM canonical.bills").fetchone()
        with pytest.raises(PublishError, match="previous publication stays"):
            publish([(BILLS, bills({"bill_id": "new"}))], postgres_url, [], META)
    assert ids(postgres_url) == ["old"]


@pytest.mark.slow
def test_a_killed_publication_leaves_the_old_tables(
    postgres_url: str, admin: psycopg.Connection
) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], postgres_url, [], META)
    with subprocess.Popen(
        [sys.executable, "-c", STUCK, postgres_url], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as publisher:
        assert publisher.stdout
        assert publisher.stdout.readline().strip() == "halfway"
        publisher.send_signal(signal.SIGKILL)
        publisher.wait(timeout=20)
    assert ids(postgres_url) == ["old"]
    assert "canonical__incoming" in schemas(admin)
    publish([(BILLS, bills({"bill_id": "new"}))], postgres_url, [], META)
    assert ids(postgres_url) == ["new"]
    publish([(BILLS, bills({"bill_id": "new"})), (FACTS, facts())], postgres_url, [], META)
    assert schemas(admin) == {"canonical", "operations", "spend"}


def test_publications_do_not_interleave(postgres_url: str) -> None:
    def one(name: str) -> None:
        publish([(BILLS, bills({"bill_id": name}))], postgres_url, [], replace(META, run_id=name))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, ["a", "b", "c"]))
    last = query(postgres_url, "SELECT max(run_id) AS r FROM operations.published").item()
    assert ids(postgres_url) == [last]


def test_grants_survive(postgres_url: str, admin: psycopg.Connection, analyst: str) -> None:
    publish([(BILLS, bills({"bill_id": "old"})), *ALL_EMPTY], postgres_url, VIEWS, META)
    admin.execute(f'GRANT USAGE ON SCHEMA canonical, spend, operations TO "{analyst}"')
    admin.execute(f'GRANT SELECT ON canonical.bills, spend.by_stage TO "{analyst}"')
    admin.execute("GRANT SELECT ON spend.facts TO PUBLIC")
    publish([(BILLS, bills({"bill_id": "new"})), *ALL_EMPTY], postgres_url, VIEWS, META)
    allowed = admin.execute(
        "SELECT name FROM unnest(ARRAY['canonical.bills', 'spend.by_stage', 'spend.facts', "
        "'operations.exceptions']) AS name WHERE has_table_privilege(%s, name, 'SELECT') "
        "AND NOT has_table_privilege(%s, name, 'DELETE')",
        [analyst, analyst],
    ).fetchall()
    assert allowed == [("canonical.bills",), ("spend.by_stage",), ("spend.facts",)]
    admin.execute(f'SET ROLE "{analyst}"')
    assert admin.execute("SELECT bill_id FROM canonical.bills").fetchall() == [("new",)]
    admin.execute("RESET ROLE")


def test_a_new_table_gets_the_default_privileges_of_its_schema(
    postgres_url: str, admin: psycopg.Connection, analyst: str
) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], postgres_url, [], META)
    admin.execute("CREATE SCHEMA spend")
    admin.execute(f'ALTER DEFAULT PRIVILEGES IN SCHEMA spend GRANT SELECT ON TABLES TO "{analyst}"')
    publish([(BILLS, bills()), *ALL_EMPTY], postgres_url, VIEWS, META)
    found = admin.execute(
        "SELECT has_table_privilege(%(r)s, 'spend.facts', 'SELECT'), "
        "has_table_privilege(%(r)s, 'spend.by_stage', 'SELECT'), "
        "has_table_privilege(%(r)s, 'canonical.bills', 'SELECT')",
        {"r": analyst},
    ).fetchone()
    assert found == (True, True, False)


def test_what_others_keep_in_our_schemas_survives(
    postgres_url: str, admin: psycopg.Connection
) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], postgres_url, [], META)
    admin.execute("CREATE TABLE canonical.mine AS SELECT 42 AS answer")
    publish([(BILLS, bills({"bill_id": "new"}))], postgres_url, [], META)
    assert admin.execute("SELECT answer FROM canonical.mine").fetchone() == (42,)


def test_a_name_that_is_taken_is_not_overwritten(
    postgres_url: str, admin: psycopg.Connection
) -> None:
    admin.execute("CREATE SCHEMA canonical")
    admin.execute("CREATE TABLE canonical.bills AS SELECT 42 AS answer")
    with pytest.raises(PublishError, match=r"canonical\.bills exist.*not published by finsync"):
        publish([(BILLS, bills())], postgres_url, [], META)
    assert admin.execute("SELECT answer FROM canonical.bills").fetchone() == (42,)


def test_a_view_of_others_on_ours_stops_the_publication(
    postgres_url: str, admin: psycopg.Connection
) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], postgres_url, [], META)
    admin.execute("CREATE VIEW public.mine AS SELECT bill_id FROM canonical.bills")
    with pytest.raises(PublishError, match=r"view mine depends on table canonical\.bills"):
        publish([(BILLS, bills({"bill_id": "new"}))], postgres_url, [], META)
    assert admin.execute("SELECT bill_id FROM public.mine").fetchall() == [("old",)]


def test_a_policy_is_not_removed_in_silence(postgres_url: str, admin: psycopg.Connection) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], postgres_url, [], META)
    admin.execute("ALTER TABLE canonical.bills ENABLE ROW LEVEL SECURITY")
    with pytest.raises(PublishError, match=r"canonical\.bills has row-level security"):
        publish([(BILLS, bills({"bill_id": "new"}))], postgres_url, [], META)


def test_tables_dropped_by_hand_come_back(postgres_url: str, admin: psycopg.Connection) -> None:
    publish([(BILLS, bills({"bill_id": "old"})), *ALL_EMPTY], postgres_url, VIEWS, META)
    admin.execute("DROP TABLE spend.facts CASCADE")
    publish([(BILLS, bills({"bill_id": "new"})), *ALL_EMPTY], postgres_url, VIEWS, META)
    assert ids(postgres_url) == ["new"]
    assert query(postgres_url, "SELECT count(*) AS n FROM spend.by_stage").item() == 0


def test_comments_and_keys_are_in_the_database(
    postgres_url: str, admin: psycopg.Connection
) -> None:
    publish([(BILLS, bills({"bill_id": "a"})), *ALL_EMPTY], postgres_url, VIEWS, META)
    said: dict[str, str] = dict(
        admin.execute(
            "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute "
            "WHERE attrelid = 'canonical.bills'::regclass AND attnum > 0"
        ).fetchall()
    )
    assert said == {column.name: column.description for column in BILLS.columns()}
    row = admin.execute(
        "SELECT obj_description('spend.by_stage'::regclass), "
        "(SELECT indexdef FROM pg_indexes WHERE tablename = 'bills' AND schemaname = 'canonical')"
    ).fetchone()
    assert row
    assert row[0].startswith("One row per legal entity, stage")
    assert row[1] == "CREATE UNIQUE INDEX bills_pkey ON canonical.bills USING btree (bill_id)"


def test_text_postgresql_cannot_hold_is_named(postgres_url: str) -> None:
    with pytest.raises(PublishError, match=r"canonical\.bills cannot be published: .*0x00"):
        publish([(BILLS, bills({"bill_id": "a\0b"}))], postgres_url, [], META)


def test_an_unreachable_database_is_named_without_its_password(tmp_path: Path) -> None:
    nowhere = f"postgresql+psycopg://u:secret@/d?host={tmp_path}"
    with pytest.raises(PublishError, match="cannot be published") as caught:
        publish([], nowhere, [], META)
    assert "secret" not in str(caught.value)
    with pytest.raises(WarehouseError, match="cannot answer") as asked:
        query(nowhere, "SELECT 1")
    assert "secret" not in str(asked.value)


def test_a_query_cannot_write(postgres_url: str) -> None:
    publish([(BILLS, bills({"bill_id": "a"}))], postgres_url, [], META)
    with pytest.raises(WarehouseError, match="read-only"):
        query(postgres_url, "DELETE FROM canonical.bills RETURNING bill_id")
