"""Documents of a small company in SAP, as tests need them: whole ones, to be varied.

Belongs here: records that SAP would hold. Not here: how they are served (odata.py).
"""

from __future__ import annotations

from typing import Any

from tests.connectors.sap_s4.odata import Record, Sap

CHANGED = "2026-03-01T08:00:00Z"


def supplier(sap: Sap, number: str = "0000100001", *companies: str, **facts: Any) -> None:
    """A supplier with a VAT registration and a bank account, extended to company codes."""
    partner = number.lstrip("0")
    sap.add("A_Supplier", **{"Supplier": number, "SupplierName": "Kabel & Co. KG", **facts})
    sap.add("A_BusinessPartner", BusinessPartner=partner, Supplier=number)
    for tax, value in (("DE1", "12/345/67890"), ("DE0", "DE811907980")):
        sap.add(
            "A_BusinessPartnerTaxNumber", BusinessPartner=partner, BPTaxType=tax, BPTaxNumber=value
        )
    for which, iban in (
        ("0002", "FR1420041010050500013M02606"),
        ("0001", "DE89370400440532013000"),
    ):
        sap.add(
            "A_BusinessPartnerBank", BusinessPartner=partner, BankIdentification=which, IBAN=iban
        )
    for company in companies or ("1000",):
        sap.add("A_SupplierCompany", Supplier=number, CompanyCode=company, PaymentTerms="Z030")


def order(sap: Sap, number: str = "4500000001", **facts: Any) -> Record:
    """An order that was released."""
    return sap.add(
        "A_PurchaseOrder",
        **{
            "PurchaseOrder": number,
            "CompanyCode": "1000",
            "PurchaseOrderType": "NB",
            "PurchasingProcessingStatus": "05",
            "CreatedByUser": "MUELLER",
            "CreationDate": "2026-02-02",
            "PurchaseOrderDate": "2026-02-02",
            "LastChangeDateTime": CHANGED,
            "Supplier": "0000100001",
            "DocumentCurrency": "EUR",
            **facts,
        },
    )


def item(sap: Sap, number: str = "4500000001", line: str = "10", **facts: Any) -> Record:
    """Ten pieces at 12.50, to be received."""
    sap.add(
        "A_PurchaseOrderScheduleLine",
        PurchasingDocument=number,
        PurchasingDocumentItem=line,
        ScheduleLine="1",
        ScheduleLineDeliveryDate="2026-02-20",
        ScheduleLineOrderQuantity="10.000",
    )
    return sap.add(
        "A_PurchaseOrderItem",
        **{
            "PurchaseOrder": number,
            "PurchaseOrderItem": line,
            "PurchaseOrderItemText": "Cable, 5 m",
            "OrderQuantity": "10.000",
            "PurchaseOrderQuantityUnit": "ST",
            "OrderPriceUnit": "ST",
            "OrderPriceUnitToOrderUnitNmrtr": "1",
            "OrdPriceUnitToOrderUnitDnmntr": "1",
            "DocumentCurrency": "EUR",
            "NetPriceAmount": "12.50",
            "NetPriceQuantity": "1",
            "TaxCode": "V1",
            "PurchaseOrderItemCategory": "0",
            "GoodsReceiptIsExpected": True,
            "InvoiceIsExpected": True,
            **facts,
        },
    )


def movement(sap: Sap, number: str, kind: str = "101", qty: str = "4.000", **facts: Any) -> Record:
    """A material document with one item."""
    header = {"MaterialDocumentYear": "2026", "MaterialDocument": number}
    sap.add(
        "A_MaterialDocumentHeader",
        **header,
        CreationDate="2026-02-20",
        DocumentDate="2026-02-19",
        PostingDate="2026-02-20",
        CreatedByUser="KLEIN",
        ReferenceDocument="LS-77",
    )
    return sap.add(
        "A_MaterialDocumentItem",
        **{
            **header,
            "MaterialDocumentItem": "1",
            "GoodsMovementType": kind,
            "PurchaseOrder": "4500000001",
            "PurchaseOrderItem": "10",
            "EntryUnit": "ST",
            "QuantityInEntryUnit": qty,
            "MaterialBaseUnit": "ST",
            "QuantityInBaseUnit": qty,
            **facts,
        },
    )


