"""Goods movements: receipts, their reversals, returns, and reversed returns.

Belongs here: the sets of API_MATERIAL_DOCUMENT_SRV. Not here: orders they are received for.

Quantities are never negative: the movement type says the direction (101 receipt, 102 its reversal,
122 return to the supplier, 123 its reversal). The base unit shown is the order unit. Only a
reversal names the document it reverses; a return names the one it goes back to as its reference.
"""

from __future__ import annotations

_SERVICE = "API_MATERIAL_DOCUMENT_SRV"

_HEADER = """
SELECT r.created_at AS _born, d.deleted_at AS _gone, r.fiscal_year::VARCHAR AS MaterialDocumentYear,
    r.receipt_number AS MaterialDocument, 'WE' AS InventoryTransactionType,
    r.document_date AS DocumentDate, r.posting_date AS PostingDate, r.created_at AS CreationDate,
    CAST(r.created_at AS TIME) AS CreationTime, u.user_name AS CreatedByUser,
    left(r.delivery_note, 16) AS ReferenceDocument, '01' AS GoodsMovementCode,
    '2' AS VersionForPrintingSlip
FROM world.receipt r
JOIN entities e USING (entity_id)
JOIN here ON here.system = r.system
JOIN world.employee u ON u.employee_id = r.received_by
LEFT JOIN deletions d ON d.object = 'receipt' AND d.object_id = r.receipt_id
"""

_ITEM = """
SELECT r.created_at AS _born, d.deleted_at AS _gone, r.fiscal_year::VARCHAR AS MaterialDocumentYear,
    r.receipt_number AS MaterialDocument, l.line_no::VARCHAR AS MaterialDocumentItem,
    l.line_no::VARCHAR AS MaterialDocumentLine, COALESCE(o.material, '') AS Material,
    e.company_code AS Plant, '0001' AS StorageLocation,
    CASE WHEN l.kind = 'return' THEN '122'
         WHEN l.kind = 'reversal' AND before.kind = 'return' THEN '123'
         WHEN l.kind = 'reversal' THEN '102' ELSE '101' END AS GoodsMovementType,
    a.account_no AS Supplier, o.po_number AS PurchaseOrder, o.item_no AS PurchaseOrderItem,
    'B' AS GoodsMovementRefDocType, 'K' AS AccountAssignmentCategory,
    o.unit AS MaterialBaseUnit, abs(COALESCE(l.qty_order_uom, l.qty, l.amount))
        AS QuantityInBaseUnit,
    COALESCE(u.code, o.unit) AS EntryUnit, abs(COALESCE(l.qty, l.qty_order_uom, l.amount))
        AS QuantityInEntryUnit,
    e.currency AS CompanyCodeCurrency, abs(l.amount_entity) AS GdsMvtExtAmtInCoCodeCrcy,
    r.fiscal_year::VARCHAR AS FiscalYear,
    strftime(r.posting_date, '%Y0%m') AS FiscalYearPeriod, 'K4' AS FiscalYearVariant,
    l.delivery_complete AS IsCompletelyDelivered, left(o.description, 50)
        AS MaterialDocumentItemText,
    who.user_name AS GoodsRecipientName,
    l.is_reversed AS GoodsMovementIsCancelled, back.at AS GoodsMovementIsCancelled__since,
    CASE WHEN l.kind = 'reversal' THEN prior.fiscal_year::VARCHAR END
        AS ReversedMaterialDocumentYear,
    CASE WHEN l.kind = 'reversal' THEN prior.receipt_number END AS ReversedMaterialDocument,
    CASE WHEN l.kind = 'reversal' THEN before.line_no::VARCHAR END AS ReversedMaterialDocumentItem,
    prior.fiscal_year::VARCHAR AS ReferenceDocumentFiscalYear,
    prior.receipt_number AS InvtryMgmtReferenceDocument,
    before.line_no::VARCHAR AS InvtryMgmtRefDocumentItem
FROM world.receipt_line l
JOIN world.receipt r USING (receipt_id)
JOIN entities e USING (entity_id)
JOIN here ON here.system = r.system
JOIN order_lines o USING (purchase_order_line_id)
JOIN world.supplier_account a ON a.supplier_account_id = r.supplier_account_id
JOIN world.employee who ON who.employee_id = r.received_by
LEFT JOIN units u ON u.uom = l.uom
LEFT JOIN world.receipt_line before ON before.receipt_line_id = l.reverses_receipt_line_id
LEFT JOIN world.receipt prior ON prior.receipt_id = before.receipt_id
LEFT JOIN deletions d ON d.object = 'receipt' AND d.object_id = r.receipt_id
LEFT JOIN (
    SELECT x.reverses_receipt_line_id, min(y.created_at) AS at
    FROM world.receipt_line x JOIN world.receipt y USING (receipt_id)
    WHERE x.kind = 'reversal' GROUP BY 1
) back ON back.reverses_receipt_line_id = l.receipt_line_id
"""

PROJECTIONS = {
    (_SERVICE, "A_MaterialDocumentHeader"): _HEADER,
    (_SERVICE, "A_MaterialDocumentItem"): _ITEM,
}
