"""A server that sends what no server should: each time one readable error, or the records."""

from __future__ import annotations

import gzip
import logging
import threading
import time
import traceback
import zlib
from dataclasses import dataclass

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.read import extract
from tests.connectors.http.raw_server import (
    GOOD,
    Talk,
    drips,
    http,
    pours,
    raw,
    resets,
    sends,
    silent,
)
from tests.connectors.http.systems import asked, read_all

pytestmark = pytest.mark.slow

SECRET = "s3cret/token+value"
SYSTEM = """
protocol: http
auth: {scheme: bearer, token: "${secret.token}"}
retry: {attempts: 2, first_wait: 1}
timeouts: {connect: 1, read: 3, answer: 5}
breaker: {opens_after: 1000}
objects:
  items: {key: [id], records: items, request: {path: /items}}
"""
IMPATIENT = SYSTEM.replace("attempts: 2", "attempts: 1").replace("answer: 5", "answer: 1")


def head(*headers: str, status: str = "200 OK") -> bytes:
    return http(b"", *headers, status=status, length=None)


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def items(text: str) -> Talk:
    return sends(http(f'{{"items": {text}}}'.encode()))


def charset(name: str) -> Talk:
    return sends(http(GOOD, f"Content-Type: application/json; charset={name}"))


CHUNKS = head("Transfer-Encoding: chunked")
# name → the talk, and the records as text fields
TAKEN: dict[str, tuple[Talk, list[dict[str, str | None]]]] = {
    "chunks": (sends(CHUNKS + chunked(b'{"items":', b' [{"id": 1}]}')), [{"id": "1"}]),
    "chunks and a length": (
        sends(http(b"", "Transfer-Encoding: chunked", length=3) + chunked(GOOD)),
        [],
    ),
    "one length twice": (sends(http(GOOD, "Content-Length: 13")), []),
    "a length below zero": (sends(head("Content-Length: -5") + GOOD, close=True), []),
    "packed twice": (
        sends(http(gzip.compress(gzip.compress(GOOD)), "Content-Encoding: gzip, gzip")),
        [],
    ),
    "raw deflate": (
        sends(http(zlib.compress(GOOD)[2:-4], "Content-Encoding: deflate")),
        [],
    ),
    "a mark of UTF-8": (sends(http(b"\xef\xbb\xbf" + GOOD)), []),
    "UTF-16 with a mark": (sends(http(GOOD.decode().encode("utf-16"))), []),
    "UTF-16 by its header": (
        sends(http(GOOD.decode().encode("utf-16-be"), "Content-Type: text/json; charset=UTF-16BE")),
        [],
    ),
    "a field twice": (items('[{"id": 1, "id": 2}]'), [{"id": "2"}]),
    "numbers beyond reason": (
        items('[{"id": 1e999999999, "a": -1E-99999999999999999999, "n": NaN, "m": [-Infinity]}]'),
        [
            {
                "id": "1e999999999",
                "a": "-1E-99999999999999999999",
                "n": "NaN",
                "m": '["-Infinity"]',
            }
        ],
    ),
    "a million digits": (items(f'[{{"id": {"9" * 1_000_000}}}]'), [{"id": "9" * 1_000_000}]),
    "nested nearly too deep": (
        items(f'[{{"id": 1, "x": {"[" * 900}1.50{"]" * 900}}}]'),
        [{"id": "1", "x": "[" * 900 + '"1.50"' + "]" * 900}],
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_can_be_understood_is_taken(name: str) -> None:
    talk, records = TAKEN[name]
    with raw(talk) as server, extract(asked(SYSTEM, server.url, token=SECRET)) as extraction:
        assert read_all(extraction) == records


@dataclass(frozen=True)
class Told:
    """What is told of a talk: who can help, in which words, after how many requests."""

    talk: Talk
    kind: str
    words: str
    requests: int = 1

    @property
    def transient(self) -> bool:
        return self.kind == "transient"


REFUSED = {
    "short of its length": Told(
        sends(http(GOOD, length=99), close=True), "transient", "cut off or is garbled", 2
    ),
    "two lengths": Told(
        sends(http(GOOD, "Content-Length: 5")), "upstream_data", "contradict each other"
    ),
    "10 GB announced": Told(
        sends(http(b"", length=10**10)), "upstream_data", "larger than 64,000,000 bytes"
    ),
    "a length of 31 digits": Told(sends(http(b"", length=10**30)), "upstream_data", "larger than"),
    "garbage for a chunk": Told(
        sends(CHUNKS + b"zz\r\nhello", close=True), "transient", "garbled", 2
    ),
    "a chunk below zero": Told(
        sends(CHUNKS + b"-5\r\nhello\r\n0\r\n\r\n", close=True), "transient", "garbled", 2
    ),
    "a chunk beyond all": Told(
        sends(CHUNKS + b"f" * 40 + b"\r\nhello", close=True), "transient", "garbled", 2
    ),
    "a chunk cut off": Told(sends(CHUNKS + b"20\r\nhel", close=True), "transient", "cut off", 2),
    "100 MB of headers": Told(
        pours(b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 60_000 + b"\r\n", 1700),
        "transient",
        "headers of its answer are too long",
        2,
    ),
    "a header of 100 MB": Told(
        pours(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 60_000, 1700),
        "transient",
        "headers of its answer are too long",
        2,
    ),
    "no HTTP": Told(sends(b"HELLO\r\n\r\n", close=True), "transient", "does not speak HTTP", 2),
    "a status of five digits": Told(
        sends(b"HTTP/1.1 99999 X\r\n\r\n", close=True), "transient", "does not speak HTTP", 2
    ),
    "a reset": Told(resets, "transient", "connection failed", 2),
    "no gzip": Told(sends(http(GOOD, "Content-Encoding: gzip")), "transient", "garbled", 2),
    "gzip 20 times": Told(
        sends(http(GOOD, f"Content-Encoding: {', '.join(['gzip'] * 20)}")),
        "transient",
        "garbled",
        2,
    ),
    "brotli": Told(sends(http(GOOD, "Content-Encoding: br")), "upstream_data", "asked for (br)"),
    "no UTF-8": Told(sends(http(b'["\xff"]')), "upstream_data", "no valid UTF-8 at byte 3"),
    "Klingon": Told(charset("klingon"), "upstream_data", "encoding that is none, klingon"),
    "a codec that is no encoding": Told(charset("hex"), "upstream_data", "none, hex"),
    "a codec that fails": Told(charset("undefined"), "upstream_data", "none, undefined"),
    "an encoding with a NUL": Told(charset('"a\0b"'), "upstream_data", "none, ab"),
    "a secret for an encoding": Told(charset(f'"{SECRET}"'), "upstream_data", "none, ***"),
    "nested 100,000 deep": Told(
        items("[" * 100_000 + "]" * 100_000), "upstream_data", "nested too deeply"
    ),
    "a page": Told(
        sends(http(f"<html><title>Log in {SECRET}</title></html>".encode(), "Content-Type: a/b")),
        "policy",
        "web page: Log in ***",
    ),
    "nothing": Told(sends(http(b"")), "transient", "empty body", 2),
    "nothing to be reset": Told(sends(http(b"", status="205 X")), "upstream_data", "no JSON"),
    "another protocol": Told(sends(http(b"", status="101 X")), "upstream_data", "answered 101"),
    "always 401": Told(
        sends(http(f'{{"error": "{SECRET} is bad"}}'.encode(), status="401 X")),
        "policy",
        "401 Unauthorized: *** is bad",
    ),
    "an error and 200": Told(
        sends(http(b'{"error": {"code": "SESSION_EXPIRED", "message": "access denied"}}')),
        "policy",
        "access denied",
    ),
    "403 in another encoding": Told(
        sends(http("Kein Zugriff für dich".encode("latin-1"), status="403 X")),
        "policy",
        "403 Forbidden: Kein Zugriff f\ufffdr dich",
    ),
    "403 cut off": Told(
        sends(http(b"no", status="403 X", length=99), close=True), "policy", "403 Forbidden"
    ),
    "429 for ten years": Told(
        sends(http(b"", "Retry-After: 315360000", status="429 X")),
        "transient",
        "it asks to be left alone until",
    ),
    "429 until the year 9999": Told(
        sends(http(b"", "Retry-After: Fri, 31 Dec 9999 23:59:59 -2359", status="429 X")),
        "transient",
        "it asks to be left alone until",
    ),
    "429 since yesterday": Told(
        sends(http(b"", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", status="429 X")),
        "transient",
        "2 attempts",
        2,
    ),
    "500 with a secret": Told(
        sends(http(b"", f"X-Echo: {SECRET}", status=f"500 {SECRET} \x1b[31m")),
        "transient",
        "500 Internal Server Error",
        2,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_is_told_in_one_line(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    told = REFUSED[name]
    with raw(told.talk) as server, caplog.at_level(logging.DEBUG):
        error = failed(server.url, SYSTEM)
        assert (error.kind, error.transient) == (told.kind, told.transient)
        assert told.words in str(error)
        assert len(server.seen) == told.requests
        assert_clean(error, caplog.text)


DRIPS = {
    "nothing at all": silent,
    "headers": drips(b"HTTP/1.1 200 OK\r\nX: ", b"a"),
    "100 Continue": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body": drips(http(b"", length=10**6), b" "),
    "a body without length": drips(head("Connection: close"), b" "),
    "the size of a chunk": drips(head("Connection: close", "Transfer-Encoding: chunked"), b"0"),
    "what follows a chunk's size": drips(CHUNKS + b"5;", b"x"),
    "packed nothings": drips(
        head("Content-Encoding: gzip", "Connection: close") + gzip.compress(b"")[:10],
        b"\x00\x00\x00\xff\xff",
    ),
}


@pytest.mark.parametrize("name", DRIPS)
def test_a_server_that_drips_is_given_up_in_time(name: str) -> None:
    """Each drop keeps the limit on the time between two of them."""
    with raw(DRIPS[name]) as server:
        began = time.monotonic()
        error = failed(server.url, IMPATIENT)
        assert time.monotonic() - began < 3
        assert error.transient
        assert "took too long" in str(error) or "did not answer within 1 s" in str(error)
        assert_clean(error)
        settle(server)


@pytest.mark.parametrize("name", [*REFUSED, "the body of a redirect"])
def test_an_error_leaves_nothing_behind(name: str) -> None:
    """No connection is kept that the answer was not read from to its end, and no thread."""
    endless = pours(head("Location: /elsewhere", status="302 X"), b" " * 65536, 10**6)
    talk = REFUSED[name].talk if name in REFUSED else endless
    before = {thread for thread in threading.enumerate() if thread.name.startswith("Timer")}
    with raw(talk) as server:
        failed(server.url, SYSTEM.replace("attempts: 2", "attempts: 1"))
        settle(server, at_most=1)
    time.sleep(0.01)
    timers = {thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)}
    assert not timers - before


def test_what_was_left_over_is_no_answer_to_the_next_request() -> None:
    """Longer than its length, by a whole answer of the server's choice."""
    text = SYSTEM.replace("records: items", "records: items, paging: {scheme: offset}")
    text = text.replace("/items}", "/items, query: {o: '${offset}'}}")
    smuggled = http(b'{"items": [{"id": "smuggled"}]}')
    first = sends(http(b'{"items": [{"id": "1"}]}') + smuggled)
    with raw(sends(http()), first) as server:
        with extract(asked(text, server.url, token=SECRET)) as extraction:
            assert read_all(extraction) == [{"id": "1"}]
        assert len(server.seen) == 2


@pytest.mark.parametrize(
    "body",
    [
        http(b"", status="503 X"),
        http("<html>Störung</html>".encode("latin-1"), status="503 X"),
        http(b"x", "Content-Encoding: br", status="503 X"),
        http(b"x", "Content-Encoding: gzip", status="503 X"),
        http(b"x", "Content-Type: a/b; charset=klingon", status="503 X"),
        http(b" " * 2_000_000, status="503 X"),
    ],
)
def test_503_and_then_good(body: bytes) -> None:
    """Whatever is wrong with what stands beside it."""
    with raw(items('[{"id": 1}]'), sends(body)) as server:
        with extract(asked(SYSTEM, server.url, token=SECRET)) as extraction:
            assert read_all(extraction) == [{"id": "1"}]
        assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("scheme", "talk", "words"),
    [
        ("{scheme: offset}", '[{"id": 1}]', "the same 1 records as the page before"),
        ("{scheme: cursor, token: next}", '[{"id": 1}], "next": "a"', "the same 1 records"),
        ("{scheme: cursor, token: next}", '[], "next": "a"', "go round in circles"),
        ("{scheme: next_link, link: next}", '[], "next": "?o=1"', "go round in circles"),
    ],
)
def test_pages_that_repeat_themselves_end(scheme: str, talk: str, words: str) -> None:
    name = "cursor" if "cursor" in scheme else "offset"
    query = f"query: {{o: '${{{name}}}'}}" if "next_link" not in scheme else "query: {o: 0}"
    text = SYSTEM.replace("records: items", f"records: items, paging: {scheme}")
    with raw(items(talk)) as server:
        error = failed(server.url, text.replace("/items}", f"/items, {query}}}"))
        assert error.kind == "upstream_data"
        assert words in str(error)
        assert len(server.seen) < 6


@pytest.mark.parametrize(
    "words",
    [
        "query: {c: '${cursor}'}",
        "method: POST, body: {c: '${cursor}'}",
        "method: POST, form: {c: '${cursor}'}",
    ],
)
def test_a_token_that_is_no_text_cannot_be_sent_back(words: str) -> None:
    text = SYSTEM.replace("records: items", "records: items, paging: {scheme: cursor, token: n}")
    words = words.replace("{c: '${cursor}'}", "{c: {when: cursor, use: '${cursor}'}, d: 1}")
    with raw(items('[{"id": 1}], "n": "\\ud800"')) as server:
        error = failed(server.url, text.replace("{path: /items}", f"{{{words}}}"))
        assert len(server.seen) == 1
    assert error.kind == "mapping"
    assert "a character that no text can hold" in str(error)


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -2359", "soon", "\xff", ""])
def test_a_clock_beyond_time_is_not_believed(date: str) -> None:
    text = SYSTEM.replace("key: [id]", "key: [id], cursor: at")
    text = text.replace("path: /items", "path: /items, query: {s: '${since}'}")
    answer = http(b'{"items": [{"id": 1, "at": "2026-01-01T00:00:00Z"}]}', f"Date: {date}")
    with raw(sends(answer)) as server, extract(asked(text, server.url, token=SECRET)) as extraction:
        assert len(read_all(extraction)) == 1
    assert extraction.stated.cursor_max == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("count", ["9" * 5000, "1e5", "-1", "null", '"many"', "[1]", "²"])
def test_a_count_that_is_none(count: str) -> None:
    text = SYSTEM.replace("key: [id]", "key: [id], count: {request: {path: /n}, at: n}")
    with raw(sends(http(f'{{"n": {count}}}'.encode()))) as server:
        error = failed(server.url, text)
    assert error.kind in ("mapping", "upstream_data")


def failed(url: str, text: str) -> SourceError:
    with (
        pytest.raises(SourceError) as raised,
        extract(asked(text, url, token=SECRET)) as extraction,
    ):
        read_all(extraction)
    return raised.value


def assert_clean(error: SourceError, log: str = "") -> None:
    """One line that says where and what to do, and the secret nowhere."""
    line = str(error)
    assert line.startswith("shop.items: ")
    assert line.endswith(".")
    assert error.what
    assert error.remedy
    assert "\n" not in line
    assert all(c.isprintable() for c in line)
    shown = line + repr(error) + repr(error.args) + "".join(traceback.format_exception(error))
    for spelling in (SECRET, "s3cret%2Ftoken%2Bvalue", "czNjcmV0L3Rva2VuK3ZhbHVl"):
        assert spelling not in shown + log


def settle(server: object, at_most: int = 0) -> None:
    """The server sees its connections closed, but for one that may serve again."""
    deadline = time.monotonic() + 2
    while getattr(server, "open", 0) > at_most and time.monotonic() < deadline:
        time.sleep(0.01)
    assert getattr(server, "open", 0) <= at_most
