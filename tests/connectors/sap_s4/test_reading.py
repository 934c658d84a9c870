"""Reading SAP: pages, increments, what is gone, errors, and a payload as it stands on the wire."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from finsync_dagster.connectors.errors import SourceError
from tests.connectors.sap_s4 import company
from tests.connectors.sap_s4.odata import Sap, refusal, says
from tests.connectors.sap_s4.taking import Home

GATEWAY_ERROR = """<?xml version="1.0" encoding="utf-8"?>
<error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
<code>/IWFND/CM_MGW/096</code><message xml:lang="en">Operation cannot be executed</message>
<innererror><transactionid>4C9F</transactionid></innererror></error>"""

# As SAP Gateway writes it: a total that is text, moments since 1970, and no nulls in texts.
PAGE = """{"d": {"__count": "2", "results": [
  {"__metadata": {"id": "https://sap.invalid/A_PurchaseOrder('4500000001')",
                  "uri": "https://sap.invalid/A_PurchaseOrder('4500000001')",
                  "type": "API_PURCHASEORDER_PROCESS_SRV.A_PurchaseOrderType",
                  "etag": "W/\\"'20191121103000'\\""},
   "PurchaseOrder": "4500000001", "LastChangeDateTime": "/Date(1574332200123+0000)/",
   "CompanyCode": "1000", "PurchaseOrderType": "NB", "PurchasingDocumentDeletionCode": "",
   "PurchasingProcessingStatus": "05", "ReleaseIsNotCompleted": false,
   "CreatedByUser": "CB9980000010", "CreationDate": "/Date(1574294400000)/",
   "Supplier": "10300001", "SupplyingPlant": "", "PurchaseOrderDate": "/Date(1574294400000)/",
   "DocumentCurrency": "USD", "ValidityStartDate": null, "ValidityEndDate": null}]%s}}"""


def filters(sap: Sap, ending: str) -> list[str]:
    """``$filter`` of what was asked of the addresses with this ending; empty without one."""
    parts = [urlsplit(path) for path in sap.asked]
    found = [parse_qs(p.query) for p in parts if p.path.endswith(ending)]
    return [query.get("$filter", [""])[0] for query in found]


def records(home: Home, name: str) -> list[dict[str, str | None]]:
    return [
        row for page in home.manifests[name].pages for row in home.landing.read_page(page.sha256)
    ]


@pytest.mark.slow
def test_a_page_as_it_stands_on_the_wire(sap: Sap) -> None:
    first, second = PAGE % "", PAGE.replace("4500000001", "4500000002") % ""
    link = f"{sap.url}/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV/A_PurchaseOrder?$skiptoken=1"
    sap.plays = [
        says(200, "2", "text/plain"),
        says(200, first.replace("}]}}", f'}}], "__next": "{link}"}}}}')),
        says(200, second),
        says(200, "2", "text/plain"),
    ]
    home = Home(sap)
    taken = home.take("purchase_orders")
    assert (taken.row_count, taken.complete) == (2, True)
    one = records(home, "purchase_orders")[0]
    assert (one["LastChangeDateTime"], one["PurchaseOrderDate"]) == (
        "2019-11-21T10:30:00.123Z",
        "2019-11-21T00:00:00Z",
    )
    assert (one["SupplyingPlant"], one["ReleaseIsNotCompleted"]) == (None, "false")
    row = home.world.run(
        **{
            name: home._incoming(taken) if name == "purchase_orders" else home._came(name)
            for name in home.spec.objects
        }
    )
    assert row.quarantine().is_empty()
    # Without leading zeros here: still the supplier of ten digits.
    assert (
        home.rows("purchase_orders", "supplier_src_id")
        == ["erp|supplier_companies|0010300001|1000"] * 2
    )


def test_pages_are_as_large_as_the_server_likes(sap: Sap) -> None:
    sap.page = 2
    for number in range(5):
        company.order(sap, f"450000000{number}")
    home = Home(sap)
    assert (home.take("purchase_orders").row_count, len(filters(sap, "/A_PurchaseOrder"))) == (5, 3)


def test_an_answer_that_was_cut_off_without_a_link_is_not_complete(sap: Sap) -> None:
    company.order(sap)
    cut = PAGE % ""
    sap.plays = [says(200, "2", "text/plain"), says(200, cut), says(200, "2", "text/plain")] * 2
    home = Home(sap)
    assert not home.take("purchase_orders").complete


def test_what_changed_is_asked_for_less_the_overlap(sap: Sap) -> None:
    first = company.order(sap)
    company.order(sap, "4500000002")
    home = Home(sap)
    home.take("purchase_orders")
    first |= {"PurchasingDocumentDeletionCode": "L", "LastChangeDateTime": "2026-03-02T08:00:00Z"}
    sap.asked.clear()
    taken = home.take("purchase_orders")
    assert (taken.mode, taken.row_count) == ("incremental", 2)
    changed = "LastChangeDateTime ge datetimeoffset'2026-03-01T07:30:00Z'"
    assert filters(sap, "/A_PurchaseOrder") == [changed]
    sap.asked.clear()
    assert home.take("purchase_orders").row_count == 1
    assert filters(sap, "/A_PurchaseOrder") == [changed.replace("03-01", "03-02")]


@pytest.mark.slow
def test_an_order_that_is_gone_is_found_by_the_count(sap: Sap) -> None:
    company.order(sap)
    company.order(sap, "4500000002")
    home = Home(sap).run()
    del sap.sets["A_PurchaseOrder"][0]
    home.run()
    taken = home.manifests["purchase_orders"]
    assert (taken.mode, sum(ref.rows for ref in taken.gone)) == ("incremental", 1)
    assert home.rows("purchase_orders", "po_number") == ["4500000002"]


def test_material_documents_of_the_last_days_and_items_of_two_years(sap: Sap) -> None:
    company.order(sap)
    company.item(sap)
    company.movement(sap, "5000000001")
    home = Home(sap)
    home.take("material_documents")
    home.take("material_document_items")
    company.movement(sap, "5000000002", "102", ReversedMaterialDocument="5000000001")
    sap.asked.clear()
    assert home.take("material_documents").row_count == 2
    assert home.take("material_document_items").row_count == 2
    assert filters(sap, "/A_MaterialDocumentHeader") == [
        "CreationDate ge datetime'2026-02-17T00:00:00'"
    ]
    (asked,) = filters(sap, "/A_MaterialDocumentItem")
    assert asked.endswith(" and MaterialDocumentYear ge '2025'")


def test_keys_of_a_journal_line_need_no_id(sap: Sap) -> None:
    company.journal(sap, "5100000001", "-59.50")
    company.journal(sap, "5100000001", "50.00", LedgerGLLineItem="000002", ID="same")
    home = Home(sap)
    home.take("journal_lines")
    taken = home.take("journal_lines")
    assert (taken.mode, taken.row_count) == ("incremental", 2)
    assert all("ID" not in row for row in records(home, "journal_lines"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (
            400,
            json.dumps(refusal("005056A509B1", "Property Suplier not found in type A_Supplier")),
            "application/json",
            "Property Suplier not found",
        ),
        (400, GATEWAY_ERROR, "application/xml", "Operation cannot be executed"),
        (
            403,
            json.dumps(refusal("/IWFND/MED/170", "No authorization to access service")),
            "application/json",
            "No authorization to access service",
        ),
        (401, "<html><body>Logon failed</body></html>", "text/html", "401 Unauthorized"),
    ],
)
def test_an_error_is_a_sentence(sap: Sap, status: int, body: str, kind: str, said: str) -> None:
    sap.plays = [says(status, body, kind)] * 3
    with pytest.raises(SourceError) as error:
        Home(sap).take("suppliers")
    text = str(error.value)
    assert (said in text, "suppliers" in text, "wonder land" in text) == (True, True, False)
    assert text.count("\n") == 0


def test_a_wrong_password_is_told_without_it(sap: Sap) -> None:
    with pytest.raises(SourceError) as error:
        Home(sap).take("suppliers", password="not this")
    assert error.value.kind == "policy"
    assert "not this" not in str(error.value)


def test_a_field_that_the_server_does_not_have_is_refused_by_it(sap: Sap) -> None:
    """So a connector that names one fails here and not only at a customer's."""
    spec = Home(sap).spec.objects["suppliers"]
    assert "$select" in spec.request.query
    sap.add("A_Supplier", Supplier="1")
    with pytest.raises(AssertionError):
        sap.add("A_Supplier", Suplier="1")
