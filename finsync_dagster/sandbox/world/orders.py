"""Stages orders: when, by whom, from whom, for what, at which price, and how they will go on.

Belongs here: ``s_order`` and ``s_line``, one order a key ``n``. Not here: what arrives and is
billed (deliveries.py, invoices.py), the final tables (publish_orders.py).
"""

from __future__ import annotations

import duckdb

from finsync_dagster.sandbox.world.draws import LAST_WEEKDAY

# Weights make August and December quiet, quarter ends busy, Fridays shorter.
_CALENDAR = f"""
CREATE TEMP TABLE s_calendar AS
SELECT w, weight, sum(weight) OVER (ORDER BY w) - weight AS before FROM (
    SELECT w, CAST(100000 * (CASE month(weekday(w)) WHEN 8 THEN 6 WHEN 12 THEN 7 WHEN 3 THEN 12
        WHEN 6 THEN 12 WHEN 9 THEN 12 ELSE 10 END
        - CASE WHEN isodow(weekday(w)) = 5 THEN 2 ELSE 0 END) AS BIGINT) AS weight
    FROM (SELECT unnest(range(1, {LAST_WEEKDAY} - 2)) AS w));
"""

_WHO = """
CREATE TEMP TABLE s_who AS
WITH placed AS (
    SELECT n, upto('entity', n, 100) AS share,
        CAST((2 * n - 1) * (SELECT sum(weight) FROM s_calendar) // (2 * {orders}) AS BIGINT) AS p
    FROM (SELECT unnest(range(1, {orders} + 1)) AS n)
), dated AS (
    SELECT n, w, CASE WHEN share < 32 THEN 'lumen_de' WHEN share < 54 THEN 'lumen_fr'
        WHEN share < 68 THEN 'lumen_ie' WHEN share < 84 THEN 'lumen_uk' ELSE 'lumen_us' END
        AS entity_id,
        CAST(weekday(w) AS TIMESTAMP)
            + to_seconds(CAST(25200 + (p - before) * 36000 // weight AS BIGINT)) AS created_at
    FROM placed ASOF JOIN s_calendar ON p >= before
), sizes AS (SELECT entity_id, any_value(pool_size) AS pool_size FROM s_pool GROUP BY entity_id)
SELECT d.n, d.w, d.entity_id, d.created_at, e.entity_ccy, e.order_system, e.order_copy_system,
    p.supplier_id, p.industry, p.currency AS ccy, p.country = e.country AS domestic,
    p.supplier_account_id AS acct, p.copy_account_id AS copy_acct,
    p.terms_days, p.discount_days, p.discount_bp,
    e.requesters[1 + upto('requester', d.n, len(e.requesters))] AS requester,
    e.buyers[1 + upto('buyer', d.n, len(e.buyers))] AS buyer,
    e.receivers[1 + upto('receiver', d.n, len(e.receivers))] AS receiver,
    e.accountants[1 + upto('poster', d.n, 2)] AS poster, e.accountants[3] AS payer,
    e.approvers[1 + upto('approver', d.n, len(e.approvers))] AS approver, e.director,
    e.approvers[2 - upto('approver', d.n, len(e.approvers))] AS second_approver,
    p.industry = 'consulting' OR (p.industry IN ('it', 'logistics', 'facility')
        AND upto('service', d.n, 2) = 1) AS service,
    d.entity_id IN ('lumen_fr', 'lumen_ie') AS sap_like
FROM dated AS d JOIN s_staff AS e USING (entity_id) JOIN sizes USING (entity_id)
JOIN s_pool AS p ON p.entity_id = d.entity_id AND p.k = skewed('supplier', d.n, sizes.pool_size);
"""

# kind: 3w 4w 2w goods; service, service2w by the hour; limit, amount without a quantity.
_KIND = """
CREATE TEMP TABLE s_kind AS
SELECT *, CASE
    WHEN service AND sap_like AND r < 40 THEN 'limit'
    WHEN service AND entity_id IN ('lumen_uk', 'lumen_us') AND r < 25 THEN 'amount'
    WHEN service AND r < 88 THEN 'service' WHEN service THEN 'service2w'
    WHEN r < 15 AND (sap_like OR entity_id = 'lumen_us') THEN '4w'
    WHEN r < 25 THEN '2w' ELSE '3w' END AS kind
FROM (SELECT *, upto('kind', n, 100) AS r FROM s_who);
"""

