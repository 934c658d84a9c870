"""NetSuite's connector: pages, changes, deletions and errors."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.landing.manifest import Manifest
from tests.connectors.netsuite.books import Books, ordinary
from tests.connectors.netsuite.suiteql import SECRETS, Account, fault, serving
from tests.connectors.netsuite.test_netsuite import Erp
from tests.connectors.through import Through, mapped

pytestmark = pytest.mark.slow


@pytest.fixture
def erp() -> Iterator[Erp]:
    account = Account(most=2)
    with serving(account) as here:
        mappings = mapped("netsuite", entity={"5": "acme_us"})
        through = Through("netsuite", here.url + "/services/rest", SECRETS, mappings)
        books = Books(account)
        ordinary(books)
        yield Erp(account, books, through, here)


def rows(manifest: Manifest) -> int:
    return sum(page.rows for page in manifest.pages)


def statements(erp: Erp) -> list[str]:
    return [json.loads(seen.body)["q"] for seen in erp.account.asked]


def test_pages_smaller_than_asked_give_every_record_once(erp: Erp) -> None:
    for number in range(30):
        erp.books.document(1000 + number, "PurchOrd", "-1", status="B")
        erp.books.line(1000 + number, 1, "1", item=1, quantity="1", rate="1", units="EA")
        erp.books.link("Payment", (400, number + 1), (500, 0), foreignamount="0.1")
    manifest = erp.through.take("purchase_orders")
    assert (manifest.complete, rows(manifest)) == (True, 31)
    assert all("offset" not in seen.url for seen in erp.account.asked)
    assert any("AND t.id > 1028" in s for s in statements(erp))
    applications = erp.through.take("payment_applications")
    assert (applications.complete, rows(applications)) == (True, 31)


def test_a_changed_line_makes_its_document_new(erp: Erp) -> None:
    erp.through.run()
    erp.account.change(
        "UPDATE transactionline SET quantityshiprecv = 3, linelastmodifieddate = "
        "TIMESTAMP '2026-03-04 09:00:00' WHERE transaction = 200 AND id = 2"
    )
    erp.account.change("UPDATE transaction SET status = 'F' WHERE id = 200")
    erp.books.stamp = "2026-03-04 09:30:00"
    erp.books.document(201, "PurchOrd", "-1", status="B")
    erp.account.asked.clear()
    headers, lines = (erp.through.take(n) for n in ("purchase_orders", "purchase_order_lines"))
    assert (headers.mode, rows(headers)) == ("incremental", 2)
    assert lines.mode == "incremental"
    since = "TO_DATE('2026-03-01 22:00:00', 'YYYY-MM-DD HH24:MI:SS')"
    assert any(f"s.changed >= {since}" in s for s in statements(erp))
    erp.through.run("bills")
    orders = erp.through.rows("purchase_orders")
    assert {k: r["status_canon"] for k, r in orders.items()} == {
        "200": "received",
        "201": "approved",
    }


def test_what_was_deleted_is_found_by_its_key(erp: Erp) -> None:
    erp.through.run()
    erp.account.change("DELETE FROM transactionline WHERE transaction = 400")
    erp.account.change("DELETE FROM transaction WHERE id = 400")
    erp.account.change("DELETE FROM previoustransactionlinelink WHERE linktype = 'Payment'")
    erp.through.run()
    assert erp.through.rows("invoices") == {}
    assert erp.through.rows("invoice_lines") == {}
    assert erp.through.rows("payment_applications") == {}
    assert list(erp.through.rows("payments")) == ["500"]


@pytest.mark.parametrize(
    ("status", "code", "detail", "kind"),
    [
        (401, "INVALID_LOGIN", "Invalid login attempt.", "policy"),
        (403, "INSUFFICIENT_PERMISSION", "Permission Violation: you need Vendors.", "policy"),
        (400, "INVALID_PARAMETER", "Unknown identifier 'foo'.", "mapping"),
    ],
)
def test_an_error_is_a_sentence(erp: Erp, status: int, code: str, detail: str, kind: str) -> None:
    erp.account.refuse = [fault(status, code, detail)] * 2
    with pytest.raises(SourceError) as error:
        erp.through.take("vendors")
    assert detail.rstrip(".") in str(error.value)
    assert error.value.kind == kind
    assert not [s for s in SECRETS.values() if len(s) > 2 and s in str(error.value)]


def test_too_many_at_once_is_tried_again(erp: Erp) -> None:
    said = "Concurrent request limit exceeded. Request blocked."
    erp.account.refuse = [fault(429, "CONCURRENCY_LIMIT_EXCEEDED", said)]
    assert erp.through.take("vendors").complete
