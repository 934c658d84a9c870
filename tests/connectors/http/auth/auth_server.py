"""A real server on this machine for the tests of authentication, and a plain way to ask it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl

import requests
from pydantic import TypeAdapter
from yaml import safe_load

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.model import AuthSpec
from finsync_dagster.connectors.http.call import Call


@dataclass(frozen=True)
class Seen:
    """A request as the server saw it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True, strict_parsing=True))


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Seen], Reply]


class Site:
    """Answers with the handler of a path; keeps what it saw."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.routes: dict[str, Handler] = {}
        self.seen: list[Seen] = []
        self.notes: list[str] = []
        self._lock = Lock()

    def reply(self, path: str, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
        handler = self.routes.get(path)
        return handler(seen) if handler else Reply(404, "<title>no such page</title>")

    def at(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.url.split("?")[0] == self.url + path]


@contextmanager
def site() -> Iterator[Site]:
    class Pages(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            seen = Seen(self.command, here.url + self.path, dict(self.headers), body)
            reply = here.reply(self.path.split("?")[0], seen)
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                for one in value.split("\n"):
                    self.send_header(name, one)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_DELETE = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    here = Site(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(call: Call) -> Answer:
    """Sends the call as it is, no redirects followed."""
    answer = requests.request(
        call.method,
        call.url,
        params=list(call.query),
        headers=dict(call.headers),
        data=call.body,
        timeout=10,
        allow_redirects=False,
    )
    return Answer(answer.status_code, answer.headers, answer.text, call.url)


def spec(text: str) -> AuthSpec:
    """The words of ``auth:`` from YAML."""
    read: AuthSpec = TypeAdapter(AuthSpec).validate_python(safe_load(text))
    return read


class Clock:
    """Seconds since 1970, set by the test."""

    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at
