"""Keys, navigations, shapes, limits."""

from __future__ import annotations

import pytest

from finsync_dagster.sandbox.vendors.sap.sap import Sap
from tests.sandbox.vendors.sap.asking import ADDRESS, ORDERS, V2, V4, ask, message, read, results

ORDER = f"{ORDERS}A_PurchaseOrder('4500000001')"


def test_an_entity_by_its_key(sap: Sap) -> None:
    found = read(sap, ORDER)["d"]
    address = f"{ADDRESS}{ORDER}"
    assert found["__metadata"] == {
        "id": address,
        "uri": address,
        "type": "API_PURCHASEORDER_PROCESS_SRV.A_PurchaseOrderType",
    }
    assert found["to_PurchaseOrderItem"] == {
        "__deferred": {"uri": f"{address}/to_PurchaseOrderItem"}
    }
    assert read(sap, f"{ORDERS}A_PurchaseOrder(PurchaseOrder='4500000001')")["d"] == found


@pytest.mark.parametrize("item", ["20", "00020"])
def test_an_entity_by_a_key_of_two_parts(sap: Sap, item: str) -> None:
    key = f"(PurchaseOrderItem='{item}',PurchaseOrder='4500000001')"
    found = read(sap, f"{ORDERS}A_PurchaseOrderItem{key}")["d"]
    assert found["OrderQuantity"] == "1234.500"
    assert found["__metadata"]["uri"].endswith(
        "A_PurchaseOrderItem(PurchaseOrder='4500000001',PurchaseOrderItem='20')"
    )


def test_every_address_that_is_told_leads_to_its_entity(sap: Sap) -> None:
    partners = f"{V2}API_BUSINESS_PARTNER/A_BusinessPartner?$expand=to_BusinessPartnerTax"
    (partner,) = results(sap, partners)
    (tax,) = partner["to_BusinessPartnerTax"]["results"]
    assert read(sap, tax["__metadata"]["uri"])["d"]["BPTaxNumber"] == "FR83404833048"
    deferred = partner["to_Supplier"]["__deferred"]["uri"]
    assert read(sap, deferred)["d"]["Supplier"] == "0010300001"


def test_navigations_are_followed(sap: Sap) -> None:
    items = results(sap, f"{ORDER}/to_PurchaseOrderItem?$orderby=OrderQuantity")
    assert [item["PurchaseOrderItem"] for item in items] == ["10", "20"]
    one = f"{ORDER}/to_PurchaseOrderItem(PurchaseOrder='4500000001',PurchaseOrderItem='10')"
    (line,) = results(sap, f"{one}/to_ScheduleLine")
    assert line["ScheduleLineOrderQuantity"] == "10.000"
    assert read(sap, f"{one}/to_PurchaseOrder")["d"]["PurchaseOrder"] == "4500000001"
    assert ask(sap, f"{ORDER}/to_PurchaseOrderItem/$count").body == b"2"
    assert results(sap, f"{ORDER}/to_PurchaseOrderNote") == []
    filtered = results(sap, f"{ORDER}/to_PurchaseOrderItem?$filter=OrderQuantity gt 10M")
    assert [item["PurchaseOrderItem"] for item in filtered] == ["20"]


def test_expanding_and_selecting(sap: Sap) -> None:
    options = (
        "$expand=to_PurchaseOrderItem/to_ScheduleLine,to_PurchaseOrderNote"
        "&$select=PurchaseOrder,to_PurchaseOrderItem/PurchaseOrderItem,"
        "to_PurchaseOrderItem/to_ScheduleLine"
    )
    found = read(sap, f"{ORDER}?{options}")["d"]
    assert set(found) == {"__metadata", "PurchaseOrder", "to_PurchaseOrderItem"}
    first, second = found["to_PurchaseOrderItem"]["results"]
    assert set(first) == {"__metadata", "PurchaseOrderItem", "to_ScheduleLine"}
    (line,) = second["to_ScheduleLine"]["results"]
    assert line["PurchasingDocumentItem"] == "20"
    assert len(line) > 10


def test_expanding_to_one(sap: Sap) -> None:
    item = f"{ORDERS}A_PurchaseOrderItem(PurchaseOrder='4500000001',PurchaseOrderItem='10')"
    found = read(sap, f"{item}?$expand=to_PurchaseOrder")["d"]
    assert found["to_PurchaseOrder"]["CompanyCode"] == "1200"


