"""Supplier invoices, credit memos, subsequent debits and credits, reversals.

Belongs here: the sets of API_SUPPLIERINVOICE_PROCESS_SRV. Not here: their postings (ledger.py).

Amounts of a credit memo are positive; SupplierInvoiceIsCreditMemo says what they are. A change of
value without a quantity is a subsequent debit or credit (IsSubsequentDebitCredit on its items,
quantity 0). Two documents that take each other back name one another in ReverseDocument. Charges
stated with an order are items with a condition type (planned delivery costs), others are unplanned
delivery costs of the header. Items that name an order are in A_SuplrInvcItemPurOrdRef, all others
in A_SupplierInvoiceItemGLAcct.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.sap.projections.stages import terms, unit

_SERVICE = "API_SUPPLIERINVOICE_PROCESS_SRV"

# An invoice that is a credit, or takes an invoice back, is a credit memo.
_INVOICES = """
(SELECT i.*, e.company_code, e.country, e.currency AS company_currency,
    a.account_no AS supplier_no, i.gross_amount < 0 AS is_credit,
    CASE WHEN i.gross_amount < 0 THEN -1 ELSE 1 END AS sign,
    i.kind IN ('credit_value', 'debit_value') AS is_subsequent, d.deleted_at AS gone
FROM world.invoice i
JOIN entities e USING (entity_id)
JOIN here ON here.system = i.system
JOIN world.supplier_account a ON a.supplier_account_id = i.supplier_account_id
LEFT JOIN deletions d ON d.object = 'invoice' AND d.object_id = i.invoice_id) i
"""
_KEY = """i.created_at AS _born, i.gone AS _gone, i.document_number AS SupplierInvoice,
    i.fiscal_year::VARCHAR AS FiscalYear"""
_PLANNED = "l.type = 'item' OR (l.type = 'charge' AND l.po_number_ref IS NOT NULL)"

_HEADER = f"""
SELECT {_KEY}, i.company_code AS CompanyCode, i.invoice_date AS DocumentDate,
    i.posting_date AS PostingDate, i.created_at AS CreationDate,
    left(i.invoice_number, 16) AS SupplierInvoiceIDByInvcgParty, i.supplier_no AS InvoicingParty,
    i.currency AS DocumentCurrency, i.gross_amount * i.sign AS InvoiceGrossAmount,
    COALESCE(c.amount, 0) * i.sign AS UnplannedDeliveryCost,
    COALESCE(c.tax_code, '') AS UnplannedDeliveryCostTaxCode, {terms("i")} AS PaymentTerms,
    CAST(i.due_date - i.terms_days AS DATE) AS DueCalculationBaseDate,
    i.discount_days AS CashDiscount1Days, i.discount_pct AS CashDiscount1Percent,
    i.terms_days AS NetPaymentDays, COALESCE(i.payment_block, '') AS PaymentBlockingReason,
    'RE' AS AccountingDocumentType,
    CASE i.state WHEN 'received' THEN 'D' WHEN 'parked' THEN 'A' ELSE '5' END
        AS SupplierInvoiceStatus,
    CASE WHEN i.currency = i.company_currency THEN 1 ELSE round(i.fx_rate, 5) END
        AS DirectQuotedExchangeRate,
    CASE WHEN i.is_credit THEN 'X' ELSE '' END AS SupplierInvoiceIsCreditMemo,
    COALESCE(corrected.document_number, '') AS InvoiceReference,
    COALESCE(corrected.fiscal_year::VARCHAR, '') AS InvoiceReferenceFiscalYear,
    CAST(i.received_at AS DATE) AS InvoiceReceiptDate, i.posting_date AS TaxReportingDate,
    COALESCE(a.tax_id, '') AS SupplierVATRegistration,
    COALESCE(undone.document_number, undoing.document_number, '') AS ReverseDocument,
    undoing.created_at AS ReverseDocument__since,
    COALESCE(undone.fiscal_year, undoing.fiscal_year)::VARCHAR AS ReverseDocumentFiscalYear,
    undoing.created_at AS ReverseDocumentFiscalYear__since,
    i.reverses_invoice_id IS NOT NULL AS IsReversal, i.is_reversed AS IsReversed,
    undoing.created_at AS IsReversed__since
