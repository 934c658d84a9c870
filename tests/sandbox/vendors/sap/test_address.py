from __future__ import annotations

import pytest

from finsync_dagster.sandbox.vendors.sap.address import read_resource
from finsync_dagster.sandbox.vendors.sap.edm import V4_SERVICE, service
from finsync_dagster.sandbox.vendors.sap.errors import ODataError

ORDERS = service("API_PURCHASEORDER_PROCESS_SRV")


def test_a_way_through_keys_and_navigations() -> None:
    path = (
        "A_PurchaseOrder('4500000001')/to_PurchaseOrderItem"
        "(PurchaseOrder='4500000001',PurchaseOrderItem='10')/to_ScheduleLine/$count"
    )
    found = read_resource(path, ORDERS)
    names = [step.entity_set.name for step in found.steps]
    assert names == ["A_PurchaseOrder", "A_PurchaseOrderItem", "A_PurchaseOrderScheduleLine"]
    assert found.steps[0].key == {"PurchaseOrder": "4500000001"}
    assert found.steps[1].key == {"PurchaseOrder": "4500000001", "PurchaseOrderItem": "10"}
    assert found.steps[1].single
    assert not found.last.single
    assert found.counted


def test_a_navigation_to_one_is_single() -> None:
    item = "A_PurchaseOrderItem(PurchaseOrder='1',PurchaseOrderItem='10')/to_PurchaseOrder"
    assert read_resource(item, ORDERS).last.single


@pytest.mark.parametrize("key", ["a/b", "a,b", "a)b", "it''s", "x='y", "a eq b"])
def test_whatever_stands_between_quotes_is_the_key(key: str) -> None:
    said = key.replace("'", "''") if "''" not in key else key
    found = read_resource(f"A_PurchaseOrder('{said}')", ORDERS)
    assert found.last.key == {"PurchaseOrder": said.replace("''", "'")}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 404),
        ("$count", 404),
        ("A_PurchaseOrder()", 400),
        ("A_PurchaseOrder('1','2')", 400),
        ("A_PurchaseOrder('1' '2')", 400),
        ("A_PurchaseOrder(PurchaseOrder=Supplier)", 400),
        ("A_PurchaseOrder('1')('2')", 400),
        ("a_purchaseorder", 404),
        ("PurchaseOrder", 404),
    ],
)
def test_no_resource(path: str, status: int) -> None:
    with pytest.raises(ODataError) as refused:
        read_resource(path, ORDERS)
    assert refused.value.status == status


def test_version_4_has_names_of_its_own() -> None:
    found = read_resource("PurchaseOrder('1')/_PurchaseOrderItem", service(V4_SERVICE))
    assert found.last.entity_set.name == "PurchaseOrderItem"