def invoice(sap: Sap, number: str = "5105600001", tax: str = "9.50", **facts: Any) -> Record:
    """An invoice of 50.00 and tax, posted."""
    key = {"SupplierInvoice": number, "FiscalYear": "2026"}
    sap.add(
        "A_SupplierInvoiceTax", **key, TaxCode="V1", SupplierInvoiceTaxCounter="1", TaxAmount=tax
    )
    return sap.add(
        "A_SupplierInvoice",
        **{
            **key,
            "CompanyCode": "1000",
            "DocumentDate": "2026-02-25",
            "PostingDate": "2026-02-26",
            "CreationDate": "2026-02-26",
            "SupplierInvoiceIDByInvcgParty": "RE-2026/0815",
            "InvoicingParty": "0000100001",
            "DocumentCurrency": "EUR",
            "InvoiceGrossAmount": "59.50",
            "UnplannedDeliveryCost": "0.00",
            "DueCalculationBaseDate": "2026-02-25",
            "NetPaymentDays": "30",
            "SupplierInvoiceStatus": "5",
            "ReverseDocumentFiscalYear": "0000",
            "InvoiceReferenceFiscalYear": "0000",
            **facts,
        },
    )


def invoice_item(sap: Sap, number: str = "5105600001", line: str = "1", **facts: Any) -> Record:
    """Four pieces for 50.00, of the order's first item."""
    return sap.add(
        "A_SuplrInvcItemPurOrdRef",
        **{
            "SupplierInvoice": number,
            "FiscalYear": "2026",
            "SupplierInvoiceItem": line,
            "PurchaseOrder": "4500000001",
            "PurchaseOrderItem": "10",
            "TaxCode": "V1",
            "DocumentCurrency": "EUR",
            "SupplierInvoiceItemAmount": "50.00",
            "PurchaseOrderQuantityUnit": "ST",
            "QuantityInPurchaseOrderUnit": "4.000",
            **facts,
        },
    )


def journal(sap: Sap, document: str, amount: str, **facts: Any) -> Record:
    """A line on the supplier's account: what is owed is a credit, and negative."""
    return sap.add(
        "GLAccountLineItem",
        **{
            "ID": f"{document}/{facts.get('LedgerGLLineItem', '000001')}",
            "Ledger": "0L",
            "CompanyCode": "1000",
            "FiscalYear": "2026",
            "AccountingDocument": document,
            "LedgerGLLineItem": "000001",
            "AccountingDocumentItem": "001",
            "AccountingDocumentType": "RE",
            "FinancialAccountType": "K",
            "GLAccount": "0000160000",
            "Supplier": "0000100001",
            "TransactionCurrency": "EUR",
            "AmountInTransactionCurrency": amount,
            "CompanyCodeCurrency": "EUR",
            "AmountInCompanyCodeCurrency": amount,
            "PostingDate": "2026-02-26",
            "DocumentDate": "2026-02-25",
            "LastChangeDateTime": CHANGED,
            **facts,
        },
    )


def payment(sap: Sap, document: str, amount: str, **facts: Any) -> Record:
    """A payment: a debit on the supplier's account, cleared by itself, and the bank's line."""
    made = {
        "AccountingDocumentType": "KZ",
        "PostingDate": "2026-03-20",
        "ReferenceDocumentType": "BKPFF",
        "ReferenceDocument": document,
    }
    bank = {"LedgerGLLineItem": "000002", "FinancialAccountType": "S", "Supplier": ""}
    journal(sap, document, f"-{amount}", **made, **bank)
    cleared = {
        "ClearingAccountingDocument": document,
        "ClearingDocFiscalYear": "2026",
        "ClearingDate": "2026-03-20",
    }
    return journal(sap, document, amount, **{**made, **cleared, **facts})


CLEARED = {"ClearingDocFiscalYear": "2026", "ClearingDate": "2026-03-20"}
"""What a cleared line says beside the document that cleared it."""
