"""Purchase requisitions.

Belongs here: the sets of API_PURCHASEREQ_PROCESS_SRV. Not here: the orders they became.

A requisition that is no longer wanted is flagged (IsDeleted X). A line without a quantity is one
piece worth its value.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.sap.projections.stages import unit

_SERVICE = "API_PURCHASEREQ_PROCESS_SRV"

_REQUISITIONS = """
(SELECT q.*, e.company_code, e.country, u.user_name AS requester, d.deleted_at AS gone
FROM world.requisition q
JOIN entities e USING (entity_id)
JOIN here ON here.system = q.system
JOIN world.employee u ON u.employee_id = q.requester_id
LEFT JOIN deletions d ON d.object = 'requisition' AND d.object_id = q.requisition_id) q
"""
_SHOWN = """q.created_at AS _born, q.gone AS _gone,
    q.requisition_number AS PurchaseRequisition"""
_STEP = """CASE WHEN l.price = round(l.price, 2) THEN 1
    WHEN l.price * 10 = round(l.price * 10, 2) THEN 10
    WHEN l.price * 100 = round(l.price * 100, 2) THEN 100
    WHEN l.price * 1000 = round(l.price * 1000, 2) THEN 1000 ELSE 10000 END"""
_DELETED = "l.cancelled OR q.status = 'cancelled'"

_HEADER = f"""
SELECT {_SHOWN}, 'NB' AS PurchaseRequisitionType, left(l.description, 40) AS PurReqnDescription
FROM {_REQUISITIONS}
LEFT JOIN (SELECT requisition_id, arg_min(description, line_no) AS description
    FROM world.requisition_line GROUP BY requisition_id) l USING (requisition_id)
"""

# 02 no release needed or released, 03 in release, 08 refused.
_ITEM = f"""
SELECT {_SHOWN}, l.line_no::VARCHAR AS PurchaseRequisitionItem,
    COALESCE(o.po_number, '') AS PurchasingDocument, o.born AS PurchasingDocument__since,
    COALESCE(o.item_no, '') AS PurchasingDocumentItem, o.born AS PurchasingDocumentItem__since,
    CASE q.status WHEN 'draft' THEN '03' WHEN 'pending_approval' THEN '03' WHEN 'rejected' THEN '08'
        ELSE '05' END AS PurReqnReleaseStatus, q.approved_at AS PurReqnReleaseStatus__since,
    '03' AS PurReqnReleaseStatus__before,
    q.status IN ('draft', 'pending_approval') AS ReleaseIsNotCompleted,
    q.approved_at AS ReleaseIsNotCompleted__since, true AS ReleaseIsNotCompleted__before,
    CAST(q.approved_at AS DATE) AS PurchaseRequisitionReleaseDate,
    q.approved_at AS PurchaseRequisitionReleaseDate__since,
    CASE WHEN o.po_number IS NULL THEN 'N' ELSE 'B' END AS ProcessingStatus,
    o.born AS ProcessingStatus__since, 'N' AS ProcessingStatus__before,
    'NB' AS PurchaseRequisitionType, 'B' AS PurchasingDocumentCategory,
    left(l.description, 40) AS PurchaseRequisitionItemText, 'K' AS AccountAssignmentCategory,
    COALESCE(m.code, '') AS Material, upper(left(l.category, 9)) AS MaterialGroup,
    COALESCE(l.qty, 1) AS RequestedQuantity, COALESCE({unit("u", "l.uom")}, piece.code) AS BaseUnit,
    l.price * {_STEP} AS PurchaseRequisitionPrice, l.price_unit * {_STEP} AS PurReqnPriceQuantity,
    q.company_code AS PurchasingOrganization, '001' AS PurchasingGroup, q.company_code AS Plant,
    q.company_code AS CompanyCode,
    CASE WHEN o.po_number IS NULL THEN 0 ELSE o.shown_qty END AS OrderedQuantity,
    o.born AS OrderedQuantity__since, l.need_by AS DeliveryDate, l.created_at AS CreationDate,
    l.created_at AS PurReqCreationDate, a.account_no AS Supplier,
    CASE WHEN {_DELETED} THEN 'X' ELSE '' END AS IsDeleted, l.changed_at AS IsDeleted__since,
    o.po_number IS NOT NULL AS IsClosed, o.born AS IsClosed__since,
    q.requester AS RequisitionerName, q.requester AS CreatedByUser,
    q.currency AS PurReqnItemCurrency, 'EN' AS Language, l.net_amount AS ItemNetAmount,
    l.changed_at AS LastChangeDateTime, l.changed_at AS LastChangeDateTime__since,
    l.created_at AS LastChangeDateTime__before, true AS GoodsReceiptIsExpected,
    true AS InvoiceIsExpected, 'R' AS PurReqnOrigin
FROM world.requisition_line l
JOIN {_REQUISITIONS} USING (requisition_id)
JOIN world.supplier_account a ON a.supplier_account_id = l.supplier_account_id
LEFT JOIN order_lines o ON o.purchase_order_line_id = l.purchase_order_line_id
LEFT JOIN item_numbers m ON m.item_id = l.item_id
LEFT JOIN units u ON u.uom = l.uom
LEFT JOIN units piece ON piece.uom = 'EA'
"""

_ASSIGNMENT = f"""
SELECT {_SHOWN}, l.line_no::VARCHAR AS PurchaseRequisitionItem,
    '1' AS PurchaseReqnAcctAssgmtNumber, l.cost_center AS CostCenter,
    COALESCE({unit("u", "l.uom")}, piece.code) AS BaseUnit, COALESCE(l.qty, 1) AS Quantity,
    q.currency AS PurReqnItemCurrency, l.net_amount AS PurReqnNetAmount,
    l.gl_account AS GLAccount, l.gl_account AS CostElement, 'A000' AS ControllingArea,
    l.created_at AS CreationDate, 'NB' AS PurchaseRequisitionType, q.company_code AS Plant,
    q.company_code AS PurchasingOrganization, '001' AS PurchasingGroup,
    CASE WHEN {_DELETED} THEN 'X' ELSE '' END AS IsDeleted, l.changed_at AS IsDeleted__since
FROM world.requisition_line l
JOIN {_REQUISITIONS} USING (requisition_id)
LEFT JOIN units u ON u.uom = l.uom
LEFT JOIN units piece ON piece.uom = 'EA'
"""

PROJECTIONS = {
    (_SERVICE, "A_PurchaseRequisitionHeader"): _HEADER,
    (_SERVICE, "A_PurchaseRequisitionItem"): _ITEM,
    (_SERVICE, "A_PurReqnAcctAssgmt"): _ASSIGNMENT,
}
