"""The three systems that docs/http.md describes are read from servers of their manner."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http import clients
from finsync_dagster.connectors.http.read import extract
from finsync_dagster.connectors.load import load_system
from finsync_dagster.connectors.reach import Reach
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.take import take
from tests.connectors.http.erp_servers import BusinessCentral, Erp, Odoo, Sap, orders, serving
from tests.connectors.http.raw_server import http, raw, sends
from tests.connectors.http.systems import asked, read_all, system

DOCUMENT = (Path(__file__).parents[3] / "docs" / "http.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```yaml\n# (\w+)/system.yaml\n(.*?)```", DOCUMENT, re.DOTALL))
SECRETS = {
    "business_central": {"tenant": "t1", "client_id": "finsync", "client_secret": "wonder land"},
    "sap": {"user": "FINSYNC", "password": "wonder land"},
    "odoo": {"database": "acme", "user": "bot", "password": "wonder land"},
}
SERVERS: dict[str, type[Erp]] = {"business_central": BusinessCentral, "sap": Sap, "odoo": Odoo}
Take = Callable[[], Manifest]


def taker(name: str, url: str, landing: Landing, **secrets: str) -> Take:
    """Takes the next extract of the block's orders."""
    clients.forget()
    # The token service of the example is the server itself, and it is asked on Sundays, too.
    text = BLOCKS[name].replace("https://login.microsoftonline.com", "")
    spec = system(re.sub(r"^maintenance: .*\n", "", text, flags=re.MULTILINE)).objects
    reach = Reach(secrets={**SECRETS[name], **secrets})
    return lambda: take(
        *(landing, name, url, "purchase_orders", spec["purchase_orders"]),
        now=lambda: datetime.now(UTC),
        reach=reach,
    )


def records(landing: Landing, manifest: Manifest) -> list[dict[str, str | None]]:
    return [row for page in manifest.pages for row in landing.read_page(page.sha256)]


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(f"file://{tmp_path}")


def test_there_is_a_server_for_each() -> None:
    assert {*BLOCKS} == {*SERVERS, "sap_newer", "concur_xml"}


def test_lists_within_plain_xml_are_lists_even_of_one(tmp_path: Path) -> None:
    entry = "<ID>1</ID><Allocations><Allocation>A</Allocation></Allocations><Comment>B</Comment>"
    body = f"<Entries><Items><Entry>{entry}</Entry></Items><NextPage/></Entries>".encode()
    with raw(sends(http(body, "Content-Type: application/xml"))) as server:
        found = asked(BLOCKS["concur_xml"], server.url, "entries", token="t0ken-of-ours")
        with extract(found) as extraction:
            (record,) = read_all(extraction)
    assert record == {"ID": "1", "Allocations": '["A"]', "Comment": '["B"]'}


def test_a_connector_like_another_takes_its_orders_from_elsewhere(tmp_path: Path) -> None:
    for name in ("sap", "sap_newer"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "system.yaml").write_text(BLOCKS[name])
    found = load_system("sap_newer", tmp_path)
    orders = found.objects["purchase_orders"]
    assert (orders.key, orders.cursor) == (("PurchaseOrder",), "LastChangeDateTime")
    assert (orders.records, orders.request.path) == (
        ("value",),
        "/API_PURCHASEORDER_2/PurchaseOrder",
    )
    assert orders.keys is None
    assert found.auth.scheme == "basic"


@pytest.mark.parametrize("name", SERVERS)
def test_everything_then_what_changed_then_what_is_gone(name: str, landing: Landing) -> None:
    with serving(SERVERS[name], orders(1, 2, 3, 4, 5)) as (url, erp):
        taken = taker(name, url, landing)
        first = taken()
        assert (first.mode, first.row_count, first.complete) == ("full", 5, True)
        assert first.source_stated.count_table == 5

        erp.orders[2] = (Decimal("7.25"), datetime(2026, 2, 1, 8, 30, 15, 250000, tzinfo=UTC))
        second = taken()
        # The newest known stamp and the overlap before it are asked for again.
        assert (second.mode, second.row_count, second.complete) == ("incremental", 2, True)

        del erp.orders[4]
        third = taken()
        assert (third.mode, third.complete) == ("incremental", True)
        assert sum(page.rows for page in third.gone) == 1


def test_business_central_lands_lines_blanks_and_digits(landing: Landing) -> None:
    with serving(BusinessCentral, orders(1, 2, 3)) as (url, erp):
        erp.refuse.append((429, {"Retry_After": "1"}))
        found = records(landing, taker("business_central", url, landing)())
    assert found[2]["totalAmountExcludingTax"] == "3.1"
    assert found[2]["requestedReceiptDate"] is None
    assert found[2]["purchaseOrderLines"] == (
        '[{"sequence":"10000","quantity":"2","directUnitCost":"1.55"}]'
    )
    assert sum("oauth2" in request for request in erp.asked) == 2
    assert any("purchaseOrders" in r and "skiptoken=2" in r for r in erp.asked)


def test_sap_lands_moments_and_decimals(landing: Landing) -> None:
    with serving(Sap, orders(1, 2, 3)) as (url, _):
        found = records(landing, taker("sap", url, landing)())
    assert found[0]["LastChangeDateTime"] == "2026-01-31T01:00:00Z"
    assert found[0]["PurchaseOrderDate"] == "2026-01-31T00:00:00Z"
    assert found[0]["PurchasingDocumentDeletionCode"] is None
    assert '"NetPriceAmount":"1.100"' in str(found[0]["to_PurchaseOrderItem"])


def test_odoo_lands_names_apart_and_false_as_nothing(landing: Landing) -> None:
    with serving(Odoo, orders(1, 2)) as (url, erp):
        found = records(landing, taker("odoo", url, landing)())
    assert (found[0]["supplier"], found[0]["currency"], found[0]["partner_ref"]) == (
        *("3", "EUR"),
        None,
    )
    assert str(found[0]["amount_untaxed"]).startswith("1.1000000000001")
    assert sum('"authenticate"' in request for request in erp.asked) == 1


def test_what_odoo_has_archived_is_not_taken_for_deleted(landing: Landing) -> None:
    with serving(Odoo, orders(1, 2, 3)) as (url, erp):
        taken = taker("odoo", url, landing)
        taken()
        erp.archived.add(1)
        second = taken()
    assert (second.source_stated.count_table, second.complete) == (3, True)
    assert not second.gone


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("business_central", "connection.secrets"),
        ("sap", "it answered 401 Unauthorized"),
        ("odoo", "the login was refused"),
    ],
)
def test_a_wrong_password_is_told_without_it(name: str, said: str, landing: Landing) -> None:
    wrong = {"client_secret" if name == "business_central" else "password": "looking glass"}
    with serving(SERVERS[name], orders(1)) as (url, _), pytest.raises(SourceError) as told:
        taker(name, url, landing, **wrong)()
    assert said in str(told.value)
    assert told.value.kind == "policy"
    assert "looking" not in str(told.value)
