"""However much a server sends, memory stays flat: measured in a process of its own."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.connectors.http.raw_server import Talk, http, pours, raw

ROOT = Path(__file__).parents[3]
MB = 1 << 20
ZEROS = b"0" * MB
_READ = """
import sys, threading
from pathlib import Path
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.read import extract
from tests.connectors.http.systems import asked

def most():
    # getrusage would tell of the process that started this one, too.
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

one = asked(sys.argv[1], sys.argv[2])
before = most()
said, rows = "", 0
try:
    with extract(one) as extraction:
        for page in extraction.pages:
            rows += len(page)
except SourceError as error:
    said = f"{error.kind}: {error}"
after = most()
print(before // 1024, after // 1024, rows, said)
"""
SYSTEM = """
protocol: http
retry: {attempts: 1}
timeouts: {answer: 30}
largest_answer: 20000000
objects:
  items: {key: [id], records: items, request: {path: /items}}
"""


def child(text: str, url: str) -> tuple[int, int, int, str]:
    """Megabytes before and at most, rows read, and what was said."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, text, url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    before, most, rows, said = done.stdout.split(" ", 3)
    return int(before), int(most), int(rows), said.strip()


def packed(wbits: int) -> Callable[[], bytes]:
    """1 GB of zeros, packed."""

    @cache
    def made() -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
        return b"".join([*(packer.compress(ZEROS) for _ in range(1024)), packer.flush()])

    return made


GZIP, DEFLATE = packed(31), packed(15)


def bomb(encoding: str, body: bytes) -> Talk:
    return pours(http(b"", f"Content-Encoding: {encoding}", length=len(body)), body, 1)


def chunked_bomb() -> Talk:
    body = GZIP()
    head = http(b"", "Content-Encoding: gzip", "Transfer-Encoding: chunked", length=None)
    chunks = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return pours(head, framed + b"0\r\n\r\n", 1)


ENDLESS: dict[str, Callable[[], Talk]] = {
    "10 GB unannounced": lambda: pours(http(b"", length=None), ZEROS, 10_000),
    "10 GB of chunks": lambda: pours(
        http(b"", "Transfer-Encoding: chunked", length=None),
        b"100000\r\n" + ZEROS + b"\r\n",
        10_000,
    ),
    "10 GB with a redirect": lambda: pours(
        http(b"", "Location: /x", status="302 X", length=None), ZEROS, 10_000
    ),
    "10 GB with an error": lambda: pours(http(b"", status="500 X", length=None), ZEROS, 10_000),
    "1 GB in gzip": lambda: bomb("gzip", GZIP()),
    "1 GB in deflate": lambda: bomb("deflate", DEFLATE()),
    "1 GB in gzip in gzip": lambda: bomb("gzip, gzip", gzip.compress(GZIP())),
    "1 GB in gzip in chunks": chunked_bomb,
}


TOO_LARGE = "upstream_data: shop.items: the answer is larger than 20,000,000 bytes"
SAID = {
    "10 GB with a redirect": "policy: shop.items: it redirects in circles",
    "10 GB with an error": "transient: shop.items: it answered 500 Internal Server Error",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_without_end_is_given_up_before_it_fills_the_memory(name: str) -> None:
    with raw(ENDLESS[name]()) as server:
        before, most, _, said = child(SYSTEM, server.url)
        assert len(server.seen) == (5 if "redirect" in name else 1)
    assert said.startswith(SAID.get(name, TOO_LARGE))
    assert most - before < 100, f"{before} MB, then {most} MB"
