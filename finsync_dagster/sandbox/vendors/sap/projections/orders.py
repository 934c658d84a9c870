"""Purchase orders: headers and items, in both versions of the service.

Belongs here: A_PurchaseOrder, A_PurchaseOrderItem and their like in v4. Not here: what hangs below
an item (order_parts.py), where orders come from (stages.py).

Nothing is deleted from an order: it is flagged (L), and its change moves. A price with more than
two digits is told for ten, a hundred or more times as many units.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.sap.edm import V4_SERVICE
from finsync_dagster.sandbox.vendors.sap.projections.stages import terms

_V2 = "API_PURCHASEORDER_PROCESS_SRV"

# 02 active, 03 in release, 05 release completed.
_PROCESSING = """CASE o.status WHEN 'draft' THEN '02' WHEN 'pending_approval' THEN '03'
    ELSE '05' END"""
_IN_RELEASE = "o.status IN ('draft', 'pending_approval')"

_HEADER = f"""
SELECT o.born AS _born, o.gone AS _gone, o.po_number AS PurchaseOrder,
    o.company_code AS CompanyCode, 'NB' AS PurchaseOrderType,
    {{deletion}},
    {_PROCESSING} AS PurchasingProcessingStatus, o.approved_at AS PurchasingProcessingStatus__since,
    '03' AS PurchasingProcessingStatus__before, o.buyer AS CreatedByUser,
    o.created_at AS CreationDate, o.changed_at AS LastChangeDateTime,
    o.changed_at AS LastChangeDateTime__since, o.created_at AS LastChangeDateTime__before,
    o.supplier_no AS Supplier, o.supplier_no AS InvoicingParty, 'EN' AS Language,
    {terms("o")} AS PaymentTerms, o.discount_days AS CashDiscount1Days,
    o.discount_pct AS CashDiscount1Percent, o.terms_days AS NetPaymentDays,
    o.company_code AS PurchasingOrganization, '9' AS PurchasingDocumentOrigin,
    '001' AS PurchasingGroup, o.order_date AS PurchaseOrderDate, o.currency AS DocumentCurrency,
    {{rate}} AS ExchangeRate, {_IN_RELEASE} AS ReleaseIsNotCompleted,
    o.approved_at AS ReleaseIsNotCompleted__since, true AS ReleaseIsNotCompleted__before,
    true AS PurchasingCompletenessStatus, o.valid_from AS ValidityStartDate,
    o.valid_to AS ValidityEndDate
FROM orders o
"""


def _deletion(name: str) -> str:
    return (
        f"CASE WHEN o.status = 'cancelled' THEN 'L' ELSE '' END AS {name},"
        f" o.changed_at AS {name}__since"
    )


_RATE = "round(o.fx_rate, 5)::DECIMAL(9,5)"
_HEADER_V2 = _HEADER.format(
    deletion=_deletion("PurchasingDocumentDeletionCode"), rate=f"{_RATE}::VARCHAR"
)
_HEADER_V4 = _HEADER.format(deletion=_deletion("PurchaseOrderDeletionCode"), rate=_RATE)

_ITEM = """
SELECT l.born AS _born, l.gone AS _gone, l.po_number AS PurchaseOrder,
    l.item_no AS PurchaseOrderItem, CASE WHEN l.cancelled THEN 'L' ELSE '' END
    AS PurchasingDocumentDeletionCode,
    greatest(l.changed_at, l.order_changed_at) AS PurchasingDocumentDeletionCode__since,
    left(l.description, 40) AS PurchaseOrderItemText, l.company_code AS Plant,
    upper(left(l.category, 9)) AS MaterialGroup, COALESCE(l.material, '') AS Material,
    COALESCE(i.gtin, '') AS InternationalArticleNumber,
    l.shown_qty AS OrderQuantity, l.unit AS PurchaseOrderQuantityUnit,
    l.price_unit_code AS OrderPriceUnit, l.numerator AS OrderPriceUnitToOrderUnitNmrtr,
    l.denominator AS OrdPriceUnitToOrderUnitDnmntr, l.currency AS DocumentCurrency,
    l.net_price AS NetPriceAmount, l.price_quantity AS NetPriceQuantity, l.tax_code AS TaxCode,
    l.country AS TaxCountry, true AS PriceIsToBePrinted,
    l.over_pct AS OverdelivTolrtdLmtRatioInPct, l.under_pct AS UnderdelivTolrtdLmtRatioInPct,
    l.delivery_complete AS IsCompletelyDelivered, l.changed_at AS IsCompletelyDelivered__since,
    l.final_invoice AS IsFinallyInvoiced, l.changed_at AS IsFinallyInvoiced__since,
    CASE WHEN l.match_type = 'limit' THEN 'A' ELSE '0' END AS PurchaseOrderItemCategory,
    CASE WHEN p.project IS NOT NULL THEN 'P' ELSE 'K' END AS AccountAssignmentCategory,
    CASE WHEN p.parts > 1 THEN '2' ELSE '' END AS MultipleAcctAssgmtDistribution,
    CASE WHEN p.parts > 1 THEN '2' ELSE '' END AS PartialInvoiceDistribution,
    l.receipt_required AS GoodsReceiptIsExpected, true AS InvoiceIsExpected,
    l.gr_based_invoice AS InvoiceIsGoodsReceiptBased,
    COALESCE(r.requisition_number, '') AS PurchaseRequisition,
    COALESCE(r.line_no::VARCHAR, '') AS PurchaseRequisitionItem,
    l.requester AS RequisitionerName,
    COALESCE(l.limit_amount, 0) AS OverallLimitAmount,
    COALESCE(l.expected_amount, 0) AS ExpectedOverallLimitAmount {more}
FROM order_lines l
LEFT JOIN world.item i USING (item_id)
LEFT JOIN (
    SELECT purchase_order_line_id, count(*) AS parts, min(project) AS project
    FROM world.purchase_order_assignment GROUP BY purchase_order_line_id
) p USING (purchase_order_line_id)
LEFT JOIN (
    SELECT rl.requisition_line_id, rl.line_no, q.requisition_number
    FROM world.requisition_line rl JOIN world.requisition q USING (requisition_id), here
    WHERE q.system = here.system
) r USING (requisition_line_id)
"""

_ITEM_V2 = _ITEM.format(
    more=", CASE WHEN i.is_service OR l.match_type = 'limit' THEN '2' ELSE '1' END AS ProductType"
)
_ITEM_V4 = _ITEM.format(
    more=""", CASE WHEN i.is_service OR l.match_type = 'limit' THEN '2' ELSE '1' END
    AS ProductTypeCode, l.company_code AS CompanyCode, l.shown_net AS NetAmount,
    l.shown_net AS EffectiveAmount, l.shown_net AS GrossAmount, l.unit AS BaseUnit,
    1 AS OrderItemQtyToBaseQtyNmrtr, 1 AS OrderItemQtyToBaseQtyDnmntr,
    'F' AS PurchaseOrderCategory"""
)

PROJECTIONS = {
    (_V2, "A_PurchaseOrder"): _HEADER_V2,
    (V4_SERVICE, "PurchaseOrder"): _HEADER_V4,
    (_V2, "A_PurchaseOrderItem"): _ITEM_V2,
    (V4_SERVICE, "PurchaseOrderItem"): _ITEM_V4,
}
