"""A real Tryton server, extracted by the real command: the warehouse says what Tryton says."""

from __future__ import annotations

import base64
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
import zstandard

from finsync_dagster.landscape.load import DEMO
from finsync_dagster.sandbox.tryton.server import TrytonServer
from tests.pipeline.homes import FINSYNC, Home
from tests.systems.tryton_books import in_our_words, tryton_says, warehouse_says
from tests.tryton import Asking, log_in, tryton_server


@dataclass(frozen=True)
class Company:
    """A server with its database, a session at it, and a home that extracts from it."""

    server: TrytonServer
    database: Path
    erp: Asking
    home: Home

    def run(self, code: int = 0) -> str:
        done = self.home.finsync("run")
        assert done.code == code, done.text
        return done.text

    def assert_same(self) -> None:
        theirs, ours = in_our_words(tryton_says(self.erp)), warehouse_says(self.home)
        assert theirs.keys() == ours.keys()
        for kind, documents in theirs.items():
            assert ours[kind].keys() == documents.keys(), kind
            different = {k: (v, ours[kind][k]) for k, v in documents.items() if ours[kind][k] != v}
            assert different == {}, kind


def landscape(rows_per_page: int) -> str:
    """The demonstration's subsidiary alone, read in small pages."""
    described = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    described["legal_entities"] = {"tryton_sub": described["legal_entities"]["tryton_sub"]}
    erp = described["systems"]["tryton_erp"]
    paged = ("purchases", "purchase_lines", "moves", "invoices", "invoice_lines", "payments")
    erp["overrides"]["objects"] = {name: {"rows_per_page": rows_per_page} for name in paged}
    described["systems"] = {"tryton_erp": erp}
    del described["authority"]
    own = described["policy"]["entity_tolerances"]
    described["policy"]["entity_tolerances"] = {"tryton_sub": own["tryton_sub"]}
    described["policy"]["tax_rounding"] = {}
    return yaml.safe_dump(described, sort_keys=False)


def company(folder: Path, server: TrytonServer, rows_per_page: int) -> Company:
    folder.mkdir(exist_ok=True)
    file = folder / "landscape.yaml"
    file.write_text(landscape(rows_per_page), encoding="utf-8")
    extra = {
        "FINSYNC_LANDSCAPE": str(file),
        "FINSYNC_TRYTON_URL": f"{server.url}/{server.database}",
        "FINSYNC_TRYTON_USER": server.user,
        "FINSYNC_TRYTON_PASSWORD": server.password,
    }
    home = Home(folder / "home", tuple(extra.items()))
    return Company(server, folder.parent / "erp", log_in(server), home)


