"""The general ledger's line items, with what cleared them.

Belongs here: the set of API_GLACCOUNTLINEITEM. Not here: the documents behind the postings.

Amounts are signed: a debit is positive. The reference of a document (the supplier's invoice number,
a delivery note) is its lines' AssignmentReference, and the text of a supplier's line that has no
other. A line that is open has no clearing. What a line was posted for is its
TransactionTypeDetermination (SKE a cash discount, KDF an exchange difference); the bank's line
names the house bank. A document posted by nothing else is its own
reference document.
"""

from __future__ import annotations

_SERVICE = "API_GLACCOUNTLINEITEM"
_CLEARED = "CASE WHEN g.clearing_document IS NOT NULL THEN g.changed_at END"

_LINES = f"""
SELECT g.created_at AS _born, CAST(NULL AS TIMESTAMP) AS _gone,
    concat('0L', g.company_code, g.fiscal_year, g.document_number, lpad(g.line_no::VARCHAR, 6, '0'))
        AS ID,
    '0L' AS SourceLedger, '0L' AS Ledger, g.company_code AS CompanyCode,
    g.fiscal_year::VARCHAR AS FiscalYear, g.fiscal_year::VARCHAR AS LedgerFiscalYear,
    g.document_number AS AccountingDocument, lpad(g.line_no::VARCHAR, 6, '0') AS LedgerGLLineItem,
    lpad(g.line_no::VARCHAR, 3, '0') AS AccountingDocumentItem, '0' AS GLRecordType,
    'A000' AS ControllingArea, 'LUME' AS ChartOfAccounts, g.gl_account AS GLAccount,
    CASE g.document_type WHEN 'RE' THEN 'RMRP' WHEN 'WE' THEN 'MKPF' WHEN 'KR' THEN 'BKPFF'
        ELSE 'BKPF' END AS ReferenceDocumentType,
    left(COALESCE(g.source_document, g.document_number), 10) AS ReferenceDocument,
    lpad(g.line_no::VARCHAR, 6, '0') AS ReferenceDocumentItem,
    g.is_reversal AS IsReversal, g.is_reversed AS IsReversed,
    COALESCE(g.cost_center, '') AS CostCenter,
    g.transaction_currency AS TransactionCurrency,
    g.transaction_amount AS AmountInTransactionCurrency,
    g.transaction_currency AS BalanceTransactionCurrency,
    g.transaction_amount AS AmountInBalanceTransacCrcy,
    g.currency AS CompanyCodeCurrency, g.amount AS AmountInCompanyCodeCurrency,
    CASE WHEN g.amount < 0 THEN 'H' ELSE 'S' END AS DebitCreditCode,
    lpad(month(g.posting_date)::VARCHAR, 3, '0') AS FiscalPeriod, 'K4' AS FiscalYearVariant,
    strftime(g.posting_date, '%Y0%m') AS FiscalYearPeriod, g.posting_date AS PostingDate,
    g.document_date AS DocumentDate, g.document_type AS AccountingDocumentType,
    COALESCE(left(g.reference, 18), '') AS AssignmentReference,
    CASE WHEN g.supplier_account_id IS NULL THEN CASE WHEN g.amount < 0 THEN '50' ELSE '40' END
         WHEN g.document_type = 'KZ' THEN CASE WHEN g.amount < 0 THEN '35' ELSE '25' END
         ELSE CASE WHEN g.amount < 0 THEN '31' ELSE '21' END END AS PostingKey,
    g.changed_at AS LastChangeDateTime, g.changed_at AS LastChangeDateTime__since,
    g.created_at AS LastChangeDateTime__before,
    g.created_at AS CreationDateTime, g.created_at AS CreationDate,
    COALESCE(g.po_number, '') AS PurchasingDocument,
    COALESCE(g.po_line_no::VARCHAR, '') AS PurchasingDocumentItem,
    left(COALESCE(g.text, CASE WHEN g.supplier_account_id IS NOT NULL THEN g.reference END, ''), 50)
        AS DocumentItemText, COALESCE(a.account_no, '') AS Supplier,
    CASE WHEN g.supplier_account_id IS NULL THEN 'S' ELSE 'K' END AS FinancialAccountType,
    COALESCE(g.tax_code, '') AS TaxCode,
    CASE g.line_kind WHEN 'grir' THEN 'WRX' WHEN 'price_difference' THEN 'PRD' WHEN 'tax' THEN 'VST'
        WHEN 'discount' THEN 'SKE' WHEN 'exchange' THEN 'KDF' WHEN 'freight' THEN 'FR1'
        WHEN 'stock' THEN CASE WHEN g.gl_account LIKE '3%' THEN 'BSX' ELSE 'KBS' END
        ELSE '' END AS TransactionTypeDetermination,
    CASE g.line_kind WHEN 'bank' THEN 'HB01' ELSE '' END AS HouseBank,
    CASE g.line_kind WHEN 'bank' THEN 'GIRO' ELSE '' END AS HouseBankAccount,
    CASE WHEN g.supplier_account_id IS NULL THEN '' ELSE 'X' END AS IsOpenItemManaged,
    g.clearing_date AS ClearingDate, {_CLEARED} AS ClearingDate__since,
    COALESCE(g.clearing_document, '') AS ClearingAccountingDocument,
    {_CLEARED} AS ClearingAccountingDocument__since,
    COALESCE(g.clearing_fiscal_year::VARCHAR, '') AS ClearingDocFiscalYear,
    {_CLEARED} AS ClearingDocFiscalYear__since
FROM world.gl_line g
JOIN here ON here.system = g.system
JOIN entities e USING (entity_id)
LEFT JOIN world.supplier_account a ON a.supplier_account_id = g.supplier_account_id
"""

PROJECTIONS = {(_SERVICE, "GLAccountLineItem"): _LINES}
