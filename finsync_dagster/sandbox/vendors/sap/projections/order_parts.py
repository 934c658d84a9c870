"""What hangs below an order's item: schedule lines, account assignments, conditions.

Belongs here: those sets, in both versions of the service. Not here: orders and items (orders.py).

A copy has one schedule line and its own value: the schedule and the shares of the order it was
copied from are told in proportion only where the copy has the same quantity and value.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.sap.edm import V4_SERVICE

_V2 = "API_PURCHASEORDER_PROCESS_SRV"
_SHOWN = "l.born AS _born, l.gone AS _gone"

_SCHEDULE = f"""
SELECT {_SHOWN}, l.po_number AS {{order}}, l.item_no AS {{item}},
    s.schedule_no::VARCHAR AS ScheduleLine, 'D' AS DelivDateCategory,
    s.due_date AS ScheduleLineDeliveryDate, s.due_date AS SchedLineStscDeliveryDate,
    l.unit AS PurchaseOrderQuantityUnit,
    CASE WHEN l.shown_qty = l.qty THEN s.qty
         WHEN s.schedule_no = 1 THEN l.shown_qty ELSE 0 END AS ScheduleLineOrderQuantity,
    l.valid_from AS PerformancePeriodStartDate, l.valid_to AS PerformancePeriodEndDate {{more}}
FROM order_lines l JOIN world.purchase_order_schedule s USING (purchase_order_line_id)
"""

_ASSIGNMENT = f"""
SELECT {_SHOWN}, l.po_number AS PurchaseOrder, l.item_no AS PurchaseOrderItem,
    a.assignment_no::VARCHAR AS AccountAssignmentNumber, l.cancelled AS IsDeleted,
    greatest(l.changed_at, l.order_changed_at) AS IsDeleted__since, l.unit AS {{unit}},
    CASE WHEN parts.n = 1 THEN l.shown_qty ELSE portion(l.shown_qty, a.pct, 100, 3) END AS Quantity,
    CASE WHEN parts.n = 1 THEN 0 ELSE least(a.pct, 99.9) END AS MultipleAcctAssgmtDistrPercent,
    l.currency AS DocumentCurrency,
    CASE WHEN l.shown_net = l.net_amount THEN a.amount
         WHEN parts.n = 1 THEN l.shown_net
         ELSE portion(l.shown_net, a.pct, 100, 2) END AS PurgDocNetAmount,
    a.gl_account AS GLAccount, a.cost_center AS CostCenter, 'A000' AS ControllingArea,
    COALESCE(a.project, '') AS {{project}}, l.tax_code AS TaxCode {{more}}
FROM order_lines l
JOIN world.purchase_order_assignment a USING (purchase_order_line_id)
JOIN (SELECT purchase_order_line_id, count(*) AS n FROM world.purchase_order_assignment
    GROUP BY purchase_order_line_id) parts USING (purchase_order_line_id)
"""

# The price, and planned freight as a condition of its own.
_CONDITIONS = f"""
SELECT {_SHOWN}, l.po_number AS PurchaseOrder, l.item_no AS PurchaseOrderItem,
    l.po_number AS PricingDocument, l.item_no AS PricingDocumentItem, c.step AS
    PricingProcedureStep, '1' AS PricingProcedureCounter, c.kind AS ConditionType,
    c.rate AS {{rate}}, l.currency AS ConditionCurrency, l.currency AS TransactionCurrency,
    c.amount AS ConditionAmount, l.price_unit_code AS ConditionQuantityUnit,
    c.quantity AS ConditionQuantity, 'M' AS ConditionApplication, c.way AS
    ConditionCalculationType
FROM order_lines l
CROSS JOIN LATERAL (
    SELECT 'PMP0' AS kind, '10' AS step, l.net_price AS rate, l.shown_net AS amount,
        l.price_quantity AS quantity, 'C' AS way
    UNION ALL
    SELECT 'FRB1', '65', l.planned_freight, l.planned_freight, 0, 'B'
    WHERE l.planned_freight <> 0
) c
"""

PROJECTIONS = {
    (_V2, "A_PurchaseOrderScheduleLine"): _SCHEDULE.format(
        order="PurchasingDocument", item="PurchasingDocumentItem", more=""
    ),
    (V4_SERVICE, "PurchaseOrderScheduleLine"): _SCHEDULE.format(
        order="PurchaseOrder", item="PurchaseOrderItem", more=", l.currency AS Currency"
    ),
    (_V2, "A_PurOrdAccountAssignment"): _ASSIGNMENT.format(
        unit="PurchaseOrderQuantityUnit",
        project="WBSElement",
        more=", COALESCE(a.project, '') AS WBSElementExternalID",
    ),
    (V4_SERVICE, "PurchaseOrderAccountAssignment"): _ASSIGNMENT.format(
        unit="OrderQuantityUnit",
        project="WBSElementExternalID",
        more=", l.company_code AS CompanyCode",
    ),
    (_V2, "A_PurOrdPricingElement"): _CONDITIONS.format(rate="ConditionRateValue"),
    (V4_SERVICE, "PurOrderItemPricingElement"): _CONDITIONS.format(rate="ConditionRateAmount"),
}
