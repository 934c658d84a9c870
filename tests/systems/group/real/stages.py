"""Views over the world that several subjects build upon: what a system shows at all.

Belongs here: orders and their copies, invoices and how they are numbered, what was deleted. Not
here: what canonical rows must say (the subjects' modules).

Pallets (XPX) have a canonical code in SAP's connector alone, PX. Elsewhere a line in pallets is set
aside; in Coupa, where a document comes with its lines, the whole document is.

An order that is copied into a second system is there once more, with the copy's values, its lines
numbered 10, 20, 30 for 1, 2, 3. What was deleted in a system is no longer shown by it.
"""

from __future__ import annotations

import duckdb

_GONE = """
CREATE VIEW gone AS SELECT system, object, object_id FROM deletion
"""

_ACCOUNTS = """
CREATE VIEW shown_account AS
SELECT * FROM supplier_account a WHERE NOT EXISTS (FROM gone g WHERE g.system = a.system
    AND g.object = 'supplier_account' AND g.object_id = a.supplier_account_id)
"""

_ORDERS = """
CREATE VIEW shown_order AS
WITH every AS (
    SELECT system, 1 AS factor, purchase_order_id, entity_id, po_number, type, supplier_account_id,
        currency, order_date, status, buyer_id, approved_at, net_amount
    FROM purchase_order
    UNION ALL
    SELECT copied_to, 10, purchase_order_id, entity_id, po_number, type,
        copied_supplier_account_id, copied_currency, order_date, copied_status, buyer_id,
        approved_at, NULL
    FROM purchase_order WHERE copied_at IS NOT NULL
)
SELECT * FROM every o WHERE NOT EXISTS (FROM gone g WHERE g.system = o.system
    AND g.object = 'purchase_order' AND g.object_id = o.purchase_order_id)
    AND (o.system <> 'group_coupa' OR o.purchase_order_id NOT IN (
        SELECT purchase_order_id FROM purchase_order_line WHERE uom = 'XPX'))
"""

_ORDER_LINES = """
CREATE VIEW shown_order_line AS
SELECT l.* REPLACE (l.line_no * o.factor AS line_no,
        CASE WHEN o.factor = 10 THEN l.copied_qty ELSE l.qty END AS qty,
        CASE WHEN o.factor = 10 THEN l.copied_price ELSE l.price END AS price,
        CASE WHEN o.factor = 10 THEN l.copied_net_amount ELSE l.net_amount END AS net_amount,
        CASE WHEN l.uom = 'XPX' THEN 'PX' ELSE l.uom END AS uom,
        CASE WHEN o.factor = 10 THEN l.copied_cancelled ELSE l.cancelled END
            OR o.status = 'cancelled' AS cancelled),
    o.system, o.po_number, o.entity_id, o.currency, o.factor, o.status,
    l.net_amount AS original_net
FROM purchase_order_line l JOIN shown_order o USING (purchase_order_id)
WHERE l.uom IS DISTINCT FROM 'XPX' OR o.system IN ('group_sap', 'group_s4')
"""

# Where the supplier's number is missing, a system shows its own. A number may be there twice: the
# documents that bear it are told apart by the order in which they were entered.
_INVOICES = """
CREATE VIEW shown_invoice AS
SELECT i.*, n.shown_number,
    row_number() OVER (PARTITION BY i.system, n.shown_number ORDER BY i.invoice_id) AS occurrence
FROM invoice i CROSS JOIN LATERAL (
    -- Coupa shows no number of its own but its key.
    SELECT coalesce(nullif(i.invoice_number, ''), CASE i.system WHEN 'group_coupa'
        THEN '(' || i.invoice_id || ')' ELSE i.document_number END) AS shown_number) n
WHERE NOT EXISTS (FROM gone g WHERE g.system = i.system AND g.object = 'invoice'
    AND g.object_id = i.invoice_id)
    AND (i.system <> 'group_coupa' OR i.invoice_id NOT IN (
        SELECT invoice_id FROM invoice_line WHERE uom = 'XPX'))
"""

_REQUISITIONS = """
CREATE VIEW shown_requisition AS
SELECT q.*, (SELECT max(decided_at) FROM approval a WHERE a.subject_type = 'requisition'
    AND a.subject_id = q.requisition_id AND q.approved_at IS NOT NULL) AS last_approval
FROM requisition q
WHERE NOT EXISTS (FROM gone g WHERE g.system = q.system AND g.object = 'requisition'
    AND g.object_id = q.requisition_id)
    AND (q.system <> 'group_coupa' OR q.requisition_id NOT IN (
        SELECT requisition_id FROM requisition_line WHERE uom = 'XPX'))
"""

_SETTLED = """
CREATE VIEW settled AS
SELECT a.*, p.payment_date, sum(a.amount + a.discount_amount) OVER (PARTITION BY a.invoice_id
    ORDER BY p.payment_date, a.payment_application_id) AS so_far
FROM payment_application a JOIN payment p USING (payment_id)
WHERE p.status IN ('sent', 'confirmed')
"""

# In SAP what did not pass inspection is a line of its own, 5000 above that of what did.
_RECEIPT_LINES = """
CREATE VIEW shown_receipt_line AS
WITH every AS (
    SELECT l.* EXCLUDE (line_no, uom), r.system, r.receipt_number, r.entity_id, r.posting_date,
        r.delivery_note, l.line_no AS number,
        CASE l.uom WHEN 'XPX' THEN 'PX' ELSE l.uom END AS uom,
        r.system IN ('group_sap', 'group_s4') AND coalesce(l.qty_rejected, 0) <> 0 AS split
    FROM receipt_line l JOIN receipt r USING (receipt_id)
    WHERE NOT EXISTS (FROM gone g WHERE g.system = r.system AND g.object = 'receipt'
        AND g.object_id = r.receipt_id)
)
SELECT * REPLACE (number AS number,
    CASE WHEN split THEN qty_order_uom - qty_rejected ELSE qty END AS qty,
    CASE WHEN split THEN qty_order_uom - qty_rejected ELSE qty_order_uom END AS qty_order_uom,
    CASE WHEN split THEN qty_order_uom - qty_rejected ELSE qty_accepted END AS qty_accepted,
    CASE WHEN split THEN 0 ELSE qty_rejected END AS qty_rejected)
FROM every WHERE NOT split OR qty_rejected <> qty_order_uom
UNION ALL
SELECT * REPLACE (number + 5000 AS number, qty_rejected AS qty, qty_rejected AS qty_order_uom,
    0 AS qty_accepted, qty_rejected AS qty_rejected)
FROM every WHERE split
"""

_STAGES = (
    _GONE,
    _ACCOUNTS,
    _ORDERS,
    _ORDER_LINES,
    _INVOICES,
    _REQUISITIONS,
    _SETTLED,
    _RECEIPT_LINES,
)


def opened(path: str) -> duckdb.DuckDBPyConnection:
    """A connection over the world in a file, with these views; the file is not written to."""
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{path}' AS world (READ_ONLY)")
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'world' ORDER BY 1"
    ).fetchall()
    for (name,) in tables:
        connection.execute(f"CREATE VIEW {name} AS FROM world.{name}")
    for stage in _STAGES:
        connection.execute(stage)
    return connection
