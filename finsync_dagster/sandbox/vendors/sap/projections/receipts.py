"""Goods movements: receipts, their reversals, returns, and reversed returns.

Belongs here: the sets of API_MATERIAL_DOCUMENT_SRV. Not here: orders they are received for.

Quantities are never negative: the movement type says the direction (101 receipt, 102 its reversal,
122 return to the supplier, 123 its reversal). The base unit shown is the order unit. Only a
reversal names the document it reverses; a return names the one it goes back to as its reference.
What did not pass inspection is an item of its own in blocked stock (InventoryUsabilityCode S), its
number 5000 above that of what passed.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.sap.projections.stages import unit

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

_ITEM = f"""
WITH rejected AS (
    SELECT receipt_line_id, COALESCE(qty_rejected, 0) AS qty,
        CASE WHEN COALESCE(qty_order_uom, 0) = 0 THEN 0
             ELSE portion(amount_entity, COALESCE(qty_rejected, 0), qty_order_uom, 2) END AS amount
    FROM world.receipt_line
), items AS (
    SELECT l.* REPLACE (
            CASE WHEN r.qty = 0 THEN l.qty ELSE l.qty_order_uom - r.qty END AS qty,
            CASE WHEN r.qty = 0 THEN l.uom END AS uom, l.qty_order_uom - r.qty AS qty_order_uom,
            l.amount_entity - r.amount AS amount_entity),
        l.line_no::VARCHAR AS item_no, false AS blocked
    FROM world.receipt_line l JOIN rejected r USING (receipt_line_id)
    WHERE r.qty = 0 OR r.qty <> l.qty_order_uom
    UNION ALL
    SELECT l.* REPLACE (
            r.qty AS qty, CAST(NULL AS VARCHAR) AS uom, r.qty AS qty_order_uom,
            r.amount AS amount_entity),
        (l.line_no + 5000)::VARCHAR, true
    FROM world.receipt_line l JOIN rejected r USING (receipt_line_id)
    WHERE r.qty <> 0
)
SELECT r.created_at AS _born, d.deleted_at AS _gone, r.fiscal_year::VARCHAR AS MaterialDocumentYear,
    r.receipt_number AS MaterialDocument, l.item_no AS MaterialDocumentItem,
    lpad(l.item_no, 6, '0') AS MaterialDocumentLine, COALESCE(o.material, '') AS Material,
    e.company_code AS Plant, '0001' AS StorageLocation,
    CASE WHEN l.kind = 'return' THEN '122'
         WHEN l.kind = 'reversal' AND before.kind = 'return' THEN '123'
         WHEN l.kind = 'reversal' THEN '102' ELSE '101' END AS GoodsMovementType,
    a.account_no AS Supplier, o.po_number AS PurchaseOrder, o.item_no AS PurchaseOrderItem,
    'B' AS GoodsMovementRefDocType, 'K' AS AccountAssignmentCategory,
    CASE WHEN l.blocked THEN '07' ELSE '01' END AS InventoryStockType,
    CASE WHEN l.blocked THEN 'S' ELSE '' END AS InventoryUsabilityCode,
    o.unit AS MaterialBaseUnit, abs(COALESCE(l.qty_order_uom, l.qty, l.amount))
        AS QuantityInBaseUnit,
    COALESCE({unit("u", "l.uom")}, o.unit) AS EntryUnit,
    abs(COALESCE(l.qty, l.qty_order_uom, l.amount)) AS QuantityInEntryUnit,
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
FROM items l
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