FROM {_INVOICES}
JOIN world.supplier_account a ON a.supplier_account_id = i.supplier_account_id
LEFT JOIN world.invoice corrected ON corrected.invoice_id = i.corrects_invoice_id
LEFT JOIN world.invoice undone ON undone.invoice_id = i.reverses_invoice_id
LEFT JOIN (
    SELECT reverses_invoice_id, arg_min(document_number, created_at) AS document_number,
        arg_min(fiscal_year, created_at) AS fiscal_year, min(created_at) AS created_at
    FROM world.invoice WHERE reverses_invoice_id IS NOT NULL GROUP BY reverses_invoice_id
) undoing ON undoing.reverses_invoice_id = i.invoice_id
LEFT JOIN (
    SELECT invoice_id, sum(net_amount) AS amount, min(tax_code) AS tax_code
    FROM world.invoice_line WHERE type = 'charge' AND po_number_ref IS NULL GROUP BY invoice_id
) c ON c.invoice_id = i.invoice_id
"""

# On a line without a quantity its value is billed, and a subsequent debit or credit moves none.
_QTY = "CASE WHEN i.is_subsequent THEN 0 ELSE COALESCE(l.qty * i.sign, 0) END"
_UNIT = f"COALESCE(CASE WHEN l.qty IS NULL THEN o.unit ELSE {unit('u', 'l.uom')} END, o.unit, '')"
_PRICE_UNIT = (
    f"CASE WHEN l.qty IS NULL THEN {_UNIT} ELSE COALESCE({unit('pu', 'l.price_uom')}, {_UNIT}) END"
)

_ORDER_ITEM = f"""
SELECT {_KEY}, l.line_no::VARCHAR AS SupplierInvoiceItem, l.po_number_ref AS PurchaseOrder,
    COALESCE(l.po_line_ref::VARCHAR, '') AS PurchaseOrderItem, i.company_code AS Plant,
    COALESCE(r.receipt_number, l.receipt_ref, '') AS ReferenceDocument,
    COALESCE(r.fiscal_year::VARCHAR, '') AS ReferenceDocumentFiscalYear,
    COALESCE(rl.line_no::VARCHAR, '') AS ReferenceDocumentItem,
    CASE WHEN i.is_subsequent THEN 'X' ELSE '' END AS IsSubsequentDebitCredit,
    COALESCE(l.tax_code, '') AS TaxCode, i.country AS TaxCountry, i.currency AS DocumentCurrency,
    l.net_amount * i.sign AS SupplierInvoiceItemAmount,
    {_UNIT} AS PurchaseOrderQuantityUnit, {_UNIT} AS PurchaseOrderQtyUnitSAPCode,
    {_QTY} AS QuantityInPurchaseOrderUnit,
    {_PRICE_UNIT} AS PurchaseOrderPriceUnit, {_PRICE_UNIT} AS PurchaseOrderPriceUnitSAPCode,
    portion({_QTY}, l.price_uom_numerator, l.price_uom_denominator, 3)
        AS QtyInPurchaseOrderPriceUnit,
    CASE WHEN l.type = 'charge' THEN 'FRB1' ELSE '' END AS SuplrInvcDeliveryCostCndnType,
    CASE WHEN l.type = 'charge' THEN i.supplier_no ELSE '' END AS FreightSupplier,
    left(l.description, 50) AS SupplierInvoiceItemText,
    CASE WHEN o.match_type = 'limit' THEN 'A' ELSE '0' END AS PurchasingDocumentItemCategory
