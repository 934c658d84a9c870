"""Stages deliveries: what arrives of which order line, when; returns and reversals.

Belongs here: ``s_part`` (what is delivered), ``s_receipt``, ``s_rline``. Not here: bills.

Receipts of an order are numbered ``r``: 1.. deliveries, 11 one posted in error, 12 its reversal,
20 a return, 30.. faults.
"""

from __future__ import annotations

import duckdb

from finsync_dagster.sandbox.world.draws import LAST_WEEKDAY

_PART = f"""
CREATE TEMP TABLE s_part AS
SELECT * FROM (
    SELECT o.n, k, l.l, o.w + o.lead + (k - 1) * o.gap AS w,
        CASE WHEN l.by_amount THEN NULL
             ELSE l.q * k // o.nd // l.step * l.step - l.q * (k - 1) // o.nd // l.step * l.step
             + CASE WHEN k = o.nd THEN l.q % l.step ELSE 0 END END AS q,
        CASE WHEN l.by_amount THEN (l.net * k // o.nd // minor(l.ccy)
             - l.net * (k - 1) // o.nd // minor(l.ccy)) * minor(l.ccy) END AS amount
    FROM s_order AS o CROSS JOIN (SELECT unnest(range(1, 4)) AS k) JOIN s_line AS l USING (n)
    WHERE k <= o.nd AND o.trait NOT IN ('cancelled', 'waiting')
) WHERE w <= {LAST_WEEKDAY} AND coalesce(q, amount) > 0;
"""

_RECEIPT = """
CREATE TEMP TABLE s_receipt AS
SELECT DISTINCT p.n, CAST(k AS BIGINT) AS r,
    CASE WHEN o.service THEN 'service_entry' ELSE 'receipt' END AS kind, p.w,
    CAST(3600 + upto('receipt time', p.n * 10 + k, 20000) AS BIGINT) AS sec,
    'LS' || (200000 + p.n * 4 + k) AS delivery_note, o.receiver, p.w AS doc_w
FROM s_part AS p JOIN s_order AS o USING (n)
WHERE o.kind IN ('3w', '4w', 'service');

CREATE TEMP TABLE s_rline AS
SELECT p.n, CAST(p.k AS BIGINT) AS r, p.l, p.q, l.uom, p.q AS uq,
    CASE WHEN l.match_type = '4w' THEN p.q END AS acc,
    CASE WHEN l.match_type = '4w' THEN CAST(0 AS BIGINT) END AS rej,
    CAST(NULL AS BIGINT) AS rev_r, false AS reversed
FROM s_part AS p JOIN s_order AS o USING (n) JOIN s_line AS l USING (n, l)
WHERE o.kind IN ('3w', '4w', 'service');

-- Some deliveries are counted in boxes, where the system of the receipts knows a second unit.
UPDATE s_rline SET uom = 'BX', uq = s_rline.q // x.box
FROM s_line AS x, s_order AS o
WHERE x.n = s_rline.n AND x.l = s_rline.l AND o.n = s_rline.n
    AND o.entity_id NOT IN ('lumen_uk', 'lumen_us')
    AND x.box > 0
    AND s_rline.q % (x.box * 1000) = 0 AND upto('boxed', s_rline.n, 2) = 0;
"""

_REVERSED = """
INSERT INTO s_receipt
SELECT v.n, x.r, CASE x.r WHEN 12 THEN 'reversal' ELSE v.kind END, v.w, v.sec - x.early,
    v.delivery_note, v.receiver, v.doc_w
FROM s_receipt AS v JOIN s_order AS o USING (n)
CROSS JOIN (VALUES (11, 1800), (12, 900)) AS x (r, early)
WHERE o.trait = 'receipt reversed' AND v.r = 1;
INSERT INTO s_rline
SELECT v.n, x.r, v.l, v.q * x.sign, v.uom, v.uq * x.sign, v.acc * x.sign, v.rej * x.sign,
    CASE x.r WHEN 12 THEN 11 END, x.r = 11
FROM s_rline AS v JOIN s_order AS o USING (n)
CROSS JOIN (VALUES (11, 1), (12, -1)) AS x (r, sign)
WHERE o.trait = 'receipt reversed' AND v.r = 1;
"""

# A part of the first line's first delivery goes back a while after it was billed.
_RETURNED = """
CREATE TEMP TABLE s_return AS
SELECT n, l, w, least(q, greatest(step, q // 5 // step * step)) AS q FROM (
    SELECT p.n, p.l, o.last_w + 9 + upto('return', p.n, 5) AS w, p.q, x.step,
        row_number() OVER (PARTITION BY p.n ORDER BY p.l) AS first
    FROM s_part AS p JOIN s_order AS o USING (n) JOIN s_line AS x USING (n, l)
    WHERE o.trait = 'return' AND p.k = 1
) WHERE first = 1;
INSERT INTO s_receipt
SELECT t.n, 20, 'return', t.w, 3600 + upto('return time', t.n, 20000), 'RT' || (200000 + t.n),
    o.receiver, t.w
FROM s_return AS t JOIN s_order AS o USING (n);
INSERT INTO s_rline
SELECT t.n, 20, t.l, -t.q, x.uom, -t.q, NULL, NULL, 1, false
FROM s_return AS t JOIN s_line AS x USING (n, l);
"""


def stage_deliveries(connection: duckdb.DuckDBPyConnection) -> None:
    """Stages what arrives until the calendar ends."""
    for script in (_PART, _RECEIPT, _REVERSED, _RETURNED):
        connection.execute(script)
