"""Writes requisitions, orders and what belongs to them from the staged tables.

Belongs here: order ids and rows of buying tables up to the order. Not here: receipts and after.
"""

from __future__ import annotations

import duckdb

# Requisitions: most orders come from one (x = 1); some requisitions became no order (x = 2).
_REQUISITION = """
CREATE TEMP TABLE s_requisition AS
WITH asked AS (
    SELECT n, x, greatest(0, w - 1 - upto('asked', n * 10 + x, 5)) AS w, status FROM (
        SELECT n, 1 AS x, w, 'ordered' AS status FROM s_order
        WHERE upto('has requisition', n, 100) < 88
        UNION ALL
        SELECT n, 2, w, ['rejected', 'cancelled', 'draft'][1 + upto('unwanted', n, 3)]
        FROM s_order WHERE upto('unwanted', n, 100) < 5)
    UNION ALL
    SELECT n, x, w, status FROM s_extra_requisition
)
SELECT row_number() OVER (ORDER BY created_at, n, x) AS requisition_id, * FROM (
    SELECT a.*, moment(a.w, 'asked at', a.n * 10 + a.x) AS created_at
    FROM asked AS a JOIN s_order AS o USING (n) JOIN s_staff AS e USING (entity_id)
    WHERE e.requisition_system IS NOT NULL)
ORDER BY requisition_id;

CREATE TEMP TABLE s_requisition_line AS
SELECT row_number() OVER () AS requisition_line_id, * FROM (
    SELECT r.requisition_id, r.n, r.x, x.l FROM s_requisition AS r JOIN s_line AS x USING (n)
    WHERE r.x = 1 OR x.l = 1 ORDER BY r.requisition_id, x.l);
"""

_LINE_IDS = """
CREATE TEMP TABLE s_line_id AS
SELECT row_number() OVER () AS line_id, n, l FROM (SELECT n, l FROM s_line ORDER BY n, l);
"""

_INSERT_REQUISITION = """
INSERT INTO requisition
SELECT r.requisition_id, o.entity_id, e.requisition_system,
    CASE o.entity_id WHEN 'lumen_fr' THEN CAST(10000000 + r.requisition_id AS VARCHAR)
        WHEN 'lumen_us' THEN 'PR' || (500000 + r.requisition_id)
        ELSE CAST(80000 + r.requisition_id AS VARCHAR) END,
    o.requester, r.status, o.ccy, money(t.net),
    CASE WHEN r.status <> 'draft' THEN r.created_at + INTERVAL 10 MINUTE END,
    CASE WHEN r.status IN ('ordered', 'approved') THEN r.created_at + INTERVAL 50 MINUTE END,
    r.created_at,
    CASE WHEN r.status = 'ordered' THEN o.created_at ELSE r.created_at + INTERVAL 1 HOUR END
FROM s_requisition AS r JOIN s_order AS o USING (n) JOIN s_staff AS e USING (entity_id)
JOIN (SELECT q.requisition_id, sum(x.net) AS net FROM s_requisition_line AS q
    JOIN s_line AS x USING (n, l) GROUP BY ALL) AS t USING (requisition_id)
ORDER BY r.requisition_id;
INSERT INTO requisition_line
SELECT q.requisition_line_id, q.requisition_id,
    CASE WHEN o.entity_id = 'lumen_fr' THEN q.l * 10 ELSE q.l END,
    x.item_id, x.description, x.category, qty(x.copied_q),
    CASE WHEN NOT x.by_amount THEN x.uom END,
    CASE WHEN x.by_amount THEN CAST(money(x.net) AS DECIMAL(28, 10)) ELSE price(x.copied_p) END,
    CASE WHEN x.by_amount OR x.num <> x.den THEN 1 ELSE x.pu END, money(x.net),
    CASE WHEN e.requisition_system = e.order_system THEN o.acct ELSE o.copy_acct END,
    x.gl, x.cc, weekday(o.w + o.lead), r.status = 'cancelled',
    CASE WHEN r.status = 'ordered' THEN d.line_id END, r.created_at,
    CASE WHEN r.status = 'ordered' THEN o.created_at ELSE r.created_at + INTERVAL 1 HOUR END
FROM s_requisition_line AS q JOIN s_requisition AS r USING (requisition_id)
JOIN s_order AS o ON o.n = q.n JOIN s_staff AS e USING (entity_id)
JOIN s_line AS x ON x.n = q.n AND x.l = q.l JOIN s_line_id AS d ON d.n = q.n AND d.l = q.l
ORDER BY q.requisition_line_id;
"""

