"""Systems that answer whatever they like: the others go on, each is told of, and no secret is kept.

Belongs here: the command, what it prints and what it leaves on disk. Not here: each thing that a
server can do to one request (connectors/http/test_hostile.py).
"""

from __future__ import annotations

import base64
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal as D
from pathlib import Path

import polars as pl
import pytest
import yaml
import zstandard

from tests.connectors.http.raw_server import Raw, Talk, as_json, drips, http, pours, raw, sends
from tests.pipeline import onboarding
from tests.pipeline.homes import Home

PASSWORD, KEY, TOKEN = "pa55-of-the-user", "k3y-of-the-api", "t0ken-by-login"
SECRETS = (PASSWORD, KEY, TOKEN)
SHOP = """
protocol: http
auth:
  scheme: session
  login: {path: /login, body: {password: "${secret.password}"}}
  take: {token: token}
  headers: {Authorization: "Session ${token}"}
headers: {X-Api-Key: "${secret.key}"}
retry: {attempts: 2, first_wait: 1}
timeouts: {answer: 3}
largest_answer: 1000000
objects:
  orders:
    key: [guid]
    records: items
    paging: {scheme: next_link, link: next, max_pages: 20}
    request: {path: /orders}
"""
SHOP_MEANS = """
mappings:
  - table: purchase_orders
    object: orders
    columns:
      {po_id: "id('orders', guid)", po_number: doc, supplier_src_id: "id('vendors', 'K1')",
       ccy: "'EUR'", order_date: "day(changed)", type: "'standard'", status_src: "'sent'",
       status_canon: "'sent'", buyer: "NULL", expected_date: "NULL", net_amount: exact(total),
       tax_amount: "NULL", charges_amount: "NULL", gross_amount: "NULL"}
"""
ORDERS = [
    {"guid": n, "doc": f"PO{n}", "total": "30.03", "changed": f"2026-01-0{n}T00:00:00Z"}
    for n in (1, 2, 3)
]


def echoed(request: bytes) -> bytes:
    """Some servers show in an error what they were sent."""
    return request.replace(b"\r\n", b" ").replace(b'"', b"'")


def web_page(one: socket.socket, request: bytes) -> bool:
    page = b"<html><title>Welcome</title><p>" + echoed(request) + b"</p></html>"
    one.sendall(http(page, "Content-Type: text/html"))
    return True


def unauthorized(one: socket.socket, request: bytes) -> bool:
    said = as_json({"error": {"message": f"no access for {echoed(request).decode()}"}})
    one.sendall(http(said, status="401 Unauthorized"))
    return True


@dataclass
class Endless:
    """A next page after each page."""

    page: int = 0

    def __call__(self, one: socket.socket, _: bytes) -> bool:
        self.page += 1
        items = [{"guid": self.page, "doc": "PO", "total": "1", "changed": "2026-01-01T00:00:00Z"}]
        one.sendall(http(as_json({"items": items, "next": f"/orders?page={self.page}"})))
        return True


ELSEWHERE = "elsewhere"
# What each does, and what is said of it.
HOSTILE: dict[str, tuple[Talk, str]] = {
    "endless": (Endless(), "there is still more after 20 pages"),
    "huge": (pours(http(length=10**9).split(b"{")[0], b" " * 65536, 999), "larger than"),
    "slow": (drips(http(b"", length=1000), b" "), "took too long"),
    "page": (web_page, "web page"),
    "letters": (sends(http(b'{"items": [{"guid": "\xff\xfe"}]}')), "UTF-8"),
    "short": (sends(http(b'{"items": []}', length=500), close=True), "cut off"),
    "busy": (sends(http(b"{}", "Retry-After: 3600", status="429 Too Many Requests")), "429"),
    "closed": (unauthorized, "401"),
}
SAID = {name: said for name, (_, said) in HOSTILE.items()} | {
    ELSEWHERE: "its link to the next page was refused"
}


