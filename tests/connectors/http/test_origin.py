"""No request and no token goes anywhere but to the system's own origin."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.origin import OriginError, check_address, resolved
from finsync_dagster.connectors.http.read import extract
from tests.connectors.http.raw_server import Raw, http, raw, sends
from tests.connectors.http.systems import asked, read_all

TOKEN = "s3cret-token-value"
SYSTEM = """
protocol: http
auth: {scheme: bearer, token: "${secret.token}"}
retry: {attempts: 1}
objects:
  items:
    key: [id]
    records: items
    paging: PAGING
    request: {method: METHOD, path: /api/items}
"""
BASE = "https://erp.example:8443/api"
ASKED = f"{BASE}/items?page=1"


@pytest.fixture
def other() -> Iterator[Raw]:
    """A second server, which is never to be asked for anything."""
    with raw(sends(http())) as server:
        yield server
        assert not server.seen
        assert server.connections == 0


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("?page=2", f"{BASE}/items?page=2"),
        ("more", f"{BASE}/more"),
        ("/api/more", f"{BASE}/more"),
        ("//erp.example:8443/x", "https://erp.example:8443/x"),
        ("HTTPS://ERP.Example:8443/x", "https://ERP.Example:8443/x"),
        ("https://erp.example.:8443/x", "https://erp.example.:8443/x"),
        ("https:/x", "https://erp.example:8443/x"),
        ("https:///x", "https://erp.example:8443/x"),
        ("///evil.example/x", "https://erp.example:8443/evil.example/x"),
        ("https:", ASKED),
    ],
)
def test_links_within_the_origin_are_followed(link: str, url: str) -> None:
    assert resolved(BASE, ASKED, link) == url


@pytest.mark.parametrize(
    "link",
    [
        "http://erp.example:8443/x",
        "https://erp.example/x",
        "https://erp.example:443/x",
        "https://erp.example:0/x",
        "https://evil.example:8443/x",
        "https://erp.example.evil.example:8443/x",
        "https://erp.example..:8443/x",
        "//evil.example/x",
        "https://erp.example:8443@evil.example/x",
        "https://user@erp.example:8443/x",
        "https://user:password@erp.example:8443/x",
        "https://@erp.example:8443/x",
        "https://evil.example#@erp.example:8443/",
        "https://evil.example?@erp.example:8443/",
        "\\\\evil.example\\x",
        "/\\evil.example/x",
        "https://erp.example:8443\\@evil.example/",
        "/\t/evil.example/x",
        "/\n/evil.example/x",
        " //evil.example/x",
        "/x\x7f",
        "/\ud800",
        "https://[::1",
        "https://[::1]:8443/x",
        "https://[::ffff:10.0.0.1]:8443/x",
        "https://erp.example:99999/x",
        "https://erp.example:x/x",
        "https://ｅrp.example:8443/x",
        "https://erp。example:8443/x",
        "https://erp.ex\u2100mple/x",
        "https://xn--erp-abc.example:8443/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://erp.example:8443/x",
        "mailto:x@erp.example",
    ],
)
def test_links_elsewhere_are_refused(link: str) -> None:
    with pytest.raises(OriginError) as raised:
        resolved(BASE, ASKED, link)
    assert str(raised.value).isprintable()
    assert "password" not in str(raised.value)


@pytest.mark.parametrize("where", ["redirect", "307", "header", "body", "post"])
def test_the_token_never_reaches_another_server(where: str, other: Raw) -> None:
    link = f"{other.url}/steal"
    status = "307 X" if where in ("307", "post") else "302 X"
    body = json.dumps({"items": [{"id": 1}], "next": link if where == "body" else None}).encode()
    answers = {
        "header": http(body, f'Link: <{link}>; rel="next"'),
        "body": http(body),
    }
    paging = {"header": "{scheme: link_header}", "body": "{scheme: next_link, link: next}"}
    text = SYSTEM.replace("PAGING", paging.get(where, "{scheme: none}"))
    text = text.replace("METHOD", "POST" if where == "post" else "GET")
    answer = answers.get(where, http(b"", f"Location: {link}", status=status))
    with raw(sends(answer)) as server:
        error = failed(text, server.url)
        assert len(server.seen) == 1
    assert error.kind == "policy"
    assert f"led to {other.url}" in str(error)
    assert TOKEN not in str(error)


@pytest.mark.parametrize("status", ["301 X", "302 X", "303 X"])
def test_a_post_is_not_made_a_get_by_a_redirect(status: str) -> None:
    text = SYSTEM.replace("PAGING", "{scheme: none}").replace("METHOD", "POST")
    with raw(sends(http(b"", "Location: /api/other", status=status))) as server:
        error = failed(text, server.url)
        assert len(server.seen) == 1
    assert f"redirects a POST request (HTTP {status[:3]})" in str(error)


@pytest.mark.parametrize(
    ("method", "status"), [("GET", "302 X"), ("GET", "308 X"), ("POST", "308 X")]
)
def test_redirects_within_the_origin_are_followed(method: str, status: str) -> None:
    text = SYSTEM.replace("PAGING", "{scheme: none}").replace("METHOD", method)
    if method == "POST":
        text = text.replace("path: /api/items", "path: /api/items, body: {a: 1}")
    answers = [http(b"", "Location: ../new/items?x=1", status=status)]
    with raw(sends(http()), *map(sends, answers)) as server:
        with extract(asked(text, server.url, token=TOKEN)) as extraction:
            assert read_all(extraction) == []
        first, second = server.seen
    assert second.startswith(f"{method} /new/items?x=1 HTTP/1.1".encode())
    assert b"Bearer s3cret-token-value" in second
    assert second.endswith(b'{"a":1}' if method == "POST" else b"\r\n\r\n")
    assert first.partition(b"\r\n\r\n")[2] == second.partition(b"\r\n\r\n")[2]


def test_redirects_in_circles_end() -> None:
    text = SYSTEM.replace("PAGING", "{scheme: none}").replace("METHOD", "GET")
    with raw(sends(http(b"", "Location: /api/items", status="302 X"))) as server:
        assert "redirects in circles" in str(failed(text, server.url))
        assert len(server.seen) == 5


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://erp.example", "http://erp.example is not encrypted; use https"),
        ("http://127.0.0.1.example", "not encrypted"),
        ("http://localhost.example", "not encrypted"),
        ("http://10.0.0.1:8080/api", "not encrypted"),
        ("https://user@erp.example", "holds a user or password"),
        ("https://user:hunter2@erp.example", "holds a user or password"),
        ("http://:hunter2@127.0.0.1", "holds a user or password"),
        ("ftp://erp.example", "no http:// or https:// address"),
        ("erp.example", "no http:// or https:// address"),
        ("https://", "no http:// or https:// address"),
        ("https://[::1", "no address"),
        ("https://erp.example:99999", "no address, or its port is none"),
        ("https://erp.example:0", "no http:// or https:// address"),
    ],
)
def test_addresses_that_cannot_be_used(url: str, words: str) -> None:
    text = SYSTEM.replace("PAGING", "{scheme: none}").replace("METHOD", "GET")
    error = failed(text, url)
    assert error.kind == "mapping"
    assert words in str(error)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.1", "http://[::1]:80/x"])
def test_this_machine_needs_no_encryption(url: str) -> None:
    check_address(url, unencrypted=False)


def test_unencrypted_must_be_declared() -> None:
    check_address("http://erp.example", unencrypted=True)


def failed(text: str, url: str) -> SourceError:
    with (
        pytest.raises(SourceError) as raised,
        extract(asked(text, url, token=TOKEN)) as extraction,
    ):
        read_all(extraction)
    return raised.value
