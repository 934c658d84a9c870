-- The core rules of three-way matching as one script, the way an analyst would write it with care:
-- whole numbers (quantities in millionths, prices at ten decimals, amounts at four), every quotient
-- rounded half up once. The tables `purchase_orders` ... `limits` are given; see sql_script.py.
CREATE OR REPLACE TEMP MACRO units(q) AS (q::DECIMAL(18, 6) * 1000000::DECIMAL(7, 0))::BIGINT;
CREATE OR REPLACE TEMP MACRO price10(p) AS (p::DECIMAL(28, 10) * 10000000000::DECIMAL(11, 0))::HUGEINT;
CREATE OR REPLACE TEMP MACRO amount4(a) AS (a::DECIMAL(28, 4) * 10000::DECIMAL(5, 0))::HUGEINT;
CREATE OR REPLACE TEMP MACRO as_qty(u) AS (u * 0.000001::DECIMAL(6, 6))::DECIMAL(38, 6);
CREATE OR REPLACE TEMP MACRO as_price(p) AS (p::DECIMAL(28, 0) * 0.0000000001::DECIMAL(10, 10))::DECIMAL(38, 10);
CREATE OR REPLACE TEMP MACRO as_amount(a) AS (a::DECIMAL(34, 0) * 0.0001::DECIMAL(4, 4))::DECIMAL(38, 4);
CREATE OR REPLACE TEMP MACRO half_up(numerator, divisor) AS
    CASE WHEN numerator < 0 THEN -((2 * -numerator + divisor) // (2 * divisor)) ELSE (2 * numerator + divisor) // (2 * divisor) END;
-- Ten-thousandths in one minor unit: of a yen 10,000, of a cent 100.
CREATE OR REPLACE TEMP MACRO minor_step(ccy) AS CASE WHEN ccy IN ('JPY', 'KRW', 'CLP', 'ISK', 'VND') THEN 10000 WHEN ccy IN ('BHD', 'KWD', 'JOD', 'OMR', 'TND') THEN 10 ELSE 100 END;
-- What a quantity is worth, in ten-thousandths, rounded at `step` of them.
CREATE OR REPLACE TEMP MACRO worth(u, p10, per6, step) AS half_up(u::HUGEINT * p10, per6::HUGEINT * 1000000 * step) * step;

CREATE OR REPLACE TEMP TABLE order_facts AS
SELECT l.po_line_id, l.po_id, o.po_number, l.line_no, o.supplier_src_id, coalesce(x.supplier_id, o.supplier_src_id) AS golden,
    o.ccy, o.order_date, o.status_canon, l.item_id, l.match_type, l.uom_order, l.uom_base,
    units(l.qty_ordered) AS ordered, units(l.qty_ordered_base) AS ordered_base, l.unit_price, l.price_unit,
    price10(l.unit_price) AS p10, units(l.price_unit) AS per6,
    half_up(price10(l.unit_price) * 1000000, units(l.price_unit)::HUGEINT) AS price,
    amount4(l.net_amount) AS net4, price10(l.tax_rate) AS rate10, minor_step(o.ccy) AS step, l.delivery_complete,
    price10(coalesce(l.over_delivery_pct, 0)) AS over10, l.cancelled OR o.status_canon = 'cancelled' AS cancelled, l.entity_id
FROM purchase_order_lines l JOIN purchase_orders o USING (po_id) LEFT JOIN supplier_crosswalk x USING (supplier_src_id)
WHERE o.order_date <= getvariable('as_of');

CREATE OR REPLACE TEMP TABLE arrived AS
WITH converted AS (
    SELECT r.receipt_line_id, r.po_line_id, r.posting_date, r.receipt_no, r.line_no, r.record_id, f.match_type,
        units(r.qty) AS stated, units(r.qty_accepted) AS accepted, units(r.qty_rejected) AS rejected, r.uom = f.uom_order AS same,
        if(same, stated, units(r.qty_base)::HUGEINT * f.ordered // f.ordered_base)::BIGINT AS qty
    FROM receipt_lines r JOIN order_facts f USING (po_line_id) WHERE r.posting_date <= getvariable('as_of')
), counted AS (
    SELECT * REPLACE (
        CASE WHEN same THEN accepted WHEN stated = 0 THEN 0 ELSE accepted::HUGEINT * qty // stated END::BIGINT AS accepted,
        CASE WHEN same THEN rejected WHEN stated = 0 THEN 0 ELSE rejected::HUGEINT * qty // stated END::BIGINT AS rejected)
    FROM converted
)
SELECT *, if(match_type = '4w', accepted, qty) AS event_qty FROM counted;

-- What is left of a receipt after the returns that follow it, and its place in the running total.
CREATE OR REPLACE TEMP TABLE receipts AS
WITH taken_back AS (
    SELECT DISTINCT po_line_id FROM arrived WHERE event_qty < 0
), heights AS (
    SELECT *, sum(event_qty) OVER w AS height FROM arrived JOIN taken_back USING (po_line_id)
    WINDOW w AS (PARTITION BY po_line_id ORDER BY posting_date, receipt_no, line_no::INT, line_no, record_id ROWS UNBOUNDED PRECEDING)
), lowest AS (
    SELECT *, min(height) OVER (PARTITION BY po_line_id ORDER BY posting_date, receipt_no, line_no::INT, line_no, record_id
        ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS lowest FROM heights
), available AS (
    SELECT receipt_line_id, po_line_id, posting_date, receipt_no, line_no, record_id,
        if(event_qty > 0, greatest(0, lowest - greatest(height - event_qty, 0)), 0)::BIGINT AS available FROM lowest
    UNION ALL
    SELECT receipt_line_id, po_line_id, posting_date, receipt_no, line_no, record_id, greatest(event_qty, 0)
    FROM arrived ANTI JOIN taken_back USING (po_line_id)
)
SELECT receipt_line_id, po_line_id, posting_date, available,
    (sum(available) OVER (PARTITION BY po_line_id ORDER BY posting_date, receipt_no, line_no::INT, line_no, record_id ROWS UNBOUNDED PRECEDING))::BIGINT AS upto
FROM available;

CREATE OR REPLACE TEMP TABLE order_book AS
SELECT f.*, coalesce(r.received, 0) AS received, coalesce(r.accepted, 0) AS accepted, coalesce(r.rejected, 0) AS rejected,
    greatest(0, if(f.match_type = '4w', coalesce(r.accepted, 0), coalesce(r.received, 0))) AS basis, r.last_receipt_date
FROM order_facts f LEFT JOIN (
    SELECT po_line_id, sum(qty)::BIGINT AS received, sum(accepted)::BIGINT AS accepted, sum(rejected)::BIGINT AS rejected,
        max(posting_date) FILTER (qty > 0) AS last_receipt_date
    FROM arrived GROUP BY po_line_id
) r USING (po_line_id);

CREATE OR REPLACE TEMP TABLE live AS
SELECT i.*, coalesce(x.supplier_id, i.supplier_src_id) AS golden FROM invoices i LEFT JOIN supplier_crosswalk x USING (supplier_src_id)
WHERE i.status_canon <> 'void' AND i.invoice_date <= getvariable('as_of');

-- The same number, total and supplier once more: a copy bills nothing.
CREATE OR REPLACE TEMP TABLE copies AS
SELECT invoice_id, first_invoice_id FROM (
    SELECT invoice_id, first_value(invoice_id) OVER (
        PARTITION BY entity_id, golden, kind IN ('credit_qty', 'credit_value') OR gross < 0, invoice_no_norm, ccy, gross
        ORDER BY invoice_date, length(invoice_id), invoice_id) AS first_invoice_id
    FROM live WHERE invoice_no_norm <> ''
) WHERE invoice_id <> first_invoice_id;

CREATE OR REPLACE TEMP TABLE billed AS
SELECT b.invoice_line_id, b.invoice_id, b.line_no, b.record_id, i.invoice_no_norm, i.invoice_date, i.kind, i.ccy, i.entity_id,
    i.kind IN ('credit_qty', 'credit_value') OR coalesce(b.qty < 0, false) AS credit,
    o.po_line_id, o.po_id, b.po_line_id IS NULL AND b.po_id IS NULL AND b.po_number_ref IS NULL AS no_order,
    -- How the line bills: a quantity, a correction of the price, or nothing that could be compared.
    CASE WHEN o.po_line_id IS NULL THEN 'none' WHEN i.kind IN ('credit_value', 'debit_value') THEN 'correction' ELSE 'quantity' END AS billing,
    units(b.qty) AS stated,
    CASE WHEN i.kind IN ('credit_value', 'debit_value') THEN NULL
        WHEN b.uom IS NULL OR b.uom = o.uom_order THEN units(b.qty)
        WHEN b.uom = o.uom_base THEN (units(b.qty)::HUGEINT * o.ordered // o.ordered_base)::BIGINT END AS signed_units,
    if(i.kind = 'credit_qty', -abs(signed_units), signed_units) AS units,
    if(b.price_unit IS NULL, price10(b.unit_price), half_up(price10(b.unit_price) * 1000000, units(b.price_unit)::HUGEINT)) AS own_price,
    amount4(b.net_amount) AS net4, price10(b.tax_rate) AS stated_rate10,
    o.match_type, o.ordered, o.basis, o.received, o.price, o.p10, o.per6, o.net4 AS ordered_net4, o.step, o.rate10, o.over10,
    CASE WHEN c.invoice_id IS NOT NULL THEN 'DUP_EXACT' WHEN no_order THEN 'INV_NO_PO' WHEN i.golden <> o.golden THEN 'SUPPLIER_MISMATCH' WHEN i.ccy <> o.ccy THEN 'CURRENCY_MISMATCH' END AS kept_out,
    o.status_canon IN ('draft', 'rejected') OR o.cancelled AS not_open
FROM invoice_lines b JOIN live i USING (invoice_id) LEFT JOIN copies c USING (invoice_id) LEFT JOIN order_book o ON o.po_line_id = b.po_line_id;

-- Events of an order line in their order, with the running total, never below zero.
CREATE OR REPLACE TEMP TABLE placed AS
WITH compared AS (
    SELECT *, row_number() OVER e AS event_no, sum(net4) OVER (e ROWS UNBOUNDED PRECEDING) AS net_after,
        sum(units) OVER (e ROWS UNBOUNDED PRECEDING) AS height
    FROM billed WHERE kept_out IS NULL AND billing <> 'none'
    WINDOW e AS (PARTITION BY po_line_id ORDER BY invoice_date, credit, invoice_no_norm, invoice_id, line_no::INT, line_no, record_id)
), credited AS (
    SELECT DISTINCT po_line_id FROM compared WHERE credit OR units < 0
), with_credits AS (
    SELECT * EXCLUDE height, height - min(least(height, 0)) OVER (PARTITION BY po_line_id ORDER BY event_no ROWS UNBOUNDED PRECEDING) AS after
    FROM compared SEMI JOIN credited USING (po_line_id)
), with_before AS (
    SELECT *, coalesce(lag(after) OVER (PARTITION BY po_line_id ORDER BY event_no), 0) AS before,
        min(if(billing = 'quantity', after, NULL)) OVER f AS invoiced, min(net_after) OVER f AS invoiced_net,
        bool_or(billing = 'correction') OVER (PARTITION BY po_line_id) AS corrected
    FROM with_credits WINDOW f AS (PARTITION BY po_line_id ORDER BY event_no ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
)
SELECT * FROM with_before
UNION ALL
SELECT * EXCLUDE height, height, height - units, height, net_after, false FROM compared ANTI JOIN credited USING (po_line_id);

CREATE OR REPLACE TEMP TABLE prices AS
WITH valued AS (
    SELECT invoice_line_id, po_line_id, billing, corrected, own_price, price, units, net4,
        if(billing = 'quantity', worth(units, price, 1000000, step), NULL) AS at_order_price
    FROM placed WHERE corrected OR own_price IS NULL OR own_price <> price
), totals AS (
    SELECT po_line_id, sum(net4) AS net, sum(if(billing = 'quantity', units, 0)) AS units, sum(at_order_price) AS worth
    FROM valued WHERE corrected GROUP BY po_line_id
)
SELECT invoice_line_id, CASE WHEN corrected AND t.net = t.worth THEN price
    WHEN corrected THEN if(t.units = 0, NULL, half_up(t.net::HUGEINT * 1000000000000 * sign(t.units), abs(t.units)::HUGEINT))
    WHEN own_price IS NOT NULL THEN own_price WHEN at_order_price = v.net4 THEN price
    ELSE half_up(v.net4 * 1000000000000 * sign(v.units), abs(v.units)::HUGEINT) END AS effective_price
FROM valued v LEFT JOIN totals t USING (po_line_id);

-- Where the stretch of an invoice line overlaps that of a receipt, the one bills the other.
CREATE OR REPLACE TEMP TABLE stretches AS
WITH spans AS (
    SELECT invoice_line_id, invoice_id, po_line_id, po_id, event_no, ccy, units, before, net4, p10, per6, entity_id,
        least(before, after)::BIGINT AS low, greatest(before, after)::BIGINT AS high, if(after < before, -1, 1) AS sign, basis
    FROM placed WHERE billing = 'quantity' AND before <> after
), covered AS (
    SELECT s.* EXCLUDE (low, high, basis), r.receipt_line_id, greatest(low, upto - available) AS low, least(high, upto) AS high
    FROM spans s JOIN receipts r ON r.po_line_id = s.po_line_id AND r.available > 0 AND upto - available < high AND upto > low
), beyond AS (
    SELECT s.* EXCLUDE (low, high, basis), NULL, greatest(low, basis), high FROM spans s WHERE high > basis
), pieces AS (
    SELECT * FROM covered UNION ALL SELECT * FROM beyond
), cut AS (
    SELECT *, if(sign < 0, before - high, low - before) AS begins, begins + high - low AS ends,
        sign * (worth(high, p10, per6, 1) - worth(low, p10, per6, 1)) AS amount4,
        -- A stretch that is the whole line bills its whole net.
        if(high - low = abs(units), net4, half_up(net4 * ends, abs(units)::HUGEINT) - half_up(net4 * begins, abs(units)::HUGEINT)) AS net_part
    FROM pieces
)
SELECT invoice_line_id, invoice_id, po_line_id, po_id, receipt_line_id, ccy, sign * (high - low) AS qty, amount4, net_part - amount4 AS variance4,
    row_number() OVER (PARTITION BY po_line_id ORDER BY event_no, low * sign) AS sequence_no, if(sign < 0, 'lifo_credit', 'fifo') AS method, entity_id
FROM cut;

CREATE OR REPLACE TEMP TABLE allocated AS
SELECT invoice_line_id, sum(qty)::BIGINT AS qty, sum(amount4) AS amount4, sum(amount4 + variance4) AS net4
FROM stretches WHERE receipt_line_id IS NOT NULL GROUP BY invoice_line_id;

-- Expected and actual of every comparison that differs, as ten decimals of one.
CREATE OR REPLACE TEMP TABLE differences AS
WITH lines AS (
    -- Beyond what is ordered, what the order line agrees to may be billed, too.
    SELECT p.*, if(over10 = 0, ordered, greatest(ordered, least(invoiced, ordered::HUGEINT * (1000000000000 + over10) // 1000000000000))) AS may_bill,
        if(may_bill = ordered, half_up(ordered_net4, step), half_up(ordered_net4 * may_bill, ordered::HUGEINT * step)) * step AS may_bill_net4,
        if(e.invoice_line_id IS NULL, p.price, e.effective_price) AS effective_price FROM placed p LEFT JOIN prices e USING (invoice_line_id)
), own AS (
    SELECT invoice_line_id, net4, if(net4 < 0, -1, 1) * half_up(abs(stated)::HUGEINT * abs(own_price), 1000000000000::HUGEINT * step) * step AS expected
    FROM lines WHERE billing = 'quantity'
), line_taxes AS (
    SELECT invoice_id, half_up(net4 * rate10, 1000000000000::HUGEINT * minor_step(ccy)) * minor_step(ccy) AS tax4,
        rate10 IS NULL OR billing <> 'quantity' AS unknown FROM billed
), order_tax AS (
    SELECT invoice_id, sum(tax4) AS tax4 FROM line_taxes GROUP BY invoice_id HAVING NOT bool_or(unknown)
), header AS (
    SELECT i.*, minor_step(i.ccy) AS step, amount4(net) AS net4, amount4(tax) AS tax4, amount4(gross) AS gross4, amount4(charges) AS charges4 FROM live i
), own_rates AS (
    SELECT invoice_id, stated_rate10, sum(b.net4) AS net4, any_value(h.step) AS step
    FROM billed b JOIN header h USING (invoice_id) ANTI JOIN order_tax USING (invoice_id) GROUP BY ALL
), own_tax AS (
    SELECT invoice_id, sum(half_up(net4 * stated_rate10, 1000000000000::HUGEINT * step) * step) AS tax4
    FROM own_rates GROUP BY invoice_id HAVING NOT bool_or(stated_rate10 IS NULL)
), nets AS (
    SELECT invoice_id, sum(net4) AS net4 FROM billed GROUP BY invoice_id
), deliveries AS (
    SELECT *, received > ordered AND received::HUGEINT * 1000000000000 <= ordered::HUGEINT * (1000000000000 + over10) AS agreed
    FROM order_book WHERE NOT cancelled AND match_type IN ('3w', '4w')
)
SELECT 'invoice_line' AS subject_type, invoice_line_id AS subject_id, 'QTY_RECEIVED' AS "check", 'received' AS basis, basis::HUGEINT * 10000 AS expected, invoiced::HUGEINT * 10000 AS actual
FROM lines WHERE NOT credit AND billing = 'quantity' AND match_type IN ('3w', '4w') AND basis <> invoiced
UNION ALL SELECT 'invoice_line', invoice_line_id, 'QTY_ORDERED', 'ordered', may_bill::HUGEINT * 10000, invoiced::HUGEINT * 10000
FROM lines WHERE NOT credit AND billing = 'quantity' AND may_bill <> invoiced
UNION ALL SELECT 'invoice_line', invoice_line_id, 'PRICE_UNIT', 'order price', price, effective_price FROM lines WHERE NOT credit AND price <> effective_price
UNION ALL SELECT 'invoice_line', invoice_line_id, 'LINE_TOTAL', 'ordered', may_bill_net4 * 1000000, invoiced_net * 1000000
FROM lines WHERE NOT credit AND may_bill_net4 <> invoiced_net
UNION ALL SELECT 'invoice_line', invoice_line_id, 'DOC_ARITHMETIC', 'line', expected * 1000000, net4 * 1000000 FROM own WHERE expected <> net4
UNION ALL SELECT 'invoice', invoice_id, 'DOC_ARITHMETIC', 'gross', (net4 + tax4 + charges4) * 1000000, gross4 * 1000000 FROM header WHERE net4 + tax4 + charges4 <> gross4
UNION ALL SELECT 'invoice', invoice_id, 'DOC_ARITHMETIC', 'lines', coalesce(n.net4, 0) * 1000000, h.net4 * 1000000 FROM header h LEFT JOIN nets n USING (invoice_id) WHERE coalesce(n.net4, 0) <> h.net4
UNION ALL SELECT 'invoice', invoice_id, 'TAX_TOTAL', 'order rates', t.tax4 * 1000000, h.tax4 * 1000000 FROM header h JOIN order_tax t USING (invoice_id) WHERE t.tax4 <> h.tax4
UNION ALL SELECT 'invoice', invoice_id, 'TAX_TOTAL', 'own rates', t.tax4 * 1000000, h.tax4 * 1000000 FROM header h JOIN own_tax t USING (invoice_id) WHERE t.tax4 <> h.tax4
UNION ALL SELECT 'purchase_order_line', po_line_id, 'OVER_DELIVERY', 'ordered', ordered::HUGEINT * 10000, received::HUGEINT * 10000
FROM deliveries WHERE received > ordered AND NOT agreed
UNION ALL SELECT 'purchase_order_line', po_line_id, 'UNDER_DELIVERY', 'ordered', ordered::HUGEINT * 10000, received::HUGEINT * 10000
FROM deliveries WHERE delivery_complete AND received < ordered;

CREATE OR REPLACE TEMP TABLE checks AS
WITH measured AS (
    SELECT *, if(actual > expected, 'over', 'under') AS direction, abs(actual - expected) AS variance, abs(expected) AS size FROM differences
), bounded AS (
    SELECT m.*, if(direction = 'over', upper_abs, lower_abs) AS abs_limit, if(direction = 'over', upper_pct, lower_pct) AS pct_limit,
        (abs_limit::DECIMAL(20, 10) * 10000000000::DECIMAL(11, 0))::HUGEINT AS allows_abs, (pct_limit::DECIMAL(12, 6) * 1000000::DECIMAL(7, 0))::HUGEINT * size AS allows_pct,
        (allows_abs IS NULL OR variance <= allows_abs) AND (allows_pct IS NULL OR variance * 100000000 <= allows_pct) AS passed,
        CASE WHEN abs_limit IS NOT NULL AND (pct_limit IS NULL OR allows_abs * 100000000 <= allows_pct) THEN '_abs' WHEN pct_limit IS NOT NULL THEN '_pct' END AS which
    FROM measured m JOIN limits l USING ("check")
)
SELECT *, CASE WHEN passed THEN 'none' WHEN direction = 'over' OR "check" = 'DOC_ARITHMETIC' THEN 'block' ELSE 'warn' END AS effect FROM bounded;

CREATE OR REPLACE TEMP TABLE line_results AS
WITH flags AS (
    SELECT subject_id AS invoice_line_id, bool_or(NOT passed AND direction = 'over' AND basis = 'received') AS over_received,
        bool_or(effect = 'block' AND basis <> 'received') AS over_other, bool_or(direction = 'over' OR "check" IN ('PRICE_UNIT', 'DOC_ARITHMETIC')) AS varies
    FROM checks WHERE subject_type = 'invoice_line' GROUP BY subject_id
), decided AS (
    SELECT b.*, p.invoice_line_id IS NOT NULL AS compared, p.invoiced, p.invoiced_net, if(e.invoice_line_id IS NULL, p.price, e.effective_price) AS price_billed,
        a.qty AS qty_allocated, coalesce(a.amount4, 0) AS amount_allocated, a.net4 AS covered_net,
        CASE WHEN b.kept_out = 'DUP_EXACT' THEN 'REJECTED_DUPLICATE' WHEN b.no_order THEN 'NO_PO'
            WHEN b.kept_out IS NOT NULL OR b.not_open OR p.invoice_line_id IS NULL THEN 'BLOCKED'
            WHEN b.credit AND (abs(b.units) > abs(p.after - p.before) OR p.net_after < 0) OR f.over_other THEN 'BLOCKED'
            WHEN f.over_received THEN CASE WHEN b.received <= 0 THEN 'PENDING_RECEIPT' WHEN a.qty > 0 THEN 'PARTIALLY_MATCHED' ELSE 'BLOCKED' END
            WHEN f.varies THEN 'MATCHED_WITHIN_TOLERANCE' ELSE 'MATCHED' END AS outcome
    FROM billed b LEFT JOIN placed p USING (invoice_line_id) LEFT JOIN prices e USING (invoice_line_id)
        LEFT JOIN flags f USING (invoice_line_id) LEFT JOIN allocated a USING (invoice_line_id)
)
SELECT *, CASE WHEN outcome IN ('MATCHED', 'MATCHED_WITHIN_TOLERANCE') THEN net4 WHEN outcome = 'PARTIALLY_MATCHED' THEN covered_net ELSE 0 END AS payable,
    CASE WHEN compared AND units IS NOT NULL THEN worth(units, p10, per6, step) END AS expected_amount
FROM decided;