@dataclass
class Shop:
    """One system's server: well-behaved until it turns hostile."""

    hostile: Talk | None = None
    server: Raw = field(init=False)

    def __call__(self, one: socket.socket, request: bytes) -> bool:
        if request.startswith(b"POST /login"):
            one.sendall(http(as_json({"token": TOKEN})))
            return True
        if self.hostile is not None:
            return self.hostile(one, request)
        assert f"Authorization: Session {TOKEN}".encode() in request
        assert f"X-Api-Key: {KEY}".encode() in request
        one.sendall(http(as_json({"items": ORDERS})))
        return True


@dataclass
class Company:
    """A database that works, and a shop for each hostility."""

    home: Home
    shops: dict[str, Shop]
    elsewhere: Raw


def landscape(shops: dict[str, Shop]) -> str:
    company = yaml.safe_load(onboarding.COMPANY)
    company["legal_entities"] = {
        name: company["legal_entities"]["harbor"] for name in ("harbor", "market")
    }
    company["systems"] = {"store": company["systems"]["store"]} | {
        name: {
            "connector": "shop",
            "connection": {
                "url_env": f"URL_{name.upper()}",
                "secrets": {"password": "env:SHOP_PASSWORD", "key": "env:SHOP_KEY"},
            },
            "entities": ["market"],
            "domains": ["purchase_orders"],
            "owner": f"team:{name}",
        }
        for name in shops
    }
    return yaml.safe_dump(company)


def write_store(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as store:
        for statement in statements:
            store.execute(statement)
    store.close()


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with ExitStack() as servers:
        shops = {name: Shop() for name in (*HOSTILE, ELSEWHERE)}
        for shop in shops.values():
            shop.server = servers.enter_context(raw(shop))
        elsewhere = servers.enter_context(raw(sends(http(as_json({"items": ORDERS})))))
        land = tmp_path / "land"
        for name, reads, means in (
            ("shop", SHOP, SHOP_MEANS),
            ("store", onboarding.STORE, onboarding.STORE_MEANS),
        ):
            folder = land / "connectors" / name
            folder.mkdir(parents=True)
            (folder / "system.yaml").write_text(reads)
            (folder / "mappings.yaml").write_text(means)
        (land / "company.yaml").write_text(landscape(shops))
        write_store(
            tmp_path / "store.sqlite",
            "CREATE TABLE po (guid INTEGER PRIMARY KEY, doc TEXT, is_del INTEGER, n_lines INTEGER,"
            " total NUMERIC, book TEXT, chg TEXT)",
            "CREATE TABLE po_line (guid INTEGER, ln INTEGER, q NUMERIC, p NUMERIC, amt NUMERIC)",
            "CREATE TABLE rcv (rid INTEGER, guid INTEGER, ln INTEGER, q NUMERIC, chg TEXT)",
            "CREATE TABLE purge_log (logno INTEGER, ref INTEGER)",
            "INSERT INTO po VALUES (1, 'PO1', 0, 1, 10.01, 'P', '2026-01-01 10:00:00')",
            "INSERT INTO po_line VALUES (1, 1, 1, 10.01, 10.01)",
        )
        variables = {
            "FINSYNC_LANDSCAPE": str(land),
            "HARBOR_STORE": f"sqlite:///{tmp_path}/store.sqlite",
            "SHOP_PASSWORD": PASSWORD,
            "SHOP_KEY": KEY,
            **{f"URL_{name.upper()}": shop.server.url for name, shop in shops.items()},
        }
        yield Company(Home(tmp_path / "home", tuple(variables.items())), shops, elsewhere)


ORDERS_HELD = (
    "SELECT source_system, count(*), sum(net_amount) FROM canonical.purchase_orders "
    "GROUP BY 1 ORDER BY 1"
)


def turn(company: Company) -> None:
    """All shops are hostile from now on; in the store there is an order more."""
    for name, (talk, _) in HOSTILE.items():
        company.shops[name].hostile = talk
    link = f"{company.elsewhere.url}/orders?page=2"
    company.shops[ELSEWHERE].hostile = sends(http(as_json({"items": ORDERS, "next": link})))
    write_store(
        company.home.path.parent / "store.sqlite",
        "INSERT INTO po VALUES (2, 'PO2', 0, 1, 20.02, 'P', '2026-02-01 10:00:00')",
        "INSERT INTO po_line VALUES (2, 1, 2, 10.01, 20.02)",
    )


def texts(home: Home) -> Iterator[tuple[str, bytes]]:
    """All that a home holds, by its place: files, unpacked where they are packed, and tables."""
    for path in home.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield str(path), content
            if path.suffix == ".zst":
                yield f"{path}, unpacked", zstandard.ZstdDecompressor().decompress(content)
            if path.suffix == ".parquet":
                yield f"{path}, unpacked", str(pl.read_parquet(path).rows()).encode()
    for table in home.tables():
        yield table, str(home.ask(f"SELECT * FROM {table}")).encode()


def tells(text: str | bytes) -> list[str]:
    """Which secrets are in it, as they are or in base64."""
    content = text.encode() if isinstance(text, str) else text
    return [s for s in SECRETS if s.encode() in content or base64.b64encode(s.encode()) in content]


def debugging(company: Company) -> Home:
    """The same home, where each process writes down whatever any library has to say."""
    folder = company.home.path.parent / "debug"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"
    )
    return Home(company.home.path, (*company.home.extra, ("PYTHONPATH", str(folder))))


