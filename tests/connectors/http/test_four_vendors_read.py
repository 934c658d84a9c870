"""How Coupa, NetSuite and Concur are asked, in YAML alone: logins, pages, what may be missing."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.read import extract
from tests.connectors.http.raw_server import Raw, http, raw
from tests.connectors.http.systems import asked, read_all

COUPA = """
protocol: http
auth:
  scheme: oauth2_client_credentials
  token_url: /oauth2/token
  client_id: finsync
  client_secret: ${secret.client_secret}
  scope: core.purchase_order.read
retry: {attempts: 2, first_wait: 1}
objects:
  items:
    key: [id]
    cursor: updated-at
    overlap: 10m
    rows_per_page: 50
    paging: {scheme: offset, empty_status: [404]}
    request:
      path: /api/purchase_orders
      headers: {Accept: application/json}
      query:
        order_by: id
        dir: asc
        limit: ${limit}
        offset: ${offset}
        "updated_at[gt_or_eq]": ${since}
"""
NETSUITE = """
protocol: http
objects:
  items:
    key: [id]
    fields: [id, memo, lastmodifieddate]
    cursor: lastmodifieddate
    records: items
    rows_per_page: 1000
    paging: {scheme: keyset, by: id, first: "0", last: {more: hasMore}}
    request:
      method: POST
      path: /services/rest/query/v1/suiteql
      headers: {Prefer: transient}
      query: {limit: "${limit}"}
      body:
        q:
          join: " "
          of:
            - SELECT id, memo, lastmodifieddate FROM transaction WHERE id > ${after|quoted}
            - {when: since, use: "AND lastmodifieddate >= ${since|quoted}"}
            - ORDER BY id
"""
CONCUR = """
protocol: http
auth:
  scheme: oauth2_refresh_token
  token_url: /oauth2/v0/token
  client_id: finsync
  client_secret: ${secret.client_secret}
  refresh_token: ${secret.refresh_token}
  send_as: body
  expired: {at: [Error, Message], codes: [Token expired]}
objects:
  items:
    key: [ID]
    records: Items
    paging: {scheme: next_link, link: NextPage}
    request: {path: /api/v3.0/expense/reports, query: {limit: "${limit}", user: ALL}}
  documents:
    key: [id]
    records: fIDocuments
    paging: {scheme: next_link, link: links}
    request: {path: /fi/v4/transactions, query: {limit: "${limit}"}}
