"""The connection under ``requests``: encrypted where possible, never longer than it is given.

Belongs here: what ``requests`` does not offer by itself. Not here: what is sent, or how often.

``requests`` limits the wait for each piece of an answer. A server that sends a byte a minute keeps
every such limit and never ends, in its headers already. So a watch closes the connection when the
time for the whole answer is over.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "finsync"}
"""Sent with every request that does not say otherwise. Some servers pack their answers whether or
not that is accepted, so it always is."""

# At level DEBUG it writes down addresses, in which a link that a server gave may hold a token.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
# Of headers that cannot be read, it writes down all that the server sent.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


class Watch:
    """The time that an answer may take. When it is over, the connection in use is closed."""

    def __init__(self) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._ended = False

    def on(self, used: Any) -> None:
        """From now on this is the connection to be closed, at once if the time is over.

        The socket itself is kept: at the end of its headers, ``http.client`` lets go of one that
        is not to be used again, while the body is still to come.
        """
        with self._lock:
            self._socket = used
            if self.over:
                self._cut()

    def time_is_over(self) -> None:
        """Closes the connection, unless the answer is complete."""
        with self._lock:
            if not self._ended:
                self.over = True
                self._cut()

    def end(self) -> None:
        """The answer is complete: what its connection does next is of no concern."""
        with self._lock:
            self._ended = True
            self._socket = None

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError, ValueError):
                self._socket.shutdown(socket.SHUT_RDWR)


_mine = threading.local()


def _watched(used: Any) -> None:
    watch: Watch | None = getattr(_mine, "watch", None)
    if watch is not None:
        watch.on(used)


class _Watched:
    """A connection that tells the watch of its thread which socket it uses."""

    sock: Any

    def _new_conn(self) -> socket.socket:
        # A proxy and the negotiation of encryption can drip, too.
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        _watched(made)
        return made

    def request(self, *args: Any, **kwargs: Any) -> None:
        _watched(self.sock)
        super().request(*args, **kwargs)  # type: ignore[misc]
        _watched(self.sock)


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _EncryptedConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _EncryptedConnection


_POOLS = {"http": _PlainPool, "https": _EncryptedPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, so that redirects are left to us.

        Even when it does not follow them, ``requests`` reads their bodies whole, however large.
        """


def session() -> requests.Session:
    """A session that keeps no cookies and looks after no redirect."""
    made = _Session()
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter(max_retries=0))
    return made


@contextmanager
def limited(seconds: float) -> Iterator[Watch]:
    """While inside, whatever this thread asks for is cut off after ``seconds``.

    The watch tells whether that has happened.
    """
    _mine.watch = watch = Watch()
    timer = threading.Timer(seconds, watch.time_is_over)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        _mine.watch = None
        watch.end()
        timer.cancel()