def test_each_is_told_of_and_nothing_else_is_held_up(company: Company) -> None:
    home = company.home
    first = home.finsync("run")
    assert first.code == 0, first.text
    before = dict((row[0], row[1:]) for row in home.ask(ORDERS_HELD))
    assert before == {"store": (1, D("10.01"))} | dict.fromkeys(company.shops, (3, D("90.09")))

    turn(company)
    done = debugging(company).process("run")
    assert done.code == 1
    assert "DEBUG" in done.text
    lines = [line for line in done.text.splitlines() if line.startswith("  landing")]
    failed = {
        row[0]: row[1:]
        for row in home.ask(
            "SELECT source_system, message, last_success_at IS NOT NULL, rows_landed "
            "FROM operations.source_status WHERE status = 'failed'"
        )
    }
    assert set(failed) == set(company.shops)
    flat = " ".join(done.text.split())
    for name, said in SAID.items():
        message, succeeded, rows = failed[name]
        assert message.startswith(f"{name}.orders: ")
        assert said in message
        assert (succeeded, rows) == (True, 3)
        # One line for each, however a terminal folds it.
        assert len([line for line in lines if f"{name}.orders: " in line]) == 1
        assert message in flat
    assert company.elsewhere.seen == []

    after = dict((row[0], row[1:]) for row in home.ask(ORDERS_HELD))
    assert after == before | {"store": (2, D("30.03"))}
    stale = home.ask(
        "SELECT DISTINCT entity_id, subject_id FROM operations.open_exceptions "
        "WHERE reason_code = 'STALE_SOURCE' ORDER BY 2"
    )
    assert stale == [("market", f"{name}|orders") for name in sorted(company.shops)]

    kept = dict(texts(home))
    assert [(place, told) for place, text in kept.items() if (told := tells(text))] == []
    # What a server said is kept in tables and in the history of runs, so that is where to look.
    repeated = [place for place, text in kept.items() if b"no access for GET" in text]
    assert {"operations.source_status"} < set(repeated)
    for command in (
        ["--help"],
        ["summary"],
        ["landing", "show", "closed", "orders", "--rows", "3"],
    ):
        shown = home.finsync(*command)
        assert shown.code == 0, shown.text
        assert tells(shown.text) == []
    assert tells(first.text + done.text) == []
