"""A real Tryton server for the tests, with its seeded purchases.

Belongs here: one installation and one built database per machine, fresh copies of it being served,
asking the server over its own protocol. Not here: what is tested on it.

The installation stays in the system's temporary folder between test runs; what lies in it is named
after what it was made of, and is made under a lock, so that test processes do not disturb each
other. The first time takes two to three minutes, later ones nothing. A test that uses it is marked
slow and xdist_group("tryton").
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from finsync_dagster.sandbox.tryton.database import build
from finsync_dagster.sandbox.tryton.install import install
from finsync_dagster.sandbox.tryton.server import TrytonServer, serve


def cached_home() -> Path:
    """The home folder, shared by all tests on this machine, in which Tryton is installed."""
    home = Path(tempfile.gettempdir()) / f"finsync-tryton-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        raise PermissionError(f"{home} is another user's; set TMPDIR to a folder of your own")
    build(home, install(home))
    return home


@pytest.fixture(scope="session")
def tryton_home() -> Path:
    """As ``cached_home``, for tests that import this fixture."""
    return cached_home()


@contextmanager
def tryton_server(folder: Path) -> Iterator[TrytonServer]:
    """A server of a fresh copy of the seeded database, laid into ``folder`` (tmp_path)."""
    with serve(cached_home(), fresh=folder) as server:
        yield server


@dataclass(frozen=True)
class Asking:
    """A logged-in session with a server, over JSON-RPC."""

    server: TrytonServer
    session: str
    context: dict[str, Any]

    def call(self, method: str, *params: Any) -> Any:
        """The result of one call, like ("model.party.party.search_count", [])."""
        return _post(self.server, method, [*params, self.context], f"Session {self.session}")

    def read(self, model: str, *fields: str) -> list[dict[str, Any]]:
        """These fields of all records of a model, in the order they were made."""
        order = [["id", "ASC"]]
        return self.call(f"model.{model}.search_read", [], 0, None, order, list(fields))


def log_in(server: TrytonServer) -> Asking:
    """Log in the way Tryton's own clients do."""
    told = {"password": server.password}
    number, token, *_ = _post(server, "common.db.login", [server.user, told])
    session = base64.b64encode(f"{server.user}:{number}:{token}".encode()).decode()
    header = f"Session {session}"
    context = _post(server, "model.res.user.get_preferences", [True, {}], header)
    return Asking(server, session, context)


def _post(server: TrytonServer, method: str, params: list[Any], authorization: str = "") -> Any:
    answer = requests.post(
        f"{server.url}/{server.database}/rpc/",
        json={"id": 1, "method": method, "params": params},
        headers={"Authorization": authorization} if authorization else {},
        timeout=30,
    )
    answer.raise_for_status()
    body = answer.json()
    if "error" in body:
        raise LookupError(body["error"])
    return body["result"]
