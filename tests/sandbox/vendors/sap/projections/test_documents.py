"""Receipts, invoices, requisitions, suppliers and the ledger, as the world says they must look."""

from __future__ import annotations

from typing import Any

from finsync_dagster.sandbox.vendors.sap.sap import Sap
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.sap.asking import V2, ask, results
from tests.sandbox.vendors.sap.tiny import moment

RECEIPTS = f"{V2}API_MATERIAL_DOCUMENT_SRV/"
INVOICES = f"{V2}API_SUPPLIERINVOICE_PROCESS_SRV/"
PARTNERS = f"{V2}API_BUSINESS_PARTNER/"


def columns(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_movements_and_what_they_take_back(sap: Sap) -> None:
    rows = results(sap, f"{RECEIPTS}A_MaterialDocumentItem")
    names = ("GoodsMovementType", "QuantityInEntryUnit", "EntryUnit", "GoodsMovementIsCancelled",
             "ReversedMaterialDocument", "ReversedMaterialDocumentItem",
             "InvtryMgmtReferenceDocument")  # fmt: skip
    assert columns(rows, *names) == [
        ("101", "10.000", "ST", True, "", "", ""),
        ("102", "10.000", "ST", False, "5000000001", "1", "5000000001"),
        ("101", "7.000", "ST", False, "", "", ""),
        ("101", "1.000", "ST", False, "", "", ""),
        ("122", "2.000", "ST", True, "", "", "5000000003"),
        ("123", "2.000", "ST", False, "5000000004", "1", "5000000004"),
    ]
    names = ("MaterialDocumentItem", "InventoryUsabilityCode", "GdsMvtExtAmtInCoCodeCrcy")
    assert columns(rows[:4], *names) == [
        ("1", "", "125.000"),
        ("1", "", "125.000"),
        ("1", "", "87.500"),
        ("5001", "S", "12.500"),
    ]
    assert (rows[0]["PurchaseOrder"], rows[0]["PurchaseOrderItem"]) == ("4500000001", "10")


def test_a_movement_is_cancelled_from_when_it_was(sap: Sap, world: World) -> None:
    world.until = moment("2026-01-24T00:00:00")
    rows = results(sap, f"{RECEIPTS}A_MaterialDocumentItem")
    assert columns(rows, "GoodsMovementType", "GoodsMovementIsCancelled") == [("101", False)]


def test_a_movements_header_has_a_date_and_a_time(sap: Sap) -> None:
    (first, *_) = results(sap, f"{RECEIPTS}A_MaterialDocumentHeader")
    assert first["CreationDate"] == "/Date(1768867200000)/"
    assert first["CreationTime"] == "PT10H00M01S"
    assert first["ReferenceDocument"] == "DN-1"


def test_invoices_and_credits(sap: Sap) -> None:
    rows = results(sap, f"{INVOICES}A_SupplierInvoice")
    names = ("SupplierInvoiceIsCreditMemo", "InvoiceGrossAmount", "ReverseDocument", "IsReversal",
             "IsReversed", "InvoiceReference", "PaymentBlockingReason")  # fmt: skip
    assert columns(rows, *names) == [
        ("", "150.000", "5100000002", False, True, "", ""),
        ("X", "150.000", "5100000001", True, False, "", ""),
        ("X", "150.000", "", False, False, "5100000001", ""),
        ("", "150.000", "", False, False, "5100000001", "R"),
    ]
    assert rows[0]["UnplannedDeliveryCost"] == "3.000"
    assert rows[0]["DueCalculationBaseDate"] == rows[0]["DocumentDate"]


def test_a_reversal_is_not_known_before_it_is(sap: Sap, world: World) -> None:
    world.until = moment("2026-02-01T09:00:00")
    rows = results(sap, f"{INVOICES}A_SupplierInvoice")
    assert columns(rows, "ReverseDocument", "IsReversed") == [("", False)]


def test_invoice_items(sap: Sap) -> None:
    rows = results(sap, f"{INVOICES}A_SuplrInvcItemPurOrdRef")
    names = ("SupplierInvoiceItem", "PurchaseOrderItem", "QuantityInPurchaseOrderUnit",
             "SupplierInvoiceItemAmount", "IsSubsequentDebitCredit", "ReferenceDocument",
             "SuplrInvcDeliveryCostCndnType")  # fmt: skip
    assert columns(rows, *names) == [
        ("1", "10", "10.000", "125.000", "", "5000000001", ""),
        ("2", "", "0.000", "7.500", "", "", "FRB1"),
        ("1", "10", "10.000", "125.000", "", "", ""),
        ("1", "10", "0.000", "125.000", "X", "", ""),
        ("1", "10", "0.000", "125.000", "X", "", ""),
    ]
    selected = results(sap, f"{INVOICES}A_SuplrInvcSeldPurgDocument")
    assert columns(selected, "PurchaseOrder", "PurchaseOrderItem") == [("4500000001", "10")] * 4
    (rounding,) = results(sap, f"{INVOICES}A_SupplierInvoiceItemGLAcct")
    assert (rounding["SupplierInvoiceItemAmount"], rounding["DebitCreditCode"]) == ("0.010", "H")
    taxes = results(sap, f"{INVOICES}A_SupplierInvoiceTax")
    assert columns(taxes, "TaxCode", "TaxAmount") == [("VF", "25.000")] * 4


def test_a_requisition(sap: Sap) -> None:
    (item,) = results(sap, f"{V2}API_PURCHASEREQ_PROCESS_SRV/A_PurchaseRequisitionItem")
    assert (item["PurchaseRequisition"], item["PurchaseRequisitionItem"]) == ("0010000001", "10")
    assert (item["PurchasingDocument"], item["PurchasingDocumentItem"]) == ("4500000001", "10")
    assert (item["PurchaseRequisitionPrice"], item["ItemNetAmount"]) == ("12.500", "125.000")


def test_suppliers(sap: Sap, world: World) -> None:
    (partner,) = results(
        sap, f"{PARTNERS}A_BusinessPartner?$expand=to_BusinessPartnerBank,to_BusinessPartnerTax"
    )
    assert partner["BusinessPartnerFullName"] == "Bolts & <Nuts> 'SARL'"
    (bank,) = partner["to_BusinessPartnerBank"]["results"]
    assert bank["IBAN"] == "FR7630006000011234567890189"
    (tax,) = partner["to_BusinessPartnerTax"]["results"]
    assert (tax["BPTaxType"], tax["BPTaxNumber"]) == ("FR0", "FR83404833048")
    companies = results(sap, f"{PARTNERS}A_SupplierCompany")
    assert columns(companies, "CompanyCode", "PaymentTerms") == [("1000", "N030"), ("1200", "N030")]
    world.until = moment("2026-01-31T00:00:00")
    (bank,) = results(sap, f"{PARTNERS}A_BusinessPartnerBank")
    assert bank["IBAN"] == "FR1420041010050500013M02606"
    (partner,) = results(sap, f"{PARTNERS}A_BusinessPartner")
    assert partner["LastChangeDate"] is None


def test_the_ledger_and_what_is_cleared(sap: Sap, world: World) -> None:
    lines = f"{V2}API_GLACCOUNTLINEITEM/GLAccountLineItem?$filter=Supplier ne ''"
    names = ("AccountingDocumentType", "AmountInCompanyCodeCurrency", "DebitCreditCode",
             "ClearingAccountingDocument", "AssignmentReference")  # fmt: skip
    assert columns(results(sap, lines), *names) == [
        ("KZ", "150.000", "S", "1500000001", "RE-1"),
        ("RE", "-150.000", "H", "1500000001", "RE-1"),
    ]
    world.until = moment("2026-03-01T00:00:00")
    rows = results(sap, lines)
    assert columns(rows, "ClearingAccountingDocument", "ClearingDate") == [("", None)] * 2


def test_a_ledger_line_says_what_it_was_posted_for(sap: Sap) -> None:
    lines = f"{V2}API_GLACCOUNTLINEITEM/GLAccountLineItem?$filter=AccountingDocumentType eq 'KZ'"
    names = ("AmountInCompanyCodeCurrency", "TransactionTypeDetermination", "HouseBank")
    assert columns(results(sap, lines), *names) == [
        ("150.000", "", ""),
        ("-147.000", "", "HB01"),
        ("-3.000", "SKE", ""),
    ]


def test_a_system_has_its_own_company_codes_only(s4: Sap) -> None:
    for target in ("A_SupplierInvoice", "A_SupplierInvoiceTax"):
        assert results(s4, INVOICES + target) == []
    assert ask(s4, f"{PARTNERS}A_Supplier/$count").body == b"1"
    companies = results(s4, f"{PARTNERS}A_SupplierCompany")
    assert [row["CompanyCode"] for row in companies] == ["2000"]