_ORDER = f"""
CREATE TEMP TABLE s_order AS
WITH paced AS (
    SELECT * EXCLUDE (r), upto('pace', n, 100) AS pace,
        CASE WHEN kind IN ('2w', 'service2w') THEN 1
             WHEN upto('deliveries', n, 100) < 55 THEN 1
             WHEN upto('deliveries', n, 100) < 83 OR kind IN ('amount', '4w') THEN 2 ELSE 3 END
             AS nd,
        3 + upto('lead', n, 22) AS lead,
        CASE WHEN kind IN ('service', 'limit', 'amount') THEN 20
            ELSE 15 + upto('gap', n, 6) END
            AS gap,
        CASE WHEN kind IN ('limit', 'amount', 'service2w') THEN 1
             WHEN kind = 'service' THEN 1 + upto('lines', n, 2)
             ELSE 1 + upto('lines', n, 4) END AS wanted
    FROM s_kind
), shaped AS (
    SELECT p.*, least(wanted, len(c.item_ids)) AS nlines, c.item_ids,
        nd = 1 OR kind IN ('limit', 'amount') OR pace < 70 AS each_billed,
        w + lead + (nd - 1) * gap AS last_w, upto('trait', n, 1000) AS t
    FROM paced AS p JOIN s_choice AS c USING (industry, service)
)
SELECT shaped.* EXCLUDE (t, pace, wanted),
    -- Only SAP's orders tell the freight agreed.
    sap_like AND kind IN ('3w', '2w') AND (nd = 1 OR NOT each_billed)
        AND upto('freight', n, 100) < 30 AS freighted,
    CASE WHEN shaped.w > {LAST_WEEKDAY} - 25 AND t < 250 THEN 'waiting'
         WHEN t < 20 THEN 'cancelled'
         WHEN last_w + 35 > {LAST_WEEKDAY} OR kind <> '3w' THEN 'plain'
         WHEN t < 80 THEN 'return' WHEN t < 130 THEN 'receipt reversed'
         WHEN t < 170 THEN 'invoice reversed' ELSE 'plain' END AS trait,
    CASE entity_id WHEN 'lumen_fr' THEN CAST(4500000000 + n AS VARCHAR)
        WHEN 'lumen_ie' THEN CAST(4600000000 + n AS VARCHAR)
        WHEN 'lumen_us' THEN 'PO' || (100000 + n)
        ELSE CAST(7000000000 + n AS VARCHAR) END AS po_number,
    'approved' AS approval, 0 AS created_shift, r.fx8
FROM shaped JOIN s_rate AS r
    ON r.w = shaped.w AND r.from_ccy = shaped.ccy AND r.to_ccy = shaped.entity_ccy;
"""

