"""A server on a bare socket that sends whatever bytes it is told to, however wrong they are.

Belongs here: what http.server is too well-behaved for. Not here: a well-behaved API (api.py).
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Talk = Callable[[socket.socket, bytes], bool]
"""Answers a request; False closes the connection after it."""
GOOD = b'{"items": []}'


@dataclass
class Raw:
    """``talks`` answer one request each, in order; then ``always`` does."""

    always: Talk
    talks: list[Talk] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    seen: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                one, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(one,), daemon=True).start()

    def _one(self, one: socket.socket) -> None:
        self.open += 1
        with suppress(OSError):
            if self.tls:
                one = self.tls.wrap_socket(one, server_side=True)
            while request := _request(one):
                self.seen.append(request)
                talk = self.talks.pop(0) if self.talks else self.always
                if not talk(one, request):
                    break
        self.open -= 1
        with suppress(OSError):
            one.close()


def _request(one: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        piece = one.recv(65536)
        if not piece:
            return b""
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += one.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def raw(always: Talk, *talks: Talk, tls: ssl.SSLContext | None = None) -> Iterator[Raw]:
    """The server on a free port of 127.0.0.1."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=50)
    server = Raw(always, list(talks), tls, port=listening.getsockname()[1])
    thread = threading.Thread(target=server.serve, args=(listening,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        # Closing alone does not wake the thread that accepts.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def http(
    body: bytes = GOOD, *headers: str, status: str = "200 OK", length: int | None = -1
) -> bytes:
    """The bytes of an answer; ``length`` None announces none."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if not any(h.lower().startswith("content-type") for h in headers):
        lines.append("Content-Type: application/json")
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length < 0 else length}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def sends(*parts: bytes, close: bool = False) -> Talk:
    """Sends the parts."""

    def talk(one: socket.socket, _: bytes) -> bool:
        for part in parts:
            one.sendall(part)
        return not close

    return talk


def drips(before: bytes, drop: bytes, every: float = 0.1) -> Talk:
    """Sends a drop again and again, until the other side has had enough."""

    def talk(one: socket.socket, _: bytes) -> bool:
        one.sendall(before)
        while True:
            time.sleep(every)
            one.sendall(drop)

    return talk


def pours(before: bytes, piece: bytes, times: int) -> Talk:
    """Sends a piece many times without ever holding all of it."""

    def talk(one: socket.socket, _: bytes) -> bool:
        one.sendall(before)
        for _n in range(times):
            one.sendall(piece)
        return False

    return talk


def silent(one: socket.socket, _: bytes) -> bool:
    """Says nothing until the other side goes."""
    while one.recv(65536):
        pass
    return False


def resets(one: socket.socket, _: bytes) -> bool:
    """Breaks the connection off."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    one.close()
    return False


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()
