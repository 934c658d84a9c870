"""Writes the ledger of the entities in SAP: what each receipt, invoice and payment posted.

Belongs here: gl_line. Not here: the documents behind it (publish_documents.py).

A line is first staged with its transaction amount and company amount (hundredths); what is left of
a document in either becomes a price difference or an exchange difference, so that both add up.
"""

from __future__ import annotations

import duckdb

# Goods receipt: stock or expense against the clearing account.
_RECEIPTS = """
CREATE TEMP TABLE s_gl AS
SELECT 'WE' AS type, 'WE' || d.receipt_id AS dkey, o.entity_id, v.w, d.created_at,
    s.place * 10 + c.l AS place,
    s.kind, CASE s.kind WHEN 'grir' THEN '191100' ELSE x.gl END AS account,
    CAST(NULL AS BIGINT) AS acct, s.sign * worth(c.q, x.p, x.num, x.den, x.pu, x.ccy) AS cents,
    s.sign * half_up(CAST(worth(c.q, x.p, x.num, x.den, x.pu, x.ccy) AS HUGEINT) * o.fx8,
        100000000) AS company_cents,
    o.ccy, o.entity_ccy, v.delivery_note AS reference,
    CAST(5000000000 + d.receipt_id AS VARCHAR) AS source, o.po_number, c.l * 10 AS po_line,
    CAST(NULL AS VARCHAR) AS tax_code, CASE s.kind WHEN 'grir' THEN NULL ELSE x.cc END AS cc,
    CAST(NULL AS DATE) AS due, CAST(NULL AS VARCHAR) AS block,
    v.kind = 'reversal' AS is_reversal, c.reversed AS is_reversed
FROM s_rline AS c JOIN s_receipt AS v USING (n, r) JOIN s_receipt_id AS d USING (n, r)
JOIN s_order AS o USING (n) JOIN s_line AS x USING (n, l)
CROSS JOIN (VALUES ('stock', 1, 1), ('grir', 2, -1)) AS s (kind, place, sign)
WHERE o.entity_id IN ('lumen_de', 'lumen_fr', 'lumen_ie');
"""

# The clearing account is relieved of exactly what the billed deliveries put there.
_BILLED = """
CREATE TEMP TABLE s_posted AS
SELECT v.n, v.i, d.invoice_id, o.entity_id, v.pw, v.ccy, v.entity_ccy, v.fx8,
    coalesce(o.copy_acct, v.acct) AS acct, v.number, v.block, v.rev_i, v.reversed,
    CASE WHEN o.entity_id = 'lumen_de' THEN 'KR' ELSE 'RE' END AS type,
    CAST(weekday(v.pw) AS TIMESTAMP) + to_seconds(28800 + v.sec) AS created_at,
    weekday(v.w) + CAST(v.terms_days AS INTEGER) AS due,
    CASE WHEN o.entity_id <> 'lumen_de' THEN CAST(5105600000 + d.invoice_id AS VARCHAR) END
        AS source, o.po_number
FROM s_invoice AS v JOIN s_invoice_id AS d USING (n, i) JOIN s_order AS o USING (n)
WHERE o.entity_id IN ('lumen_fr', 'lumen_ie')
    OR (o.entity_id = 'lumen_de' AND v.state <> 'void');
CREATE TEMP TABLE s_relief AS
WITH parts AS (
    SELECT b.n, b.i, p.l, CASE WHEN x.gr_based THEN p.k END AS r, CAST(sum(p.q) AS BIGINT) AS q,
        CAST(sum(worth(p.q, x.p, x.num, x.den, x.pu, x.ccy)) AS BIGINT) AS cents,
        CAST(sum(half_up(CAST(worth(p.q, x.p, x.num, x.den, x.pu, x.ccy) AS HUGEINT) * o.fx8,
            100000000)) AS BIGINT) AS company
    FROM s_billed AS b JOIN s_part AS p USING (n, k) JOIN s_line AS x USING (n, l)
    JOIN s_order AS o USING (n) GROUP BY ALL
), billed AS (
    SELECT c.n, c.i, c.place, c.l, c.r, x.p, x.num, x.den, x.pu, x.ccy, o.fx8,
        coalesce(c.q, 0) AS q
    FROM s_iline AS c JOIN s_line AS x ON x.n = c.po_n AND x.l = c.po_l
    JOIN s_order AS o ON o.n = c.po_n
    WHERE c.type = 'item' AND x.needs_receipt AND c.po_text IS NULL
)
SELECT c.n, c.i, c.place,
    CASE WHEN c.q = p.q THEN p.cents WHEN c.q = -p.q THEN -p.cents
        ELSE worth(c.q, c.p, c.num, c.den, c.pu, c.ccy) END AS cents,
    CASE WHEN c.q = p.q THEN p.company WHEN c.q = -p.q THEN -p.company
        ELSE half_up(CAST(worth(c.q, c.p, c.num, c.den, c.pu, c.ccy) AS HUGEINT) * c.fx8,
            100000000) END AS company
FROM billed AS c
LEFT JOIN parts AS p ON p.n = c.n AND p.i = CASE WHEN c.i IN (11, 12) THEN 1 ELSE c.i END
    AND p.l = c.l AND p.r IS NOT DISTINCT FROM c.r;
"""

