-- The bucket as canonical tables, with the identifiers an SAP system would give.
CREATE OR REPLACE TEMP MACRO id(object, pk) AS getvariable('system') || '|' || object || '|' || pk;
CREATE OR REPLACE TEMP MACRO order_number(o) AS (4500000000 + o)::VARCHAR;
CREATE OR REPLACE TEMP MACRO order_id(o) AS id('purchase_orders', order_number(o));
CREATE OR REPLACE TEMP MACRO order_line_id(o, l) AS id('purchase_order_items', order_number(o) || '|' || 10 * l);
CREATE OR REPLACE TEMP MACRO supplier_id(supplier) AS id('suppliers', lpad((100000 + supplier)::VARCHAR, 10, '0'));
CREATE OR REPLACE TEMP MACRO item_id(item) AS id('products', 'MAT-' || lpad(item::VARCHAR, 6, '0'));
CREATE OR REPLACE TEMP MACRO receipt_key(o, i, day) AS year(day) || '|' || (5000000000 + o * 4 + i - 1);
CREATE OR REPLACE TEMP MACRO invoice_key(invoice, day) AS (5100000000 + invoice) || '|' || year(day);
CREATE OR REPLACE TEMP MACRO amount(n4) AS (n4 * 0.0001::DECIMAL(5, 4))::DECIMAL(38, 4);
CREATE OR REPLACE TEMP MACRO price(p4) AS (p4 * 0.0001::DECIMAL(5, 4))::DECIMAL(38, 10);
CREATE OR REPLACE TEMP MACRO qty(q3) AS (q3 * 0.001::DECIMAL(4, 3))::DECIMAL(38, 6);
-- A case of twelve; goods ordered in cases are received in pieces.
CREATE OR REPLACE TEMP MACRO in_base(q3, uom) AS if(uom = 'CS', 12 * q3, q3);
CREATE OR REPLACE TEMP MACRO base_uom(uom) AS if(uom = 'CS', 'EA', uom);

CREATE OR REPLACE TEMP VIEW purchase_orders AS
SELECT order_id(o) AS po_id, getvariable('entity') AS entity_id, order_number(o) AS po_number,
    supplier_id(supplier) AS supplier_src_id, ccy, order_date, 'standard' AS type, status AS status_src, status AS status_canon
FROM orders ORDER BY po_id;

CREATE OR REPLACE TEMP VIEW purchase_order_lines AS
SELECT order_line_id(o, l) AS po_line_id, order_id(o) AS po_id, getvariable('entity') AS entity_id, (10 * l)::VARCHAR AS line_no,
    item_id(draw('item', k, 50000)) AS item_id, match_type, 'qty' AS match_basis,
    qty(q3) AS qty_ordered, uom AS uom_order, qty(in_base(q3, uom)) AS qty_ordered_base, base_uom(uom) AS uom_base,
    price(p4) AS unit_price, per::DECIMAL(38, 6) AS price_unit,
    amount(minor(q3::HUGEINT * p4, 1000 * per, ccy)) AS net_amount,
    if(rate_unknown, NULL, rate)::DECIMAL(38, 10) AS tax_rate,
    order_date + (5 + draw('due', k, 10))::INT AS due_date,
    received3 >= q3 AND draw('complete', k, 2) = 0 AS delivery_complete, draw('cancelled', k, 500) = 0 AS cancelled,
    if(draw('over', k, 20) = 0, 10, NULL)::DECIMAL(38, 10) AS over_delivery_pct
FROM lines ORDER BY po_line_id;

