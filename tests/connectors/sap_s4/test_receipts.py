"""Material documents become receipts, returns and reversals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.connectors.sap_s4 import company
from tests.connectors.sap_s4.odata import Sap
from tests.connectors.sap_s4.taking import Home

pytestmark = pytest.mark.slow

BACK = {
    "ReversedMaterialDocumentYear": "2026",
    "ReversedMaterialDocument": "5000000001",
    "ReversedMaterialDocumentItem": "0001",
}
AGAINST = {
    "ReferenceDocumentFiscalYear": "2026",
    "InvtryMgmtReferenceDocument": "5000000001",
    "InvtryMgmtRefDocumentItem": "1",
}
FIRST = "erp|material_document_items|2026|5000000001|1"


@pytest.fixture
def ordered(sap: Sap) -> Sap:
    company.order(sap)
    company.item(sap)
    return sap


def test_who_asked_ordered_and_received(sap: Sap) -> None:
    company.order(sap)
    company.item(sap, RequisitionerName="WEBER")
    company.item(sap, line="20", RequisitionerName="ANDERS")
    company.movement(sap, "5000000001")
    home = Home(sap).run()
    assert home.defects() == []
    assert home.rows("purchase_orders", "requester", "buyer") == [("WEBER", "MUELLER")]
    assert home.rows("receipt_lines", "received_by") == ["KLEIN"]


def test_a_receipt_of_a_part(ordered: Sap) -> None:
    company.movement(ordered, "5000000001", **AGAINST)
    home = Home(ordered).run()
    assert home.defects() == []
    found = home.row("receipt_lines")
    assert (found["receipt_line_id"], found["entity_id"]) == (FIRST, "lumen_de")
    assert (found["kind"], found["qty"], found["uom"]) == ("receipt", Decimal(4), "EA")
    assert (found["receipt_no"], found["delivery_note"]) == ("5000000001", "LS-77")
    assert (found["posting_date"], found["reverses_id"]) == (date(2026, 2, 20), None)
    assert found["document_date"] == date(2026, 2, 19)
    assert found["po_line_id"] == "erp|purchase_order_items|4500000001|10"
    assert (found["po_number_ref"], found["po_line_ref"]) == ("4500000001", "10")


DOES = ("kind", "qty", "qty_base", "reverses_id")
MOVEMENTS = (
    ("102", BACK, "reversal", "-4"),
    ("122", AGAINST, "return", "-4"),
    ("161", {}, "return", "-4"),
    ("123", AGAINST, "reversal", "4"),
    ("162", {}, "reversal", "4"),
    ("105", {}, "receipt", "4"),
    ("106", BACK, "reversal", "-4"),
)


def test_what_a_movement_does(ordered: Sap) -> None:
    """All against one receipt: each is read by itself."""
    company.movement(ordered, "5000000001")
    for movement, facts, _, _ in MOVEMENTS:
        company.movement(ordered, f"5000000{movement}", movement, **facts)
    home = Home(ordered).run()
    assert home.defects() == []
    found = {row[0]: row[1:] for row in home.rows("receipt_lines", "receipt_no", *DOES)}
    del found["5000000001"]
    assert found == {
        f"5000000{movement}": (kind, Decimal(qty), Decimal(qty), FIRST if facts else None)
        for movement, facts, kind, qty in MOVEMENTS
    }


def test_what_is_no_receipt_is_not_even_read(ordered: Sap) -> None:
    """Into blocked stock, to a subcontractor, without an order."""
    for number, movement in enumerate(("103", "104", "109", "124", "541", "543")):
        company.movement(ordered, f"500000001{number}", movement)
    company.movement(ordered, "4900000001", "201", PurchaseOrder="", PurchaseOrderItem="")
    home = Home(ordered).run()
    assert (home.defects(), home.rows("receipt_lines")) == ([], [])
    assert home.manifests["material_document_items"].row_count == 0


def test_an_own_movement_type_waits_until_somebody_says_what_it_is(ordered: Sap) -> None:
    company.movement(ordered, "5000000001", "901")
    company.movement(ordered, "5000000002")
    home = Home(ordered).run()
    assert home.defects() == [
        ("material_document_items", "2026|5000000001|1", "MAPPING_MISSING"),
    ]
    assert home.rows("receipt_lines", "receipt_no") == ["5000000002"]


def test_boxes_are_kept_as_pieces(ordered: Sap) -> None:
    company.movement(
        ordered, "5000000001", qty="2.000", EntryUnit="BX", QuantityInBaseUnit="24.000"
    )
    company.movement(ordered, "5000000002", MaterialBaseUnit="", QuantityInBaseUnit="0.000")
    found = Home(ordered).run().rows("receipt_lines", "qty", "uom", "qty_base", "uom_base")
    assert found == [
        (Decimal(2), "BX", Decimal(24), "EA"),
        (Decimal(4), "EA", Decimal(4), "EA"),
    ]


def test_a_receipt_of_an_order_that_is_not_here_waits(sap: Sap) -> None:
    company.movement(sap, "5000000001")
    home = Home(sap).run()
    ((source, key, reason),) = home.defects()
    assert (source, key) == ("material_document_items", "2026|5000000001|1")
    assert reason == "MISSING_REQUIRED_FIELD"
    company.order(sap)
    company.item(sap)
    home.run()
    assert (home.defects(), home.rows("receipt_lines", "entity_id")) == ([], ["lumen_de"])


@pytest.mark.parametrize(
    ("stock", "accepted", "rejected"), [("", "4", "0"), ("X", "4", "0"), ("S", "0", "4")]
)
def test_what_goes_to_blocked_stock_was_refused(
    ordered: Sap, stock: str, accepted: str, rejected: str
) -> None:
    company.movement(ordered, "5000000001", InventoryUsabilityCode=stock)
    company.movement(ordered, "5000000002", "102", InventoryUsabilityCode=stock, **BACK)
    home = Home(ordered).run()
    assert home.defects() == []
    assert home.rows("receipt_lines", "qty", "qty_accepted", "qty_rejected") == [
        (Decimal(-4), -Decimal(accepted), -Decimal(rejected)),
        (Decimal(4), Decimal(accepted), Decimal(rejected)),
    ]