_LINE = """
CREATE TEMP TABLE s_line AS
WITH drawn AS (
    SELECT o.n, l, o.entity_id, o.kind, o.ccy, o.sap_like, o.service, o.domestic, o.w, o.freighted,
        o.industry, o.last_w, i.* EXCLUDE (industry, service),
        CASE WHEN o.sap_like THEN i.order_uom ELSE i.price_uom END AS uom,
        CASE WHEN i.price_uom = 'KGM' AND (i.order_uom = 'KGM' OR NOT o.sap_like) THEN 250
             WHEN i.price_uom = 'HUR' THEN 500
             -- Mostly whole boxes of what comes in boxes.
             WHEN i.box > 0 AND upto('whole boxes', o.n * 10 + l, 3) > 0 THEN i.box * 1000
             ELSE 1000 END AS step,
        50 + upto('quantity', o.n * 10 + l, 101) AS amount_pct,
        8800 + upto('price', o.n * 10 + l, 2400) AS price_bp
    FROM s_order AS o CROSS JOIN (SELECT unnest(range(1, 5)) AS l)
    JOIN s_item AS i ON i.item_id
        = o.item_ids[1 + (upto('item', o.n, len(o.item_ids)) + l - 1) % len(o.item_ids)]
    WHERE l <= o.nlines
), sized AS (
    SELECT *,
        greatest(step, usual * 10 * amount_pct
            * CASE WHEN uom = 'KGM' AND order_uom = 'EA' THEN num ELSE 1 END
            // CASE WHEN uom = 'KGM' AND order_uom = 'EA' THEN den ELSE 1 END // step * step) AS q,
        half_up(CAST(list_cents AS HUGEINT) * price_bp * 1000000, m.eur8) AS p_list
    FROM drawn JOIN (VALUES {middles}) AS m (currency, eur8) ON m.currency = drawn.ccy
), priced AS (
    SELECT * EXCLUDE (num, den, pu, p_list),
        CASE WHEN sap_like THEN pu ELSE 1 END AS pu,
        CASE WHEN sap_like THEN num ELSE 1 END AS num,
        CASE WHEN sap_like THEN den ELSE 1 END AS den,
        CASE WHEN sap_like OR p_list // pu >= 10000
             THEN greatest(1, half_up(p_list, 100 * minor(ccy) * CASE WHEN sap_like THEN 1 ELSE pu
                  END)) * 100 * minor(ccy)
             WHEN entity_id = 'lumen_de' THEN greatest(1, half_up(p_list, 10 * pu)) * 10
             ELSE greatest(1, half_up(p_list, pu)) END AS p
    FROM sized
), valued AS (
    SELECT * EXCLUDE (step), worth(q, p, num, den, pu, ccy) AS net,
        -- Partial deliveries are worth whole minor units, so that partial bills add up to the line.
        lcm(step, 100000 * den * pu * minor(ccy) // gcd(p * num, 100000 * den * pu * minor(ccy)))
            AS step
    FROM priced
)
SELECT n, l, item_id, description, category, industry, uom, price_uom AS puom, step, box,
    kind IN ('limit', 'amount') AS by_amount,
    CASE WHEN kind IN ('limit', 'amount') THEN NULL ELSE q END AS q, p, pu, num, den, net, ccy,
    t.code AS tax_code, t.bp, in_minor(net * t.bp, 10000, ccy) AS tax,
    CASE kind WHEN 'service' THEN '3w' WHEN 'service2w' THEN '2w' WHEN 'amount' THEN '2w'
        ELSE kind END AS match_type,
    kind IN ('3w', '4w', 'service') AS needs_receipt,
    kind IN ('3w', '4w') AND sap_like AND upto('gr based', n, 100) < 45 AS gr_based,
    CASE WHEN kind IN ('3w', '4w')
        THEN [0, 0, 0, 0, 0, 0, 0, 500, 500, 1000][1 + upto('over', n * 10 + l, 10)] ELSE 0 END
        AS over_bp,
    CASE WHEN freighted AND l = 1
        THEN in_minor(CAST(2500 + upto('freight sum', n, 15000) AS HUGEINT) * 100000000,
            m.eur8, ccy) ELSE 0 END AS freight,
    CASE WHEN kind = 'limit' THEN (net * 12 // 100000 + 1) * 10000 END AS limit_cents,
    false AS cancelled, q AS copied_q, p AS copied_p,
    false AS copied_cancelled, false AS forced_complete, valued.last_w + 30 AS valid_w,
    CASE WHEN industry IN ('components', 'metals') THEN '300000'
         WHEN industry IN ('it') THEN '418000' WHEN industry IN ('office') THEN '415000'
         WHEN industry IN ('facility') THEN '471000' WHEN industry = 'consulting' THEN '417000'
         ELSE '400000' END AS gl,
    ['200', '210', '300', '400', '500', '510', '600'][1 + upto('cost centre', n * 10 + l, 7)] AS cc,
    CASE WHEN upto('project', n, 10) = 0 THEN 'P-' || (1 + upto('which project', n, 3)) || '00' END
        AS project
FROM valued JOIN (VALUES {middles}) AS m (currency, eur8) ON m.currency = valued.ccy
JOIN (VALUES ('lumen_de', true, 'V1', 1900), ('lumen_de', false, 'V0', 0),
    ('lumen_fr', true, 'VF', 2000), ('lumen_fr', false, 'V0', 0),
    ('lumen_ie', true, 'VI', 2300), ('lumen_ie', false, 'V0', 0),
    ('lumen_uk', true, 'GB20', 2000), ('lumen_uk', false, 'GB0', 0),
    ('lumen_us', true, 'TX', 825), ('lumen_us', false, 'EX', 0)) AS t (entity_id, taxed, code, bp)
    ON t.entity_id = valued.entity_id
    AND t.taxed = (domestic AND NOT (valued.entity_id = 'lumen_us' AND service));
"""


def stage_orders(
    connection: duckdb.DuckDBPyConnection, orders: int, middles: dict[str, int]
) -> None:
    """Stages so many orders with their lines; ``middles``: currencies in EUR, 1e-8."""
    values = ", ".join(f"('{c}', {mid})" for c, mid in middles.items())
    for script in (_CALENDAR, _WHO, _KIND, _ORDER, _LINE):
        connection.execute(script.replace("{orders}", str(orders)).replace("{middles}", values))