CREATE OR REPLACE TEMP VIEW receipt_lines AS
SELECT id('material_document_items', receipt_key(o, i, posting_date) || '|' || l) AS receipt_line_id, getvariable('entity') AS entity_id,
    (5000000000 + o * 4 + i - 1)::VARCHAR AS receipt_no, l::VARCHAR AS line_no, order_line_id(o, l) AS po_line_id, order_id(o) AS po_id,
    if(a3 < 0, 'return', 'receipt') AS kind, qty(in_base(a3, uom)) AS qty, base_uom(uom) AS uom,
    qty(in_base(a3, uom)) AS qty_base, base_uom(uom) AS uom_base,
    qty(in_base(a3 - r3, uom)) AS qty_accepted, qty(in_base(r3, uom)) AS qty_rejected,
    posting_date, sha256(getvariable('system') || 'r' || receipt_key(o, i, posting_date) || '|' || l) AS record_id
FROM arrivals ORDER BY po_line_id, posting_date, receipt_no, line_no;

CREATE OR REPLACE TEMP TABLE invoice_totals AS
SELECT invoice, round, g, any_value(supplier) AS supplier, any_value(ccy) AS ccy, any_value(invoice_date) AS invoice_date,
    sum(n4)::BIGINT AS net, sum(t4)::BIGINT AS tax, draw('fault', g * 16 + round, 1000) AS fault
FROM invoice_lines GROUP BY ALL;

CREATE OR REPLACE TEMP VIEW invoices AS
WITH stated AS (
    -- What goes wrong with a document as a whole: another supplier, another currency, tax, total.
    SELECT * REPLACE (
            CASE WHEN fault < 3 THEN (supplier + 1) % getvariable('suppliers') ELSE supplier END AS supplier,
            CASE WHEN fault < 5 AND fault >= 3 AND round <> 6 THEN if(ccy = 'EUR', 'USD', 'EUR') ELSE ccy END AS ccy,
            tax + CASE WHEN fault < 8 AND fault >= 5 THEN 50000 ELSE 0 END AS tax),
        round & 7 AS form, CASE WHEN fault < 10 AND fault >= 8 THEN 10000 ELSE 0 END AS unbalanced
    FROM invoice_totals
)
SELECT id('supplier_invoices', invoice_key(invoice, invoice_date)) AS invoice_id, getvariable('entity') AS entity_id,
    'RE-' || (g * 8 + form) AS invoice_no_supplier, 'RE' || (g * 8 + form) AS invoice_no_norm,
    CASE form WHEN 4 THEN 'credit_qty' WHEN 5 THEN 'credit_value' ELSE 'invoice' END AS kind,
    supplier_id(supplier) AS supplier_src_id, ccy, invoice_date, invoice_date + 30 AS due_date,
    amount(net) AS net, amount(tax) AS tax, 0::DECIMAL(38, 4) AS charges, amount(net + tax + unbalanced) AS gross,
    if(fault >= 995, 'void', 'posted') AS status_src, if(fault >= 995, 'void', 'posted') AS status_canon, invoice_date AS posting_date
FROM stated ORDER BY invoice_id;

CREATE OR REPLACE TEMP VIEW invoice_item_lines AS
SELECT id('supplier_invoice_items', invoice_key(invoice, invoice_date) || '|' || line_no) AS invoice_line_id,
    id('supplier_invoices', invoice_key(invoice, invoice_date)) AS invoice_id, getvariable('entity') AS entity_id, line_no::VARCHAR AS line_no,
    'item' AS type, if(o IS NULL, NULL, order_number(o)) AS po_number_ref, if(o IS NULL, NULL, order_id(o)) AS po_id,
    if(o IS NULL, NULL, order_line_id(o, l)) AS po_line_id, item_id(draw('item', o * 16 + l, 50000)) AS item_id,
    qty(b3) AS qty, if(b3 IS NULL, NULL, uom) AS uom, price(b4) AS unit_price, amount(n4) AS net_amount,
    if(per = 1, NULL, per)::DECIMAL(38, 6) AS price_unit, if(getvariable('states_rates'), rate, NULL)::DECIMAL(38, 10) AS tax_rate,
    sha256(getvariable('system') || 'i' || invoice_key(invoice, invoice_date) || '|' || line_no) AS record_id
FROM invoice_lines ORDER BY po_line_id NULLS LAST, invoice_date, invoice_line_id;
