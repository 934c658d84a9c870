"""Connections to the state database: SQLite in WAL mode, or PostgreSQL through psycopg 3.

Belongs here: URLs, pragmas, how a transaction begins. Not here: any table.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from finsync_dagster.storage.state.errors import StateError

BUSY_SECONDS = 30.0

_WRITES = "finsync_writes"


def connect(url: str) -> sa.Engine:
    """An engine for the URL; creates the folder of a SQLite file.

    Raises:
        StateError: the URL names neither SQLite nor PostgreSQL.
    """
    address = named_driver(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    return sa.create_engine(address, pool_pre_ping=True)


def named_driver(url: str) -> URL:
    """The URL with its driver spelt out; a bare ``postgresql://`` means psycopg 3."""
    try:
        address = make_url(url)
    except sa.exc.ArgumentError as error:
        raise StateError(f"FINSYNC_DATABASE_URL is not a database URL: {error}") from error
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise StateError(
            f"the state cannot be kept in {address.drivername!r}: FINSYNC_DATABASE_URL must begin "
            "with sqlite:/// or postgresql+psycopg://"
        )
    return address


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that will write; on SQLite it holds the write lock from its first moment.

    A SQLite transaction that begins by reading and then wants to write fails at once if somebody
    else wrote in between; asking for the lock first makes it wait instead.
    """
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def _sqlite(address: URL) -> sa.Engine:
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own guess of when to begin a transaction leaves out DDL; _begin does it instead.
    connection.isolation_level = None
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _write_ahead(connection: sqlite3.Connection) -> None:
    # Kept in the file once set. Setting it does not wait for other processes, so we do.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
