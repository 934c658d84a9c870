"""Suppliers, requisitions and orders, from the wire to canonical rows."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.sap_s4 import company
from tests.connectors.sap_s4.odata import Sap
from tests.connectors.sap_s4.taking import COMPANY, Home

pytestmark = pytest.mark.slow


def test_a_supplier_stands_once_per_company_code(sap: Sap) -> None:
    company.supplier(sap, "0000100001", "1000", "1200")
    company.supplier(sap, "0000100002", "1200", SupplierName="Blocked SA", PurchasingIsBlocked=True)
    home = Home(sap).run()
    assert home.defects() == []
    assert home.rows(
        "suppliers", "supplier_src_id", "entity_id", "status", "payment_terms_days"
    ) == [
        ("erp|supplier_companies|0000100001|1000", "lumen_de", "active", 30),
        ("erp|supplier_companies|0000100001|1200", "lumen_fr", "active", 30),
        ("erp|supplier_companies|0000100002|1200", "lumen_fr", "blocked", 30),
    ]
    first = home.row("suppliers", supplier_src_id="erp|supplier_companies|0000100001|1000")
    assert (first["name"], first["tax_id"]) == ("Kabel & Co. KG", "DE811907980")
    assert first["bank_account_hash"] == hashlib.sha256(b"DE89370400440532013000").hexdigest()


def test_one_of_several_vat_registrations_is_taken(sap: Sap) -> None:
    company.supplier(sap)
    for kind, number in (("FR0", "FR40303265045"), ("AT0", "ATU1")):
        sap.add(
            "A_BusinessPartnerTaxNumber",
            BusinessPartner="100001",
            BPTaxType=kind,
            BPTaxNumber=number,
        )
    home = Home(sap).run()
    assert (home.defects(), home.rows("suppliers", "tax_id")) == ([], ["ATU1"])


def test_a_supplier_without_bank_or_tax_number(sap: Sap) -> None:
    sap.add("A_Supplier", Supplier="V7", SupplierFullName="Person", DeletionIndicator=True)
    sap.add("A_SupplierCompany", Supplier="V7", CompanyCode="1000", PaymentTerms="0001")
    home = Home(sap).run()
    columns = ("supplier_no", "name", "status", "tax_id", "bank_account_hash", "payment_terms_days")
    assert home.rows("suppliers", *columns) == [("V7", "Person", "inactive", None, None, None)]


def test_planned_delivery_costs_are_charges_agreed_with_the_item(sap: Sap) -> None:
    company.order(sap)
    company.item(sap)
    condition = {
        "PurchaseOrder": "4500000001",
        "PurchaseOrderItem": "10",
        "PricingDocument": "0000012345",
        "PricingDocumentItem": "000010",
        "PricingProcedureCounter": "1",
    }
    kinds = [("PMP0", "125.000", "C"), ("FRB1", "30.500", "B"), ("FRC1", "12.000", "C")]
    for step, (kind, amount, way) in enumerate([*kinds, ("ZOA1", "0.000", "A")]):
        sap.add(
            "A_PurOrdPricingElement",
            **condition,
            PricingProcedureStep=f"{step}",
            ConditionType=kind,
            ConditionAmount=amount,
            ConditionCalculationType=way,
        )
    home = Home(sap).run()
    assert home.defects() == []
    line = "erp|purchase_order_items|4500000001|10"
    columns = ("po_line_id", "entity_id", "charge_code", "amount", "fixed")
    assert sorted(home.rows("purchase_order_charges", *columns)) == [
        (line, "lumen_de", "FRB1", Decimal("30.5"), True),
        (line, "lumen_de", "FRC1", Decimal(12), False),
        (line, "lumen_de", "ZOA1", Decimal(0), False),
    ]


def test_an_order_with_its_line(sap: Sap) -> None:
    company.order(sap, ValidityEndDate="2026-12-31")
    company.item(
        sap,
        PurchaseRequisition="0010000001",
        PurchaseRequisitionItem="00010",
        OverdelivTolrtdLmtRatioInPct="5.0",
    )
    home = Home(sap).run()
    assert home.defects() == []
    header = home.row("purchase_orders")
    assert (header["po_id"], header["po_number"]) == (
        "erp|purchase_orders|4500000001",
        "4500000001",
    )
    assert (header["entity_id"], header["status_canon"]) == ("lumen_de", "approved")
    assert (header["ccy"], header["order_date"]) == ("EUR", date(2026, 2, 2))
    assert header["supplier_src_id"] == "erp|supplier_companies|0000100001|1000"
    line = home.row("purchase_order_lines")
    assert line["po_line_id"] == "erp|purchase_order_items|4500000001|10"
    assert (line["qty_ordered"], line["uom_order"]) == (Decimal(10), "EA")
    assert (line["unit_price"], line["price_unit"]) == (Decimal("12.5"), Decimal(1))
    assert (line["net_amount"], line["tax_rate"]) == (Decimal(125), Decimal(19))
    assert (line["match_type"], line["due_date"]) == ("3w", date(2026, 2, 20))
    assert (line["requisition_no_ref"], line["requisition_line_ref"]) == ("0010000001", "10")
    assert (line["over_delivery_pct"], line["valid_to_date"]) == (Decimal(5), date(2026, 12, 31))
    assert home.rows("purchase_order_schedules", "schedule_no", "qty") == [("1", Decimal(10))]


COSTS: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (
        {"NetPriceAmount": "4.23", "NetPriceQuantity": "100", "OrderQuantity": "125.000"},
        "4.23",
        "100",
        "5.29",
    ),
    (
        {"NetPriceAmount": "17.82", "NetPriceQuantity": "1000", "OrderQuantity": "30000.000"},
        "17.82",
        "1000",
        "534.6",
    ),
    ({"NetPriceQuantity": "0"}, "12.5", "1", "125"),
    # 8 boxes of 12.5 kg each, priced per 100 kg.
    (
        {
            "OrderQuantity": "8.000",
            "PurchaseOrderQuantityUnit": "BX",
            "OrderPriceUnit": "KG",
            "OrderPriceUnitToOrderUnitNmrtr": "25",
            "OrdPriceUnitToOrderUnitDnmntr": "2",
            "NetPriceAmount": "7.77",
            "NetPriceQuantity": "100",
        },
        "194.25",
        "200",
        "7.77",
    ),
    (
        {"DocumentCurrency": "JPY", "NetPriceAmount": "1055", "NetPriceQuantity": "100"},
        "1055",
        "100",
        "106",
    ),
    (
        {"OrderQuantity": "9999999999.999", "NetPriceAmount": "999999999.999"},
        "999999999.999",
        "1",
        "9999999999989000000.0",
    ),
    ({"IsReturnsItem": True}, "12.5", "1", "-125"),
)


def test_what_a_line_costs(sap: Sap) -> None:
    numbers = [f"45000000{n:02}" for n in range(len(COSTS))]
    for number, (facts, *_) in zip(numbers, COSTS, strict=True):
        company.order(sap, number)
        company.item(sap, number, **facts)
    home = Home(sap).run()
    assert home.defects() == []
    for number, (_, price, unit, net) in zip(numbers, COSTS, strict=True):
        found = home.row("purchase_order_lines", po_line_id=f"erp|purchase_order_items|{number}|10")
        assert (found["unit_price"], found["price_unit"]) == (Decimal(price), Decimal(unit))
        assert found["net_amount"] == Decimal(net)
        assert (found["qty_ordered"] < 0) == (Decimal(net) < 0)


STATES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"PurchasingProcessingStatus": "02"}, "approved"),
    ({"PurchasingProcessingStatus": "03", "ReleaseIsNotCompleted": True}, "draft"),
    ({"PurchasingProcessingStatus": "02", "ReleaseIsNotCompleted": True}, "draft"),
    ({"PurchasingProcessingStatus": "08", "ReleaseIsNotCompleted": True}, "rejected"),
    ({"PurchasingDocumentDeletionCode": "L"}, "cancelled"),
    ({"PurchasingProcessingStatus": ""}, "approved"),
)


def test_how_far_an_order_is(sap: Sap) -> None:
    expected = []
    for number, (facts, status) in enumerate(STATES, start=4500000001):
        company.order(sap, str(number), **facts)
        expected.append((str(number), status))
    assert Home(sap).run().rows("purchase_orders", "po_number", "status_canon") == expected


def test_kinds_of_lines(sap: Sap) -> None:
    company.order(sap)
    company.item(sap, line="10", GoodsReceiptIsExpected=False)
    company.item(sap, line="20", InvoiceIsExpected=False)
    company.item(sap, line="30", PurchasingDocumentDeletionCode="L", IsCompletelyDelivered=True)
    limit = {"ExpectedOverallLimitAmount": "800.00", "OverallLimitAmount": "1000.00"}
    company.item(sap, line="40", PurchaseOrderItemCategory="A", NetPriceAmount="0.00", **limit)
    company.item(sap, line="50", PurchasingDocumentDeletionCode="S", IsFinallyInvoiced=True)
    home = Home(sap).run()
    columns = ("line_no", "match_type", "match_basis", "cancelled", "delivery_complete")
    assert home.rows("purchase_order_lines", *columns) == [
        ("10", "2w", "qty", False, False),
        ("20", "none", "qty", False, False),
        ("30", "3w", "qty", True, True),
        ("40", "limit", "amount", False, False),
        ("50", "3w", "qty", False, False),
    ]
    limited = home.row("purchase_order_lines", line_no="40")
    assert (limited["net_amount"], limited["limit_amount"]) == (Decimal(800), Decimal(1000))


def test_what_a_line_is_charged_to(sap: Sap) -> None:
    company.order(sap)
    company.item(sap)
    shares = (("1", "60.0", "75.000"), ("2", "40.0", "50.000"), ("3", "0.0", "0.000"))
    for number, percent, amount in shares:
        sap.add(
            "A_PurOrdAccountAssignment",
            PurchaseOrder="4500000001",
            PurchaseOrderItem="10",
            AccountAssignmentNumber=f"0{number}",
            MultipleAcctAssgmtDistrPercent=percent,
            PurgDocNetAmount=amount,
            GLAccount="0000400000",
            CostCenter=f"CC{number}",
            IsDeleted=number == "3",
        )
    home = Home(sap).run()
    columns = ("distribution_no", "account", "cost_center", "percentage", "amount")
    assert home.rows("purchase_order_distributions", *columns) == [
        ("1", "0000400000", "CC1", Decimal(60), Decimal(75)),
        ("2", "0000400000", "CC2", Decimal(40), Decimal(50)),
    ]


def test_stock_moved_between_own_plants_is_not_purchased(sap: Sap) -> None:
    company.order(sap, Supplier="", SupplyingPlant="1010", PurchaseOrderType="UB")
    company.item(sap)
    home = Home(sap).run()
    assert home.defects() == []
    assert home.rows("purchase_orders", "po_id") == home.rows("purchase_order_lines", "po_id") == []
    assert home.rows("purchase_order_schedules", "po_line_id") == []


def test_an_item_number_with_zeros_is_the_same_item(sap: Sap) -> None:
    company.order(sap)
    company.item(sap)
    company.movement(sap, "5000000001", PurchaseOrderItem="00010")
    home = Home(sap).run()
    assert home.rows("receipt_lines", "po_line_id") == home.rows(
        "purchase_order_lines", "po_line_id"
    )


def test_what_is_wrong_waits_and_the_rest_goes_on(sap: Sap) -> None:
    company.order(sap)
    company.order(sap, "4500000002", CompanyCode="9999")
    company.order(sap, "4500000003", PurchasingProcessingStatus="77")
    company.item(sap)
    company.item(sap, line="20", PurchaseOrderQuantityUnit="XYZ", OrderPriceUnit="XYZ")
    company.item(sap, line="30", NetPriceAmount="12,50")
    company.item(sap, "4500000002")
    home = Home(sap).run()
    assert home.defects() == [
        ("purchase_order_items", "4500000001|20", "MAPPING_MISSING"),
        ("purchase_order_items", "4500000001|30", "VALUE_NOT_READABLE"),
        ("purchase_order_items", "4500000002|10", "MAPPING_MISSING"),
        ("purchase_orders", "4500000002", "MAPPING_MISSING"),
        ("purchase_orders", "4500000003", "MAPPING_MISSING"),
        ("schedule_lines", "4500000001|20|1", "PARENT_MISSING"),
        ("schedule_lines", "4500000001|30|1", "PARENT_MISSING"),
        ("schedule_lines", "4500000002|10|1", "MAPPING_MISSING"),
    ]
    unmapped = home.quarantine.filter(source_pk="4500000002", column_name="entity_id")
    assert "9999" in unmapped["message"][0]
    assert home.rows("purchase_order_lines", "line_no") == ["10"]


def test_nobody_said_which_company_code_is_whose(sap: Sap) -> None:
    company.order(sap)
    home = Home(sap, maps={}).run()
    assert home.defects() == [("purchase_orders", "4500000001", "MAPPING_MISSING")]
    assert COMPANY["entity"]["1000"] == "lumen_de"


WANTED: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "approved"),
    ({"ReleaseIsNotCompleted": True}, "submitted"),
    ({"ReleaseIsNotCompleted": True, "PurReqnReleaseStatus": "08"}, "rejected"),
    ({"ProcessingStatus": "B", "PurchasingDocument": "4500000001"}, "ordered"),
    ({"IsClosed": True}, "closed"),
    ({"ProcessingStatus": "B", "IsDeleted": "X"}, "cancelled"),
)


def test_requisitions(sap: Sap) -> None:
    wanted = {
        "PurchaseRequisitionItem": "10",
        "CompanyCode": "1200",
        "PurchaseRequisitionItemText": "Cable",
        "RequisitionerName": "DUPONT",
        "Supplier": "100001",
        "RequestedQuantity": "10.000",
        "BaseUnit": "ST",
        "PurchaseRequisitionPrice": "1250.00",
        "PurReqnPriceQuantity": "100",
        "PurReqnItemCurrency": "EUR",
        "ItemNetAmount": "125.00",
        "CreationDate": "2026-01-30",
        "DeliveryDate": "2026-02-20",
        "LastChangeDateTime": company.CHANGED,
        "ProcessingStatus": "N",
    }
    numbers = [f"001000000{n}" for n in range(len(WANTED))]
    for number, (facts, _) in zip(numbers, WANTED, strict=True):
        sap.add("A_PurchaseRequisitionItem", **{**wanted, "PurchaseRequisition": number, **facts})
    home = Home(sap).run()
    assert home.defects() == []
    for number, (facts, status) in zip(numbers, WANTED, strict=True):
        line = home.row("requisition_lines", source_pk=f"{number}|10")
        said = (line["status_canon"], line["entity_id"], line["requester"])
        assert said == (status, "lumen_fr", "DUPONT")
        assert (line["unit_price"], line["price_unit"]) == (Decimal(1250), Decimal(100))
        assert line["supplier_src_id"] == "erp|supplier_companies|0000100001|1200"
        assert (line["created_date"], line["needed_date"]) == (date(2026, 1, 30), date(2026, 2, 20))
        assert line["po_number_ref"] == facts.get("PurchasingDocument")


def test_a_supplier_that_no_business_partner_names(sap: Sap) -> None:
    company.supplier(sap)
    sap.sets["A_BusinessPartner"].clear()
    home = Home(sap).run()
    assert (home.defects(), home.rows("suppliers", "tax_id")) == ([], ["DE811907980"])
