"""Writes approvals of requisitions, orders, invoices and expense reports.

Belongs here: rows of approval. Not here: approvals that break a rule (faults/).
"""

from __future__ import annotations

import duckdb

# One step; a second by the director, a minute later, where the amount is above what the approver
# may approve. The last one is the moment the document was approved.
_APPROVAL = """
CREATE TEMP TABLE s_decision AS
SELECT 'requisition' AS subject, r.requisition_id AS id, r.entity_id, r.system,
    CAST(r.net_amount AS DECIMAL(20, 4)) * p.fx_rate AS amount,
    coalesce(r.approved_at, r.submitted_at + INTERVAL 40 MINUTE)
    AS ts, CASE r.status WHEN 'rejected' THEN 'rejected' ELSE 'approved' END AS decision,
    o.approver, o.director
FROM requisition AS r JOIN s_requisition AS s USING (requisition_id) JOIN s_order AS o USING (n)
JOIN purchase_order AS p ON p.purchase_order_id = o.n
WHERE r.submitted_at IS NOT NULL AND r.status <> 'cancelled'
UNION ALL
SELECT 'purchase_order', p.purchase_order_id, p.entity_id, p.system,
    CAST(p.net_amount AS DECIMAL(20, 4)) * p.fx_rate,
    p.approved_at, 'approved', o.approver, o.director
FROM purchase_order AS p JOIN s_order AS o ON o.n = p.purchase_order_id
WHERE p.approved_at IS NOT NULL
UNION ALL
SELECT 'invoice', v.invoice_id, v.entity_id, v.system,
    CAST(abs(v.gross_amount) AS DECIMAL(20, 4)) * v.fx_rate,
    v.created_at + INTERVAL 2 MINUTE, 'approved', v.approved_by,
    (SELECT director FROM s_staff AS e WHERE e.entity_id = v.entity_id)
FROM invoice AS v WHERE v.state NOT IN ('void', 'parked') AND v.reverses_invoice_id IS NULL
UNION ALL
SELECT 'expense_report', x.expense_report_id, x.entity_id, 'group_concur', x.total_amount,
    x.approved_at, 'approved', x.approver_id,
    (SELECT director FROM s_staff AS e WHERE e.entity_id = x.entity_id)
FROM expense_report AS x WHERE x.approved_at IS NOT NULL;
INSERT INTO approval
SELECT row_number() OVER (), * FROM (
    SELECT d.subject, d.id, d.entity_id, d.system, step,
        CASE step WHEN 1 THEN d.approver ELSE d.director END, d.decision, e.approval_limit,
        CASE WHEN step = 1 AND d.amount > 25000 THEN d.ts - INTERVAL 1 MINUTE ELSE d.ts END
            AS decided_at
    FROM s_decision AS d CROSS JOIN (VALUES (1), (2)) AS s (step)
    JOIN employee AS e ON e.employee_id = CASE step WHEN 1 THEN d.approver ELSE d.director END
    WHERE step = 1 OR d.amount > 25000
    ORDER BY decided_at, d.subject, d.id, step);
"""


def publish_approvals(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills approval."""
    connection.execute(_APPROVAL)
