"""Orders, their lines, deliveries agreed, what they are charged to, requisitions, approvals.

Belongs here: what was wanted and ordered. Not here: what arrived (receiving.py), bills.
"""

from __future__ import annotations

from tests.systems.group.projection import Projection, Told, unknown

_NOT_STATED = "not stated by the API"
_LINE_TAX = "an order line states no tax"
_SAP_STATUS = Told(
    "CASE WHEN status IN ('draft', 'cancelled') THEN status ELSE 'approved' END",
    "an order states whether it is released or deleted, not how far it has come",
)
_SAP_ORDER = {
    "status": _SAP_STATUS,
    "type": Told("'standard'", "a limit or a service is a kind of line"),
    "net_amount": unknown("the header states no amounts"),
    "approved_at": unknown(_NOT_STATED),
}

ORDERS = Projection(
    name="purchase_orders",
    key=("po_number",),
    real="""
    SELECT o.system, o.po_number, o.entity_id, a.account_no AS supplier_no, o.currency AS ccy,
        o.order_date, o.type,
        CASE o.status WHEN 'pending_approval' THEN 'draft' ELSE o.status END AS status,
        u.user_name AS buyer, o.approved_at, o.net_amount, NULL AS expected_date,
        u.login AS _login, asked.approved_at AS _asked
    FROM shown_order o JOIN employee u ON u.employee_id = o.buyer_id
    LEFT JOIN (SELECT l.purchase_order_id, max(q.last_approval) AS approved_at
        FROM purchase_order_line l JOIN requisition_line r USING (requisition_line_id)
        JOIN shown_requisition q ON q.requisition_id = r.requisition_id GROUP BY ALL) asked
        ON asked.purchase_order_id = o.purchase_order_id
    LEFT JOIN shown_account a USING (supplier_account_id)""",
    said="""
    SELECT o.source_system AS system, o.po_number, o.entity_id, s.supplier_no, o.ccy,
        o.order_date, o.type, o.status_canon AS status, o.buyer,
        o.approved_at AT TIME ZONE 'UTC' AS approved_at, o.net_amount, o.expected_date
    FROM canonical.purchase_orders o LEFT JOIN canonical.suppliers s USING (supplier_src_id)""",
    told={
        "group_sap": _SAP_ORDER,
        "group_s4": _SAP_ORDER,
        "group_coupa": {
            "status": Told(
                "CASE WHEN status IN ('approved', 'partial', 'received') THEN 'sent'"
                " ELSE status END",
                "an order is issued until it is closed",
            ),
            "type": Told("'standard'", "kinds are told by lines"),
            "net_amount": unknown("the header states no amounts"),
            "approved_at": Told("_asked", "what is approved is the requisition behind it"),
            "buyer": Told("_login", "users are known by their login"),
        },
        "group_netsuite": {
            "status": Told(
                "CASE status WHEN 'sent' THEN 'approved' WHEN 'cancelled' THEN 'closed'"
                " ELSE status END",
                "what is approved is waiting to be received; what is cancelled is closed",
            ),
            "type": Told("'standard'", "kinds are told by lines"),
            "buyer": unknown("the columns that are seen name no buyer"),
            "approved_at": unknown("approvals are records that are not seen"),
        },
    },
)

# A line by amount: SAP and NetSuite write one piece worth its value, Coupa as many units of its
# currency as it is worth.
_AMOUNT_QTY = "CASE WHEN _by_amount THEN 1 ELSE qty END"
_ONE_PIECE = Told(_AMOUNT_QTY, "a line by amount is one piece")
_PIECE = Told("CASE WHEN _by_amount THEN 'EA' ELSE uom END", "a line by amount is one piece")
_SAP_LINE = {
    "description": Told("left(description, 40)", "a text of 40 characters"),
    "match_type": Told(
        "CASE match_type WHEN '4w' THEN '3w' ELSE match_type END",
        "inspection is not part of an order",
    ),
    "match_basis": Told(
        "CASE WHEN match_type = 'limit' THEN 'amount' ELSE 'qty' END",
        "an amount that is no limit is written as one piece",
    ),
    "qty": _ONE_PIECE,
    "qty_base": _ONE_PIECE,
    "uom": _PIECE,
    "uom_base": _PIECE,
    "item_no": unknown("materials are not read"),
}

