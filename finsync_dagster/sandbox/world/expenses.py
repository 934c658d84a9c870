"""Writes expense reports, their expenses, allocations, advances and postings.

Belongs here: everything of Concur's expenses. Not here: suppliers' invoices (invoices.py).
"""

from __future__ import annotations

import duckdb

from finsync_dagster.sandbox.world.draws import LAST_WEEKDAY

_REPORT = """
CREATE TEMP TABLE s_report AS
WITH spread AS (
    SELECT x, 3 + (2 * x - 1) * ({last} - 4) // (2 * {reports}) AS w,
        ['lumen_de', 'lumen_de', 'lumen_fr', 'lumen_ie', 'lumen_uk', 'lumen_us']
            [1 + upto('travels', x, 6)] AS entity_id
    FROM (SELECT unnest(range(1, {reports} + 1)) AS x)
)
SELECT s.x, s.w, s.entity_id, e.entity_ccy, e.country,
    list_concat(e.requesters, e.buyers)[1 + upto('traveller', s.x, len(e.requesters) + 2)]
        AS employee_id,
    e.approvers[1 + upto('report approver', s.x, 2)] AS approver_id,
    s.w + 2 + upto('handed in', s.x, 3) AS submitted_w,
    s.w + 5 + upto('report approved', s.x, 4) AS approved_w,
    s.w + 12 + upto('reimbursed', s.x, 4) AS paid_w,
    moment(s.w, 'report', s.x) AS created_at
FROM spread AS s JOIN s_staff AS e USING (entity_id);
"""

# Type, text, account, least and most in hundredths of a euro, whether tax can be reclaimed.
_TYPES = """
CREATE TEMP TABLE s_expense_type (k BIGINT, type VARCHAR, text VARCHAR, account VARCHAR,
    low BIGINT, span BIGINT, taxed BOOLEAN, merchants VARCHAR[]);
INSERT INTO s_expense_type VALUES
(0, 'AIRFR', 'Flight', '474100', 9000, 62000, false, ['Skybridge Air', 'Nordwind Airways']),
(1, 'HOTEL', 'Hotel', '474200', 8900, 41000, true, ['Hotel Lindenhof', 'Harbour Inn', 'Le Parc']),
(2, 'MEALS', 'Meal', '474300', 1100, 7200, false, ['Bistro Central', 'Ratskeller', 'The Anchor']),
(3, 'TAXIX', 'Taxi', '474100', 900, 4800, false, ['City Cab', 'Taxi Zentrale']),
(4, 'TRAIN', 'Train', '474100', 1900, 16000, true, ['Northern Rail Travel', 'Bahnreisen']),
(5, 'PARKG', 'Parking', '474100', 300, 3200, false, ['Parkhaus Mitte', 'Central Car Park']),
(6, 'OFFIC', 'Office supplies', '415000', 700, 9300, true, ['Papierladen', 'Desk & Co']);
"""

_ENTRY = """
CREATE TEMP TABLE s_entry AS
WITH drawn AS (
    SELECT r.*, j, r.x * 10 + j AS z, t.* EXCLUDE (k),
        t.merchants[1 + upto('merchant', r.x * 10 + j, len(t.merchants))] AS merchant,
        greatest(1, r.w - upto('day', r.x * 10 + j, 3)) AS day_w,
        CASE WHEN upto('abroad', r.x * 10 + j, 100) < 25 THEN
            ['EUR', 'GBP', 'USD', 'CHF'][1 + upto('where', r.x * 10 + j, 4)] ELSE r.entity_ccy END
            AS ccy,
        CASE WHEN upto('card', r.x * 10 + j, 100) < 40 THEN 'CBCP' ELSE 'CASH' END AS paid_by
    FROM s_report AS r CROSS JOIN (SELECT unnest(range(1, 7)) AS j)
    JOIN s_expense_type AS t ON t.k = upto('expense type', r.x * 10 + j, 7)
    WHERE j <= 1 + upto('expenses', r.x, 6)
), valued AS (
    SELECT d.*, d.low + upto('spent', d.z, d.span) AS spent, f.fx8,
        half_up(CAST(d.low + upto('spent', d.z, d.span) AS HUGEINT) * f.fx8, 100000000) AS posted
    FROM drawn AS d JOIN s_rate AS f
        ON f.w = d.day_w AND f.from_ccy = d.ccy AND f.to_ccy = d.entity_ccy
), taxed AS (
    SELECT v.*, CASE WHEN v.taxed AND v.ccy = v.entity_ccy THEN t.bp ELSE 0 END AS bp, t.code,
        v.paid_by = 'CBCP' AND upto('private', v.z, 100) < 4 AS personal
    FROM valued AS v JOIN (VALUES ('lumen_de', 'V1', 1900), ('lumen_fr', 'VF', 2000),
        ('lumen_ie', 'VI', 2300), ('lumen_uk', 'GB20', 2000), ('lumen_us', 'EX', 0))
        AS t (entity_id, code, bp) USING (entity_id)
)
SELECT row_number() OVER () AS entry_id, * FROM (
    SELECT *, CASE WHEN personal THEN 0
        ELSE posted - half_up(posted * 10000, 10000 + bp) END AS tax,
        CASE WHEN personal THEN 0 ELSE posted END AS approved,
        type = 'HOTEL' AND upto('itemised', z, 2) = 0 AND NOT personal AS itemised,
        ['200', '210', '400', '510', '600'][1 + upto('charged', x, 5)] AS cc
    FROM taxed ORDER BY x, j);
"""

