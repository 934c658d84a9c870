-- The result tables, with the columns and types of the engine's.
CREATE OR REPLACE TEMP MACRO said(outcome) AS CASE outcome
    WHEN 'MATCHED' THEN 'Agrees with the order and what was received.' WHEN 'PENDING_RECEIPT' THEN 'Nothing was received yet.'
    WHEN 'MATCHED_WITHIN_TOLERANCE' THEN 'Differs from the order or what was received within the policy.'
    WHEN 'PARTIALLY_MATCHED' THEN 'Only a part of it is covered by receipts.' WHEN 'NO_PO' THEN 'Names no order.'
    WHEN 'REJECTED_DUPLICATE' THEN 'A copy of an earlier invoice.' ELSE 'Disagrees with the order.' END;

CREATE OR REPLACE TEMP VIEW out_allocations AS
SELECT entity_id, getvariable('as_of') AS as_of, getvariable('policy_version') AS policy_version,
    sha256(invoice_line_id || '|' || po_line_id || '|' || coalesce(receipt_line_id, '') || '|' || sequence_no) AS alloc_id,
    invoice_id, invoice_line_id, po_id, po_line_id, receipt_line_id, as_qty(qty) AS qty, ccy, as_amount(amount4) AS amount_at_po_price,
    as_amount(variance4) AS price_variance, sequence_no, method
FROM stretches ORDER BY alloc_id;

CREATE OR REPLACE TEMP VIEW out_check_results AS
SELECT getvariable('as_of') AS as_of, getvariable('policy_version') AS policy_version, subject_type, subject_id, "check", basis,
    as_price(expected) AS expected, as_price(actual) AS actual, direction, as_price(variance) AS variance_abs,
    if(size = 0, NULL, as_price(half_up(variance * 1000000000000, size))) AS variance_pct, size = 0 AS variance_infinite,
    coalesce(if(direction = 'over', 'upper', 'lower') || which, 'none') AS limit_binding, if(which = '_abs', abs_limit, pct_limit)::DECIMAL(38, 10) AS limit_value,
    passed, effect
FROM checks ORDER BY subject_type, subject_id, "check", basis;

CREATE OR REPLACE TEMP VIEW out_invoice_line_results AS
SELECT entity_id, getvariable('as_of') AS as_of, getvariable('policy_version') AS policy_version, invoice_id, invoice_line_id, po_id, po_line_id, outcome, ccy,
    as_amount(net4) AS net_amount, as_qty(qty_allocated) AS qty_allocated, as_amount(amount_allocated) AS amount_allocated,
    as_amount(expected_amount) AS expected_amount, as_amount(payable) AS payable_amount, if(compared, as_qty(units), NULL) AS qty_billed,
    as_qty(invoiced::BIGINT) AS qty_billed_to_date, if(compared, as_qty(basis), NULL) AS qty_received, if(compared, as_qty(ordered), NULL) AS qty_ordered,
    as_price(price_billed) AS price_billed, if(compared, as_price(price), NULL) AS price_ordered, as_amount(invoiced_net) AS net_billed_to_date,
    NULL::DECIMAL(38, 4) AS net_received, if(compared, as_amount(half_up(ordered_net4, step) * step), NULL) AS net_ordered, said(outcome) AS reason
FROM line_results ORDER BY invoice_line_id;

CREATE OR REPLACE TEMP VIEW out_invoice_results AS
WITH outcomes AS (
    SELECT ['NOT_REQUIRED', 'MATCHED', 'MATCHED_WITHIN_TOLERANCE', 'PENDING_RECEIPT', 'PARTIALLY_MATCHED', 'NO_PO', 'BLOCKED', 'REJECTED_DUPLICATE'] AS names
), worst AS (
    SELECT invoice_id, max(list_position(names, outcome)) AS rank, sum(payable) AS payable FROM line_results, outcomes GROUP BY invoice_id
), documents AS (
    SELECT subject_id AS invoice_id, bool_or(effect = 'block') AS blocked FROM checks WHERE subject_type = 'invoice' GROUP BY subject_id
), ranked AS (
    SELECT i.*, coalesce(d.blocked, false) OR c.invoice_id IS NOT NULL AS blocked, coalesce(w.payable, 0) AS payable,
        names[greatest(coalesce(w.rank, 1), CASE WHEN c.invoice_id IS NOT NULL THEN 8 WHEN d.blocked THEN 7 WHEN d.invoice_id IS NOT NULL THEN 3 ELSE 1 END)] AS outcome
    FROM outcomes, live i LEFT JOIN worst w USING (invoice_id) LEFT JOIN documents d USING (invoice_id) LEFT JOIN copies c USING (invoice_id)
)
SELECT entity_id, getvariable('as_of') AS as_of, getvariable('policy_version') AS policy_version, invoice_id, invoice_no_supplier, supplier_src_id, outcome, ccy,
    net, gross, if(blocked, 0, as_amount(payable))::DECIMAL(38, 4) AS payable_amount, said(outcome) AS reason
FROM ranked ORDER BY invoice_id;

CREATE OR REPLACE TEMP VIEW out_order_line_status AS
SELECT o.entity_id, getvariable('as_of') AS as_of, getvariable('policy_version') AS policy_version, po_line_id, po_id, po_number, line_no, supplier_src_id, item_id,
    status_canon AS order_status, order_date, match_type, false AS incomplete, uom_order, as_qty(ordered) AS qty_ordered, as_qty(received) AS qty_received,
    as_qty(accepted) AS qty_accepted, as_qty(rejected) AS qty_rejected, as_qty(basis) AS qty_basis, as_qty(coalesce(invoiced, 0)) AS qty_invoiced,
    ccy, unit_price, price_unit, as_amount(worth(ordered, p10, per6, 1)) AS ordered_value, as_amount(worth(received, p10, per6, 1)) AS received_value,
    as_amount(worth(rejected, p10, per6, 1)) AS rejected_value, as_amount(worth(basis, p10, per6, 1)) AS basis_value,
    as_amount(worth(coalesce(invoiced, 0), p10, per6, 1)) AS invoiced_value,
    CASE WHEN received <= 0 THEN 'NOT_RECEIVED' WHEN received < ordered THEN 'RECEIVED_SHORT' WHEN received = ordered THEN 'RECEIVED_IN_FULL' ELSE 'OVER_DELIVERED' END AS delivery_outcome,
    last_receipt_date, delivery_complete, cancelled
FROM order_book o LEFT JOIN (SELECT po_line_id, sum(qty)::BIGINT AS invoiced FROM stretches GROUP BY po_line_id) s USING (po_line_id) ORDER BY po_line_id;

CREATE OR REPLACE TEMP VIEW out_receipt_status AS
SELECT getvariable('as_of') AS as_of, getvariable('policy_version') AS policy_version, receipt_line_id, po_line_id, posting_date,
    as_qty(available) AS qty_available, as_qty(coalesce(billed, 0)) AS qty_invoiced
FROM receipts LEFT JOIN (SELECT receipt_line_id, sum(qty)::BIGINT AS billed FROM stretches GROUP BY receipt_line_id) USING (receipt_line_id) ORDER BY receipt_line_id;
