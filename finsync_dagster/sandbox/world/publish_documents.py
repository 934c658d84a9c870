"""Writes receipts, invoices and payments from the staged tables, numbered as they came about.

Belongs here: ids, document numbers and rows from receipt to payment. Not here: orders
(publish_orders.py), the ledger (ledger.py).
"""

from __future__ import annotations

import duckdb

_RECEIPT = """
CREATE TEMP TABLE s_receipt_id AS
SELECT row_number() OVER (ORDER BY created_at, n, r) AS receipt_id, n, r, created_at FROM (
    SELECT n, r, CAST(weekday(w) AS TIMESTAMP) + to_seconds(25200 + sec) AS created_at
    FROM s_receipt) ORDER BY receipt_id;
INSERT INTO receipt
SELECT d.receipt_id, o.entity_id, e.receipt_system,
    CASE e.receipt_system WHEN 'group_netsuite' THEN 'RCPT' || (700000 + d.receipt_id)
        WHEN 'group_coupa' THEN CAST(d.receipt_id AS VARCHAR)
        ELSE CAST(5000000000 + d.receipt_id AS VARCHAR) END,
    year(weekday(v.w)), v.kind, coalesce(o.copy_acct, o.acct), v.delivery_note,
    weekday(v.doc_w), weekday(v.w), v.receiver, d.created_at,
    CASE WHEN z.n IS NULL THEN d.created_at ELSE d.created_at + INTERVAL 15 MINUTE END
FROM s_receipt AS v JOIN s_receipt_id AS d USING (n, r) JOIN s_order AS o USING (n)
JOIN s_staff AS e USING (entity_id)
LEFT JOIN (SELECT DISTINCT n, r FROM s_rline WHERE reversed) AS z USING (n, r)
ORDER BY d.receipt_id;
CREATE TEMP TABLE s_rline_id AS
SELECT row_number() OVER () AS receipt_line_id, n, r, l, line_no FROM (
    SELECT n, r, l, row_number() OVER (PARTITION BY n, r ORDER BY l) AS line_no
    FROM s_rline JOIN s_receipt_id USING (n, r) ORDER BY receipt_id, l);
INSERT INTO receipt_line
WITH so_far AS (
    SELECT n, r, l, sum(q) OVER (PARTITION BY n, l ORDER BY d.receipt_id) AS total
    FROM s_rline JOIN s_receipt_id AS d USING (n, r)
)
SELECT i.receipt_line_id, d.receipt_id, i.line_no, x.line_id, v.kind, qty(c.uq), c.uom, qty(c.q),
    qty(c.acc), qty(c.rej), money(worth(c.q, p.p, p.num, p.den, p.pu, p.ccy)),
    money(half_up(CAST(worth(c.q, p.p, p.num, p.den, p.pu, p.ccy) AS HUGEINT) * o.fx8, 100000000)),
    v.kind IN ('receipt', 'service_entry') AND NOT c.reversed
        AND (s.total >= p.q OR p.forced_complete) AND o.trait <> 'return',
    b.receipt_line_id, c.reversed
FROM s_rline AS c JOIN s_rline_id AS i USING (n, r, l) JOIN s_receipt_id AS d USING (n, r)
JOIN s_receipt AS v USING (n, r) JOIN s_line AS p USING (n, l) JOIN s_line_id AS x USING (n, l)
JOIN s_order AS o USING (n) JOIN so_far AS s USING (n, r, l)
LEFT JOIN s_rline_id AS b ON b.n = c.n AND b.r = c.rev_r AND b.l = c.l
ORDER BY i.receipt_line_id;
"""

_INVOICE = """
CREATE TEMP TABLE s_invoice_id AS
SELECT row_number() OVER (ORDER BY created_at, n, i) AS invoice_id, n, i, created_at FROM (
    SELECT n, i, CAST(weekday(CASE WHEN entity_id IN ('lumen_fr', 'lumen_ie') THEN pw ELSE rw END)
        AS TIMESTAMP) + to_seconds(25200 + sec) AS created_at
    FROM s_invoice) ORDER BY invoice_id;
CREATE TEMP TABLE s_paid AS
SELECT a.n, a.i, sum(a.amount + a.discount) AS paid, max(y.day) AS day
FROM s_application AS a JOIN s_payment AS y USING (pkey) GROUP BY ALL;
INSERT INTO invoice
SELECT d.invoice_id, v.entity_id, e.invoice_system,
    CASE e.invoice_system WHEN 'group_netsuite' THEN 'BILL' || (300000 + d.invoice_id)
        WHEN 'group_coupa' THEN CAST(d.invoice_id AS VARCHAR)
        ELSE CAST(5105600000 + d.invoice_id AS VARCHAR) END,
    year(weekday(v.pw)), v.number, v.kind, v.acct, v.ccy, rate8(v.fx8), weekday(v.w),
    CAST(weekday(v.rw) AS TIMESTAMP) + to_seconds(25000), weekday(v.pw),
    weekday(v.w) + CAST(v.terms_days AS INTEGER), v.terms_days, v.discount_days,
    pct(v.discount_bp), money(t.net), money(t.charges), money(t.tax), money(t.rounding),
    money(t.gross), c.invoice_id, r.invoice_id, v.reversed, v.block, v.channel,
    CASE WHEN v.state <> 'posted' THEN v.state
        WHEN p.paid IS NOT NULL AND abs(p.paid) >= abs(t.gross) THEN 'paid'
        WHEN p.paid IS NOT NULL THEN 'part_paid'
        WHEN v.block IS NOT NULL THEN 'blocked' ELSE 'approved' END,
    v.approver, v.poster, d.created_at,
    greatest(d.created_at + INTERVAL 5 MINUTE,
        CAST(weekday(v.pw) AS TIMESTAMP) + to_seconds(25200 + v.sec),
        CAST(coalesce(p.day, DATE '2025-01-01') AS TIMESTAMP) + INTERVAL 15 HOUR)
FROM s_invoice AS v JOIN s_invoice_id AS d USING (n, i) JOIN s_staff AS e USING (entity_id)
JOIN s_total AS t USING (n, i) LEFT JOIN s_paid AS p USING (n, i)
LEFT JOIN s_invoice_id AS c ON c.n = v.n AND c.i = v.corr_i
LEFT JOIN s_invoice_id AS r ON r.n = v.n AND r.i = v.rev_i
ORDER BY d.invoice_id;
"""