_ADVANCE = """
CREATE TEMP TABLE s_advance AS
SELECT row_number() OVER () AS advance_id, * FROM (
    SELECT r.x, r.employee_id, r.entity_id, r.entity_ccy, r.w, r.approved_w,
        10000 * (1 + upto('advance amount', r.x, 5)) AS amount, c.cash
    FROM s_report AS r JOIN (SELECT x, CAST(sum(posted) FILTER (paid_by = 'CASH') AS BIGINT) AS cash
        FROM s_entry GROUP BY x) AS c USING (x)
    WHERE upto('advance', r.x, 100) < 8 AND c.cash > 0 AND r.w > 8 ORDER BY r.x);
INSERT INTO cash_advance
SELECT advance_id, ascii_key('advance key', x, 20), employee_id, entity_id, entity_ccy,
    money(amount), 'Travel', CASE WHEN approved_w <= {last} AND cash >= amount THEN 'settled'
        ELSE 'issued' END,
    moment(w - 5, 'advance', x), CASE WHEN approved_w <= {last} THEN x END,
    CASE WHEN approved_w <= {last} THEN money(least(amount, cash)) ELSE 0 END,
    moment(w - 6, 'advance asked', x),
    CASE WHEN approved_w <= {last} THEN moment(approved_w, 'approved at', x)
        ELSE moment(w - 5, 'advance', x) END
FROM s_advance;
"""

_INSERT_REPORT = """
INSERT INTO expense_report
WITH sums AS (
    SELECT x, CAST(sum(posted) AS BIGINT) AS total, CAST(sum(approved) AS BIGINT) AS approved,
        CAST(coalesce(sum(posted) FILTER (personal), 0) AS BIGINT) AS personal,
        CAST(coalesce(sum(posted) FILTER (paid_by = 'CASH'), 0) AS BIGINT) AS cash,
        CAST(coalesce(sum(posted) FILTER (paid_by = 'CBCP'), 0) AS BIGINT) AS card
    FROM s_entry GROUP BY x
)
SELECT r.x, r.entity_id, ascii_key('report key', r.x, 20),
    ['Customer visit', 'Trade fair', 'Supplier audit', 'Site visit', 'Training']
        [1 + upto('report name', r.x, 5)] || ' ' || strftime(weekday(r.w), '%Y-%m'),
    r.employee_id, r.entity_ccy, money(s.total), money(s.approved), money(s.personal),
    money(s.cash - s.personal - CASE WHEN r.approved_w <= {last}
        THEN coalesce(least(a.amount, a.cash), 0) ELSE 0 END),
    money(s.card),
    CASE WHEN r.submitted_w > {last} THEN 'A_NOTF' WHEN r.approved_w > {last} THEN 'A_PEND'
        ELSE 'A_APPR' END,
    CASE WHEN r.approved_w > {last} THEN 'P_NOTP' WHEN r.paid_w > {last} THEN 'P_PROC'
        ELSE 'P_PAID' END,
    r.approver_id,
    CASE WHEN r.submitted_w <= {last} THEN moment(r.submitted_w, 'handed in at', r.x) END,
    CASE WHEN r.approved_w <= {last} THEN moment(r.approved_w, 'approved at', r.x) END,
    CASE WHEN r.paid_w <= {last} THEN moment(r.paid_w, 'paid at', r.x) END,
    r.created_at,
    CASE WHEN r.paid_w <= {last} THEN moment(r.paid_w, 'paid at', r.x)
        WHEN r.approved_w <= {last} THEN moment(r.approved_w, 'approved at', r.x)
        WHEN r.submitted_w <= {last} THEN moment(r.submitted_w, 'handed in at', r.x)
        ELSE r.created_at END
FROM s_report AS r JOIN sums AS s USING (x) LEFT JOIN s_advance AS a USING (x) ORDER BY r.x;
INSERT INTO expense_entry
SELECT entry_id, x, j, ascii_key('entry key', z, 24), type, text, merchant,
    ['Hamburg', 'Lyon', 'Cork', 'Leeds', 'Columbus'][1 + upto('town', z, 5)], country,
    weekday(day_w), paid_by, money(spent), ccy, rate8(fx8), money(posted), money(approved),
    CASE WHEN bp > 0 THEN code END, pct(bp), money(tax), personal,
    upto('receipt image', z, 30) > 0, created_at, created_at + INTERVAL 20 MINUTE
FROM s_entry ORDER BY entry_id;
"""

