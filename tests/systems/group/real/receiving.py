"""Receipts, returns, reversals, service entries.

Belongs here: what arrived. Not here: orders (ordering.py), bills.
"""

from __future__ import annotations

from tests.systems.group.projection import Projection, Told, unknown

_SAP = {
    "qty_accepted": Told("qty", "inspection lots are not part of a material document"),
    "qty_rejected": Told("0", "inspection lots are not part of a material document"),
}

RECEIPTS = Projection(
    name="receipt_lines",
    key=("receipt_no", "line_no"),
    real="""
    SELECT r.system, r.receipt_number AS receipt_no, CAST(l.line_no AS VARCHAR) AS line_no,
        r.entity_id, o.po_number, CAST(o.line_no AS VARCHAR) AS po_line,
        o.po_number AS found_order, CAST(o.line_no AS VARCHAR) AS found_line, l.kind,
        coalesce(l.qty, l.amount) AS qty, l.uom, l.qty_order_uom AS qty_base, o.uom AS uom_base,
        coalesce(l.qty_accepted, l.qty) AS qty_accepted, coalesce(l.qty_rejected, 0) AS qty_rejected,
        r.posting_date, b.receipt_number AS reverses, r.delivery_note,
        l.qty IS NULL AS _by_amount, l.receipt_line_id AS _id, bl.receipt_line_id AS _before
    FROM receipt_line l JOIN receipt r USING (receipt_id)
    JOIN shown_order_line o ON o.purchase_order_line_id = l.purchase_order_line_id
        AND o.system = r.system
    LEFT JOIN receipt_line bl ON bl.receipt_line_id = l.reverses_receipt_line_id
    LEFT JOIN receipt b ON b.receipt_id = bl.receipt_id
    WHERE o.uom IS DISTINCT FROM 'XPX' AND NOT EXISTS (FROM gone g WHERE g.system = r.system
        AND g.object = 'receipt' AND g.object_id = r.receipt_id)""",
    said="""
    SELECT r.source_system AS system, r.receipt_no, r.line_no, r.entity_id,
        r.po_number_ref AS po_number, r.po_line_ref AS po_line, o.po_number AS found_order,
        l.line_no AS found_line, r.kind, r.qty, r.uom, r.qty_base, r.uom_base, r.qty_accepted,
        r.qty_rejected, r.posting_date, b.receipt_no AS reverses, r.delivery_note
    FROM canonical.receipt_lines r
    LEFT JOIN canonical.purchase_orders o USING (po_id)
    LEFT JOIN canonical.purchase_order_lines l ON l.po_line_id = r.po_line_id
    LEFT JOIN canonical.receipt_lines b ON b.receipt_line_id = r.reverses_id""",
    told={
        "group_sap": _SAP,
        "group_s4": _SAP,
        "group_coupa": {
            "qty_accepted": Told("qty", "nothing is inspected"),
            "qty_rejected": Told("0", "nothing is inspected"),
        },
        "group_netsuite": {},
    },
)

PROJECTIONS = (RECEIPTS,)