ORDER_LINES = Projection(
    name="purchase_order_lines",
    key=("po_number", "line_no"),
    real="""
    SELECT l.system, l.po_number, CAST(l.line_no AS VARCHAR) AS line_no, l.entity_id,
        l.description, l.match_type, l.match_basis, l.qty, l.uom, l.qty AS qty_base,
        l.uom AS uom_base,
        struct_pack(num := CAST(l.price AS DECIMAL(28,10)) * l.price_uom_numerator,
            den := CAST(l.price_unit * l.price_uom_denominator AS DECIMAL(28,10))) AS price,
        CAST(l.net_amount AS DECIMAL(38,4)) AS net_amount, l.tax_rate_pct AS tax_rate,
        s.due_date, l.delivery_complete, l.cancelled, l.tax_code, l.over_pct, l.under_pct,
        false AS unlimited_over, l.final_invoice, l.limit_amount, l.valid_from, l.valid_to,
        q.requisition_number AS requisition_no, CAST(q.line_no AS VARCHAR) AS requisition_line,
        c.code AS item_no, l.qty IS NULL AS _by_amount, l.need_by AS _need_by,
        l.status AS _status, l.qty AS _ordered, coalesce(come.qty, 0) AS _come,
        coalesce(billed.qty, 0) AS _billed
    FROM shown_order_line l
    LEFT JOIN (SELECT purchase_order_line_id, due_date FROM purchase_order_schedule
        WHERE schedule_no = 1) s USING (purchase_order_line_id)
    LEFT JOIN (SELECT requisition_line_id, requisition_number, line_no, system
        FROM requisition_line JOIN requisition USING (requisition_id)) q
        ON q.requisition_line_id = l.requisition_line_id AND q.system = l.system
    LEFT JOIN item_code c ON c.item_id = l.item_id AND c.system = l.system
    LEFT JOIN (SELECT system, purchase_order_line_id, sum(qty_order_uom) AS qty
        FROM receipt_line JOIN receipt USING (receipt_id) GROUP BY ALL) come
        ON come.purchase_order_line_id = l.purchase_order_line_id AND come.system = l.system
    LEFT JOIN (SELECT system, purchase_order_line_id, sum(qty) AS qty
        FROM invoice_line JOIN invoice USING (invoice_id) WHERE type = 'item' GROUP BY ALL) billed
        ON billed.purchase_order_line_id = l.purchase_order_line_id AND billed.system = l.system
    """,
    said="""
    SELECT l.source_system AS system, o.po_number, l.line_no, l.entity_id, l.description,
        l.match_type, l.match_basis, l.qty_ordered AS qty, l.uom_order AS uom,
        l.qty_ordered_base AS qty_base, l.uom_base,
        struct_pack(num := l.unit_price, den := l.price_unit) AS price, l.net_amount, l.tax_rate,
        l.due_date, l.delivery_complete, l.cancelled, l.tax_code,
        l.over_delivery_pct AS over_pct, l.under_delivery_pct AS under_pct, l.unlimited_over,
        l.final_invoice, l.limit_amount, l.valid_from_date AS valid_from,
        l.valid_to_date AS valid_to, l.requisition_no_ref AS requisition_no,
        l.requisition_line_ref AS requisition_line, i.item_no
    FROM canonical.purchase_order_lines l JOIN canonical.purchase_orders o USING (po_id)
    LEFT JOIN canonical.items i ON i.item_id = l.item_id""",
    told={
        "group_sap": _SAP_LINE,
        "group_s4": _SAP_LINE,
        "group_coupa": {
            "match_type": Told(
                "CASE match_type WHEN '4w' THEN '3w' WHEN 'limit' THEN '2w' ELSE match_type END",
                "two and three ways are all there are",
            ),
            "qty": Told(
                "CASE WHEN _by_amount THEN net_amount ELSE qty END",
                "a line by amount has no quantity",
            ),
            "qty_base": Told(
                "CASE WHEN _by_amount THEN net_amount ELSE qty END",
                "a line by amount has no quantity",
            ),
            "uom": Told("CASE WHEN _by_amount THEN 'C62' ELSE uom END", "it has no unit either"),
            "uom_base": Told(
                "CASE WHEN _by_amount THEN 'C62' ELSE uom END", "it has no unit either"
            ),
            "price": Told(
                "CASE WHEN _by_amount THEN struct_pack(num := CAST(1 AS DECIMAL(28,10)),"
                " den := CAST(1 AS DECIMAL(28,10))) ELSE price END",
                "nor a price",
            ),
            "requisition_line": unknown("an order names the requisition as a whole"),
            "delivery_complete": Told(
                "delivery_complete OR _status = 'closed' OR coalesce(_come >= _ordered, false)"
                " AND _come > 0 AND NOT cancelled",
                "a line says what came, and whether it or its order is closed",
            ),
            "tax_rate": unknown(_LINE_TAX),
            "tax_code": unknown(_LINE_TAX),
            "due_date": Told("_need_by", "one day for the whole line"),
            "over_pct": unknown(_NOT_STATED),
            "under_pct": unknown(_NOT_STATED),
            "unlimited_over": unknown(_NOT_STATED),
            "final_invoice": unknown("that no invoice is expected is not stated"),
            "limit_amount": unknown(_NOT_STATED),
            "valid_from": unknown(_NOT_STATED),
            "valid_to": unknown(_NOT_STATED),
        },
        "group_netsuite": {
            "match_type": Told(
                "CASE match_type WHEN '4w' THEN '3w' ELSE match_type END",
                "a line says whether the bill is matched to receipts, no more",
            ),
            "qty": _ONE_PIECE,
            "qty_base": _ONE_PIECE,
            "uom": _PIECE,
            "uom_base": _PIECE,
            "delivery_complete": Told(
                "delivery_complete OR _status = 'cancelled' OR cancelled"
                " OR coalesce(_come >= _ordered, false)",
                "a line says what came, and whether it or its order is closed",
            ),
            "final_invoice": Told(
                "_status IN ('closed', 'cancelled') OR cancelled"
                " OR delivery_complete AND coalesce(_come < _ordered, false)"
                " OR coalesce(_billed >= _ordered, false)",
                "a line says what was billed, and whether it or its order is closed",
            ),
            "tax_rate": unknown(_LINE_TAX),
            "tax_code": unknown(_LINE_TAX),
            "due_date": Told("_need_by", "one day for the whole line"),
            "over_pct": unknown(_NOT_STATED),
            "under_pct": unknown(_NOT_STATED),
            "unlimited_over": unknown(_NOT_STATED),
            "limit_amount": unknown(_NOT_STATED),
            "valid_from": unknown(_NOT_STATED),
            "valid_to": unknown(_NOT_STATED),
            "item_no": unknown("items are not read"),
            "requisition_line": unknown("a line is made from a requisition as a whole"),
        },
    },
)

