"""Views over the world that several subjects build upon: what a system shows at all.

Belongs here: orders and their copies, invoices and how they are numbered, what was deleted. Not
here: what canonical rows must say (the subjects' modules).

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
"""

_ORDER_LINES = """
CREATE VIEW shown_order_line AS
SELECT l.* REPLACE (l.line_no * o.factor AS line_no,
        CASE WHEN o.factor = 10 THEN l.copied_qty ELSE l.qty END AS qty,
        CASE WHEN o.factor = 10 THEN l.copied_price ELSE l.price END AS price,
        CASE WHEN o.factor = 10 THEN l.copied_net_amount ELSE l.net_amount END AS net_amount,
        CASE WHEN o.factor = 10 THEN l.copied_cancelled ELSE l.cancelled END
            OR o.status = 'cancelled' AS cancelled),
    o.system, o.po_number, o.entity_id, o.currency, o.factor, o.status
FROM purchase_order_line l JOIN shown_order o USING (purchase_order_id)
"""

# Where the supplier's number is missing, a system shows its own. A number may be there twice: the
# documents that bear it are told apart by the order in which they were entered.
_INVOICES = """
CREATE VIEW shown_invoice AS
SELECT i.*, n.shown_number,
    row_number() OVER (PARTITION BY i.system, n.shown_number ORDER BY i.invoice_id) AS occurrence
FROM invoice i CROSS JOIN LATERAL (
    SELECT coalesce(nullif(i.invoice_number, ''), i.document_number) AS shown_number) n
WHERE NOT EXISTS (FROM gone g WHERE g.system = i.system AND g.object = 'invoice'
    AND g.object_id = i.invoice_id)
"""

_SETTLED = """
CREATE VIEW settled AS
SELECT a.invoice_id, sum(a.amount) AS amount, sum(a.discount_amount) AS discount,
    max(p.payment_date) AS last_day
FROM payment_application a JOIN payment p USING (payment_id)
WHERE p.status IN ('sent', 'confirmed') GROUP BY a.invoice_id
"""

_STAGES = (_GONE, _ACCOUNTS, _ORDERS, _ORDER_LINES, _INVOICES, _SETTLED)


def opened(path: str) -> duckdb.DuckDBPyConnection:
    """A connection over the world in a file, with these views; the file is not written to."""
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{path}' AS world (READ_ONLY)")
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'world' ORDER BY 1"
    ).fetchall()
    for (name,) in tables:
        connection.execute(f"CREATE VIEW {name} AS FROM world.{name}")  # noqa: S608
    for stage in _STAGES:
        connection.execute(stage)
    return connection
