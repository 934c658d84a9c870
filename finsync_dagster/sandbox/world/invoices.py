"""Stages invoices: which delivery each one bills, at the price ordered; credits of returns.

Belongs here: ``s_invoice``, ``s_iline`` before amounts. Not here: amounts and taxes (totals.py).

Invoices of an order are numbered ``i``: 1.. bills, 11 one posted in error, 12 its reversal,
20 the credit of a return, 30.. faults.
"""

from __future__ import annotations

import duckdb

from finsync_dagster.sandbox.world.draws import LAST_WEEKDAY

# A bill each delivery, or one for all once the last has arrived.
_BILLED = f"""
CREATE TEMP TABLE s_billed AS
SELECT * FROM (
    SELECT n, k, i, w + 1 + upto('billed', n * 10 + i, 5) AS w FROM (
        SELECT DISTINCT p.n, p.k, CASE WHEN o.each_billed THEN p.k ELSE 1 END AS i,
            CASE WHEN o.each_billed THEN p.w ELSE o.last_w END AS w
        FROM s_part AS p JOIN s_order AS o USING (n))
) WHERE w <= {LAST_WEEKDAY} - 5;
"""

_INVOICE = """
CREATE TEMP TABLE s_invoice AS
SELECT b.n, CAST(b.i AS BIGINT) AS i, 'invoice' AS kind, b.w, b.w + upto('arrives', b.n * 10 + b.i,
        2) AS rw, b.w + 1 + upto('posted', b.n * 10 + b.i, 2) AS pw,
    CAST(upto('posting time', b.n * 10 + b.i, 20000) AS BIGINT) AS sec,
    o.entity_id, o.ccy, o.entity_ccy, CAST(NULL AS BIGINT) AS fx8,
    o.acct, o.supplier_id,
    CAST(NULL AS VARCHAR) AS number, b.n * 40 + b.i AS serial,
    CAST(NULL AS BIGINT) AS corr_i, CAST(NULL AS BIGINT) AS rev_i, false AS reversed,
    CAST(NULL AS VARCHAR) AS block,
    ['edi', 'email', 'email', 'portal', 'paper'][1 + upto('channel', b.n, 5)] AS channel,
    'posted' AS state, o.terms_days, o.discount_days, o.discount_bp,
    o.approver, o.poster, true AS payable, CAST(0 AS BIGINT) AS rounding
FROM (SELECT DISTINCT n, i, w FROM s_billed) AS b JOIN s_order AS o USING (n);

CREATE TEMP TABLE s_iline AS
SELECT b.n, CAST(b.i AS BIGINT) AS i, x.l * 100 + coalesce(CASE WHEN x.gr_based THEN b.k END, 0)
        AS place, 'item' AS type, b.n AS po_n, CAST(NULL AS VARCHAR) AS po_text, x.l AS po_l, x.l,
    CASE WHEN x.gr_based THEN b.k END AS r, CAST(NULL AS BIGINT) AS corr_i,
    x.item_id, x.description, sum(p.q) AS q, x.uom, CASE WHEN x.by_amount THEN NULL ELSE x.p END
        AS p, x.pu, x.puom, x.num, x.den,
    CAST(sum(p.amount) AS BIGINT) AS net, x.tax_code, x.bp, CAST(NULL AS VARCHAR) AS charge,
    x.gl, x.cc, x.project, max(p.w) AS service_w
FROM s_billed AS b JOIN s_part AS p USING (n, k) JOIN s_line AS x USING (n, l)
GROUP BY ALL;
ALTER TABLE s_iline ALTER q TYPE BIGINT;

INSERT INTO s_iline
SELECT n, 1, 9000, 'charge', n, NULL, NULL, NULL, NULL, NULL, NULL, 'Freight', NULL, NULL, NULL, 1,
    NULL, 1, 1, x.freight, x.tax_code, x.bp, 'freight', '475000', x.cc, x.project, v.w
FROM s_line AS x JOIN s_invoice AS v USING (n) WHERE x.freight > 0 AND v.i = 1;
"""

_REVERSED = """
INSERT INTO s_invoice
SELECT v.* REPLACE (x.i AS i, v.pw + x.later AS pw,
    CASE x.i WHEN 11 THEN 'void' ELSE 'posted' END AS state,
    CASE x.i WHEN 12 THEN 'credit_qty' ELSE 'invoice' END AS kind,
    CASE x.i WHEN 12 THEN 11 END AS rev_i, x.i = 11 AS reversed, false AS payable,
    v.rw AS rw)
FROM s_invoice AS v JOIN s_order AS o USING (n)
CROSS JOIN (VALUES (11, 0), (12, 1)) AS x (i, later)
WHERE o.trait = 'invoice reversed' AND v.i = 1
    AND (x.i = 11 OR v.entity_id IN ('lumen_fr', 'lumen_ie'));
INSERT INTO s_iline
SELECT c.* REPLACE (x.i AS i, c.q * x.sign AS q, c.net * x.sign AS net)
FROM s_iline AS c JOIN s_order AS o USING (n)
CROSS JOIN (VALUES (11, 1), (12, -1)) AS x (i, sign)
WHERE o.trait = 'invoice reversed' AND c.i = 1
    AND (x.i = 11 OR o.entity_id IN ('lumen_fr', 'lumen_ie'));
UPDATE s_invoice SET pw = pw + 2, rw = pw + 2 FROM s_order AS o
WHERE o.n = s_invoice.n AND o.trait = 'invoice reversed' AND s_invoice.i = 1;
"""

_CREDITED = """
INSERT INTO s_invoice
SELECT v.* REPLACE (20 AS i, 'credit_qty' AS kind, t.w + 3 AS w, t.w + 4 AS rw, t.w + 5 AS pw,
    v.serial + 19 AS serial, 1 AS corr_i)
FROM s_invoice AS v JOIN s_return AS t USING (n) WHERE v.i = 1;
INSERT INTO s_iline
SELECT c.* REPLACE (20 AS i, -t.q AS q, 1 AS corr_i, t.w AS service_w)
FROM s_iline AS c JOIN s_return AS t USING (n, l)
WHERE c.i = 1 AND coalesce(c.r, 1) = 1;
"""

# Suppliers number their invoices each in their own way; none gives a number twice.
_NUMBERS = """
CREATE TEMP TABLE s_numbered AS
SELECT * REPLACE (CASE supplier_id % 4
    WHEN 0 THEN 'RE-' || year(weekday(w)) || '-' || (30000 + serial)
    WHEN 1 THEN (year(weekday(w)) % 100) || '/' || (10000 + serial)
    WHEN 2 THEN 'INV' || (500000 + serial)
    ELSE CAST(800000 + serial AS VARCHAR) END AS number)
FROM s_invoice;
DROP TABLE s_invoice;
ALTER TABLE s_numbered RENAME TO s_invoice;
"""

_BLOCKED = """
UPDATE s_invoice SET block = CASE upto('why blocked', n, 3) WHEN 0 THEN 'A' ELSE 'R' END
WHERE i = 1 AND upto('blocked', n, 100) < 4 AND n NOT IN (SELECT n FROM s_fault);
"""


def block_some(connection: duckdb.DuckDBPyConnection) -> None:
    """Blocks a few bills for payment: they stay unpaid, as they should."""
    connection.execute(_BLOCKED)


def stage_invoices(connection: duckdb.DuckDBPyConnection) -> None:
    """Stages what is billed until the calendar ends."""
    for script in (_BILLED, _INVOICE, _REVERSED, _CREDITED, _NUMBERS):
        connection.execute(script)
