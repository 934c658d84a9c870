"""Connections that can only read, and that see one state of the database until they are closed.

Belongs here: opening them, and errors of reaching a database. Not here: what is asked, and what
other databases than SQLite and PostgreSQL need (sql_dialects.py).

No text of the driver enters a message about a login: it may repeat the address.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.sql_dialects import begin_snapshot, no_dialect, no_driver

_CONNECT_SECONDS = 10
_REFUSED = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "access denied",
    "login failed",
    "ora-01017",
)
_UNKNOWN = (
    "does not exist",
    "is not permitted to log in",
    "unknown database",
    "cannot open database",
    "ora-12514",
)


def display_url(url: str) -> str:
    """The address without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(an address that cannot be read)"


@contextmanager
def snapshot(system: str, url: str, object_name: str = "") -> Iterator[sa.Connection]:
    """A read-only connection in one transaction: every query sees the same state.

    Raises:
        SourceError: the database cannot be reached (transient), or the address, login or database
            name is wrong (not transient).
    """
    engine = _engine(system, url)
    try:
        try:
            connection = engine.connect()
            _begin(connection)
        except DBAPIError as error:
            raise _unreachable(system, url, error) from None
        with connection:
            try:
                yield connection
            except DBAPIError as error:
                raise source_failed(system, object_name, error) from None
    finally:
        engine.dispose()


def _engine(system: str, url: str) -> sa.Engine:
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() == "sqlite":
            return _sqlite(system, address)
        if address.get_backend_name() == "postgresql":
            return sa.create_engine(
                address,
                poolclass=sa.NullPool,
                isolation_level="REPEATABLE READ",
                connect_args={"connect_timeout": _CONNECT_SECONDS},
            ).execution_options(postgresql_readonly=True)
        read_only = {"read_only": True} if address.get_backend_name() == "duckdb" else {}
        return sa.create_engine(address, poolclass=sa.NullPool, connect_args=read_only)
    except NoSuchModuleError:
        raise no_dialect(system, make_url(url).drivername) from None
    except ImportError as error:
        raise no_driver(system, make_url(url).drivername, error) from None
    except (ArgumentError, ValueError, TypeError):
        raise SourceError(
            system,
            "",
            "its address is not a database URL",
            "Write postgresql+psycopg://user:password@host/database or sqlite:////absolute/path",
        ) from None


def _sqlite(system: str, address: URL) -> sa.Engine:
    path = Path(address.database or "")
    if not path.is_file():
        raise SourceError(
            system,
            "",
            f"there is no database file {path}",
            "Correct its address, or load the sandbox's databases first",
        )
    target = f"{path.resolve().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        # isolation_level None: the driver starts no transactions of its own.
        return sqlite3.connect(target, uri=True, isolation_level=None, timeout=_CONNECT_SECONDS)

    return sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)


def _begin(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
        return
    if connection.dialect.name != "postgresql":
        begin_snapshot(connection)
        return
    # Values are compared and kept as text, so the text must not depend on the server's settings.
    for setting in (
        "datestyle = 'ISO, YMD'",
        "timezone = 'UTC'",
        "intervalstyle = 'iso_8601'",
        "bytea_output = 'hex'",
        "extra_float_digits = 1",
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")


def _unreachable(system: str, url: str, error: DBAPIError) -> SourceError:
    said = str(error.orig).lower()
    where = display_url(url)
    if any(text in said for text in _REFUSED):
        return SourceError(
            system, "", f"the login was refused at {where}", "Check user name and password"
        )
    if any(text in said for text in _UNKNOWN):
        return SourceError(
            system,
            "",
            f"the database or user does not exist at {where}",
            "Check database and user name in its address",
        )
    return SourceError(
        system,
        "",
        f"cannot be reached at {where}",
        "Check that the database is running and the network lets you through; it is tried again",
        transient=True,
    )


def source_failed(system: str, object_name: str, error: DBAPIError) -> SourceError:
    """What to tell of a query that the database did not finish."""
    original = error.orig
    state = getattr(original, "sqlstate", None)
    said = str(original).strip().splitlines()[0] if str(original).strip() else ""
    kind = " ".join(filter(None, (type(original).__name__, state)))
    gone = error.connection_invalidated or "locked" in said
    return SourceError(
        system,
        object_name,
        f"the database gave up with {kind}: {said}",
        "It is tried again" if gone else "Ask the owner of the system; nothing was kept",
        transient=gone,
    )