"""
SECRETS = {"client_secret": "very secret of ours", "refresh_token": "granted once to us"}
Serve = Callable[[str, dict[str, list[str]], bytes, Raw], tuple[int, Any]]


@contextmanager
def served(serve: Serve) -> Iterator[Raw]:
    """A server that answers with what ``serve`` makes of path, query, request and the server."""

    def talk(one: socket.socket, request: bytes) -> bool:
        address = urlsplit(request.split(b" ", 2)[1].decode())
        status, body = serve(address.path, parse_qs(address.query), request, server)
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        one.sendall(http(text, status=f"{status} Status"))
        return True

    with raw(talk) as server:
        yield server


def token(request: bytes) -> tuple[int, Any]:
    assert b"POST" in request
    return 200, {"access_token": "a-token-for-us", "token_type": "bearer", "expires_in": 86399}


def test_coupa_counts_what_came_however_small_pages_are() -> None:
    """Pages of 3, 1 and 2 although 50 were asked for; one record comes twice as others move."""
    pages = {0: [1, 2, 3], 3: [3], 4: [5, 6], 6: []}
    offsets: list[int] = []

    def serve(path: str, query: dict[str, list[str]], request: bytes, _: Raw) -> tuple[int, Any]:
        if path == "/oauth2/token":
            return token(request)
        assert b"Authorization: Bearer a-token-for-us" in request
        assert query["limit"] == ["50"]
        assert "updated_at[gt_or_eq]" not in query
        offsets.append(int(query["offset"][0]))
        rows = [{"id": n, "updated-at": "2024-01-01T00:00:00Z"} for n in pages[offsets[-1]]]
        return 200, rows

    with served(serve) as server:
        found = asked(COUPA, server.url, **SECRETS)
        with extract(found) as extraction:
            assert [r["id"] for r in read_all(extraction)] == ["1", "2", "3", "3", "5", "6"]
    assert offsets == [0, 3, 4, 6]


def test_coupa_may_say_404_for_nothing_more() -> None:
    def serve(path: str, query: dict[str, list[str]], request: bytes, _: Raw) -> tuple[int, Any]:
        if path == "/oauth2/token":
            return token(request)
        assert query["updated_at[gt_or_eq]"] == ["2024-01-01T00:00:00Z"]
        if query["offset"] == ["0"]:
            return 200, [{"id": 1, "updated-at": "2024-01-01T00:15:00Z"}]
        return 404, b"<errors><error>Unable to find record</error></errors>"

    with (
        served(serve) as server,
        extract(asked(COUPA, server.url, **SECRETS), since="2024-01-01T00:10:00Z") as extraction,
    ):
        assert [r["id"] for r in read_all(extraction)] == ["1"]


def test_netsuite_is_paged_by_ids_beyond_floating_point() -> None:
    ids = [9007199254740991, 9007199254740992, 9007199254740993]
    sent: list[str] = []

    def serve(path: str, query: dict[str, list[str]], request: bytes, _: Raw) -> tuple[int, Any]:
        assert b"Prefer: transient" in request
        assert request.startswith(b"POST /services/rest/query/v1/suiteql?limit=1000 ")
        sent.append(json.loads(request.partition(b"\r\n\r\n")[2])["q"])
        after = int(sent[-1].split("'")[1])
        rest = [n for n in ids if n > after]
        # What is null is not there.
        rows = [{"links": [], "id": str(n), "lastmodifieddate": "2024-01-01"} for n in rest[:2]]
        return 200, {"items": rows, "hasMore": len(rest) > 2, "totalResults": len(rest)}

    with served(serve) as server, extract(asked(NETSUITE, server.url)) as extraction:
        records = read_all(extraction)
    assert [(r["id"], r["memo"]) for r in records] == [(str(n), None) for n in ids]
    assert sent[0].endswith("WHERE id > '0' ORDER BY id")
    assert sent[1].endswith("WHERE id > '9007199254740992' ORDER BY id")


def test_netsuite_is_asked_for_changes() -> None:
    sent: list[str] = []

    def serve(path: str, query: dict[str, list[str]], request: bytes, _: Raw) -> tuple[int, Any]:
        sent.append(json.loads(request.partition(b"\r\n\r\n")[2])["q"])
        return 200, {"items": [], "hasMore": False}

    with (
        served(serve) as server,
        extract(asked(NETSUITE, server.url), since="2024-01-01T10:00:00") as extraction,
    ):
        assert read_all(extraction) == []
    assert sent == [
        "SELECT id, memo, lastmodifieddate FROM transaction WHERE id > '0' "
        "AND lastmodifieddate >= '2024-01-01T10:00:00' ORDER BY id"
    ]


def test_concur_renews_a_token_that_it_calls_expired_with_400() -> None:
    asked_for: list[str] = []

    def serve(path: str, query: dict[str, list[str]], request: bytes, at: Raw) -> tuple[int, Any]:
        asked_for.append(path)
        if path == "/oauth2/v0/token":
            assert b"refresh_token=granted+once+to+us" in request
            return token(request)
        if asked_for.count("/api/v3.0/expense/reports") == 1:
            return 400, {"Error": {"Message": "Token expired", "Id": "8C9F"}}
        second = f"{at.url}/api/v3.0/expense/reports?limit=1000&user=ALL&offset=gWcDk2"
        more = "offset" not in query
        return 200, {"Items": [{"ID": str(int(more))}], "NextPage": second if more else None}

    with (
        served(serve) as server,
        extract(asked(CONCUR, server.url, **SECRETS)) as extraction,
    ):
        assert [r["ID"] for r in read_all(extraction)] == ["1", "0"]
    assert asked_for.count("/oauth2/v0/token") == 2


def test_concur_links_of_another_origin_are_refused() -> None:
    def serve(path: str, query: dict[str, list[str]], request: bytes, _: Raw) -> tuple[int, Any]:
        if path == "/oauth2/v0/token":
            return token(request)
        return 200, {"Items": [{"ID": "1"}], "NextPage": "https://evil.example/reports?offset=1"}

    with (
        served(serve) as server,
        pytest.raises(SourceError, match=r"it led to https://evil\.example"),
        extract(asked(CONCUR, server.url, **SECRETS)) as extraction,
    ):
        read_all(extraction)


def test_concur_documents_go_on_where_rel_is_next() -> None:
    def serve(path: str, query: dict[str, list[str]], request: bytes, at: Raw) -> tuple[int, Any]:
        if path == "/oauth2/v0/token":
            return token(request)
        page = int(query.get("page", ["1"])[0])
        links = [{"rel": rel, "href": f"{at.url}{path}?page=1"} for rel in ("first", "self")]
        if page < 3:
            links.append({"rel": "next", "href": f"{at.url}{path}?page={page + 1}&limit=1000"})
        return 200, {"fIDocuments": [{"id": str(page)}], "links": links}

    with (
        served(serve) as server,
        extract(asked(CONCUR, server.url, "documents", **SECRETS)) as extraction,
    ):
        assert [r["id"] for r in read_all(extraction)] == ["1", "2", "3"]


@pytest.mark.parametrize(("status", "text"), [(429, ""), (403, "API rate limit exceeded")])
def test_who_is_asked_to_slow_down_asks_again(status: int, text: str) -> None:
    """Without a word on how long to wait."""
    refused = [True]

    def serve(path: str, query: dict[str, list[str]], request: bytes, _: Raw) -> tuple[int, Any]:
        if path == "/oauth2/token":
            return token(request)
        if refused:
            refused.pop()
            return status, {"message": text} if text else b""
        return 200, []

    with served(serve) as server, extract(asked(COUPA, server.url, **SECRETS)) as extraction:
        assert read_all(extraction) == []
    assert not refused
