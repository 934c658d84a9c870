"""An API with any number of records, each made when it is asked for, in a process of its own.

Belongs here: the server, and a child process that takes an extract of it and tells what that cost.
Not here: what it may cost.

``/items`` is paged by id and knows ``since`` and ``fields``; ``/count`` counts. ``/now?changed=N``
gives N records a newer stamp, ``/now?deleted=N`` takes N away; ``/times`` tells when pages were
asked for. All records are as old as each other but the last one, or, loaded in bulk, that one, too.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ROOT = Path(__file__).parents[2]
SYSTEM = """
protocol: http
objects:
  items:
    key: [id]
    cursor: changed
    control_totals: {amount: 2}
    records: items
    rows_per_page: 1000
    fields: [number, supplier, buyer, currency, tax, rate, terms, site, state, note, made, line]
    paging: {scheme: keyset, by: id}
    request:
      path: /items
      query:
        limit: ${limit}
        after: ${after}
        since: ${since}
        fields: {join: ",", of: "${fields}"}
    count: {request: {path: /count, query: {since: "${since}"}}, at: count}
"""
OLD, LAST, NEW = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-02-01T00:00:00Z"
_TAKE = """
import sys, time
from datetime import UTC, datetime
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.take import take
from tests.connectors.http.systems import system
from tests.landing.large_api import SYSTEM

began = time.monotonic()
manifest = take(
    Landing(sys.argv[1]), "shop", sys.argv[2], "items", system(SYSTEM).objects["items"],
    now=lambda: datetime.now(UTC), full=sys.argv[3:] == ["full"],
)
with open("/proc/self/status") as status:
    most = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(manifest.mode, manifest.row_count, sum(ref.rows for ref in manifest.gone), most // 1024,
      f"{time.monotonic() - began:.2f}", manifest.complete)
"""


def record(number: int, changed: str) -> str:
    """Fifteen fields, about 300 bytes."""
    return (
        f'{{"id":{number},"changed":"{changed}","amount":{number}.50,"number":"PO-{number:08d}",'
        f'"supplier":"S{number % 977:05d} Trading Company","buyer":"B{number % 31}",'
        f'"currency":"EUR","tax":0.{number % 100:02d},"rate":1.{number % 1000:03d}1,'
        f'"terms":"30 days net","site":"Site {number % 7}","state":"open","note":null,'
        f'"made":"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}","line":{number % 90}}}'
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    count = 0
    bulk = False
    changed = deleted = 0
    times: list[float] = []  # noqa: RUF012

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.answer(parts.path, dict(parse_qsl(parts.query)))

    def answer(self, path: str, query: dict[str, str]) -> None:
        one = type(self)
        if path == "/items":
            one.times.append(time.monotonic())
            self.reply(f'{{"items":[{",".join(self.page(query))}]}}')
        elif path == "/count":
            since = query.get("since", OLD)
            self.reply(json.dumps({"count": sum(1 for _ in self.numbers(0, since))}))
        elif path == "/now":
            one.changed = int(query.get("changed", one.changed))
            one.deleted = int(query.get("deleted", one.deleted))
            self.reply("{}")
        else:
            self.reply(json.dumps(one.times))
            one.times = []

    def numbers(self, after: int, since: str) -> Iterator[int]:
        """Ids above ``after`` of records that are there and were changed since."""
        gone = self.count // self.deleted if self.deleted else 0
        step = 1
        if since > OLD:
            step = self.count // self.changed if self.changed else self.count
        first = (after // step + 1) * step
        for number in range(first, self.count + 1, step):
            if not (gone and number % gone == 1):
                yield number

    def page(self, query: dict[str, str]) -> Iterator[str]:
        every = self.count // self.changed if self.changed else 0
        only_keys = query["fields"] == "id"
        numbers = self.numbers(int(query.get("after", 0)), query.get("since", OLD))
        for number, _ in zip(numbers, range(int(query["limit"])), strict=False):
            last = number == self.count and not self.bulk
            stamp = NEW if every and number % every == 0 else LAST if last else OLD
            yield f'{{"id":{number}}}' if only_keys else record(number, stamp)

    def reply(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


class Large:
    """The server, as those see it who ask it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def large_api(count: int, *how: str) -> Iterator[Large]:
    """A server of ``count`` records with ids from 1; ``how`` may be ``bulk``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.landing.large_api", str(count), *how],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        yield Large(process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def begin_taking(root: str, url: str, *how: str) -> subprocess.Popen[str]:
    """A process that takes an extract; ``how`` may be ``full``."""
    return subprocess.Popen(
        [sys.executable, "-c", _TAKE, root, url, *how],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


class Taken:
    """What an extract was, and what it cost: megabytes at most, and seconds."""

    def __init__(self, text: str) -> None:
        found = re.fullmatch(r"(\w+) (\d+) (\d+) (\d+) ([\d.]+) (\w+)\n", text)
        assert found, text
        self.mode, self.complete = found[1], found[6] == "True"
        self.rows, self.gone, self.megabytes = (int(found[n]) for n in (2, 3, 4))
        self.seconds = float(found[5])

    def __repr__(self) -> str:
        return (
            f"{self.mode}: {self.rows:,} records, {self.gone} gone, {self.megabytes} MB, "
            f"{self.seconds} s"
        )


def taken(root: str, url: str, *how: str) -> Taken:
    """An extract, taken in a process of its own."""
    out, _ = begin_taking(root, url, *how).communicate(timeout=600)
    return Taken(out)


if __name__ == "__main__":
    _Handler.count, _Handler.bulk = int(sys.argv[1]), sys.argv[2:] == ["bulk"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
