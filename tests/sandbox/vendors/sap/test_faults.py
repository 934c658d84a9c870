from __future__ import annotations

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import Fault, Plan
from finsync_dagster.sandbox.vendors.sap.edm import service
from finsync_dagster.sandbox.vendors.sap.faults import Strikes, strikes
from finsync_dagster.sandbox.vendors.sap.query import read_query
from finsync_dagster.sandbox.vendors.wire import Request

SERVICE = service("API_PURCHASEORDER_PROCESS_SRV")
ITEM = SERVICE.sets["A_PurchaseOrderItem"]
REQUEST = Request("GET", "/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV/A_PurchaseOrderItem")


def test_nothing_strikes_without_a_plan() -> None:
    assert strikes(Faults(), REQUEST, "group_sap") == Strikes()


def test_a_plan_says_how_many_and_which() -> None:
    kinds = (
        Fault(kind="small_page", rate=1, records=9),
        Fault(kind="repeated_page", rate=1),
        Fault(kind="new_field", rate=1),
        Fault(kind="changed_type", rate=1, field="NetPriceAmount"),
    )
    found = strikes(Faults(Plan(faults=kinds)), REQUEST, "group_sap")
    assert (found.small_page, found.repeated, found.new_field) == (9, 3, "YY1_SandboxField")
    shape = read_query((), ITEM, SERVICE).shape
    assert found.retyped(shape) == {"NetPriceAmount"}
    assert [prop.name for prop in found.shape(shape).properties][-1] == "YY1_SandboxField"


def test_a_type_changes_only_where_the_field_is_shown() -> None:
    shape = read_query((("$select", "PurchaseOrder,OrderQuantity"),), ITEM, SERVICE).shape
    assert Strikes(changed_type=True).retyped(shape) == {"OrderQuantity"}
    assert Strikes(changed_type=True, changed_field="NetPriceAmount").retyped(shape) == frozenset()
    assert Strikes().retyped(shape) == frozenset()


def test_a_field_that_is_there_is_no_new_one() -> None:
    shape = read_query((), ITEM, SERVICE).shape
    assert Strikes(new_field="Plant").shape(shape) is shape
