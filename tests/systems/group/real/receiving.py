"""Receipts, returns, reversals, service entries.

Belongs here: what arrived. Not here: orders (ordering.py), bills.
"""

from __future__ import annotations

from tests.systems.group.projection import Projection, Told, unknown

_SERVICE = Told(
    "CASE kind WHEN 'service_entry' THEN 'receipt' ELSE kind END",
    "a service is received as goods are",
)
_SAP = {
    "kind": _SERVICE,
}

RECEIPTS = Projection(
    name="receipt_lines",
    key=("receipt_no", "line_no"),
    # In Coupa each line is a transaction of its own, which has no number but its id.
    real="""
    SELECT l.system, CASE l.system WHEN 'group_coupa' THEN CAST(l.receipt_line_id AS VARCHAR)
            ELSE l.receipt_number END AS receipt_no,
        CASE l.system WHEN 'group_coupa' THEN '1' ELSE CAST(l.number AS VARCHAR) END AS line_no,
        l.entity_id, o.po_number, CAST(o.line_no AS VARCHAR) AS po_line,
        o.po_number AS found_order, CAST(o.line_no AS VARCHAR) AS found_line, l.kind,
        coalesce(l.qty, l.amount) AS qty, l.uom, l.qty_order_uom AS qty_base, o.uom AS uom_base,
        CASE WHEN coalesce(l.qty_rejected, 0) = 0 THEN coalesce(l.qty, l.amount)
            ELSE l.qty_accepted END AS qty_accepted,
        coalesce(l.qty_rejected, 0) AS qty_rejected,
        l.posting_date, CASE l.system WHEN 'group_coupa' THEN CAST(b.receipt_line_id AS VARCHAR)
            ELSE b.receipt_number END AS reverses, l.delivery_note
    FROM shown_receipt_line l
    JOIN shown_order_line o ON o.purchase_order_line_id = l.purchase_order_line_id
        AND o.system = l.system
    LEFT JOIN (SELECT receipt_line_id, receipt_number FROM receipt_line
        JOIN receipt USING (receipt_id)) b ON b.receipt_line_id = l.reverses_receipt_line_id""",
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
            "kind": _SERVICE,
            "qty": Told("coalesce(qty_base, qty)", "received in the unit of the order line"),
            "uom": Told("uom_base", "received in the unit of the order line"),
            "qty_accepted": Told("coalesce(qty_base, qty)", "nothing is inspected"),
            "qty_rejected": Told("0", "nothing is inspected"),
        },
        "group_netsuite": {
            "kind": _SERVICE,
            "reverses": Told(
                "CASE WHEN kind = 'reversal' THEN reverses END", "a return names no receipt"
            ),
            "delivery_note": unknown("where it is kept, the customer decides"),
        },
    },
)

PROJECTIONS = (RECEIPTS,)