# How far an order is: in quantity where it has one, in amount otherwise.
_PROGRESS = """
CREATE TEMP TABLE s_progress AS
WITH arrived AS (SELECT n, l, sum(q) AS q FROM s_rline GROUP BY ALL),
billed AS (
    SELECT c.n, c.po_l AS l, sum(c.q) AS q, sum(c.net) AS net
    FROM s_iline AS c JOIN s_invoice AS v USING (n, i)
    JOIN s_line AS x ON x.n = c.po_n AND x.l = c.po_l
    WHERE c.po_n = c.n AND c.type = 'item' AND v.state <> 'void' GROUP BY ALL)
SELECT x.n, x.l, x.needs_receipt,
    coalesce(a.q, 0) >= coalesce(x.q, 0) AND x.needs_receipt AS arrived_all,
    coalesce(a.q, 0) > 0 AS arrived_some,
    CASE WHEN x.by_amount THEN coalesce(b.net, 0) >= x.net ELSE coalesce(b.q, 0) >= x.q END
        AS billed_all
FROM s_line AS x LEFT JOIN arrived AS a USING (n, l) LEFT JOIN billed AS b USING (n, l);
CREATE TEMP TABLE s_touched AS
SELECT n, max(ts) AS ts FROM (
    SELECT n, CAST(weekday(w) AS TIMESTAMP) + to_seconds(25200 + sec) AS ts FROM s_receipt
    UNION ALL SELECT n, CAST(weekday(pw) AS TIMESTAMP) + to_seconds(25200 + sec) FROM s_invoice
    UNION ALL SELECT n, created_at + INTERVAL 3 HOUR FROM s_order
    -- Now and then someone changes a text long after.
    UNION ALL SELECT n, moment(least(391, w + 100 + upto('text', n, 150)), 'text', n) FROM s_order
        WHERE upto('text changed', n, 50) = 0
) GROUP BY n;
"""

_ORDER = """
INSERT INTO purchase_order
WITH state AS (
    SELECT n, bool_and(arrived_all OR NOT needs_receipt) AND bool_or(needs_receipt) AS arrived,
        bool_or(arrived_some) AS some, bool_or(needs_receipt) AS awaited,
        bool_and(billed_all) AS billed
    FROM s_progress GROUP BY n
), nets AS (SELECT n, sum(net) AS net FROM s_line WHERE NOT cancelled GROUP BY n)
SELECT o.n, o.entity_id, o.order_system, o.po_number,
    CASE WHEN o.kind = 'limit' THEN 'limit' WHEN o.service THEN 'service' ELSE 'standard' END,
    o.acct, o.ccy, rate8(o.fx8), weekday(o.w + o.created_shift),
    CASE WHEN a.cancelled THEN 'cancelled'
        WHEN o.trait = 'closed' THEN 'closed'
        WHEN o.trait = 'waiting' OR o.approval <> 'approved'
            THEN CASE WHEN o.n % 2 = 0 THEN 'draft' ELSE 'pending_approval' END
        WHEN s.billed AND s.arrived AND upto('closed', o.n, 10) < 3 THEN 'closed'
        WHEN s.billed AND NOT s.awaited AND upto('closed', o.n, 10) < 3 THEN 'closed'
        WHEN s.arrived THEN 'received' WHEN s.some THEN 'partial'
        WHEN upto('sent', o.n, 10) = 0 THEN 'approved' ELSE 'sent' END,
    o.requester, o.buyer,
    CASE WHEN o.approval = 'approved' AND o.trait <> 'waiting'
        THEN a.created_at + INTERVAL 90 MINUTE END,
    o.terms_days, o.discount_days, pct(o.discount_bp), money(coalesce(nets.net, 0)),
    1 + CASE WHEN upto('version', o.n, 12) = 0 THEN 1 ELSE 0 END,
    a.created_at, greatest(t.ts, a.created_at + INTERVAL 2 HOUR),
    CASE WHEN a.copied THEN o.order_copy_system END,
    CASE WHEN a.copied THEN a.copied_at END,
    CASE WHEN a.copied THEN o.copy_acct END, CASE WHEN a.copied THEN o.ccy END,
    CASE WHEN NOT a.copied THEN NULL WHEN a.cancelled AND NOT a.status_kept THEN 'cancelled'
        ELSE 'approved' END,
    CASE WHEN a.copied THEN greatest(a.copied_at, CASE WHEN a.cancelled THEN t.ts
        ELSE a.copied_at END) END
FROM s_order AS o JOIN state AS s USING (n) JOIN s_touched AS t USING (n)
JOIN s_about AS a USING (n) LEFT JOIN nets USING (n)
ORDER BY o.n;
"""

_ABOUT = """
CREATE TEMP TABLE s_about AS
SELECT o.n, o.created_at + to_days(CAST(o.created_shift AS INTEGER)) AS created_at,
    o.order_copy_system IS NOT NULL AND o.trait <> 'waiting' AND NOT coalesce(d.missing, false)
        AS copied,
    o.created_at + INTERVAL 95 MINUTE + to_minutes(upto('copied', o.n, 35))
        + to_days(CAST(coalesce(d.late_days, 0) AS INTEGER)) AS copied_at,
    coalesce(d.status_kept, false) AS status_kept,
    o.trait IN ('cancelled', 'cancelled late') AS cancelled
FROM s_order AS o LEFT JOIN s_drift AS d USING (n);
"""

