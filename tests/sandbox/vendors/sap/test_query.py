from __future__ import annotations

import pytest

from finsync_dagster.sandbox.vendors.sap.edm import V4_SERVICE, service
from finsync_dagster.sandbox.vendors.sap.errors import ODataError
from finsync_dagster.sandbox.vendors.sap.query import Query, read_query

V2 = service("API_PURCHASEORDER_PROCESS_SRV")
V4 = service(V4_SERVICE)


def v2(**options: str) -> Query:
    given = [(f"${name}", value) for name, value in options.items()]
    return read_query([*given, ("sap-client", "100")], V2.sets["A_PurchaseOrder"], V2)


def v4(**options: str) -> Query:
    given = [(f"${name}", value) for name, value in options.items()]
    return read_query(given, V4.sets["PurchaseOrder"], V4)


def test_everything_is_shown_unless_it_is_selected() -> None:
    shape = v2().shape
    assert len(shape.properties) == len(V2.sets["A_PurchaseOrder"].properties)
    assert [way.name for way in shape.deferred] == ["to_PurchaseOrderItem", "to_PurchaseOrderNote"]
    assert v4().shape.deferred == ()
    assert len(v2(select="*").shape.properties) == len(shape.properties)


def test_a_selection_keeps_the_order_of_the_service() -> None:
    shape = v2(select="Supplier, PurchaseOrder").shape
    assert [prop.name for prop in shape.properties] == ["PurchaseOrder", "Supplier"]
    assert shape.deferred == ()
    (way,) = v2(select="Supplier,to_PurchaseOrderNote").shape.deferred
    assert way.name == "to_PurchaseOrderNote"


def test_expanding_nests() -> None:
    shape = v2(expand="to_PurchaseOrderItem/to_ScheduleLine,to_PurchaseOrderItem").shape
    ((way, item),) = shape.expanded
    assert way.name == "to_PurchaseOrderItem"
    assert [each.name for each, _ in item.expanded] == ["to_ScheduleLine"]
    assert [each.name for each in shape.deferred] == ["to_PurchaseOrderNote"]


def test_what_is_expanded_but_not_selected_is_not_shown_in_version_2() -> None:
    assert v2(expand="to_PurchaseOrderItem", select="Supplier").shape.expanded == ()
    assert len(v4(expand="_PurchaseOrderItem", select="Supplier").shape.expanded) == 1


def test_numbers_and_counts() -> None:
    found = v2(top="5", skip="7", inlinecount="allpages", skiptoken="abc")
    assert (found.top, found.skip, found.counted, found.skiptoken) == (5, 7, True, "abc")
    assert not v2(inlinecount="none").counted
    assert v4(count="true").counted


@pytest.mark.parametrize(
    "options",
    [
        {"top": "1.5"},
        {"skip": "٣"},
        {"top": "9" * 19},
        {"search": "x"},
        {"select": "supplier"},
        {"expand": "/".join(["to_PurchaseOrderItem", "to_PurchaseOrder"] * 5)},
    ],
)
def test_what_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ODataError) as refused:
        v2(**options)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "expand",
    [
        "_Item",
        "_PurchaseOrderItem(",
        "_PurchaseOrderItem($levels=2)",
        "_PurchaseOrderItem($select=X)",
        "_PurchaseOrderItem,_PurchaseOrderItem",
        "_PurchaseOrderItem)(",
    ],
)
def test_what_is_refused_in_version_4(expand: str) -> None:
    with pytest.raises(ODataError) as refused:
        v4(expand=expand)
    assert refused.value.status == 400
