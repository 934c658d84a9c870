-- One bucket of an entity: orders, their lines, and what arrived and was billed of each, as integers.
-- Quantities are thousandths (q3), prices ten-thousandths (p4), amounts ten-thousandths (n4).
-- Every figure is drawn from the number of its subject, so that a bucket is the same however often,
-- and in whatever order, buckets are written.
CREATE OR REPLACE TEMP MACRO draw(salt, subject, n) AS (hash(subject, salt, getvariable('seed')) % n)::BIGINT;
CREATE OR REPLACE TEMP MACRO half_up(numerator, divisor) AS
    sign(numerator)::HUGEINT * ((2 * abs(numerator) + divisor) // (2 * divisor));
-- An amount in ten-thousandths, at the minor unit of its currency.
CREATE OR REPLACE TEMP MACRO minor(numerator, divisor, ccy) AS
    half_up(numerator::HUGEINT, divisor::HUGEINT * if(ccy = 'JPY', 10000, 100)) * if(ccy = 'JPY', 10000, 100);
-- The i-th of n parts of a whole.
CREATE OR REPLACE TEMP MACRO part(whole, i, n) AS whole * i // n - whole * (i - 1) // n;

CREATE OR REPLACE TEMP TABLE orders AS
WITH numbered AS (
    SELECT o, o // 2 AS pair, draw('collective', o // 2, 12) = 0 AS collective
    FROM range(getvariable('first_order'), getvariable('first_order') + getvariable('orders')) t(o)
), grouped AS (
    -- Two orders of a supplier that are billed together share the number of the first.
    SELECT o, if(collective, 2 * pair, o) AS g FROM numbered
), supplied AS (
    SELECT o, g, draw('supplier', g, getvariable('suppliers')) AS supplier FROM grouped
)
SELECT
    o, g, supplier,
    [getvariable('home_ccy'), getvariable('home_ccy'), getvariable('home_ccy'), getvariable('home_ccy'), 'EUR', 'USD', 'GBP', 'CHF', 'PLN', 'JPY'][1 + draw('ccy', supplier, 10)] AS ccy,
    getvariable('first_day') + draw('day', g, 546)::INT AS order_date,
    1 + draw('lines', o, 10) AS line_count,
    CASE draw('status', o, 1000) WHEN 0 THEN 'draft' WHEN 1 THEN 'draft' WHEN 2 THEN 'cancelled'
        ELSE ['sent', 'partial', 'received', 'approved'][1 + draw('state', o, 4)] END AS status
FROM supplied;

CREATE OR REPLACE TEMP TABLE lines AS
WITH each AS (
    SELECT orders.*, l, o * 16 + l AS k FROM orders, LATERAL (SELECT unnest(range(1, line_count + 1)) AS l)
), drawn AS (
    SELECT *,
        draw('case', k, 8716) AS c,
        -- Receipts and invoice lines of those that come in parts.
        [[2, 1], [2, 1], [2, 1], [2, 1], [3, 1], [1, 2], [1, 2], [1, 2], [1, 2], [2, 2],
         [2, 2], [2, 2], [2, 2], [2, 2], [2, 2], [1, 3], [1, 3], [3, 2], [3, 2], [2, 3]][1 + draw('parts', k, 20)] AS parts,
        draw('unit', k, 100) AS u,
        draw('variant', k, 4) AS variant
    FROM each
), measured AS (
    SELECT *,
        CASE WHEN c < 5800 THEN 'whole' WHEN c < 7116 THEN 'parts' WHEN c < 7616 THEN 'pending'
            WHEN c < 7916 THEN 'over' WHEN c < 8116 THEN 'price' WHEN c < 8216 THEN 'credit_qty'
            WHEN c < 8316 THEN 'credit_value' ELSE 'open' END AS kind,
        CASE WHEN u < 5 THEN 'KGM' WHEN u < 7 THEN 'CS' ELSE 'EA' END AS uom,
        if(u < 5, 1, 1000) AS step,
        CASE draw('per', k, 40) WHEN 0 THEN 100 WHEN 1 THEN 1000 ELSE 1 END AS per,
        CASE draw('match', k, 20) WHEN 0 THEN '2w' WHEN 1 THEN '4w' ELSE '3w' END AS match_type,
        [19, 19, 19, 19, 19, 19, 19, 7, 7, 0][1 + draw('tax', k, 10)] AS rate,
        draw('untaxed', o, 20) = 0 AS rate_unknown
    FROM drawn
), priced AS (
    SELECT *,
        (6 + if(draw('many', k, 10) = 0, draw('qty', k, 5000), draw('qty', k, 200))) * if(step = 1, 250, 1) AS steps,
        -- Most prices have the decimals of the currency, a tenth has four.
        CASE WHEN ccy = 'JPY' THEN (100 + draw('price', k, 90000)) * 10000
            WHEN draw('fine', k, 10) = 0 THEN 5000 + draw('price', k, 5000000)
            ELSE (50 + draw('price', k, 50000)) * 100 END AS p4
    FROM measured
), counted AS (
    SELECT *, steps * step AS q3, (1 + draw('excess', k, greatest(1, steps // 5))) * step AS d3 FROM priced
)
SELECT *,
    CASE WHEN kind = 'over' AND variant < 2 THEN q3 + d3 WHEN kind = 'over' THEN q3 - d3 * (variant - 2)
        WHEN kind = 'pending' OR kind = 'open' AND variant < 2 THEN 0 ELSE q3 END AS received3,
    CASE WHEN kind = 'open' THEN 0 WHEN kind = 'over' AND variant < 3 THEN q3 + d3 ELSE q3 END AS billed3,
    if(kind = 'parts', parts[1], 1) AS receipt_count,
    if(kind = 'parts', parts[2], 1) AS invoice_count,
    -- Billed at another price: a little, within what a policy lets pass; dearer; cheaper.
    CASE WHEN kind = 'price' THEN half_up((p4 * (1000 + CASE WHEN variant = 0 THEN 5 + draw('pct', k, 10)
            WHEN variant = 1 THEN -30 - draw('pct', k, 70) ELSE 30 + draw('pct', k, 70) END))::HUGEINT, 1000)::BIGINT
        -- What a value credit takes back later.
        WHEN kind = 'credit_value' THEN p4 + p4 // 20 ELSE p4 END AS billed_p4,
    if(match_type = '4w' AND draw('rejected', k, 20) = 0 AND received3 > step, step, 0) AS rejected3
FROM counted;

-- Receipts of a line, and the return that goes with half of the quantity credits.
CREATE OR REPLACE TEMP TABLE arrivals AS
SELECT lines.*, i, (part(received3 // step, i, receipt_count) * step)::BIGINT AS a3, if(i = 1, rejected3, 0) AS r3,
    order_date + (5 + (i - 1) * 18 + draw('arrival', o * 4 + i, 5))::INT AS posting_date
FROM lines, LATERAL (SELECT unnest(range(1, receipt_count + 1)) AS i) WHERE received3 > 0
UNION ALL
SELECT lines.*, 4, -d3, 0, order_date + 85 FROM lines WHERE kind = 'credit_qty' AND variant < 2 AND rejected3 = 0;

-- What is billed, one row per invoice line: rounds 1 to 3 bill, 4 credits quantities, 5 values.
CREATE OR REPLACE TEMP TABLE billed AS
WITH rounds AS (
    SELECT lines.*, i AS round, (part(billed3 // step, i, invoice_count) * step)::BIGINT AS b3, billed_p4 AS b4
    FROM lines, LATERAL (SELECT unnest(range(1, invoice_count + 1)) AS i) WHERE billed3 > 0
    UNION ALL
    SELECT lines.*, 4, -d3, billed_p4 FROM lines WHERE kind = 'credit_qty'
    UNION ALL
    SELECT lines.*, 5, NULL, NULL FROM lines WHERE kind = 'credit_value'
)
SELECT *,
    CASE WHEN round = 5 THEN minor(-q3::HUGEINT * (billed_p4 - p4), 1000 * per, ccy)
        ELSE minor(b3::HUGEINT * b4, 1000 * per, ccy) END::BIGINT AS n4
FROM rounds;

-- Lines of invoices that name no order (round 6), at a price of their own.
CREATE OR REPLACE TEMP TABLE unordered AS
SELECT getvariable('first_order') + j AS g, 6 AS round, l, draw('supplier', j + 7919::BIGINT * getvariable('first_order'), getvariable('suppliers')) AS supplier,
    getvariable('home_ccy') AS ccy, getvariable('first_day') + (draw('unordered day', j + 7919::BIGINT * getvariable('first_order'), 600))::INT AS invoice_date,
    (1 + draw('unordered qty', j * 8 + l, 50)) * 1000 AS b3, (50 + draw('unordered price', j * 8 + l, 50000)) * 100 AS b4
FROM range(getvariable('unordered')) t(j), LATERAL (SELECT unnest(range(1, 2 + draw('unordered lines', j + 7919::BIGINT * getvariable('first_order'), 4))) AS l);

-- Every invoice line of the bucket with the number of its invoice: copies have a round 8 higher.
CREATE OR REPLACE TEMP TABLE invoice_lines AS
WITH all_lines AS (
    SELECT g, round, o, l, supplier, ccy, order_date + CASE WHEN round <= 3 THEN 12 + (round - 1) * 20 + draw('billed', g * 8 + round, 9)
            ELSE 95 END::INT AS invoice_date, b3, b4, per, uom, n4, rate, rate_unknown
    FROM billed
    UNION ALL
    SELECT g, round, NULL, l, supplier, ccy, invoice_date, b3, b4, 1, 'EA', minor(b3::HUGEINT * b4, 1000, ccy)::BIGINT, 19, false
    FROM unordered
), copies AS (
    SELECT * FROM all_lines
    UNION ALL
    SELECT * REPLACE (round + 8 AS round, invoice_date + 3 AS invoice_date) FROM all_lines
    WHERE round <= 3 AND draw('copied', g * 8 + round, 100) = 0
)
SELECT *, g * 16 + round AS invoice,
    row_number() OVER (PARTITION BY g, round ORDER BY o, l) AS line_no,
    minor(n4::HUGEINT * rate, 100, ccy)::BIGINT AS t4
FROM copies;