# A hotel bill may be split into room and breakfast; each part or expense into cost centres.
_PARTS = """
INSERT INTO expense_itemization
SELECT row_number() OVER (), * FROM (
    SELECT entry_id, m, ascii_key('part key', z * 10 + m, 24),
        CASE m WHEN 1 THEN 'HOTEL' ELSE 'MEALS' END, CASE m WHEN 1 THEN 'Room' ELSE 'Breakfast' END,
        money(CASE m WHEN 1 THEN spent * 85 // 100 ELSE spent - spent * 85 // 100 END),
        money(CASE m WHEN 1 THEN posted * 85 // 100 ELSE posted - posted * 85 // 100 END),
        money(CASE m WHEN 1 THEN posted * 85 // 100 ELSE posted - posted * 85 // 100 END),
        money(CASE m WHEN 1 THEN tax * 85 // 100 ELSE tax - tax * 85 // 100 END)
    FROM s_entry CROSS JOIN (VALUES (1), (2)) AS v (m) WHERE itemised ORDER BY entry_id, m);
CREATE TEMP TABLE s_share AS
WITH borne AS (
    SELECT entry_id, x, z, NULL AS m, NULL AS part_id, account, cc, approved AS cents, tax, country
    FROM s_entry WHERE NOT personal AND NOT itemised
    UNION ALL
    SELECT e.entry_id, e.x, e.z, p.itemization_no, p.expense_itemization_id,
        CASE p.expense_type WHEN 'HOTEL' THEN '474200' ELSE '474300' END, e.cc,
        CAST(p.posted_amount * 100 AS BIGINT), CAST(p.tax_amount * 100 AS BIGINT), e.country
    FROM s_entry AS e JOIN expense_itemization AS p ON p.expense_entry_id = e.entry_id
)
SELECT row_number() OVER () AS share_id, * FROM (
    SELECT *, row_number() OVER (PARTITION BY entry_id ORDER BY m, h) AS allocation_no FROM (
        SELECT b.entry_id, b.x, b.z, b.m, b.part_id, b.account, h,
            CASE h WHEN 1 THEN b.cc ELSE '400' END AS center, split,
            CASE WHEN NOT split THEN b.cents WHEN h = 1 THEN b.cents * 60 // 100
                ELSE b.cents - b.cents * 60 // 100 END AS cents,
            CASE WHEN NOT split THEN b.tax WHEN h = 1 THEN b.tax * 60 // 100
                ELSE b.tax - b.tax * 60 // 100 END AS tax
        FROM (SELECT *, upto('shared', z, 100) < 15 AS split FROM borne) AS b
        CROSS JOIN (VALUES (1), (2)) AS v (h) WHERE h = 1 OR split)
    ORDER BY entry_id, allocation_no);
INSERT INTO expense_allocation
SELECT share_id, entry_id, part_id, allocation_no,
    ascii_key('share key', z * 100 + allocation_no, 24), account, center, NULL,
    CASE WHEN NOT split THEN 100 WHEN h = 1 THEN 60 ELSE 40 END, money(cents), money(tax)
FROM s_share ORDER BY share_id;
INSERT INTO expense_journal
SELECT row_number() OVER (), * FROM (
    SELECT s.x, s.entry_id, s.share_id,
        row_number() OVER (PARTITION BY s.x ORDER BY s.share_id, side), side,
        CASE side WHEN 'DR' THEN s.account WHEN 'CR' THEN
            CASE e.paid_by WHEN 'CASH' THEN '176000' ELSE '176500' END END,
        'Company', CASE e.paid_by WHEN 'CASH' THEN 'Employee' ELSE 'Company Card' END,
        money(s.cents), money(s.cents - s.tax), CASE WHEN e.bp > 0 THEN e.code END, money(s.tax),
        r.currency, r.approved_at
    FROM s_share AS s JOIN s_entry AS e USING (entry_id)
    JOIN expense_report AS r ON r.expense_report_id = s.x
    CROSS JOIN (VALUES ('DR'), ('CR')) AS v (side)
    WHERE r.approved_at IS NOT NULL
    ORDER BY r.approved_at, s.x, s.share_id, side DESC);
"""


def publish_expenses(connection: duckdb.DuckDBPyConnection, reports: int) -> None:
    """Fills the expense tables with so many reports."""
    for script in (_REPORT, _TYPES, _ENTRY, _ADVANCE, _INSERT_REPORT, _PARTS):
        connection.execute(
            script.replace("{last}", str(LAST_WEEKDAY)).replace("{reports}", str(reports))
        )