FROM world.invoice_line l
JOIN {_INVOICES} USING (invoice_id)
LEFT JOIN order_lines o ON o.purchase_order_line_id = l.purchase_order_line_id
LEFT JOIN world.receipt_line rl ON rl.receipt_line_id = l.receipt_line_id
LEFT JOIN world.receipt r ON r.receipt_id = rl.receipt_id
LEFT JOIN units u ON u.uom = l.uom
LEFT JOIN units pu ON pu.uom = l.price_uom
WHERE ({_PLANNED}) AND l.po_number_ref IS NOT NULL
"""

_ASSIGNMENT = f"""
SELECT {_KEY}, l.line_no::VARCHAR AS SupplierInvoiceItem, '1' AS OrdinalNumber,
    l.cost_center AS CostCenter, 'A000' AS ControllingArea, l.gl_account AS GLAccount,
    COALESCE(l.project, '') AS WBSElement, i.currency AS DocumentCurrency,
    l.net_amount * i.sign AS SuplrInvcAcctAssignmentAmount, COALESCE(l.tax_code, '') AS TaxCode,
    '1' AS AccountAssignmentNumber, i.company_code AS CompanyCode, {_QTY} AS Quantity,
    {_QTY} AS QuantityInPurchaseOrderUnit, {_UNIT} AS PurchaseOrderQuantityUnit,
    CASE WHEN i.is_credit THEN 'H' ELSE 'S' END AS DebitCreditCode
FROM world.invoice_line l
JOIN {_INVOICES} USING (invoice_id)
LEFT JOIN order_lines o ON o.purchase_order_line_id = l.purchase_order_line_id
LEFT JOIN units u ON u.uom = l.uom
WHERE ({_PLANNED}) AND l.po_number_ref IS NOT NULL
"""

# Money that is owed is a debit of the expense: S; what lowers it, H. Always positive.
_ACCOUNT_ITEM = f"""
SELECT {_KEY}, l.line_no::VARCHAR AS SupplierInvoiceItem, i.company_code AS CompanyCode,
    l.cost_center AS CostCenter, 'A000' AS ControllingArea, l.gl_account AS GLAccount,
    COALESCE(l.project, '') AS WBSElement, i.currency AS DocumentCurrency,
    abs(l.net_amount) AS SupplierInvoiceItemAmount, COALESCE(l.tax_code, '') AS TaxCode,
    CASE WHEN l.net_amount < 0 THEN 'H' ELSE 'S' END AS DebitCreditCode,
    left(l.description, 50) AS SupplierInvoiceItemText,
    COALESCE({unit("u", "l.uom")}, '') AS QuantityUnit,
    COALESCE({unit("u", "l.uom")}, '') AS SuplrInvcItmQtyUnitSAPCode,
    abs(COALESCE(l.qty, 0)) AS Quantity, i.country AS TaxCountry
FROM world.invoice_line l
JOIN {_INVOICES} USING (invoice_id)
LEFT JOIN units u ON u.uom = l.uom
WHERE (l.type = 'item' AND l.po_number_ref IS NULL) OR l.type = 'rounding'
"""

_TAX = f"""
SELECT {_KEY}, COALESCE(t.tax_code, '') AS TaxCode, t.tax_no::VARCHAR AS SupplierInvoiceTaxCounter,
    i.currency AS DocumentCurrency, t.tax_amount * i.sign AS TaxAmount,
    t.base_amount * i.sign AS TaxBaseAmountInTransCrcy, i.country AS TaxCountry
FROM world.invoice_tax t JOIN {_INVOICES} USING (invoice_id)
"""

_SELECTED_ORDERS = f"""
SELECT DISTINCT {_KEY}, l.po_number_ref AS PurchaseOrder,
    COALESCE(l.po_line_ref::VARCHAR, '') AS PurchaseOrderItem
FROM world.invoice_line l JOIN {_INVOICES} USING (invoice_id)
WHERE l.type = 'item' AND l.po_number_ref IS NOT NULL
"""

PROJECTIONS = {
    (_SERVICE, "A_SupplierInvoice"): _HEADER,
    (_SERVICE, "A_SuplrInvcItemPurOrdRef"): _ORDER_ITEM,
    (_SERVICE, "A_SuplrInvcItemAcctAssgmt"): _ASSIGNMENT,
    (_SERVICE, "A_SupplierInvoiceItemGLAcct"): _ACCOUNT_ITEM,
    (_SERVICE, "A_SupplierInvoiceTax"): _TAX,
    (_SERVICE, "A_SuplrInvcSeldPurgDocument"): _SELECTED_ORDERS,
}
