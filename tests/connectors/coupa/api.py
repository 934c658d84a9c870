"""A small Coupa on loopback: login, lists by id, filters, `fields`, JSON or XML, and bad days.

Belongs here: how the API behaves. Not here: the records (books.py), nor what is expected of them.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.sax.saxutils import escape

Record = dict[str, Any]
Play = Callable[["Handler"], bool]
"""Takes a request over: True if it has answered."""

RESOURCES = (
    "suppliers",
    "items",
    "requisitions",
    "purchase_order_lines",
    "purchase_orders",
    "receiving_transactions",
    "invoices",
    "coupa_pay/payments",
    "expense_reports",
)
_DECIMAL = re.compile(r"-?\d+\.\d+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")


@dataclass
class Coupa:
    """``books``: resource → records. ``most``: records per page, whatever is asked for."""

    books: dict[str, list[Record]] = field(default_factory=dict)
    most: int = 50
    xml: bool = False
    empty_is_404: bool = False
    plays: list[Play] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    logins: list[dict[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    secret: str = "s3cr et+/%"
    url: str = ""

    def add(self, resource: str, *records: Record) -> None:
        """Put records into the books, in place of those with their ids."""
        assert resource in RESOURCES
        new = {r["id"] for r in records}
        old = [r for r in self.books.get(resource, []) if r["id"] not in new]
        self.books[resource] = [*old, *records]
        if resource == "purchase_orders":
            self.add("purchase_order_lines", *(line for r in records for line in _lines(r)))

    def selected(self, resource: str, query: dict[str, str]) -> list[Record]:
        """A page of records."""
        assert (query["order_by"], query["dir"]) == ("id", "asc")
        known = {"order_by", "dir", "limit", "fields", "id[gt]", "updated_at[gt_or_eq]"}
        assert set(query) <= known, query
        found = sorted(self.books.get(resource, []), key=lambda r: r["id"])
        if "id[gt]" in query:
            found = [r for r in found if r["id"] > int(query["id[gt]"])]
        if "updated_at[gt_or_eq]" in query:
            since = datetime.fromisoformat(query["updated_at[gt_or_eq]"])
            found = [r for r in found if datetime.fromisoformat(r["updated-at"]) >= since]
        page = found[: min(int(query["limit"]), self.most)]
        return [trimmed(r, json.loads(query["fields"])) for r in page]


def _lines(order: Record) -> list[Record]:
    stamps = {
        "updated-at": order["updated-at"],
        "order-header-id": order["id"],
        "order-header-number": order["po-number"],
    }
    return [{**line, **stamps} for line in order["order-lines"]]


def trimmed(record: Any, fields: list[Any]) -> Any:
    """A record with the fields asked for alone, of lists and objects within it too."""
    if isinstance(record, list):
        return [trimmed(entry, fields) for entry in record]
    if not isinstance(record, dict):
        return record
    made: Record = {}
    for asked in fields:
        inside = asked if isinstance(asked, dict) else {asked: None}
        for name, inner in inside.items():
            value = record.get(name.replace("_", "-"))
            made[name.replace("_", "-")] = trimmed(value, inner) if inner else value
    return made


def as_xml(name: str, value: Any) -> str:
    """The value as Coupa's XML."""
    if value is None:
        return f'<{name} nil="true"/>'
    if isinstance(value, list):
        inner = "".join(as_xml(name.removesuffix("s"), entry) for entry in value)
        return f'<{name} type="array">{inner}</{name}>'
    if isinstance(value, dict):
        return f"<{name}>{''.join(as_xml(k, v) for k, v in value.items())}</{name}>"
    if isinstance(value, bool):
        return f'<{name} type="boolean">{str(value).lower()}</{name}>'
    if isinstance(value, int):
        return f'<{name} type="integer">{value}</{name}>'
    kind = "decimal" if _DECIMAL.fullmatch(value) else "datetime" if _MOMENT.match(value) else ""
    typed = f' type="{kind}"' if kind else ""
    return f"<{name}{typed}>{escape(value)}</{name}>"


class Handler(BaseHTTPRequestHandler):
    """Answers for its server's Coupa."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    coupa: Coupa

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(size).decode()).items()}
        self.coupa.logins.append(form)
        if self.path != "/oauth2/token" or form.get("client_secret") != self.coupa.secret:
            body = {"error": "invalid_client", "error_description": "Client authentication failed"}
            return self.reply(401, json.dumps(body))
        token = f"token-{len(self.coupa.logins)}"
        self.coupa.tokens.add(token)
        body = {"access_token": token, "token_type": "bearer", "expires_in": 86399}
        return self.reply(200, json.dumps(body))

    def do_GET(self) -> None:
        coupa = self.coupa
        coupa.asked.append(self.path)
        play = coupa.plays.pop(0) if coupa.plays else None
        if play is not None and play(self):
            return None
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in coupa.tokens:
            return self.reply(401, '{"error": "The access token expired"}')
        parts = urlsplit(self.path)
        resource = parts.path.removeprefix("/api/")
        if resource not in RESOURCES:
            return self.reply(404, '{"error": "Not found"}')
        page = coupa.selected(resource, dict(parse_qsl(parts.query)))
        if not page and coupa.empty_is_404:
            return self.reply(404, "<errors><error>No results found.</error></errors>", "text/xml")
        if coupa.xml:
            text = as_xml(resource.split("/")[-1].replace("_", "-"), page)
            return self.reply(200, f'<?xml version="1.0" encoding="UTF-8"?>{text}', "text/xml")
        return self.reply(200, json.dumps(page))

    def reply(self, status: int, text: str, kind: str = "application/json", **more: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(int(datetime(2026, 12, 31, tzinfo=UTC).timestamp()))

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


def refuses(status: int, text: str, kind: str = "application/json", **more: str) -> Play:
    """Answers once with an error."""

    def play(handler: Handler) -> bool:
        handler.reply(status, text, kind, **more)
        return True

    return play


@contextmanager
def serving(coupa: Coupa) -> Iterator[Coupa]:
    """The API on a free port of 127.0.0.1."""
    handler = type("OneHandler", (Handler,), {"coupa": coupa})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    coupa.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield coupa
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
