import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests

from finsync_dagster.sandbox.vendors.control import Control
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import parse_plan
from finsync_dagster.sandbox.vendors.server import VendorServer, serving
from finsync_dagster.sandbox.vendors.wire import Answer, Request

RECORDS = {"records": [{"name": "Müller & Söhne", "n": n} for n in range(9)]}


class Echo:
    """Tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if request.path == "/broken":
            raise RuntimeError("token=geheim")
        if request.path == "/records":
            return Answer.json(RECORDS)
        return Answer.json({"path": request.path, "body": request.body.decode()})

    def refusal(self, request: Request, status: int) -> Answer:
        return Answer.json({"errors": f"{status} at {request.path}"}, status)


class Moment:
    until: datetime | None = None


@contextmanager
def server(plan: str = "", log: list[str] | None = None) -> Iterator[VendorServer]:
    faults = Faults(parse_plan(plan))
    control = Control(("group_coupa", "group_sap"), faults, Moment())
    systems = {"group_coupa": Echo(), "group_sap": Echo()}
    with serving(
        VendorServer(systems, faults, control, log=None if log is None else log.append)
    ) as it:
        yield it


def always(kind: str, **words: object) -> str:
    return json.dumps({"faults": [{"kind": kind, "rate": 1, "at_most": 1000, **words}]})


def raw(url: str, path: str = "/group_coupa/records") -> bytes:
    """Everything that comes until the server ends the connection."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), 5) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        got = b""
        while piece := line.recv(65536):
            got += piece
        return got


def test_a_request_arrives_decoded_below_its_system() -> None:
    with server() as it:
        answer = requests.post(
            f"{it.address('group_coupa')}/a%20b/c('x')?q=1&q=%C3%A4+b&empty=",
            data=b'{"x": 1}',
            headers={"X-One": "Two"},
            timeout=5,
        )
        assert answer.json() == {"path": "/a b/c('x')", "body": '{"x": 1}'}
        (asked,) = it.systems["group_coupa"].asked  # type: ignore[attr-defined]
    assert asked.query == (("q", "1"), ("q", "ä b"), ("empty", ""))
    assert asked.first("q") == "1"
    assert asked.headers["x-one"] == "Two"
    assert asked.address == it.address("group_coupa")
    assert asked.method == "POST"


