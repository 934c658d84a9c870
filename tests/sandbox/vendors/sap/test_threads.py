"""Many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from finsync_dagster.sandbox.vendors.sap.sap import Sap
from tests.sandbox.vendors.sap.asking import ORDERS, V2, ask

pytestmark = pytest.mark.slow
TARGETS = [
    f"{ORDERS}A_PurchaseOrder?$expand=to_PurchaseOrderItem/to_ScheduleLine",
    f"{ORDERS}A_PurchaseOrderItem?$orderby=OrderQuantity desc&$inlinecount=allpages",
    f"{V2}API_BUSINESS_PARTNER/A_Supplier?$filter=substringof('Bolts',SupplierName)",
    f"{V2}API_GLACCOUNTLINEITEM/GLAccountLineItem",
]


def test_everyone_gets_the_same(sap: Sap) -> None:
    alone = [ask(sap, target).body for target in TARGETS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda target: ask(sap, target).body, TARGETS * 10))
    assert together == alone * 10
