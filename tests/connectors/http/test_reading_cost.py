"""What reading costs: memory by the number of pages, time by the request."""

from __future__ import annotations

import re
import socket
import statistics
import time

import pytest
import requests

from finsync_dagster.connectors.http import clients
from finsync_dagster.connectors.http.call import Call
from tests.connectors.http.raw_server import Talk, http, raw, sends
from tests.connectors.http.systems import asked
from tests.connectors.http.test_hostile_sizes import child

SYSTEM = """
protocol: http
objects:
  items:
    key: [id]
    cursor: changed
    records: items
    rows_per_page: 1000
    paging: PAGING
    request: {path: /items, query: {at: "${at}", since: "${since}"}}
"""
PAGINGS = {
    "offset": ("{scheme: offset}", "offset"),
    "keyset": ("{scheme: keyset, by: id}", "after"),
    "cursor": ("{scheme: cursor, token: next}", "cursor"),
}
ONE_REQUEST = SYSTEM.replace("PAGING", "{scheme: none}").replace('at: "${at}", ', "")


def list_of(count: int, paging: str) -> Talk:
    """``count`` small records with ids from 0, made when they are asked for."""

    def talk(one: socket.socket, request: bytes) -> bool:
        found = re.search(rb"at=(\d+)", request)
        start = int(found[1]) + (paging == "keyset") if found else 0
        records = ",".join(
            f'{{"id":{n},"number":"PO-{n}","amount":{n}.50,"currency":"EUR","open":true,'
            f'"note":null,"changed":"2026-01-{n % 28 + 1:02d}T00:00:{n % 60:02d}Z"}}'
            for n in range(start, min(start + 1000, count))
        )
        following = start + 1000
        token = f'"{following}"' if following < count else "null"
        one.sendall(http(f'{{"items":[{records}],"next":{token}}}'.encode()))
        return True

    return talk


def read(count: int, name: str) -> tuple[int, float]:
    """Megabytes at most, and seconds."""
    paging, place = PAGINGS[name]
    text = SYSTEM.replace("PAGING", paging).replace("${at}", f"${{{place}}}")
    with raw(list_of(count, name)) as server:
        began = time.monotonic()
        _, most, rows, said = child(text, server.url)
        spent = time.monotonic() - began
    assert (rows, said) == (count, "")
    print(f"{name}: {count:,} records, {most} MB, {spent:.1f} s")
    return most, spent


@pytest.mark.slow
def test_many_records_need_no_more_memory_than_a_few() -> None:
    few, _ = read(50_000, "offset")
    many, _ = read(400_000, "offset")
    assert many < 300
    assert many - few < 30


@pytest.mark.slow
@pytest.mark.parametrize("name", ["keyset", "cursor"])
def test_memory_does_not_grow_with_pages(name: str) -> None:
    few, _ = read(20_000, name)
    many, _ = read(100_000, name)
    assert many - few < 30


@pytest.mark.slow
def test_what_a_request_costs_beside_a_bare_one() -> None:
    """Turn, circuit, watch, limits and redaction: a few times what ``requests`` alone takes."""
    with raw(sends(http())) as server, requests.Session() as bare:
        client = clients.client_of(asked(ONE_REQUEST, server.url))
        call = Call("GET", server.url + "/items")
        ours, theirs = [], []
        for _ in range(300):
            began = time.perf_counter()
            client.send(call, "items")
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            assert bare.get(call.url, timeout=5).json() == {"items": []}
            theirs.append(time.perf_counter() - began)
    # What it takes when nothing else keeps the machine busy.
    our, their = (statistics.quantiles(times, n=10)[0] for times in (ours, theirs))
    print(f"{our * 1000:.2f} ms, bare {their * 1000:.2f} ms")
    assert our < 8 * their
