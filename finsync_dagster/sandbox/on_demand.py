"""Sandbox servers that a landscape asks for: ``sandbox://tryton`` instead of an address.

Belongs here: which servers there are, and what a connection needs to know of one. Not here:
starting any of them (tryton/server.py), nor who asks (shell.py, commands/sandbox.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from finsync_dagster.sandbox.tryton.errors import TrytonError
from finsync_dagster.sandbox.tryton.server import serve

SCHEME = "sandbox://"


class SandboxError(RuntimeError):
    """A sandbox server cannot be started; the message says why."""


def sandbox_of(url: str | None) -> str | None:
    """The server that an address asks for; None for any other address."""
    return url.removeprefix(SCHEME) if url and url.startswith(SCHEME) else None


@contextmanager
def started(
    name: str,
    home: Path,
    *,
    port: int = 0,
    fresh: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[dict[str, str]]:
    """The server, running: what its connection needs, by name: ``url`` and secrets.

    Raises:
        SandboxError: there is none of that name, or it cannot be started.
    """
    if name != "tryton":
        raise SandboxError(f"there is no sandbox {name}; there is: tryton")
    try:
        with serve(home, port=port, fresh=fresh, progress=progress) as server:
            yield {
                "url": f"{server.url}/{server.database}",
                "user": server.user,
                "password": server.password,
                "key": server.rest_key,
            }
    except TrytonError as error:
        raise SandboxError(str(error)) from error