_INVOICES = """
INSERT INTO s_gl
WITH vendor AS (
    SELECT p.n, p.i, 1 AS place, 'vendor' AS kind, '160000' AS account, -t.gross AS cents,
        -half_up(CAST(t.gross AS HUGEINT) * p.fx8, 100000000) AS company, NULL AS po_line,
        NULL AS tax_code, NULL AS cc FROM s_posted AS p JOIN s_total AS t USING (n, i)
), relief AS (
    SELECT c.n, c.i, 100 + 2 * c.place, 'grir', '191100', z.cents,
        z.company, c.po_l * 10, c.tax_code, NULL
    FROM s_iline AS c JOIN s_relief AS z USING (n, i, place) JOIN s_posted AS p USING (n, i)
), difference AS (
    SELECT c.n, c.i, 101 + 2 * c.place, 'price_difference', '281500', c.net - z.cents,
        half_up(CAST(c.net - z.cents AS HUGEINT) * p.fx8, 100000000), NULL, c.tax_code, c.cc
    FROM s_iline AS c JOIN s_relief AS z USING (n, i, place) JOIN s_posted AS p USING (n, i)
    WHERE c.net <> z.cents
), direct AS (
    SELECT c.n, c.i, 100 + 2 * c.place, CASE c.type WHEN 'charge' THEN 'freight' ELSE 'expense' END,
        c.gl, c.net, half_up(CAST(c.net AS HUGEINT) * p.fx8, 100000000), c.po_l * 10, c.tax_code,
        c.cc
    FROM s_iline AS c JOIN s_posted AS p USING (n, i)
    WHERE c.type IN ('item', 'charge') AND c.net <> 0
        AND NOT EXISTS (FROM s_relief AS z WHERE z.n = c.n AND z.i = c.i AND z.place = c.place)
), tax AS (
    SELECT t.n, t.i, 50000 + row_number() OVER (PARTITION BY t.n, t.i ORDER BY t.tax_code),
        'tax', '154000', t.tax, half_up(CAST(t.tax AS HUGEINT) * p.fx8, 100000000), NULL,
        t.tax_code, NULL
    FROM s_itax AS t JOIN s_posted AS p USING (n, i) WHERE t.tax <> 0
), lines AS (
    FROM vendor UNION ALL FROM relief UNION ALL FROM difference UNION ALL FROM direct
    UNION ALL FROM tax
)
SELECT p.type, 'IN' || p.invoice_id, p.entity_id, p.pw, p.created_at, l.place, l.kind, l.account,
    CASE WHEN l.kind = 'vendor' THEN p.acct END, l.cents, l.company, p.ccy, p.entity_ccy, p.number,
    p.source, CASE WHEN l.po_line IS NOT NULL THEN p.po_number END, l.po_line, l.tax_code, l.cc,
    CASE WHEN l.kind = 'vendor' THEN p.due END, CASE WHEN l.kind = 'vendor' THEN p.block END,
    p.rev_i IS NOT NULL, p.reversed
FROM lines AS l JOIN s_posted AS p USING (n, i);
"""

