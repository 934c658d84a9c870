"""SAP Concur on loopback: reports and what belongs to them (v3), and financial documents (v4).

Belongs here: a server that hands out what it is given, page by page, in JSON or XML, to whoever has
a token that is still good. Not here: what is expected of a connector.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

from tests.connectors.http.auth.auth_server import Reply, Seen, Site, site

Record = dict[str, Any]
SECRETS = {"client_id": "id", "client_secret": "secret", "refresh_token": "refresh-0"}
LISTS = {"reports": "Report", "entries": "Entry", "itemizations": "Itemization"}
LISTS |= {"allocations": "Allocation"}
_V4 = "/financialintegration/fi/v4/companies/transactiontypes/{}/transactions"


@dataclass
class Concur:
    """``most``: records of a page at the utmost. ``tokens``: requests that a token is good for.

    ``envelope``: ``links`` or ``offset``, in which v4 wraps documents. v3 answers in XML to whoever
    accepts it.
    """

    lists: dict[str, list[Record]] = field(default_factory=lambda: {name: [] for name in LISTS})
    documents: dict[str, list[Record]] = field(
        default_factory=lambda: {"expense": [], "cashadvance": []}
    )
    most: int = 100
    tokens: int = 1000
    envelope: str = "links"
    refuse: list[Reply] = field(default_factory=list)
    given: int = 0
    left: int = 0
    url: str = ""

    def token(self, seen: Seen) -> Reply:
        asked = seen.form
        if (asked["client_id"], asked["client_secret"]) != ("id", "secret"):
            return Reply(401, {"code": 1, "error": "invalid_client", "error_description": "who?"})
        if asked["grant_type"] != "refresh_token" or asked["refresh_token"] != "refresh-0":
            return Reply(400, {"error": "invalid_grant", "error_description": "bad token"})
        self.given += 1
        self.left = self.tokens
        return Reply(200, {"access_token": f"t{self.given}", "expires_in": 3600}, _JSON)

    def refused(self, seen: Seen) -> Reply | None:
        if self.refuse:
            return self.refuse.pop(0)
        if seen.headers.get("Authorization") != f"Bearer t{self.given}" or self.left < 1:
            said = "Unauthorized"
            return Reply(401, {"Error": {"Message": said, "Server-Time": "x", "Id": "1"}}, _JSON)
        self.left -= 1
        return None

    def listed(self, name: str, seen: Seen) -> Reply:
        if refused := self.refused(seen):
            return refused
        query = {k: v[0] for k, v in parse_qs(urlsplit(seen.url).query).items()}
        if query.get("user") != "ALL":
            return Reply(200, {"Items": [], "NextPage": None}, _JSON)
        found = self.lists[name]
        if after := query.get("modifiedDateAfter"):
            found = [r for r in found if r["LastModifiedDate"] > after]
        start = int(query.get("offset", "0-0").split("-")[1])
        most = min(int(query.get("limit", "25")), self.most)
        page, link = found[start : start + most], None
        if start + most < len(found):
            again = "&".join(f"{k}={quote(v)}" for k, v in query.items() if k != "offset")
            link = f"{self.url}/api/v3.0/expense/{name}?{again}&offset=gWr-{start + most}"
        if seen.headers.get("Accept") == "application/xml":
            return Reply(200, _xml(name, page, link), {"Content-Type": "application/xml"})
        return Reply(200, {"Items": page, "NextPage": link}, _JSON)

    def transactions(self, kind: str, seen: Seen) -> Reply:
        if refused := self.refused(seen):
            return refused
        query = {k: v[0] for k, v in parse_qs(urlsplit(seen.url).query).items()}
        page = int(query.get("page", "0"))
        limit = min(int(query.get("limit", "25")), self.most)
        found = self.documents[kind]
        here = found[page * limit : (page + 1) * limit]
        more = (page + 1) * limit < len(found)
        path = self.url + _V4.format(kind)
        link = f"{path}?limit={limit}&page={page + 1}"
        if self.envelope == "offset":
            body = {"fIDocuments": here, "offset": None, "nextPage": link if more else None}
            return Reply(200, {**body, "numberReturned": len(here)}, _JSON)
        links = [{"rel": "self", "href": seen.url}]
        links += [{"rel": "next", "href": link}] if more else []
        return Reply(200, {"links": links, "content": here, "page": {"size": limit}}, _JSON)

    def acknowledge(self, kind: str) -> None:
        """Somebody has taken everything that waits."""
        self.documents[kind].clear()


_JSON = {"Content-Type": "application/json"}


def _xml(name: str, page: list[Record], link: str | None) -> str:
    records = "".join(f"<{LISTS[name]}>{_elements(r)}</{LISTS[name]}>" for r in page)
    end = f"<NextPage>{escape(link)}</NextPage>" if link else '<NextPage i:nil="true"/>'
    root = f'<{name} xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
    return f'<?xml version="1.0"?>{root}<Items>{records}</Items>{end}</{name}>'


def _elements(record: Record) -> str:
    return "".join(_element(name, value) for name, value in record.items())


def _element(name: str, value: Any) -> str:
    if value is None:
        return f'<{name} i:nil="true"/>'
    if isinstance(value, dict):
        return f"<{name}>{_elements(value)}</{name}>"
    text = json.dumps(value) if not isinstance(value, str) else escape(value)
    return f"<{name}>{text}</{name}>"


@contextmanager
def serving(concur: Concur) -> Iterator[Site]:
    """The service on a free port."""
    with site() as here:
        concur.url = here.url
        here.routes["/oauth2/v0/token"] = concur.token
        for name in LISTS:
            path = f"/api/v3.0/expense/{name}"
            here.routes[path] = partial(concur.listed, name)
        for kind in concur.documents:
            path = _V4.format(kind)
            here.routes[path] = partial(concur.transactions, kind)
        yield here