_LINE = """
INSERT INTO purchase_order_line
SELECT d.line_id, x.n, CASE WHEN o.sap_like THEN x.l * 10 ELSE x.l END, q.requisition_line_id,
    x.item_id, x.description, x.category, x.match_type,
    CASE WHEN x.by_amount THEN 'amount' ELSE 'qty' END, x.needs_receipt, x.gr_based,
    qty(x.q), CASE WHEN NOT x.by_amount THEN x.uom END,
    CASE WHEN x.by_amount THEN CAST(money(x.net) AS DECIMAL(28, 10)) ELSE price(x.p) END,
    CASE WHEN x.by_amount THEN 1 ELSE x.pu END, CASE WHEN NOT x.by_amount THEN x.puom END,
    x.num, x.den, money(x.net), x.tax_code, pct(x.bp), money(x.tax), money(x.freight),
    pct(x.over_bp), 0, money(x.limit_cents),
    CASE WHEN x.match_type = 'limit' THEN money(x.net) END,
    CASE WHEN x.by_amount THEN weekday(o.w) END,
    CASE WHEN x.by_amount THEN weekday(x.valid_w) END,
    weekday(o.w + o.lead), (g.arrived_all AND o.trait <> 'return') OR x.forced_complete,
    g.billed_all AND o.trait <> 'return', x.cancelled OR a.cancelled,
    a.created_at, greatest(t.ts, a.created_at + INTERVAL 2 HOUR),
    CASE WHEN a.copied THEN qty(x.copied_q) END,
    CASE WHEN a.copied THEN price(x.copied_p) END,
    CASE WHEN a.copied THEN money(worth(x.copied_q, x.copied_p, x.num, x.den, x.pu, x.ccy)) END,
    CASE WHEN a.copied THEN x.copied_cancelled OR (a.cancelled AND NOT a.status_kept) END
FROM s_line AS x JOIN s_line_id AS d USING (n, l) JOIN s_order AS o USING (n)
JOIN s_progress AS g USING (n, l) JOIN s_touched AS t USING (n) JOIN s_about AS a USING (n)
LEFT JOIN (SELECT q.* FROM s_requisition_line AS q JOIN s_requisition AS r USING (requisition_id)
    WHERE r.status = 'ordered') AS q ON q.n = x.n AND q.l = x.l
ORDER BY d.line_id;
"""

_SCHEDULE = """
INSERT INTO purchase_order_schedule
SELECT row_number() OVER (), * FROM (
    SELECT d.line_id, k, weekday(o.w + o.lead + (k - 1) * o.gap),
        CASE WHEN NOT x.by_amount THEN qty(x.q * k // o.nd // x.step * x.step
            - x.q * (k - 1) // o.nd // x.step * x.step
            + CASE WHEN k = o.nd THEN x.q % x.step ELSE 0 END) END,
        money((x.net * k // o.nd // minor(o.ccy) - x.net * (k - 1) // o.nd // minor(o.ccy))
            * minor(o.ccy))
    FROM s_line AS x JOIN s_line_id AS d USING (n, l) JOIN s_order AS o USING (n)
    CROSS JOIN (SELECT unnest(range(1, 4)) AS k) WHERE k <= o.nd
    ORDER BY d.line_id, k);
"""

_ASSIGNMENT = """
INSERT INTO purchase_order_assignment
SELECT row_number() OVER (), * FROM (
    SELECT d.line_id, a, x.gl, CASE a WHEN 1 THEN x.cc ELSE '400' END, x.project,
        CASE WHEN NOT split THEN 100 WHEN a = 1 THEN 60 ELSE 40 END,
        money(CASE WHEN NOT split THEN x.net WHEN a = 1 THEN first ELSE x.net - first END)
    FROM (SELECT *, upto('split', n * 10 + l, 10) = 0 AS split,
        in_minor(net * 60, 100, ccy) AS first FROM s_line) AS x
    JOIN s_line_id AS d USING (n, l) CROSS JOIN (VALUES (1), (2)) AS v (a)
    WHERE a = 1 OR split ORDER BY d.line_id, a);
"""

# What goes wrong every day and mends itself: a lock that is gone at the next try, a draft deleted.
_NOISE = """
INSERT INTO integration_error
SELECT row_number() OVER (), * FROM (
    SELECT system, copied_to, 'purchase_order', purchase_order_id,
        copied_at - INTERVAL 4 MINUTE AS occurred_at, 'LOCKED', 'Object is locked by another user'
    FROM purchase_order
    WHERE copied_to IS NOT NULL AND upto('locked', purchase_order_id, 25) = 0
    ORDER BY occurred_at, purchase_order_id);
INSERT INTO deletion
SELECT row_number() OVER (), * FROM (
    SELECT system, 'requisition', requisition_id, requisition_number,
        changed_at + INTERVAL 6 DAY AS deleted_at, requester_id
    FROM requisition WHERE status = 'draft' AND upto('deleted', requisition_id, 2) = 0
    ORDER BY deleted_at, requisition_id);
"""


def publish_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills requisition, purchase_order and their parts."""
    scripts = (_REQUISITION, _LINE_IDS, _INSERT_REQUISITION, _PROGRESS, _ABOUT, _ORDER, _LINE,
               _SCHEDULE, _ASSIGNMENT, _NOISE)  # fmt: skip
    for script in scripts:
        connection.execute(script)
