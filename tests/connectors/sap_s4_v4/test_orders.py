"""Orders of the service of OData v4; everything else as of v2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.sap_s4 import company
from tests.connectors.sap_s4.odata import Sap
from tests.connectors.sap_s4.taking import Home

pytestmark = pytest.mark.slow

MAPS = {"entity": {"2000": "lumen_ie"}, "tax_rate": {"VI": "23"}}


def order(sap: Sap, number: str = "4500000001", **facts: Any) -> None:
    """An order that was released."""
    sap.add(
        "PurchaseOrder",
        **{
            "PurchaseOrder": number,
            "CompanyCode": "2000",
            "PurchaseOrderType": "NB",
            "PurchasingProcessingStatus": "05",
            "PurchaseOrderDate": "2026-02-02",
            "CreationDate": "2026-02-02",
            "LastChangeDateTime": "2026-03-01T08:00:00.1234567Z",
            "Supplier": "100001",
            "DocumentCurrency": "GBP",
            **facts,
        },
    )


def item(sap: Sap, number: str = "4500000001", line: str = "10", **facts: Any) -> None:
    """Ten boxes of a dozen pieces at 12.50."""
    key = {"PurchaseOrder": number, "PurchaseOrderItem": line}
    sap.add(
        "PurchaseOrderScheduleLine",
        **key,
        ScheduleLine="1",
        ScheduleLineDeliveryDate="2026-02-20",
        ScheduleLineOrderQuantity="10.000",
    )
    sap.add(
        "PurchaseOrderItem",
        **{
            **key,
            "PurchaseOrderItemText": "Cable",
            "OrderQuantity": "10.000",
            "PurchaseOrderQuantityUnit": "BX",
            "OrderItemQtyToBaseQtyNmrtr": "12",
            "OrderItemQtyToBaseQtyDnmntr": "1",
            "BaseUnit": "ST",
            "OrderPriceUnit": "BX",
            "OrderPriceUnitToOrderUnitNmrtr": "1",
            "OrdPriceUnitToOrderUnitDnmntr": "1",
            "NetPriceAmount": "12.50",
            "NetPriceQuantity": "1",
            "NetAmount": "125.00",
            "TaxCode": "VI",
            "PurchaseOrderItemCategory": "0",
            "GoodsReceiptIsExpected": True,
            "InvoiceIsExpected": True,
            **facts,
        },
    )


def home(sap: Sap) -> Home:
    return Home(sap, "sap_s4_v4", MAPS)


def test_an_order_with_its_line(sap: Sap) -> None:
    order(sap)
    item(sap)
    sap.add(
        "PurchaseOrderAccountAssignment",
        PurchaseOrder="4500000001",
        PurchaseOrderItem="10",
        AccountAssignmentNumber="1",
        CostCenter="CC1",
        PurgDocNetAmount="125.00",
    )
    found = home(sap).run()
    assert found.defects() == []
    header, line = found.row("purchase_orders"), found.row("purchase_order_lines")
    assert (header["entity_id"], header["ccy"], header["status_canon"]) == (
        *("lumen_ie", "GBP"),
        "approved",
    )
    assert header["supplier_src_id"] == "erp|supplier_companies|0000100001|2000"
    assert line["po_line_id"] == "erp|purchase_order_items|4500000001|10"
    assert (line["qty_ordered"], line["uom_order"]) == (Decimal(10), "BX")
    assert (line["qty_ordered_base"], line["uom_base"]) == (Decimal(120), "EA")
    assert (line["unit_price"], line["net_amount"]) == (Decimal("12.5"), Decimal(125))
    assert line["tax_rate"] == Decimal(23)
    assert str(line["due_date"]) == "2026-02-20"
    assert found.rows("purchase_order_schedules", "po_line_id") == [line["po_line_id"]]
    assert found.rows("purchase_order_distributions", "cost_center") == ["CC1"]


NET: tuple[tuple[dict[str, Any], str], ...] = (
    # What SAP states counts, also where it was rounded otherwise.
    ({"NetAmount": "124.99"}, "124.99"),
    ({"IsReturnsItem": True}, "-125"),
    ({"IsReturnsItem": True, "NetAmount": "-125.00"}, "-125"),
    ({"NetAmount": "99999999999.99"}, "99999999999.99"),
    ({"PurchaseOrderItemCategory": "A", "ExpectedOverallLimitAmount": "800.0"}, "800"),
)


def test_the_net_amount_that_is_stated(sap: Sap) -> None:
    expected = []
    for number, (facts, net) in enumerate(NET, start=4500000001):
        order(sap, str(number))
        item(sap, str(number), **facts)
        expected.append((str(number), Decimal(net)))
    found = home(sap).run()
    assert found.defects() == []
    lines = found.rows("purchase_order_lines", "po_line_id", "net_amount")
    assert [(line.split("|")[-2], net) for line, net in lines] == expected


def test_a_ratio_that_leaves_a_rest_stays_in_order_units(sap: Sap) -> None:
    order(sap)
    item(sap, OrderItemQtyToBaseQtyNmrtr="1", OrderItemQtyToBaseQtyDnmntr="3")
    item(sap, line="20", OrderItemQtyToBaseQtyNmrtr="3", OrderItemQtyToBaseQtyDnmntr="4")
    found = home(sap).run()
    assert found.rows("purchase_order_lines", "line_no", "qty_ordered_base", "uom_base") == [
        ("10", Decimal(10), "BX"),
        ("20", Decimal("7.5"), "EA"),
    ]


def test_deleted_orders_and_lines(sap: Sap) -> None:
    order(sap, PurchaseOrderDeletionCode="L")
    item(sap)
    order(sap, "4500000002")
    item(sap, "4500000002", PurchasingDocumentDeletionCode="L")
    found = home(sap).run()
    assert found.rows("purchase_orders", "status_canon") == ["approved", "cancelled"]
    assert found.rows("purchase_order_lines", "cancelled") == [True, True]


def test_pages_and_increments(sap: Sap) -> None:
    sap.page = 2
    for number in range(5):
        order(sap, f"450000000{number}")
    taker = home(sap)
    assert taker.take("purchase_orders").row_count == 5
    sap.sets["PurchaseOrder"][0] |= {"LastChangeDateTime": "2026-03-02T08:00:00.5Z"}
    del sap.sets["PurchaseOrder"][4]
    taken = taker.take("purchase_orders")
    assert (taken.mode, sum(ref.rows for ref in taken.gone)) == ("incremental", 1)
    assert any("LastChangeDateTime+ge+2026-03-01T07%3A30%3A00Z" in path for path in sap.asked)


def test_receipts_and_invoices_come_by_v2(sap: Sap) -> None:
    order(sap)
    item(sap)
    company.movement(sap, "5000000001", EntryUnit="BX", QuantityInBaseUnit="48.000")
    company.invoice(sap, CompanyCode="2000")
    company.invoice_item(sap)
    found = home(sap).run()
    assert found.defects() == []
    assert found.rows("receipt_lines", "entity_id", "qty", "qty_base") == [
        ("lumen_ie", Decimal(4), Decimal(48))
    ]
    assert found.rows("invoice_lines", "po_line_id") == found.rows("receipt_lines", "po_line_id")
