"""SAP's OData on loopback: sets of records, written as SAP Gateway writes them.

Belongs here: a server that speaks OData v2 and v4 as far as the connector needs, and refuses what
the field tables do not have. Not here: which records there are (company.py), what is expected.

Records are kept as text: days ``2026-01-31``, moments ``2026-01-31T08:00:00Z``, figures as digits.
What a record does not say is empty as SAP has it: ``""``, null, false, zero.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tests.connectors.sap_s4.facts import FIELDS, KEYS, NAVIGATION
from tests.connectors.sap_s4.filters import NoFilterError, accepts

Record = dict[str, Any]
Play = Callable[["Handler"], bool]
V4 = "/sap/opu/odata4/"
USER = "Basic " + base64.b64encode(b"FINSYNC:wonder land").decode()


class RefusedError(Exception):
    """The request asks for something that there is not."""


@dataclass
class Sap:
    """``sets``: name → records. ``page``: records on a page. ``plays``: tried one per request."""

    sets: dict[str, list[Record]] = field(default_factory=dict)
    page: int = 100
    plays: list[Play] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, name: str, **facts: Any) -> Record:
        """A record of a set; a field that the set does not have is a mistake of the test."""
        unknown = set(facts) - set(FIELDS[name])
        assert not unknown, f"{name} has no {unknown}"
        self.sets.setdefault(name, []).append(facts)
        return facts

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """The body of an answer; a number for a count.

        Raises:
            RefusedError: no such set or field, or a filter that is none.
        """
        v4, name = V4 in path, path.removesuffix("/$count").rsplit("/", 1)[-1]
        if name not in FIELDS:
            raise RefusedError(f"Resource not found for segment '{name}'")
        found = self._found(name, query)
        if path.endswith("/$count"):
            return len(found)
        start = int(query.get("$skiptoken", 0))
        rows = [_written(name, r, query, v4) for r in found[start : start + self.page]]
        rows = [self._expanded(name, r, query, path) for r in rows]
        more = start + self.page < len(found)
        link = f"{path}?{urlencode({**query, '$skiptoken': str(start + self.page)})}"
        if v4:
            count = {"@odata.count": len(found)} if query.get("$count") == "true" else {}
            return {**count, "value": rows, **({"@odata.nextLink": link} if more else {})}
        count = {"__count": str(len(found))} if "$inlinecount" in query else {}
        return {"d": {**count, "results": rows, **({"__next": self.url + link} if more else {})}}

    def _found(self, name: str, query: dict[str, str]) -> list[Record]:
        try:
            found = [
                r for r in self.sets.get(name, []) if accepts(query.get("$filter", ""), name, r)
            ]
        except NoFilterError as error:
            raise RefusedError(str(error)) from error
        order = [f for f in query.get("$orderby", "").split(",") if f]
        _known(name, order)
        return sorted(found, key=lambda r: [str(r.get(f, "")) for f in order])

    def _expanded(self, name: str, row: Record, query: dict[str, str], path: str) -> Record:
        for nav in NAVIGATION[name] & set(row):
            if nav != query.get("$expand"):
                row[nav] = {"__deferred": {"uri": f"{self.url}{path}/{nav}"}}
                continue
            target = TARGETS[nav]
            key = {k: row[k] for k in KEYS[name]}
            own = [r for r in self.sets.get(target, []) if {k: r.get(k) for k in key} == key]
            row[nav] = {"results": [_written(target, r, {}, v4=False) for r in own]}
        return row


TARGETS = {"to_SupplierInvoiceTax": "A_SupplierInvoiceTax"}


def _known(name: str, fields: list[str]) -> None:
    for one in fields:
        if one not in FIELDS[name] and one not in NAVIGATION[name]:
            raise RefusedError(f"Property {one} not found in type {name}")


def _written(name: str, record: Record, query: dict[str, str], v4: bool) -> Record:
    chosen = [f for f in query.get("$select", "").split(",") if f] or list(FIELDS[name])
    _known(name, chosen)
    row = {
        f: _value(FIELDS[name][f], record.get(f), v4) if f in FIELDS[name] else None for f in chosen
    }
    if v4:
        return row
    key = ",".join(f"{k}='{quote(str(record.get(k, '')))}'" for k in KEYS[name])
    uri = f"https://sap.invalid/sap/opu/odata/sap/{name}({key})"
    return {"__metadata": {"id": uri, "uri": uri, "type": f"{name}Type"}, **row}


class Digits(str):
    """A number that is written with just these digits."""


def _value(kind: str, value: Any, v4: bool) -> Any:
    if kind in ("DateTime", "DateTimeOffset") and not v4:
        if value is None:
            return None
        at = datetime.fromisoformat(value.replace("Z", "+00:00"))
        ms = int(at.replace(tzinfo=UTC).timestamp() * 1000)
        return f"/Date({ms}{'+0000' if kind == 'DateTimeOffset' else ''})/"
    if kind == "Boolean":
        return bool(value)
    if kind == "Decimal":
        return Digits(value or "0") if v4 else (value or "0.000")
    if kind == "String":
        return "" if value is None else value
    return value


class Handler(BaseHTTPRequestHandler):
    """Answers for its server's SAP."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    sap: Sap

    def do_GET(self) -> None:
        self.sap.asked.append(self.path)
        if self.sap.plays and self.sap.plays.pop(0)(self):
            return
        if self.headers.get("Authorization") != USER:
            self.reply(401, b"<html><body>Logon failed</body></html>", "text/html")
            return
        parts = urlsplit(self.path)
        try:
            body = self.sap.answer(parts.path, dict(parse_qsl(parts.query)))
        except RefusedError as error:
            self.reply(400, json.dumps(refusal("005056A509B11EE1B9A8FEC11C21578E", str(error))))
            return
        plain = isinstance(body, int)
        text = (
            str(body) if plain else re.sub(r'"Digits\((.*?)\)"', r"\1", json.dumps(_marked(body)))
        )
        self.reply(200, text, "text/plain" if plain else "application/json")

    def reply(self, status: int, body: str | bytes, kind: str = "application/json") -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


def _marked(value: Any) -> Any:
    """Numbers as marked texts, since json writes digits of its own for them."""
    if isinstance(value, Digits):
        return f"Digits({value})"
    if isinstance(value, dict):
        return {k: _marked(v) for k, v in value.items()}
    return [_marked(v) for v in value] if isinstance(value, list) else value


def refusal(code: str, text: str) -> dict[str, Any]:
    """An error as SAP Gateway writes it in JSON."""
    inner = {"application": {"service_id": "API"}, "errordetails": {"errordetail": {}}}
    return {
        "error": {"code": code, "message": {"lang": "en", "value": text}, "innererror": inner},
    }


def says(status: int, body: str, kind: str = "application/json") -> Play:
    """Answers with just this."""

    def play(handler: Handler) -> bool:
        handler.reply(status, body, kind)
        return True

    return play


@contextmanager
def serving(sap: Sap) -> Iterator[Sap]:
    """The system on a free port of 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneHandler", (Handler,), {"sap": sap}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    sap.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield sap
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