# Only SAP has any; there the one piece of a line by amount is due first.
SCHEDULES = Projection(
    name="purchase_order_schedules",
    key=("po_number", "line_no", "schedule_no"),
    real="""
    SELECT l.system, l.po_number, CAST(l.line_no AS VARCHAR) AS line_no,
        CAST(s.schedule_no AS VARCHAR) AS schedule_no, l.entity_id, s.due_date,
        CASE WHEN l.qty IS NULL THEN CASE s.schedule_no WHEN 1 THEN 1 ELSE 0 END ELSE s.qty END
            AS qty
    FROM shown_order_line l JOIN purchase_order_schedule s USING (purchase_order_line_id)
    WHERE l.system IN ('group_sap', 'group_s4')""",
    said="""
    SELECT s.source_system AS system, o.po_number, l.line_no, s.schedule_no, s.entity_id,
        s.due_date, s.qty
    FROM canonical.purchase_order_schedules s JOIN canonical.purchase_order_lines l
        USING (po_line_id) JOIN canonical.purchase_orders o USING (po_id)""",
)

# Freight agreed with a line: in SAP a condition of a fixed amount; no other system tells any.
CHARGES = Projection(
    name="purchase_order_charges",
    key=("po_number", "line_no", "charge_code"),
    real="""
    SELECT l.system, l.po_number, CAST(l.line_no AS VARCHAR) AS line_no, 'FRB1' AS charge_code,
        l.entity_id, p.planned_freight AS amount, true AS fixed
    FROM shown_order_line l JOIN purchase_order_line p USING (purchase_order_line_id)
    WHERE l.system IN ('group_sap', 'group_s4') AND p.planned_freight <> 0""",
    said="""
    SELECT c.source_system AS system, o.po_number, l.line_no, c.charge_code, c.entity_id, c.amount,
        c.fixed
    FROM canonical.purchase_order_charges c JOIN canonical.purchase_order_lines l
        USING (po_line_id) JOIN canonical.purchase_orders o ON o.po_id = c.po_id""",
)

