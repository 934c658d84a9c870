"""The connection under ``requests``: encrypted where possible, never longer than it is given.

Belongs here: what ``requests`` does not offer by itself. Not here: what is sent, or how often.

``requests`` limits the wait for each piece of an answer. A server that sends a byte a minute keeps
every such limit and never ends, in its headers already. So a watch closes the connection when the
time for the whole answer is over.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "finsync"}
"""Sent with every request that does not say otherwise. Some servers pack their answers whether or
not that is accepted, so it always is."""
_under_way = threading.local()


class _Watched:
    """A connection that tells its thread that it is the one in use."""

    def request(self, *args: Any, **kwargs: Any) -> None:
        _under_way.connection = self
        super().request(*args, **kwargs)  # type: ignore[misc]


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _EncryptedConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _EncryptedConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        pools = {"http": _PlainPool, "https": _EncryptedPool}
        self.poolmanager.pool_classes_by_scheme = pools


def session() -> requests.Session:
    """A session that keeps no cookies of its own and follows no redirect by itself."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter(max_retries=0))
    return made


@contextmanager
def limited(seconds: float) -> Iterator[threading.Event]:
    """While inside, whatever this thread asks for is cut off after ``seconds``.

    The event tells whether that has happened.
    """
    # The thread's own note, as the timer's thread sees it.
    note = _under_way.__dict__
    note["connection"] = None
    over = threading.Event()
    timer = threading.Timer(seconds, _cut, (note, over))
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()


def _cut(note: dict[str, Any], over: threading.Event) -> None:
    over.set()
    open_one = getattr(note.get("connection"), "sock", None)
    if open_one is not None:
        with suppress(OSError):
            open_one.shutdown(socket.SHUT_RDWR)