def test_a_connection_is_kept_and_many_are_served_at_once() -> None:
    with server(always("slow", seconds=0.3)) as it, requests.Session() as session:
        begin = time.monotonic()
        threads = [
            threading.Thread(target=session.get, args=(f"{it.address('group_sap')}/{n}",))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 0.3 <= time.monotonic() - begin < 1.5
        place = urlsplit(it.url)
        with socket.create_connection((place.hostname, place.port), 5) as line:
            for _ in range(3):
                line.sendall(b"GET /control HTTP/1.1\r\nHost: x\r\n\r\n")
                assert line.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_head_has_no_body_and_unknown_systems_are_not_there() -> None:
    with server() as it:
        assert requests.head(f"{it.address('group_sap')}/records", timeout=5).content == b""
        assert requests.get(f"{it.url}/coupa/records", timeout=5).status_code == 404
        assert requests.get(f"{it.url}/", timeout=5).status_code == 404


def test_bodies_that_cannot_be_taken_are_refused() -> None:
    with server() as it:
        place = urlsplit(it.url)
        for head, status in (
            ("Transfer-Encoding: chunked", b"411"),
            ("Content-Length: x", b"400"),
            ("Content-Length: 10000001", b"413"),
        ):
            with socket.create_connection((place.hostname, place.port), 5) as line:
                line.sendall(f"POST /group_sap/x HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
                assert line.recv(65536).split(b" ")[1] == status


def test_throttled_says_when_to_come_again_in_three_ways() -> None:
    for words, check in (
        ({"seconds": 2}, lambda said: said == "2"),
        (
            {"retry_after": "date", "seconds": 2},
            lambda said: abs(parsedate_to_datetime(said).timestamp() - time.time() - 2) < 2,
        ),
        ({"retry_after": "none"}, lambda said: said is None),
    ):
        with server(always("throttled", **words)) as it:
            answer = requests.get(f"{it.address('group_coupa')}/records", timeout=5)
            assert answer.status_code == 429
            assert answer.json() == {"errors": "429 at /records"}
            assert check(answer.headers.get("Retry-After"))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_the_vendors_or_a_page(status: int) -> None:
    with server(always("server_error", status=status)) as it:
        answer = requests.get(f"{it.address('group_coupa')}/records", timeout=5)
        assert (answer.status_code, answer.json()) == (status, {"errors": f"{status} at /records"})
        assert "Retry-After" not in answer.headers
    with server(always("server_error", status=status, body="html", retry_after="seconds")) as it:
        answer = requests.get(f"{it.address('group_coupa')}/records", timeout=5)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f"<title>{status} " in answer.text
        assert answer.headers["Retry-After"] == "1"


def test_an_answer_is_cut_after_its_headers_in_its_middle_or_within_a_character() -> None:
    whole = json.dumps(RECORDS, ensure_ascii=False, separators=(",", ":")).encode()
    bodies = {}
    for where in ("headers", "body", "character"):
        with server(always("cut", where=where)) as it:
            head, _, bodies[where] = raw(it.url).partition(b"\r\n\r\n")
            assert f"Content-Length: {len(whole)}".encode() in head
            with pytest.raises(
                (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
            ):
                requests.get(f"{it.address('group_coupa')}/records", timeout=5)
    assert bodies["headers"] == b""
    assert bodies["body"] == whole[: len(whole) // 2]
    assert whole.startswith(bodies["character"])
    with pytest.raises(UnicodeDecodeError, match="unexpected end of data"):
        bodies["character"].decode()


def test_a_wrong_length_promises_more_or_less_than_comes() -> None:
    with server(always("wrong_length", says="more")) as it:
        head, _, body = raw(it.url).partition(b"\r\n\r\n")
        assert json.loads(body) == RECORDS
        assert f"Content-Length: {len(body) + 9}".encode() in head
    with server(always("wrong_length", says="less")) as it:
        head, _, body = raw(it.url).partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body) - 9}".encode() in head
        with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
            requests.get(f"{it.address('group_coupa')}/records", timeout=5).json()


def test_bad_json_has_the_right_length_and_whole_characters() -> None:
    with server(always("bad_json")) as it:
        answer = requests.get(f"{it.address('group_coupa')}/records", timeout=5)
        assert answer.status_code == 200
        answer.content.decode("utf-8")
        with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
            answer.json()


def test_a_login_page_comes_with_200() -> None:
    with server(always("html_page")) as it:
        answer = requests.get(f"{it.address('group_coupa')}/records", timeout=5)
        assert answer.status_code == 200
        assert "<title>Sign in</title>" in answer.text
        assert not it.systems["group_coupa"].asked  # type: ignore[attr-defined]


def test_a_fault_spares_the_next_attempt_after_at_most_so_many() -> None:
    plan = json.dumps({"faults": [{"kind": "server_error", "rate": 1, "at_most": 2}]})
    with server(plan) as it:
        url = f"{it.address('group_coupa')}/records"
        assert [requests.get(url, timeout=5).status_code for _ in range(4)] == [503, 503, 200, 503]


def test_only_path_and_counts_are_logged_and_a_mistake_of_a_stand_in_is_counted() -> None:
    lines: list[str] = []
    with server(log=lines) as it:
        base = it.address("group_coupa")
        requests.get(f"{base}/records?token=geheim", headers={"X": "geheim"}, timeout=5)
        broken = requests.get(f"{base}/broken", timeout=5)
        state = requests.get(f"{it.url}/control", timeout=5)
    assert broken.status_code == 500
    assert "geheim" not in "".join(lines) + broken.text + state.text
    assert lines[0].startswith("group_coupa GET /records 200 ")
    (where,) = state.json()["systems"]["group_coupa"]["failed"]
    assert where.startswith("RuntimeError in answer:")


def test_the_end_closes_what_is_open() -> None:
    with server() as it:
        place = urlsplit(it.url)
        line = socket.create_connection((place.hostname, place.port), 5)
        line.sendall(b"GET /control HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(65536)
    assert line.recv(65536) == b""
    line.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((place.hostname, place.port), 5)