def test_every_property_is_told_where_none_is_selected(sap: Sap) -> None:
    (row, *_) = results(sap, f"{ORDERS}A_PurchaseOrderItem")
    told = {name for name in row if not name.startswith(("to_", "__"))}
    assert len(told) == 100
    assert row["ItemNetWeight"] == "0.000"
    assert row["IncotermsLocation1"] == ""
    assert row["DownPaymentDueDate"] is None


def test_nothing_is_wanted(sap: Sap) -> None:
    assert results(sap, f"{ORDERS}A_PurchaseOrderItem?$top=0") == []


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("A_PurchaseOrders", 404, "Resource not found for segment 'A_PurchaseOrders'"),
        ("A_PurchaseOrder('4500000099')", 404, "No A_PurchaseOrderType exists"),
        ("A_PurchaseOrder('4500000099')/to_PurchaseOrderItem", 404, "No A_PurchaseOrderType"),
        ("A_PurchaseOrder('4500000001')/to_Nothing", 404, "segment 'to_Nothing'"),
        ("A_PurchaseOrder('4500000001')/CompanyCode", 404, "segment 'CompanyCode'"),
        ("A_PurchaseOrder('4500000001')/$count", 404, "segment '$count'"),
        ("A_PurchaseOrder/to_PurchaseOrderItem", 400, "is a collection: give a key"),
        ("A_PurchaseOrderItem('4500000001')", 400, "key"),
        ("A_PurchaseOrderItem(PurchaseOrder='4500000001')", 400, "Invalid key predicate"),
        ("A_PurchaseOrder(Foo='1')", 400, "Invalid key predicate"),
        ("A_PurchaseOrder()", 400, "Malformed key"),
        ("A_PurchaseOrder(", 404, "segment"),
        ("A_PurchaseOrder?$select=Foo", 400, "Property 'Foo' not found"),
        ("A_PurchaseOrder?$expand=to_Foo", 400, "Invalid navigation 'to_Foo'"),
        ("A_PurchaseOrder?$select=to_PurchaseOrderItem/Plant", 400, "not expanded"),
        ("A_PurchaseOrder?$top=-1", 400, "Invalid value '-1'"),
        ("A_PurchaseOrder?$top=x", 400, "Invalid value 'x'"),
        ("A_PurchaseOrder?$inlinecount=yes", 400, "Invalid value 'yes'"),
        ("A_PurchaseOrder?$count=true", 400, "Invalid system query option '$count'"),
        ("A_PurchaseOrder?$top=1&$top=2", 400, "more than once"),
        ("A_PurchaseOrder?$orderby=Foo", 400, "Property 'Foo' not found"),
        ("A_PurchaseOrder?$orderby=Supplier down", 400, "Invalid order direction 'down'"),
    ],
)
def test_what_is_refused(sap: Sap, target: str, status: int, words: str) -> None:
    answer = ask(sap, ORDERS + target)
    assert answer.status == status
    assert words in message(answer)


def test_version_4_expands_with_options_of_its_own(s4: Sap) -> None:
    options = (
        "$select=PurchaseOrder&$expand=_PurchaseOrderItem("
        "$select=PurchaseOrderItem,NetAmount;$expand=_PurchaseOrderScheduleLineTP($select=Currency))"
    )
    found = ask(s4, f"{V4}PurchaseOrder('4600000001')?{options}")
    assert found.body.decode() == (
        '{"@odata.context":"$metadata#PurchaseOrder(PurchaseOrder,_PurchaseOrderItem())/$entity",'
        '"PurchaseOrder":"4600000001","_PurchaseOrderItem":['
        '{"PurchaseOrderItem":"10","NetAmount":125.00,'
        '"_PurchaseOrderScheduleLineTP":[{"Currency":"EUR"}]},'
        '{"PurchaseOrderItem":"20","NetAmount":100.10,'
        '"_PurchaseOrderScheduleLineTP":[{"Currency":"EUR"}]}]}'
    )
    refused = ask(s4, f"{V4}PurchaseOrder?$expand=_PurchaseOrderItem($top=1)")
    assert "not supported within $expand" in message(refused)
    assert ask(s4, f"{V4}PurchaseOrder?$expand=_PurchaseOrderItem($select=Plant").status == 400
    assert ask(s4, f"{V4}PurchaseOrder?$inlinecount=allpages").status == 400
