"""Three ERPs of different manners on loopback, written after what their vendors say of them.

Belongs here: answering as such a server would, from records that a test changes. Not here: what is
expected of a client.

Each holds the same few orders: number → (amount, changed at). ``asked`` notes every request.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

Orders = dict[int, tuple[Decimal, datetime]]


class Erp(ABC, BaseHTTPRequestHandler):
    """What the three have in common."""

    protocol_version = "HTTP/1.1"
    orders: Orders
    asked: list[str]
    refuse: list[tuple[int, dict[str, str]]]
    archived: set[int]
    page = 2

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        self.sent = self.rfile.read(size).decode()
        self.asked.append(f"{self.command} {self.path} {self.sent}".strip())
        parts = urlsplit(self.path)
        self.path_only = parts.path
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self.refuse:
            status, headers = self.refuse.pop(0)
            self.reply({"error": {"code": "TooMany", "message": "wait"}}, status, **headers)
        else:
            self.answer()

    do_POST = do_GET

    @abstractmethod
    def answer(self) -> None:
        """Answers the request."""

    @property
    def origin(self) -> str:
        return f"http://{self.headers['Host']}"

    def reply(self, body: Any, status: int = 200, **headers: str) -> None:
        text = body if isinstance(body, str) else json.dumps(body, default=str)
        kind = "text/plain" if isinstance(body, str) else "application/json"
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


class _OData(Erp):
    """A link to the next page, a filter by the change stamp, ``$count`` as plain text."""

    moment = r"'([^']+)'"
    skip = "$skiptoken"

    @abstractmethod
    def authorized(self) -> bool:
        """Does the request show who asks?"""

    @abstractmethod
    def listed(self, numbers: list[int], total: int, link: str | None) -> Any:
        """The body of a page."""

    def answer(self) -> None:
        if not self.authorized():
            self.reply({"error": {"code": "Unauthorized", "message": "no"}}, 401)
            return
        found = sorted(self.orders)
        if "$filter" in self.query:
            said = re.search(self.moment, self.query["$filter"])
            assert said is not None, self.query
            since = datetime.fromisoformat(said[1])
            found = [n for n in found if self.orders[n][1] >= since]
        if self.path_only.endswith("/$count"):
            self.reply(str(len(found)))
            return
        rest = [n for n in found if n > int(self.query.get(self.skip, 0))]
        here = rest[: self.page]
        kept = "".join(
            f"{quote(k)}={quote(v)}&" for k, v in self.query.items() if k not in (self.skip, "$top")
        )
        last = f"{self.path_only}?{kept}{quote(self.skip)}={here[-1]}" if here else ""
        link = self.origin + last if len(rest) > len(here) else None
        self.reply(self.listed(here, len(found), link))


class BusinessCentral(_OData):
    """OData v4: a token from a token service, blank dates, numbers as numbers."""

    moment = r"ge (\S+)"

    def answer(self) -> None:
        if self.path_only.endswith("/oauth2/v2.0/token"):
            right = "client_secret=wonder+land" in self.sent
            found = {"access_token": "issued", "token_type": "Bearer", "expires_in": 3600}
            self.reply(found if right else {"error": "invalid_client"}, 200 if right else 401)
            return
        super().answer()

    def authorized(self) -> bool:
        return self.headers["Authorization"] == "Bearer issued"

    def listed(self, numbers: list[int], total: int, link: str | None) -> Any:
        found = {"@odata.context": "x", "value": [self.record(n) for n in numbers]}
        if "$count" in self.query:
            found["@odata.count"] = total
        return found | ({"@odata.nextLink": link} if link else {})

    def record(self, number: int) -> Any:
        amount, changed = self.orders[number]
        line = {"sequence": 10000, "quantity": 2, "directUnitCost": float(amount / 2)}
        whole = {
            "@odata.etag": 'W/"x"',
            "id": f"00000000-0000-0000-0000-{number:012}",
            "number": f"1080{number:02}",
            "orderDate": "2026-01-31",
            "requestedReceiptDate": "0001-01-01",
            "currencyCode": "EUR",
            "totalAmountExcludingTax": float(amount),
            "lastModifiedDateTime": f"{changed:%Y-%m-%dT%H:%M:%S}.{changed.microsecond:06}Z",
            "purchaseOrderLines": [line],
        }
        if "$select" not in self.query:
            return whole
        wanted = {*self.query["$select"].split(","), "@odata.etag"}
        wanted |= {"purchaseOrderLines"} if "$expand" in self.query else set()
        return {name: value for name, value in whole.items() if name in wanted}


class Sap(_OData):
    """OData v2: everything under ``d``, moments as milliseconds, decimals as text."""

    moment = r"datetimeoffset'([^']+)'"

    def authorized(self) -> bool:
        return self.headers["Authorization"] == "Basic " + base64.b64encode(
            b"FINSYNC:wonder land"
        ).decode("ascii")

    def listed(self, numbers: list[int], total: int, link: str | None) -> Any:
        found: dict[str, Any] = {"results": [self.record(n) for n in numbers]}
        if self.query.get("$inlinecount") == "allpages":
            found["__count"] = str(total)
        return {"d": found | ({"__next": link} if link else {})}

    def record(self, number: int) -> Any:
        amount, changed = self.orders[number]
        key = f"45{number:08}"
        if self.query.get("$select") == "PurchaseOrder":
            return {"__metadata": {"type": "A_PurchaseOrderType"}, "PurchaseOrder": key}
        item = {"PurchaseOrder": key, "PurchaseOrderItem": "10", "NetPriceAmount": f"{amount:.3f}"}
        expanded = self.query.get("$expand") == "to_PurchaseOrderItem"
        milliseconds = int(changed.timestamp() * 1000)
        return {
            "__metadata": {"type": "A_PurchaseOrderType"},
            "PurchaseOrder": key,
            "PurchaseOrderDate": "/Date(1769817600000)/",
            "LastChangeDateTime": f"/Date({milliseconds}+0000)/",
            "PurchasingDocumentDeletionCode": "",
            "to_PurchaseOrderItem": {"results": [item]} if expanded else {"__deferred": {}},
        }


class Odoo(Erp):
    """JSON-RPC: user and password in every body, false for nothing, errors with status 200."""

    page = 1000

    def answer(self) -> None:
        asked = json.loads(self.sent)
        params = asked["params"]
        found = {"common": self.common, "object": self.model}[params["service"]](params)
        self.reply({"jsonrpc": "2.0", "id": asked["id"], **found})

    def common(self, params: Any) -> Any:
        assert params["method"] == "authenticate"
        database, user, password, _ = params["args"]
        right = (database, user, password) == ("acme", "bot", "wonder land")
        return {"result": 7 if right else False}

    def model(self, params: Any) -> Any:
        assert params["method"] == "execute_kw"
        database, uid, password, model, method, args, *keywords = params["args"]
        if (database, uid, password) != ("acme", 7, "wonder land"):
            return _refused("odoo.exceptions.AccessDenied", "Access Denied")
        if model != "purchase.order":
            return _refused("builtins.KeyError", f"'{model}'")
        context = keywords[0].get("context", {}) if keywords else {}
        shown = self.orders.keys() - (self.archived if context.get("active_test", True) else set())
        found = [n for n in sorted(shown) if self.selected(n, args[0])]
        if method == "search_count":
            return {"result": len(found)}
        assert (method, keywords[0]["order"]) == ("search_read", "id")
        wanted, most = keywords[0]["fields"], keywords[0]["limit"]
        return {"result": [self.record(n, wanted) for n in found[:most]]}

    def selected(self, number: int, domain: Any) -> bool:
        own = {"id": number, "write_date": str(self.orders[number][1].replace(tzinfo=None))}
        signs = {">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
        return all(signs[sign](own[field], value) for field, sign, value in domain)

    def record(self, number: int, fields: list[str]) -> Any:
        amount, changed = self.orders[number]
        whole = {
            "id": number,
            "name": f"P{number:05}",
            "state": "purchase",
            "partner_id": [3, "Schrauben AG"],
            "partner_ref": False,
            "currency_id": [1, "EUR"],
            "date_order": "2026-01-31 09:00:00",
            "amount_untaxed": float(amount) + 1e-13,
            "write_date": f"{changed:%Y-%m-%d %H:%M:%S}",
        }
        return {"id": number} | {name: whole[name] for name in fields}


def _refused(name: str, message: str) -> Any:
    told = {"name": name, "message": message, "debug": "Traceback (most recent call last) …"}
    return {"error": {"code": 200, "message": "Odoo Server Error", "data": told}}


def orders(*numbers: int) -> Orders:
    """Orders of January, each changed an hour after the one before."""
    return {n: (Decimal(f"{n}.10"), datetime(2026, 1, 31, n, tzinfo=UTC)) for n in numbers}


@contextmanager
def serving(kind: type[Erp], of: Orders) -> Iterator[tuple[str, type[Erp]]]:
    """Such a server on a free port: its address, and the class that holds its state."""
    state = {"orders": of, "asked": [], "refuse": [], "archived": set()}
    handler: type[Erp] = type(kind.__name__, (kind,), state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
