"""From a declared request to the bytes that are sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from finsync_dagster.connectors.http.asking import address, call_of, followed
from finsync_dagster.connectors.http.call import Call
from finsync_dagster.connectors.http.exact_json import Number
from finsync_dagster.connectors.http.model import Request
from finsync_dagster.connectors.http.read import extract
from finsync_dagster.connectors.http.templates import ABSENT
from tests.connectors.http.raw_server import http, raw, sends
from tests.connectors.http.systems import asked, read_all

VALUES = {
    "limit": Number("50"),
    "fields": ["id", "a b"],
    "since": "2026-01-01 00:00:00+02:00",
    "cursor": ABSENT,
    "secret.key": "k&y=1",
}


def call(**words: Any) -> Call:
    return call_of("https://erp.example/api/", Request.model_validate(words), VALUES, {"A": "1"})


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://e.x", "", "https://e.x/"),
        ("https://e.x", "/items", "https://e.x/items"),
        ("https://e.x/", "items", "https://e.x/items"),
        ("https://e.x/api/v1", "/items", "https://e.x/api/v1/items"),
        ("https://e.x/api/v1/", "/items/", "https://e.x/api/v1/items/"),
        ("https://e.x/api", "", "https://e.x/api"),
        ("https://e.x/api?company=1", "/items?a=2", "https://e.x/api/items?company=1&a=2"),
        ("https://e.x/api", "//evil.example/x", "https://e.x/api/x"),
        ("https://e.x/api", "https://evil.example/x", "https://e.x/api/x"),
    ],
)
def test_paths_follow_the_address(base: str, path: str, url: str) -> None:
    assert address(base, path) == url


def test_a_query_repeats_what_is_a_list_and_leaves_out_what_is_absent() -> None:
    query = {"f": "${fields}", "n": "${limit}", "c": "${cursor}", "$top": True, "s": "${since}"}
    assert call(path="/x", query=query).query == (
        ("f", "id"),
        ("f", "a b"),
        ("n", "50"),
        ("$top", "true"),
        ("s", "2026-01-01 00:00:00+02:00"),
    )


def test_headers_of_the_object_come_before_those_of_the_system() -> None:
    found = call(headers={"B": "${secret.key}", "A": "2", "C": "${cursor}"})
    assert found.headers == {"A": "2", "B": "k&y=1"}


def test_bodies() -> None:
    sent = call(method="POST", body={"limit": "${limit}", "f": "${fields}", "big": "1e5"})
    assert sent.body == b'{"limit":50,"f":["id","a b"],"big":"1e5"}'
    assert sent.headers["Content-Type"] == "application/json"
    form = call(method="POST", form={"k": "${secret.key}", "n": "${limit}"})
    assert form.body == b"k=k%26y%3D1&n=50"
    typed = call(method="POST", body={}, headers={"content-type": "application/vnd.x+json"})
    assert [v for k, v in typed.headers.items() if k.lower() == "content-type"] == [
        "application/vnd.x+json"
    ]


def test_a_link_keeps_headers_and_nothing_else() -> None:
    sent = call(method="POST", body={}, query={"a": "1"}, headers={"X": "y"})
    assert followed(sent, "https://erp.example/next") == Call(
        "GET", "https://erp.example/next", {"A": "1", "X": "y"}
    )


def test_what_arrives_is_what_was_meant() -> None:
    """Signs that mean something in an address, sent and taken apart by a server."""
    text = """
protocol: http
objects:
  items:
    key: [id]
    records: items
    request:
      method: POST
      path: "/a b/Items('${secret.none|text}')"
      query: {"$filter": "a eq 'ü&x=1' and b gt 2026-01-01T00:00:00+02:00", "q[]": [1, 2]}
      body: {sum: 0.10, text: "ü\\u2028"}
""".replace("${secret.none|text}", "x+y")
    with raw(sends(http())) as server, extract(asked(text, server.url)) as extraction:
        assert read_all(extraction) == []
    line, _, rest = server.seen[0].partition(b"\r\n")
    assert line == (
        b"POST /a%20b/Items('x+y')?%24filter=a+eq+%27%C3%BC%26x%3D1%27+and+b+gt+"
        b"2026-01-01T00%3A00%3A00%2B02%3A00&q%5B%5D=1&q%5B%5D=2 HTTP/1.1"
    )
    assert json.loads(rest.partition(b"\r\n\r\n")[2]) == {"sum": 0.1, "text": "ü\u2028"}