# The first payment that settles an invoice in full clears it; its vendor line relieves the exact
# company amount. What clears nothing stands open.
_PAYMENTS = """
CREATE TEMP TABLE s_clearing AS
SELECT invoice_id, pkey, company FROM (
    SELECT p.invoice_id, a.pkey, y.day, half_up(CAST(t.gross AS HUGEINT) * p.fx8, 100000000)
        AS company, row_number() OVER (PARTITION BY p.invoice_id ORDER BY y.day, a.pkey) AS first
    FROM s_application AS a JOIN s_payment AS y USING (pkey) JOIN s_posted AS p USING (n, i)
    JOIN s_total AS t USING (n, i)
    WHERE abs(a.amount + a.discount) >= abs(t.gross) AND y.status = 'confirmed'
) WHERE first = 1;
INSERT INTO s_gl
WITH paid AS (
    SELECT y.*, d.payment_id, d.created_at AS ts, (y.day - DATE '2025-05-01') AS days
    FROM s_payment AS y JOIN s_payment_id AS d USING (pkey)
    WHERE y.entity_id IN ('lumen_de', 'lumen_fr', 'lumen_ie') AND y.status = 'confirmed'
), applied AS (
    SELECT a.pkey, sum(a.discount) AS discount, count(*) AS invoices,
        sum(coalesce(c.company, half_up(CAST(a.amount + a.discount AS HUGEINT) * v.fx8, 100000000)))
            AS company,
        sum(half_up(CAST(a.discount AS HUGEINT) * v.fx8, 100000000)) AS company_discount,
        any_value(v.number) AS number
    FROM s_application AS a JOIN s_invoice AS v USING (n, i) JOIN s_invoice_id AS d USING (n, i)
    LEFT JOIN s_clearing AS c ON c.invoice_id = d.invoice_id AND c.pkey = a.pkey GROUP BY ALL
), lines AS (
    SELECT p.pkey, 1 AS place, 'vendor' AS kind, '160000' AS account,
        p.amount + coalesce(a.discount, 0) AS cents, coalesce(a.company,
        half_up(CAST(p.amount AS HUGEINT) * p.fx8, 100000000)) AS company
    FROM paid AS p LEFT JOIN applied AS a USING (pkey)
    UNION ALL
    SELECT pkey, 2, 'bank', '113100', -amount, -half_up(CAST(amount AS HUGEINT) * fx8, 100000000)
    FROM paid
    UNION ALL
    SELECT pkey, 3, 'discount', '276000', -discount, -company_discount FROM applied
    JOIN paid USING (pkey) WHERE discount <> 0
)
SELECT 'KZ', 'PY' || p.payment_id, p.entity_id, NULL, p.ts, l.place, l.kind, l.account,
    CASE WHEN l.kind = 'vendor' THEN p.acct END, l.cents, l.company, p.ccy, p.entity_ccy,
    CASE WHEN l.kind = 'vendor' AND a.invoices = 1 THEN a.number END,
    CAST(1500000000 + p.payment_id AS VARCHAR), NULL, NULL, NULL, NULL, NULL, NULL, false, false
FROM lines AS l JOIN paid AS p USING (pkey) LEFT JOIN applied AS a USING (pkey);
"""

# Accountants move costs between accounts by hand; no order, receipt or invoice is behind it.
_RECLASSIFIED = """
INSERT INTO s_gl
SELECT 'SA', 'SB' || o.n, o.entity_id, o.w + 3, moment(o.w + 3, 'moved', o.n), s.place, 'expense',
    s.account, NULL, s.sign * (1000 + upto('moved', o.n, 90000)),
    s.sign * (1000 + upto('moved', o.n, 90000)), o.entity_ccy, o.entity_ccy,
    NULL, NULL, NULL, NULL, NULL, s.cc, NULL, NULL, false, false
FROM s_order AS o
CROSS JOIN (VALUES (1, '417000', 1, '500'), (2, '400000', -1, '200'))
    AS s (place, account, sign, cc)
WHERE o.entity_id IN ('lumen_de', 'lumen_fr', 'lumen_ie') AND upto('moves', o.n, 25) = 0;
"""