@pytest.fixture(scope="module")
def nordlicht(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("tryton")
    with tryton_server(folder / "erp") as server:
        made = company(folder / "company", server, rows_per_page=25)
        made.run()
        yield made


def test_every_document_is_there_field_by_field(nordlicht: Company) -> None:
    nordlicht.assert_same()
    book = warehouse_says(nordlicht.home)
    assert min(len(documents) for documents in book.values()) >= 35
    assert {facts[2] for facts in book["orders"].values()} == {"EUR", "USD"}
    assert any(facts[1] < 0 for facts in book["receipts"].values())
    assert any(facts[-1] < 0 for facts in book["invoices"].values())


def test_matching_finds_what_was_planted(nordlicht: Company) -> None:
    found = {row[0] for row in nordlicht.home.ask("SELECT reason_code FROM operations.exceptions")}
    assert found >= {
        "DUP_EXACT",
        "INV_NO_PO",
        "OVER_DELIVERY",
        "PRICE_OVER",
        "PRICE_UNDER",
        "QTY_OVER_RECEIVED",
        "RECEIPT_MISSING",
    }


def test_a_payment_settles_the_invoice_that_tryton_names(nordlicht: Company) -> None:
    wrong = nordlicht.home.ask(
        "SELECT * FROM canonical.payment_allocations WHERE method <> 'stated'"
    )
    count = nordlicht.home.one("SELECT count(*) FROM canonical.payment_allocations")
    assert (wrong, int(str(count)) > 30) == ([], True)


class Bookkeeper:
    """Changes the books by Tryton's own means, at random but repeatably."""

    def __init__(self, erp: Asking, seed: int) -> None:
        self.erp, self.random = erp, random.Random(seed)

    def act(self) -> None:
        self.random.choice([self.order, self.reprice, self.confirm, self.give_up, self.post])()

    def drafts(self) -> list[int]:
        return self.erp.call(
            "model.purchase.purchase.search", [["state", "=", "draft"]], 0, 9, None
        )

    def order(self) -> None:
        which = [["state", "in", ["processing", "done"]]]
        ids = self.erp.call("model.purchase.purchase.search", which, 0, 30, None)
        self.erp.call("model.purchase.purchase.copy", [self.random.choice(ids)], {})

    def reprice(self) -> None:
        if drafts := self.drafts():
            where = [["purchase", "=", self.random.choice(drafts)], ["type", "=", "line"]]
            lines = self.erp.call("model.purchase.line.search", where, 0, 1, None)
            price = {"__class__": "Decimal", "decimal": f"{self.random.randint(1, 99)}.9900"}
            facts = {"unit_price": price, "quantity": float(self.random.randint(1, 40))}
            self.erp.call("model.purchase.line.write", lines, facts)

    def confirm(self) -> None:
        if drafts := self.drafts():
            one = [self.random.choice(drafts)]
            for step in ("quote", "confirm", "process"):
                self.erp.call(f"model.purchase.purchase.{step}", one)

    def give_up(self) -> None:
        if drafts := self.drafts():
            one = [self.random.choice(drafts)]
            self.erp.call("model.purchase.purchase.cancel", one)
            self.erp.call("model.purchase.purchase.delete", one)

    def post(self) -> None:
        where = [["state", "=", "draft"], ["type", "=", "in"], ["number", "=", None]]
        ids = self.erp.call("model.account.invoice.search", where, 0, 5, None)
        if ids:
            day = {"__class__": "date", "year": 2026, "month": 10, "day": 30}
            facts = {"invoice_date": day, "reference": f"N-{self.random.randint(1, 10**9)}"}
            one = [self.random.choice(ids)]
            self.erp.call("model.account.invoice.write", one, facts)
            self.erp.call("model.account.invoice.post", one)


def try_to(bookkeeper: Bookkeeper) -> None:
    try:
        bookkeeper.act()
    except LookupError:
        # Tryton refuses what its rules forbid, as it would any user.
        return


def test_the_books_change_while_they_are_read(nordlicht: Company) -> None:
    """And an order that is deleted is found without reading everything again."""
    erp, bookkeeper = nordlicht.erp, Bookkeeper(nordlicht.erp, seed=4)
    done = erp.call("model.purchase.purchase.search", [["state", "=", "done"]], 0, 1, None)
    quotation = erp.call("model.purchase.purchase.copy", done, {})
    erp.call("model.purchase.purchase.quote", quotation)
    running = subprocess.Popen(
        [FINSYNC, "run"],
        env=nordlicht.home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    changes = 0
    while running.poll() is None:
        try_to(bookkeeper)
        changes += 1
        time.sleep(0.05)
    assert running.communicate()[0].count("failed:") == 0
    assert changes > 20
    there = f"SELECT count(*) FROM canonical.purchase_orders WHERE po_id LIKE '%|{quotation[0]}'"
    known = nordlicht.home.one(there)
    erp.call("model.purchase.purchase.cancel", quotation)
    erp.call("model.purchase.purchase.delete", quotation)
    nordlicht.run()
    nordlicht.assert_same()
    assert (known, nordlicht.home.one(there)) == (1, 0)
    last = nordlicht.home.ask(
        "SELECT source_object, mode, gone > 0 FROM operations.extracts "
        "WHERE is_last AND source_object IN ('purchases', 'invoices', 'payments') ORDER BY 1"
    )
    assert [row[:2] for row in last] == [
        ("invoices", "incremental"),
        ("payments", "incremental"),
        ("purchases", "incremental"),
    ]
    assert last[2][2]


@pytest.mark.long
def test_killed_between_pages_again_and_again(tmp_path: Path) -> None:
    """Long: an extract killed at each of its moments is tests/landing/test_killed_api.py."""
    with tryton_server(tmp_path / "erp") as server:
        made = company(tmp_path / "company", server, rows_per_page=5)
        begun = made.home.path / "lake/landing/progress/tryton_erp"
        chance = random.Random(7)
        for _ in range(3):
            kill_between_pages(made.home, begun, chance)
        made.run()
        made.assert_same()
        assert [p for p in begun.glob("*/*") if p.is_dir()] == []
        pages = made.home.one(
            "SELECT sum(pages) FROM operations.extracts WHERE source_object = 'moves'"
        )
        assert int(str(pages)) > 10


def kill_between_pages(home: Home, begun: Path, chance: random.Random) -> None:
    known = len(list(begun.glob("*/*/*.json")))
    process = subprocess.Popen(
        [FINSYNC, "run"], env=home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    more = chance.randint(1, 6)
    limit = time.monotonic() + 120
    while len(list(begun.glob("*/*/*.json"))) < known + more:
        if process.poll() is not None or time.monotonic() > limit:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_no_secret_is_in_anything_that_was_written(nordlicht: Company) -> None:
    """Password, session tokens and what is made of them, in every file under the home."""
    with closing(sqlite3.connect(nordlicht.database / "p2p.sqlite")) as books:
        tokens = [row[0] for row in books.execute("SELECT key FROM ir_session")]
    assert len(tokens) > 1
    user, password = nordlicht.server.user, nordlicht.server.password
    given = [password, *tokens, base64.b64encode(f"{user}:{password}".encode()).decode()]
    given += [base64.b64encode(f"{user}:1:{token}".encode()).decode() for token in tokens]
    files = [p for p in nordlicht.home.path.rglob("*") if p.is_file()]
    assert len(files) > 100
    for file in files:
        content = file.read_bytes()
        if file.suffix == ".zst":
            content = zstandard.ZstdDecompressor().decompress(content)
        for secret in given:
            assert secret.encode() not in content, file


def test_a_server_that_is_down_leaves_its_data_as_it_was_and_says_so(
    nordlicht: Company, tmp_path: Path
) -> None:
    before = warehouse_says(nordlicht.home)
    extra = dict(nordlicht.home.extra) | {"FINSYNC_TRYTON_URL": "http://127.0.0.1:9/p2p"}
    down = Home(nordlicht.home.path, tuple(extra.items())).finsync("run")
    assert down.code == 1
    flat = " ".join(down.text.split())
    assert "the connection failed (Connection refused)" in flat
    assert "it has kept failing since" in flat
    assert nordlicht.server.password not in down.text
    assert warehouse_says(nordlicht.home) == before
    status = {
        row[0] for row in nordlicht.home.ask("SELECT DISTINCT status FROM operations.source_status")
    }
    assert status >= {"failed"}
    kinds = nordlicht.home.ask(
        "SELECT DISTINCT kind FROM operations.source_status WHERE status = 'failed'"
    )
    assert kinds == [("transient",)]


def test_a_refused_login_names_the_variable_and_not_the_password(nordlicht: Company) -> None:
    extra = dict(nordlicht.home.extra) | {"FINSYNC_TRYTON_PASSWORD": "wrong-but-long-enough"}
    done = Home(nordlicht.home.path, tuple(extra.items())).finsync("run")
    flat = " ".join(done.text.split())
    assert done.code == 1
    assert "wrong-but-long-enough" not in flat
    assert "payables, payments" in flat.replace("landing__tryton_erp__", "")
    assert "401 Unauthorized. Check the variables that systems.tryton_erp.connection" in flat
