"""Serving the seeded Tryton on this machine, as long as it is wanted.

Belongs here: the child process and its secrets. Not here: what the child does (inside/serve.py).
"""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from finsync_dagster.sandbox.tryton.database import (
    DATABASE,
    build,
    copy,
    environment,
    has_copy,
    working_copy,
)
from finsync_dagster.sandbox.tryton.errors import TrytonError
from finsync_dagster.sandbox.tryton.install import folder, install
from finsync_dagster.sandbox.tryton.locking import alone_within

_SECONDS_TO_END = 15
_SECONDS_FOR_A_FORMER_ONE = 2


@dataclass(frozen=True)
class TrytonServer:
    """A server that answers, and how to log in.

    ``url`` is its origin (http://127.0.0.1:PORT); ``process`` the number of its process.
    """

    url: str
    database: str
    user: str
    password: str = field(repr=False)
    rest_key: str = field(repr=False)
    process: int


@contextmanager
def serve(
    home: Path,
    *,
    fresh: Path | None = None,
    port: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[TrytonServer]:
    """A Tryton server under FINSYNC_HOME; it installs and builds what is missing first.

    It serves the working copy of ``home``, which keeps what is changed in it, or a copy made anew
    in the folder ``fresh``. Password and REST key are new each time and in no file once it has
    ended. It ends with the block, or with this process, however that ends.

    Raises:
        TrytonError: it cannot be installed, built or started, or its working copy is being served.
    """
    python = install(home, progress)
    whole = build(home, python, progress)
    place = working_copy(home) if fresh is None else fresh
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = (folder(home) if fresh is None else fresh) / "server.log"
    with _only_one(place) as lock, log.open("w", encoding="utf-8") as output:
        if fresh is not None or not has_copy(place):
            copy(whole, place)
        yield from _served(python, place, port, output, lock)


def _served(
    python: Path, place: Path, port: int, log: IO[str], lock: int
) -> Iterator[TrytonServer]:
    password = secrets.token_urlsafe(24)
    rest_key = f"finsync-{secrets.token_urlsafe(32)}"
    with subprocess.Popen(  # noqa: S603 - Tryton's own Python, our own arguments
        (str(python), "-m", "inside.serve"),
        env=environment(place),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        # Ctrl-C is ours to handle: the server ends when its input does.
        start_new_session=True,
        pass_fds=(lock,),
    ) as child:
        try:
            told: dict[str, str | int] = {"port": port, "password": password, "rest_key": rest_key}
            listening = _start(child, told, log.name)
            url = f"http://127.0.0.1:{listening}"
            yield TrytonServer(url, DATABASE, "admin", password, rest_key, child.pid)
        finally:
            _end(child)


def _start(child: subprocess.Popen[str], told: dict[str, str | int], log: str) -> int:
    """Hand over the secrets and wait for the port; the line comes when the server answers."""
    to_child, from_child = cast(IO[str], child.stdin), cast(IO[str], child.stdout)
    try:
        to_child.write(json.dumps(told) + "\n")
        to_child.flush()
        line = from_child.readline()
    except BrokenPipeError:
        line = ""
    if not line:
        port = told["port"]
        raise TrytonError(
            f"Tryton did not start; {log} says why"
            + (f" (is port {port} of 127.0.0.1 free?)" if port else "")
        )
    return int(json.loads(line)["port"])


def _end(child: subprocess.Popen[str]) -> None:
    with suppress(BrokenPipeError):
        cast(IO[str], child.stdin).close()
    try:
        child.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@contextmanager
def _only_one(place: Path) -> Iterator[int]:
    """Hold a copy of the database for one server, since each sets its own password.

    The server of a process that was just killed is given the time to end.
    """
    with ExitStack() as held:
        try:
            lock = held.enter_context(alone_within(place / ".serving", _SECONDS_FOR_A_FORMER_ONE))
        except BlockingIOError:
            raise TrytonError(
                f"the Tryton of {place} is being served by another process; end that one first"
            ) from None
        yield lock
