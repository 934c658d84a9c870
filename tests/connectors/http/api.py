"""A small API on loopback: a list of records that can change while it is read, and misbehave.

Belongs here: a server that really speaks HTTP. Not here: what is expected of a client.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Record = dict[str, Any]
Play = Callable[["Handler"], bool]
"""Takes a request over: True if it has answered."""


@dataclass
class Api:
    """``records`` are served ordered by id; ``plays`` are tried one per request, in order.

    ``GET /items``: limit, offset, after (id), since (of ``changed``), fields; ``/count``: since.
    ``total`` adds the number of all records to each page.
    """

    records: list[Record] = field(default_factory=list)
    plays: list[Play] = field(default_factory=list)
    always: Play | None = None
    total: bool = False
    most: int = 1000
    asked: list[str] = field(default_factory=list)
    before_answer: Callable[[int], None] = lambda _: None
    clock: Callable[[], float] = time.time
    url: str = ""

    def selected(self, query: dict[str, str]) -> list[Record]:
        found = sorted(self.records, key=lambda r: r["id"])
        if "since" in query:
            found = [r for r in found if r["changed"] >= query["since"]]
        if "after" in query:
            found = [r for r in found if r["id"] > int(query["after"])]
        return found

    def answer(self, path: str, query: dict[str, str]) -> Any:
        found = self.selected(query)
        if path.endswith("/count"):
            return {"count": len(found)}
        start = int(query.get("offset", 0))
        page = found[start : start + min(int(query.get("limit", self.most)), self.most)]
        if "fields" in query:
            names = query["fields"].split(",")
            page = [{k: r[k] for k in names if k in r} for r in page]
        return {"items": page, **({"total": len(found)} if self.total else {})}


class Handler(BaseHTTPRequestHandler):
    """Answers for its server's Api."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    api: Api

    def do_GET(self) -> None:
        self.api.asked.append(self.path)
        play = self.api.plays.pop(0) if self.api.plays else self.api.always
        if play is not None and play(self):
            return
        parts = urlsplit(self.path)
        body = self.api.answer(parts.path, dict(parse_qsl(parts.query)))
        self.api.before_answer(len(self.api.asked))
        self.reply(200, json.dumps(body).encode())

    do_POST = do_GET

    def reply(self, status: int, body: bytes = b"", kind: str = "application/json", **headers: str):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(int(self.api.clock()))

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


def status(code: int, body: bytes = b"", **headers: str) -> Play:
    """Answers with a status."""

    def play(handler: Handler) -> bool:
        handler.reply(code, body, **headers)
        return True

    return play


def nothing(_: Handler) -> bool:
    """Lets the request be answered as usual."""
    return False


def cut(handler: Handler) -> bool:
    """Closes the connection in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"items": [')
    handler.close_connection = True
    return True


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """The API on a free port of 127.0.0.1."""
    handler = type("OneHandler", (Handler,), {"api": api})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def items(count: int, changed: str = "2026-01-01T00:00:00Z") -> list[Record]:
    """Records with ids from 1."""
    return [{"id": n, "amount": n * 1.5, "changed": changed} for n in range(1, count + 1)]
