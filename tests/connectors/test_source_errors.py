"""Databases that cannot be reached, and secrets that must not be told."""

import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from finsync_dagster.connectors import sql
from finsync_dagster.connectors.errors import SourceError, name_list
from finsync_dagster.connectors.sql_connection import display_url
from tests.connectors.databases import LINES, postgresql_database
from tests.postgres import fresh_database

SECRET = "s3cr3t-pa55"


def failure(url: str) -> tuple[SourceError, str]:
    with pytest.raises(SourceError) as caught, sql.extract("erp", url, "lines", LINES):
        pass
    # What the driver said about a login may repeat it: it must not hang on to the error.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    told = "".join(traceback.format_exception(caught.value, chain=True))
    return caught.value, told


def with_login(url: str, user: str, password: str) -> str:
    changed = make_url(url).set(username=user, password=password)
    return changed.render_as_string(hide_password=False)


def test_a_wrong_password_is_not_told(tmp_path):
    database = postgresql_database(tmp_path)
    database.run("CREATE ROLE clerk LOGIN PASSWORD 'another'")
    ask_for_password(database, "clerk")
    error, told = failure(with_login(database.url, "clerk", SECRET))
    assert "the login was refused at postgresql+psycopg://clerk:***@" in str(error)
    assert not error.transient
    assert SECRET not in told
    accepted = with_login(database.url, "clerk", "another")
    with (
        pytest.raises(SourceError, match="there is no table"),
        sql.extract("erp", accepted, "lines", LINES),
    ):
        pass


def ask_for_password(database, role: str) -> None:
    """The test server trusts everyone; from now on not this role."""
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        rules = Path(connection.exec_driver_sql("SHOW hba_file").scalar_one())
        rules.write_text(f"local all {role} scram-sha-256\n{rules.read_text()}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


@pytest.mark.parametrize("name", ["nosuch_database"])
def test_a_database_that_does_not_exist(name):
    url = make_url(fresh_database()).set(database=name, password=SECRET)
    error, told = failure(url.render_as_string(hide_password=False))
    assert "does not exist" in str(error)
    assert not error.transient
    assert SECRET not in told


def test_nobody_listens():
    error, told = failure(f"postgresql+psycopg://clerk:{SECRET}@127.0.0.1:9/erp")
    assert error.transient
    assert "erp: cannot be reached at postgresql+psycopg://clerk:***@127.0.0.1:9/erp" in str(error)
    assert SECRET not in told


@pytest.mark.parametrize(
    "url", [f"clerk:{SECRET}@host", f"nosuch+driver://u:{SECRET}@h/d", f"mysql://u:{SECRET}@h/d"]
)
def test_an_address_that_is_none(url):
    error, told = failure(url)
    assert not error.transient
    assert SECRET not in told


def test_a_sqlite_file_that_is_missing_is_not_created(tmp_path: Path):
    error, _ = failure(f"sqlite:///{tmp_path}/none.sqlite")
    assert "none.sqlite" in str(error)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database(tmp_path: Path):
    (tmp_path / "text.sqlite").write_text("these are no tables, these are words" * 40)
    error, _ = failure(f"sqlite:///{tmp_path}/text.sqlite")
    assert not error.transient


def test_passwords_are_hidden_in_addresses():
    assert SECRET not in display_url(f"postgresql://u:{SECRET}@h/d")
    assert SECRET not in display_url(f"::{SECRET}")


def test_names_that_resemble_come_first():
    assert name_list(["b", "a", "amount"], "amonut") == "amount, a, b"
    assert name_list([]) == "none"
    assert name_list(map(str, range(20))).endswith("and 8 more")


def test_a_sentence_quoted_from_a_server_ends_once() -> None:
    error = SourceError("erp", "orders", "it answered 404 Not Found: Nothing here.", "Look again")
    assert str(error) == "erp.orders: it answered 404 Not Found: Nothing here. Look again."