# Shares are told apart by their place: each system numbers them in its own way.
DISTRIBUTIONS = Projection(
    name="purchase_order_distributions",
    key=("po_number", "line_no", "place"),
    real="""
    SELECT l.system, l.po_number, CAST(l.line_no AS VARCHAR) AS line_no,
        row_number() OVER (PARTITION BY l.system, l.purchase_order_line_id
            ORDER BY a.assignment_no) AS place,
        l.entity_id, a.gl_account AS account, a.cost_center, a.project, a.pct,
        CASE WHEN l.net_amount = l.original_net THEN a.amount
            ELSE round(l.net_amount * a.pct * 0.01, 2) END AS amount,
        count(*) OVER (PARTITION BY l.system, l.purchase_order_line_id) AS _parts,
        l.net_amount AS _net, a.assignment_no AS _no, g.gl_account_id AS _account_id,
        c.cost_center_id AS _center_id
    FROM shown_order_line l JOIN purchase_order_assignment a USING (purchase_order_line_id)
    LEFT JOIN gl_account g ON g.entity_id = l.entity_id AND g.account = a.gl_account
    LEFT JOIN cost_center c ON c.entity_id = l.entity_id AND c.code = a.cost_center
    WHERE NOT (l.system IN ('group_sap', 'group_s4') AND l.cancelled)
        AND (l.system <> 'group_netsuite' OR a.assignment_no = 1)""",
    said="""
    SELECT d.source_system AS system, o.po_number, l.line_no,
        row_number() OVER (PARTITION BY d.source_system, d.po_line_id
            ORDER BY length(d.distribution_no), d.distribution_no) AS place,
        d.entity_id, d.account, d.cost_center, d.project, d.percentage AS pct, d.amount
    FROM canonical.purchase_order_distributions d JOIN canonical.purchase_order_lines l
        USING (po_line_id) JOIN canonical.purchase_orders o USING (po_id)""",
    told={
        "group_sap": {
            "pct": Told("CASE WHEN _parts > 1 THEN pct END", "only what is split has a share")
        },
        "group_s4": {
            "pct": Told("CASE WHEN _parts > 1 THEN pct END", "only what is split has a share")
        },
        "group_coupa": {
            "account": Told(
                "account || '-' || cost_center || coalesce('-' || project, '')",
                "an account is written with its segments",
            ),
            "cost_center": unknown("which segment it is, the customer decides"),
            "project": unknown("which segment it is, the customer decides"),
        },
        "group_netsuite": {
            "account": Told("CAST(_account_id AS VARCHAR)", "an account is named by its key"),
            "cost_center": Told("CAST(_center_id AS VARCHAR)", "a department is named by its key"),
            "project": unknown("a class may stand for anything"),
            "pct": Told("100", "a line is charged to one account; a split is several lines"),
            "amount": Told("_net", "a line is charged to one account; a split is several lines"),
        },
    },
)

_SAP_REQUISITION = {
    "description": Told("left(description, 40)", "a text of 40 characters"),
    "item_no": unknown("materials are not read"),
    "approved_at": unknown("only the day on which it is to be ordered is stated"),
    "qty": _ONE_PIECE,
    "uom": Told("coalesce(uom, 'EA')", "there always is a unit"),
    "status": Told(
        "CASE status WHEN 'draft' THEN 'submitted' ELSE status END",
        "what is not released is in release",
    ),
}

