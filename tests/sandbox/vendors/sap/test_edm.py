from __future__ import annotations

import pytest

from finsync_dagster.sandbox.vendors.sap.edm import V2_SERVICES, V4_SERVICE, service

ALL = (*V2_SERVICES, V4_SERVICE)


def test_a_purchase_order_item_has_the_properties_of_its_service() -> None:
    item = service("API_PURCHASEORDER_PROCESS_SRV").sets["A_PurchaseOrderItem"]
    assert [key.name for key in item.keys] == ["PurchaseOrder", "PurchaseOrderItem"]
    price = item.properties["NetPriceAmount"]
    assert (price.edm, price.precision, price.scale) == ("Decimal", 12, 3)
    assert "NetAmount" not in item.properties
    assert "NetAmount" in service(V4_SERVICE).sets["PurchaseOrderItem"].properties


def test_what_may_not_be_filtered_is_known() -> None:
    invoice = service("API_SUPPLIERINVOICE_PROCESS_SRV").sets["A_SupplierInvoice"]
    assert not invoice.properties["IsReversal"].filterable
    assert invoice.properties["PostingDate"].filterable


@pytest.mark.parametrize("name", ALL)
def test_every_navigation_leads_somewhere(name: str) -> None:
    found = service(name)
    ways = [(s, way) for s in found.sets.values() for way in s.navigations.values()]
    assert name == "API_GLACCOUNTLINEITEM" or ways
    for entity_set, way in ways:
        target = found.sets[way.target]
        assert way.on
        for here, there in way.on:
            assert here in entity_set.properties, (entity_set.name, way.name)
            assert there in target.properties, (entity_set.name, way.name)


def test_there_is_no_other_service() -> None:
    with pytest.raises(KeyError):
        service("API_SALES_ORDER_SRV")