_REST = """
INSERT INTO s_gl
SELECT type, dkey, entity_id, any_value(w), any_value(created_at), 99999,
    CASE WHEN sum(cents) <> 0 THEN 'price_difference' ELSE 'exchange' END,
    CASE WHEN sum(cents) <> 0 THEN '281500' ELSE '230010' END, NULL, -sum(cents),
    -sum(company_cents), any_value(ccy), any_value(entity_ccy), any_value(reference),
    any_value(source), NULL, NULL, NULL, NULL, NULL, NULL, bool_or(is_reversal),
    bool_or(is_reversed)
FROM s_gl GROUP BY type, dkey, entity_id HAVING sum(cents) <> 0 OR sum(company_cents) <> 0;
"""

_PUBLISH = """
CREATE TEMP TABLE s_gl_number AS
SELECT dkey, type, entity_id, created_at, CASE type WHEN 'KZ' THEN source
    ELSE CAST(CASE type WHEN 'WE' THEN 4900000000 WHEN 'SA' THEN 100000000 WHEN 'KR' THEN 1900000000
        ELSE 5100000000 END
        + row_number() OVER (PARTITION BY type ORDER BY created_at, dkey) AS VARCHAR) END AS number,
    coalesce(weekday(w), CAST(created_at AS DATE)) AS day
FROM (SELECT DISTINCT dkey, type, entity_id, created_at, w, CASE type WHEN 'KZ' THEN source END
    AS source FROM s_gl);
CREATE TEMP TABLE s_cleared AS
SELECT 'IN' || c.invoice_id AS dkey, p.number, p.day
FROM s_clearing AS c JOIN s_payment_id AS d USING (pkey) JOIN s_gl_number AS p
    ON p.dkey = 'PY' || d.payment_id
UNION ALL
SELECT 'PY' || d.payment_id, p.number, p.day
FROM (SELECT DISTINCT pkey FROM s_clearing) JOIN s_payment_id AS d USING (pkey)
JOIN s_gl_number AS p ON p.dkey = 'PY' || d.payment_id
UNION ALL
SELECT 'IN' || x.invoice_id, p.number, p.day
FROM s_posted AS b JOIN s_gl_number AS p ON p.dkey = 'IN' || b.invoice_id
JOIN s_posted AS x ON x.n = b.n AND x.i IN (b.i, b.rev_i) WHERE b.rev_i IS NOT NULL;
INSERT INTO gl_line
SELECT row_number() OVER (), * FROM (
    SELECT e.ledger_system, g.entity_id, e.company_code, year(m.day), m.number,
        row_number() OVER (PARTITION BY g.dkey ORDER BY g.place), g.type, m.day, m.day,
        g.created_at, CASE WHEN g.kind = 'vendor' AND c.number IS NOT NULL
            THEN greatest(g.created_at, CAST(c.day AS TIMESTAMP) + INTERVAL 15 HOUR)
            ELSE g.created_at END,
        g.account, g.kind, g.acct, money(g.company_cents), g.entity_ccy, money(g.cents), g.ccy,
        g.reference, g.source, g.po_number, g.po_line, g.tax_code, g.cc, g.due, g.block,
        CASE WHEN g.kind = 'vendor' THEN c.number END,
        CASE WHEN g.kind = 'vendor' THEN year(c.day) END,
        CASE WHEN g.kind = 'vendor' THEN c.day END, g.is_reversal, g.is_reversed, NULL
    FROM s_gl AS g JOIN s_gl_number AS m USING (dkey, type, entity_id, created_at)
    JOIN s_staff AS e USING (entity_id)
    LEFT JOIN s_cleared AS c USING (dkey)
    ORDER BY g.created_at, m.number, g.place);
"""


def stage_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Stages what the documents posted, as ``s_gl``."""
    for script in (_RECEIPTS, _BILLED, _INVOICES, _PAYMENTS, _RECLASSIFIED):
        connection.execute(script)


def publish_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills gl_line; every document adds up to 0 in both currencies."""
    for script in (_REST, _PUBLISH):
        connection.execute(script)