_INVOICE_LINES = """
CREATE TEMP TABLE s_iline_id AS
SELECT row_number() OVER () AS invoice_line_id, n, i, place, line_no FROM (
    SELECT n, i, place, row_number() OVER (PARTITION BY n, i ORDER BY place) AS line_no
    FROM s_iline JOIN s_invoice_id USING (n, i) ORDER BY invoice_id, place);
INSERT INTO invoice_line
SELECT k.invoice_line_id, d.invoice_id, k.line_no, c.type,
    coalesce(c.po_text, o.po_number),
    CASE WHEN o.sap_like THEN c.po_l * 10 ELSE c.po_l END,
    CASE WHEN c.po_text IS NULL THEN x.line_id END, g.receipt_line_id,
    CASE WHEN c.r IS NOT NULL THEN rc.receipt_number END,
    CASE WHEN c.r IS NOT NULL THEN rc.delivery_note END,
    z.invoice_line_id, c.item_id, c.description, qty(c.q), CASE WHEN c.q IS NOT NULL THEN c.uom END,
    price(c.p), c.pu, CASE WHEN c.p IS NOT NULL THEN c.puom END,
    c.num, c.den, money(c.net), c.tax_code, pct(coalesce(c.bp, 0)),
    money(coalesce(t.tax, 0)), c.charge, c.gl, c.cc, c.project, weekday(c.service_w)
FROM s_iline AS c JOIN s_iline_id AS k USING (n, i, place) JOIN s_invoice_id AS d USING (n, i)
LEFT JOIN s_taxed AS t USING (n, i, place)
LEFT JOIN s_order AS o ON o.n = c.po_n LEFT JOIN s_line_id AS x ON x.n = c.po_n AND x.l = c.po_l
LEFT JOIN s_rline_id AS g ON g.n = c.n AND g.r = c.r AND g.l = c.l
LEFT JOIN s_receipt_id AS rd ON rd.n = c.n AND rd.r = c.r
LEFT JOIN receipt AS rc ON rc.receipt_id = rd.receipt_id
LEFT JOIN s_iline_id AS z ON z.n = c.n AND z.i = c.corr_i AND z.place = c.place
ORDER BY k.invoice_line_id;
INSERT INTO invoice_tax
SELECT row_number() OVER (), * FROM (
    SELECT d.invoice_id, row_number() OVER (PARTITION BY d.invoice_id ORDER BY t.tax_code, t.bp),
        t.tax_code, pct(coalesce(t.bp, 0)), money(t.base), money(t.tax)
    FROM s_itax AS t JOIN s_invoice_id AS d USING (n, i) ORDER BY d.invoice_id, t.tax_code, t.bp);
"""

_PAYMENT = """
CREATE TEMP TABLE s_payment_id AS
SELECT row_number() OVER (ORDER BY created_at, pkey) AS payment_id, pkey, created_at FROM (
    SELECT pkey, CAST(day AS TIMESTAMP) + to_seconds(43200 + upto('run', pkey, 7200)) AS created_at
    FROM s_payment) ORDER BY payment_id;
INSERT INTO payment
SELECT d.payment_id, p.entity_id, e.payment_system,
    CASE e.payment_system WHEN 'group_netsuite' THEN 'PMT' || (400000 + d.payment_id)
        WHEN 'group_coupa' THEN CAST(d.payment_id AS VARCHAR)
        ELSE CAST(1500000000 + d.payment_id AS VARCHAR) END,
    year(p.day), p.acct, CASE WHEN p.ccy = 'USD' AND p.entity_id = 'lumen_us'
        AND upto('check', p.pkey, 4) = 0 THEN 'check' ELSE 'transfer' END,
    p.ccy, rate8(p.fx8), money(p.amount), p.day, p.day + 1, p.status, s.bank_account,
    p.released_by, p.second_by, d.created_at, d.created_at + INTERVAL 1 DAY
FROM s_payment AS p JOIN s_payment_id AS d USING (pkey) JOIN s_staff AS e USING (entity_id)
JOIN supplier_account AS a ON a.supplier_account_id = p.acct
JOIN supplier AS s ON s.supplier_id = a.supplier_id
ORDER BY d.payment_id;
INSERT INTO payment_application
SELECT row_number() OVER (), * FROM (
    SELECT d.payment_id, v.invoice_id, money(a.amount), money(a.discount)
    FROM s_application AS a JOIN s_payment_id AS d USING (pkey) JOIN s_invoice_id AS v USING (n, i)
    ORDER BY d.payment_id, v.invoice_id);
"""


def publish_documents(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills receipt, invoice, payment and their parts."""
    for script in (_RECEIPT, _INVOICE, _INVOICE_LINES, _PAYMENT):
        connection.execute(script)
