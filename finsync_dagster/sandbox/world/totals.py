"""Amounts of invoices: lines from quantity and price, tax per code, totals; rates booked.

Belongs here: what follows exactly from staged lines. Not here: amounts that are wrong on purpose
(faults/).
"""

from __future__ import annotations

import duckdb

# Tables are made anew where every row changes: an update in place would hold each row twice.
_LINES = """
CREATE TEMP TABLE s_valued AS
SELECT c.* REPLACE (coalesce(c.net, CASE WHEN c.q IS NOT NULL AND c.p IS NOT NULL
    THEN worth(c.q, c.p, c.num, c.den, c.pu, v.ccy) END) AS net)
FROM s_iline AS c JOIN s_invoice AS v USING (n, i);
DROP TABLE s_iline;
ALTER TABLE s_valued RENAME TO s_iline;
CREATE TEMP TABLE s_rated AS
SELECT v.* REPLACE (coalesce(v.fx8, r.fx8) AS fx8)
FROM s_invoice AS v LEFT JOIN s_rate AS r
    ON r.w = v.pw AND r.from_ccy = v.ccy AND r.to_ccy = v.entity_ccy;
DROP TABLE s_invoice;
ALTER TABLE s_rated RENAME TO s_invoice;
-- A reversal takes back what was booked, at the rate it was booked at.
UPDATE s_invoice SET fx8 = v.fx8 FROM s_invoice AS v
WHERE v.n = s_invoice.n AND v.i = s_invoice.rev_i;
"""

# Tax is due on the sum of a code; a line's share is what it adds to the rounded running total.
_TAXES = """
CREATE TEMP TABLE s_taxed AS
SELECT c.n, c.i, c.place, c.tax_code, c.bp,
    in_minor(CAST(sum(c.net) OVER so_far AS HUGEINT) * c.bp, 10000, v.ccy)
    - in_minor(CAST(sum(c.net) OVER so_far - c.net AS HUGEINT) * c.bp, 10000, v.ccy) AS tax
FROM s_iline AS c JOIN s_invoice AS v USING (n, i)
WHERE c.type IN ('item', 'charge')
WINDOW so_far AS (PARTITION BY c.n, c.i, c.tax_code, c.bp ORDER BY c.place);
CREATE TEMP TABLE s_itax AS
SELECT c.n, c.i, c.tax_code, c.bp, CAST(sum(c.net) AS BIGINT) AS base,
    CAST(sum(t.tax) AS BIGINT) AS tax
FROM s_iline AS c JOIN s_taxed AS t USING (n, i, place) GROUP BY ALL;
"""

_TOTALS = """
CREATE TEMP TABLE s_total AS
WITH lines AS (
    SELECT n, i, CAST(coalesce(sum(net) FILTER (type = 'item'), 0) AS BIGINT) AS net,
        CAST(coalesce(sum(net) FILTER (type = 'charge'), 0) AS BIGINT) AS charges
    FROM s_iline GROUP BY ALL
), taxes AS (SELECT n, i, CAST(sum(tax) AS BIGINT) AS tax FROM s_itax GROUP BY ALL)
SELECT v.n, v.i, lines.net, lines.charges, coalesce(taxes.tax, 0) AS tax, v.rounding,
    lines.net + lines.charges + coalesce(taxes.tax, 0) + v.rounding AS gross
FROM s_invoice AS v JOIN lines USING (n, i) LEFT JOIN taxes USING (n, i);
"""


def compute_totals(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills nets and rates; makes ``s_taxed`` (per line), ``s_itax`` (per code), ``s_total``."""
    for script in (_LINES, _TAXES, _TOTALS):
        connection.execute(script)
