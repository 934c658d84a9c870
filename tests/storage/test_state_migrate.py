"""Migrations: from nothing, again, by many at once, and compared with what the code expects."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from finsync_dagster.storage.state import StateError, StateStore
from finsync_dagster.storage.state.engine import connect, named_driver
from finsync_dagster.storage.state.migrate import upgrade
from finsync_dagster.storage.state.tables import METADATA

TABLES = {"alembic_version", "exceptions", "exception_events", "policy_events", "replays"}


def test_an_empty_database_gets_every_table(state_url: str) -> None:
    engine = connect(state_url)
    upgrade(engine)
    assert set(sa.inspect(engine).get_table_names()) == TABLES
    engine.dispose()


def test_migrations_build_exactly_what_the_code_declares(state_url: str) -> None:
    engine = connect(state_url)
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_upgrading_again_keeps_what_is_stored(state_url: str) -> None:
    engine = connect(state_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO exception_events VALUES ('e', 'x', '2026-01-01T00:00:00+00:00', 'r', "
                "NULL, 'OPEN', 'finsync')"
            )
        )
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM exception_events")) == 1
    engine.dispose()


def test_many_may_upgrade_at_once(state_url: str) -> None:
    def start(_: int) -> int:
        store = StateStore(state_url)
        rows = store.exceptions().height
        store.close()
        return rows

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(start, range(8))) == [0] * 8


def test_a_failed_migration_leaves_nothing(state_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = connect(state_url)
    from alembic import op

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(op, "create_index", fail)
    with pytest.raises(RuntimeError, match="disk is full"):
        upgrade(engine)
    assert sa.inspect(engine).get_table_names() == []
    monkeypatch.undo()
    upgrade(engine)
    assert set(sa.inspect(engine).get_table_names()) == TABLES
    engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(state_url: str) -> None:
    engine = connect(state_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError, match=r"'9999'.*newer version"):
        upgrade(engine)
    engine.dispose()


def test_sqlite_is_in_wal_mode(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/a/b/state.sqlite")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(sa.text("PRAGMA busy_timeout")) == 30_000
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_means_psycopg_3(scheme: str) -> None:
    url = named_driver(f"{scheme}://u:p@h/db")
    assert (url.drivername, url.password) == ("postgresql+psycopg", "p")


@pytest.mark.parametrize("url", ["mysql://h/db", "postgresql+psycopg2://h/db", "nonsense"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StateError, match="FINSYNC_DATABASE_URL"):
        StateStore(url)


def test_an_unreachable_database_is_named_without_its_password() -> None:
    with pytest.raises(StateError, match="cannot be opened") as caught:
        StateStore("postgresql+psycopg://u:secret@127.0.0.1:9/db")
    assert "secret" not in str(caught.value)