REQUISITIONS = Projection(
    name="requisition_lines",
    key=("requisition_no", "line_no"),
    real="""
    SELECT q.system, q.requisition_number AS requisition_no, CAST(l.line_no AS VARCHAR) AS line_no,
        q.entity_id, u.user_name AS requester, a.account_no AS supplier_no, c.code AS item_no,
        l.description, l.qty, l.uom,
        struct_pack(num := l.price, den := CAST(l.price_unit AS DECIMAL(28,10))) AS price,
        l.net_amount, q.currency AS ccy, CAST(l.created_at AS DATE) AS created_date,
        l.need_by AS needed_date,
        CASE WHEN l.cancelled OR q.status = 'cancelled' THEN 'cancelled'
            WHEN q.status = 'rejected' THEN 'rejected'
            WHEN o.po_number IS NOT NULL THEN 'ordered'
            WHEN q.status = 'pending_approval' THEN 'submitted' ELSE q.status END AS status,
        q.last_approval AS approved_at, o.po_number, CAST(o.line_no AS VARCHAR) AS po_line,
        u.login AS _login,
        l.qty IS NULL AS _by_amount, l.uom IS NULL AS _no_unit, u.employee_id AS _person
    FROM requisition_line l JOIN shown_requisition q USING (requisition_id)
    JOIN employee u ON u.employee_id = q.requester_id
    LEFT JOIN shown_account a ON a.supplier_account_id = l.supplier_account_id
    LEFT JOIN shown_order_line o ON o.purchase_order_line_id = l.purchase_order_line_id
        AND o.system = q.system
    LEFT JOIN item_code c ON c.item_id = l.item_id AND c.system = q.system
    WHERE l.uom IS DISTINCT FROM 'XPX' """,
    said="""
    SELECT r.source_system AS system, r.requisition_no, r.line_no, r.entity_id, r.requester,
        s.supplier_no, i.item_no, r.description, r.qty, r.uom,
        struct_pack(num := r.unit_price, den := r.price_unit) AS price, r.net_amount, r.ccy,
        r.created_date, r.needed_date, r.status_canon AS status,
        r.approved_at AT TIME ZONE 'UTC' AS approved_at, r.po_number_ref AS po_number,
        r.po_line_ref AS po_line
    FROM canonical.requisition_lines r LEFT JOIN canonical.suppliers s USING (supplier_src_id)
    LEFT JOIN canonical.items i ON i.item_id = r.item_id""",
    told={
        "group_sap": _SAP_REQUISITION,
        "group_coupa": {
            "requester": Told("_login", "users are known by their login"),
        },
        "group_netsuite": {
            "supplier_no": unknown("a line's vendor is a wish that the columns do not tell apart"),
            "item_no": unknown("items are not read"),
            "approved_at": unknown("approvals are records that are not seen"),
            "requester": Told(
                "CAST(_person * 2 + 1001 AS VARCHAR)", "a person is named by the record's key"
            ),
            "status": Told(
                "CASE status WHEN 'draft' THEN 'submitted' ELSE status END",
                "what is not approved waits for it",
            ),
            "uom": Told("coalesce(uom, 'EA')", "without a unit it is pieces"),
            "po_number": unknown("the order's line names the requisition, not the reverse"),
            "po_line": unknown("the order's line names the requisition, not the reverse"),
        },
    },
)

APPROVALS = Projection(
    name="approval_events",
    key=("approval_id",),
    real="""
    SELECT a.system, CAST(a.approval_id AS VARCHAR) AS approval_id, a.entity_id, a.subject_type,
        CASE a.subject_type WHEN 'requisition' THEN q.requisition_number
            ELSE CAST(a.subject_id AS VARCHAR) END AS subject_no,
        CAST(a.step AS VARCHAR) AS step, u.login AS actor, a.decision,
        CASE WHEN a.decision <> 'pending' THEN a.decided_at END AS decided_at
    FROM approval a JOIN employee u ON u.employee_id = a.actor_id
    LEFT JOIN requisition q ON a.subject_type = 'requisition'
        AND q.requisition_id = a.subject_id
    WHERE a.system = 'group_coupa' AND a.subject_type IN ('requisition', 'invoice')
        AND (a.subject_type <> 'requisition'
            OR a.subject_id IN (SELECT requisition_id FROM shown_requisition))
        AND (a.subject_type <> 'invoice' OR a.subject_id IN (SELECT invoice_id FROM shown_invoice))
    """,
    said="""
    SELECT source_system AS system, split_part(approval_id, '|', 4) AS approval_id, entity_id,
        subject_type, split_part(subject_id, '|', 3) AS subject_no, step, actor, decision,
        decided_at AT TIME ZONE 'UTC' AS decided_at
    FROM canonical.approval_events""",
)

PROJECTIONS = (
    ORDERS,
    ORDER_LINES,
    SCHEDULES,
    CHARGES,
    DISTRIBUTIONS,
    REQUISITIONS,
    APPROVALS,
)
