"""A checker of its own: what an auditor with SQL would find in a world, by reason code.

It shares nothing with the generator, so that a clean document that is not, a plant that cannot be
found, and a plant that spoils its neighbour all show.
"""

import duckdb

END = "DATE '2026-10-31'"

VIEWS = """
CREATE TEMP MACRO small(price) AS CAST(price AS DECIMAL(15, 4));
CREATE TEMP VIEW live AS SELECT * FROM invoice
WHERE state <> 'void' AND NOT is_reversed AND reverses_invoice_id IS NULL;
CREATE TEMP VIEW gone AS SELECT * FROM deletion;
CREATE TEMP VIEW bill AS
SELECT l.* REPLACE (CAST(l.price_uom_numerator AS INTEGER) AS price_uom_numerator,
        CAST(l.price_uom_denominator AS INTEGER) AS price_uom_denominator,
        CAST(l.price_unit AS INTEGER) AS price_unit), v.invoice_date, v.kind,
    v.currency, v.entity_id, v.corrects_invoice_id,
    o.purchase_order_id, o.currency AS order_currency,
    o.supplier_account_id = v.supplier_account_id AS same_supplier, x.qty AS ordered,
    x.net_amount AS ordered_net, x.uom AS order_uom, x.match_type, x.receipt_required, x.over_pct,
    x.limit_amount, x.valid_to, x.need_by, x.item_id AS ordered_item,
    CASE WHEN l.uom = x.uom THEN 1 ELSE CAST(r.numerator AS INTEGER) END AS in_order_units,
    x.price AS order_price, CAST(x.price_unit AS INTEGER) AS order_price_unit,
    CAST(x.price_uom_numerator AS INTEGER) AS order_num,
    CAST(x.price_uom_denominator AS INTEGER) AS order_den
FROM invoice_line AS l JOIN live AS v USING (invoice_id)
JOIN purchase_order_line AS x USING (purchase_order_line_id)
JOIN purchase_order AS o USING (purchase_order_id)
LEFT JOIN uom_ratio AS r ON r.item_id = l.item_id AND r.from_uom = l.uom AND r.to_uom = x.uom
WHERE l.type = 'item';
CREATE TEMP VIEW fit AS SELECT * FROM bill WHERE same_supplier AND currency = order_currency
    AND (qty IS NULL OR in_order_units IS NOT NULL);
CREATE TEMP VIEW arrived AS
SELECT purchase_order_line_id, sum(coalesce(qty_accepted, qty_order_uom)) AS good,
    sum(qty_order_uom) AS qty, sum(coalesce(qty_rejected, 0)) AS rejected,
    min(r.posting_date) AS first_day
FROM receipt_line JOIN receipt AS r USING (receipt_id) GROUP BY ALL;
CREATE TEMP VIEW billed AS
SELECT purchase_order_line_id, any_value(purchase_order_id) AS purchase_order_id,
    sum(qty * in_order_units) AS qty, sum(net_amount) AS net,
    sum(qty * in_order_units) FILTER (kind = 'invoice') AS qty_invoices,
    sum(qty * in_order_units) FILTER (kind = 'credit_qty') AS qty_credits
FROM fit GROUP BY ALL;
CREATE TEMP VIEW norm AS SELECT *, ltrim(upper(regexp_replace(invoice_number, '[^A-Za-z0-9]', '',
    'g')), '0') AS number FROM live WHERE kind = 'invoice';
"""

LINE = "'purchase_order_line', purchase_order_line_id"
ORDER = "'purchase_order', purchase_order_id"
INVOICE = "'invoice', invoice_id"

CHECKS = {
    "INV_NO_PO": f"""SELECT {INVOICE} FROM live JOIN invoice_line USING (invoice_id)
        WHERE type = 'item' AND po_number_ref IS NULL AND kind = 'invoice'""",
    "CREDIT_UNLINKED": f"""SELECT {INVOICE} FROM live JOIN invoice_line USING (invoice_id)
        WHERE type = 'item' AND po_number_ref IS NULL AND kind LIKE 'credit%'
        AND corrects_invoice_id IS NULL""",
    "PO_NOT_FOUND": f"""SELECT {INVOICE} FROM live AS v JOIN invoice_line USING (invoice_id)
        WHERE po_number_ref IS NOT NULL AND NOT EXISTS (FROM purchase_order AS o
            WHERE o.po_number = po_number_ref AND o.entity_id = v.entity_id)""",
    "LINK_AMBIGUOUS": f"""SELECT {INVOICE} FROM live JOIN invoice_line AS l USING (invoice_id)
        JOIN purchase_order AS o ON o.po_number = l.po_number_ref
        WHERE l.type = 'item' AND po_line_ref IS NULL AND (SELECT count(*)
        FROM purchase_order_line AS x
        WHERE x.purchase_order_id = o.purchase_order_id AND x.item_id = l.item_id) > 1""",
    "LINK_MISSING": f"""SELECT {INVOICE} FROM live JOIN invoice_line AS l USING (invoice_id)
        JOIN purchase_order AS o ON o.po_number = l.po_number_ref
        WHERE l.type = 'item' AND po_line_ref IS NULL AND NOT EXISTS (FROM purchase_order_line AS x
        WHERE x.purchase_order_id = o.purchase_order_id AND x.item_id = l.item_id)""",
    "PO_CANCELLED": f"""SELECT {ORDER} FROM bill JOIN purchase_order AS o USING (purchase_order_id)
        WHERE o.status = 'cancelled'""",
    "PO_CLOSED": f"""SELECT {ORDER} FROM bill JOIN purchase_order AS o USING (purchase_order_id)
        WHERE o.status = 'closed' AND o.changed_at < CAST(invoice_date AS TIMESTAMP)""",
    "PO_AFTER_INVOICE": f"""SELECT {ORDER} FROM bill JOIN purchase_order AS o
        USING (purchase_order_id) WHERE o.order_date > invoice_date""",
    "PO_NOT_APPROVED": f"""SELECT {ORDER} FROM purchase_order WHERE approved_at IS NULL
        AND (purchase_order_id IN (SELECT purchase_order_id FROM bill) OR purchase_order_id IN
        (SELECT purchase_order_id FROM purchase_order_line JOIN arrived
            USING (purchase_order_line_id)))""",
    "SUPPLIER_MISMATCH": f"SELECT {ORDER} FROM bill WHERE NOT same_supplier",
    "CURRENCY_MISMATCH": f"SELECT {ORDER} FROM bill WHERE currency <> order_currency",
    "UOM_CONVERSION_MISSING": f"SELECT {ORDER} FROM bill WHERE in_order_units IS NULL AND qty > 0",
    "RECEIPT_MISSING": f"""SELECT {LINE} FROM fit LEFT JOIN arrived AS a
        USING (purchase_order_line_id) WHERE receipt_required AND a.qty IS NULL""",
    "QTY_OVER_RECEIVED": f"""SELECT {LINE} FROM billed AS b JOIN arrived AS a
        USING (purchase_order_line_id) JOIN purchase_order_line AS x USING (purchase_order_line_id)
        WHERE x.receipt_required AND b.qty > a.qty""",
    "QTY_NOT_ACCEPTED": f"SELECT {LINE} FROM arrived WHERE rejected > 0",
    "QTY_OVER_ORDERED": f"""SELECT {LINE} FROM billed AS b JOIN purchase_order_line AS x
        USING (purchase_order_line_id) WHERE b.qty > x.qty * (1 + x.over_pct / 100)""",
    "OVER_DELIVERY": f"""SELECT {LINE} FROM arrived AS a JOIN purchase_order_line AS x
        USING (purchase_order_line_id) WHERE a.qty > x.qty * (1 + x.over_pct / 100)""",
    "UNDER_DELIVERY": f"""SELECT {LINE} FROM purchase_order_line AS x LEFT JOIN arrived AS a
        USING (purchase_order_line_id) WHERE x.receipt_required AND x.delivery_complete
        AND coalesce(a.qty, 0) < x.qty""",
    "CREDIT_EXCEEDS_INVOICED": f"""SELECT {LINE} FROM billed
        WHERE -qty_credits > coalesce(qty_invoices, 0)""",
    "PRICE_OVER": f"""SELECT {LINE} FROM fit AS f WHERE qty > 0 AND
        small(f.price) * price_uom_numerator * order_price_unit * order_den
        > small(order_price) * order_num * price_unit * price_uom_denominator * in_order_units
        AND NOT EXISTS (FROM fit AS c WHERE c.kind LIKE '%_value'
            AND c.purchase_order_line_id = f.purchase_order_line_id)""",
    "PRICE_UNDER": f"""SELECT {LINE} FROM fit WHERE qty > 0 AND
        small(fit.price) * price_uom_numerator * order_price_unit * order_den
        < small(order_price) * order_num * price_unit * price_uom_denominator * in_order_units
        AND NOT EXISTS (FROM fit AS c WHERE c.kind LIKE '%_value'
            AND c.purchase_order_line_id = fit.purchase_order_line_id)""",
    "UOM_RATIO_VARIANCE": f"""SELECT {LINE} FROM fit WHERE uom = order_uom AND
        price_uom_numerator * order_den <> price_uom_denominator * order_num""",
    "LINE_TOTAL_EXCEEDED": f"""SELECT {LINE} FROM billed AS b JOIN purchase_order_line AS x
        USING (purchase_order_line_id) WHERE b.net > x.net_amount AND x.match_type <> 'limit'
        -- Of an order named without a line the whole is compared.
        UNION SELECT {INVOICE} FROM live JOIN invoice_line AS l USING (invoice_id)
        JOIN purchase_order AS o ON o.po_number = l.po_number_ref
        WHERE l.type = 'item' AND l.po_line_ref IS NULL AND l.qty IS NULL
        AND l.net_amount + (SELECT sum(b.net) FROM billed AS b
            WHERE b.purchase_order_id = o.purchase_order_id) > o.net_amount""",
    "LIMIT_EXCEEDED": f"""SELECT {LINE} FROM billed AS b JOIN purchase_order_line AS x
        USING (purchase_order_line_id) WHERE b.net > x.limit_amount""",
    "LIMIT_EXPIRED": f"""SELECT {LINE} FROM fit
        WHERE match_type = 'limit' AND service_date > valid_to""",
    "ITEM_AMOUNT_CAP": f"""SELECT {INVOICE} FROM live AS v JOIN invoice_line AS l
        USING (invoice_id) WHERE CAST(l.net_amount AS DECIMAL(20, 4)) * v.fx_rate > 50000""",
    "CHARGE_VARIANCE": f"""SELECT {INVOICE} FROM live AS v JOIN (SELECT invoice_id,
        any_value(ordered_freight) AS freight FROM (SELECT f.invoice_id, (SELECT
        sum(planned_freight) FROM purchase_order_line AS x
        WHERE x.purchase_order_id = f.purchase_order_id) AS ordered_freight FROM fit AS f)
        GROUP BY ALL) AS p USING (invoice_id)
        WHERE p.freight > 0 AND v.charges_amount > p.freight""",
    "CHARGE_UNPLANNED": f"""SELECT {INVOICE} FROM live AS v WHERE v.charges_amount > 0
        AND NOT EXISTS (FROM bill AS f JOIN purchase_order_line AS x USING (purchase_order_id)
        WHERE f.invoice_id = v.invoice_id AND x.planned_freight > 0)""",
    "TAX_OVER": f"""SELECT {INVOICE} FROM live AS v JOIN invoice_tax AS t USING (invoice_id)
        WHERE t.tax_amount > round(CAST(base_amount AS DECIMAL(16, 2))
        * CAST(tax_rate_pct AS DECIMAL(6, 2)) * 0.01, 2) AND currency <> 'JPY'""",
    "TAX_UNDER": f"""SELECT {INVOICE} FROM live AS v JOIN invoice_tax AS t USING (invoice_id)
        WHERE t.tax_amount < round(CAST(base_amount AS DECIMAL(16, 2))
        * CAST(tax_rate_pct AS DECIMAL(6, 2)) * 0.01, 2) AND currency <> 'JPY'""",
    "TAX_CODE_MISSING": f"""SELECT {INVOICE} FROM live JOIN invoice_tax AS t USING (invoice_id)
        WHERE t.tax_code IS NULL""",
    "FX_RATE_VARIANCE": f"""SELECT {INVOICE} FROM live AS v JOIN entity AS e USING (entity_id)
        JOIN fx_rate_used AS r ON r.from_currency = v.currency AND r.to_currency = e.currency
        AND r.rate_date = v.posting_date WHERE r.rate <> v.fx_rate""",
    "DATE_EARLY": f"SELECT {ORDER} FROM fit WHERE invoice_date < need_by AND qty > 0",
    "INVOICE_BEFORE_RECEIPT": f"""SELECT {LINE} FROM fit JOIN arrived
        USING (purchase_order_line_id) WHERE invoice_date < first_day AND receipt_required""",
    "DOC_NOT_BALANCED": f"""SELECT {INVOICE} FROM live WHERE gross_amount
        <> net_amount + charges_amount + tax_amount + rounding_amount""",
    "MISSING_REQUIRED_FIELD": f"SELECT {INVOICE} FROM live WHERE invoice_number = ''",
    "SUPPLIER_BLOCKED": f"""SELECT {INVOICE} FROM live JOIN supplier_account AS a
        USING (supplier_account_id) WHERE a.status = 'blocked'""",
    "SUPPLIER_UNRESOLVED": """SELECT 'supplier_account', object_id FROM deletion
        WHERE object = 'supplier_account'
        AND object_id IN (SELECT supplier_account_id FROM purchase_order)""",
    "SUPPLIER_DUPLICATE": """SELECT 'supplier_account', b.supplier_account_id
        FROM supplier_account AS a JOIN supplier_account AS b ON a.system = b.system
        AND a.supplier_account_id < b.supplier_account_id
        AND (a.tax_id = b.tax_id OR a.bank_account = b.bank_account)""",
    "BANK_CHANGE_UNVERIFIED": """SELECT 'supplier_account', supplier_account_id
        FROM supplier_bank_change WHERE verified_by IS NULL""",
    "DUP_EXACT": """SELECT 'invoice', b.invoice_id FROM norm AS a JOIN norm AS b
        USING (entity_id, supplier_account_id, number, currency, gross_amount)
        WHERE a.invoice_id < b.invoice_id AND number <> ''""",
    "DUP_SUSPECT": """SELECT 'invoice', b.invoice_id FROM norm AS a JOIN norm AS b
        USING (entity_id, supplier_account_id, currency) WHERE a.invoice_id < b.invoice_id AND (
        (a.gross_amount = b.gross_amount AND a.number <> b.number
            AND b.invoice_date - a.invoice_date BETWEEN -14 AND 14)
        OR (a.number = b.number AND a.gross_amount <> b.gross_amount AND a.number <> ''))""",
    "PAID_TWICE": f"""SELECT {INVOICE} FROM live JOIN payment_application AS a USING (invoice_id)
        WHERE a.amount + a.discount_amount >= gross_amount AND gross_amount > 0
        GROUP BY ALL HAVING count(*) > 1""",
    "OVERPAID": f"""SELECT {INVOICE} FROM live JOIN (SELECT invoice_id, sum(amount
        + discount_amount) AS paid FROM payment_application GROUP BY ALL) USING (invoice_id)
        WHERE gross_amount > 0 AND paid > gross_amount""",
    "PAID_WHILE_BLOCKED": f"""SELECT {INVOICE} FROM live WHERE payment_block IS NOT NULL
        AND invoice_id IN (SELECT invoice_id FROM payment_application)""",
    "PAID_NOT_INVOICED": f"""SELECT 'payment', payment_id FROM payment
        WHERE payment_id NOT IN (SELECT payment_id FROM payment_application)
        -- A ledger clears an invoice once, and in another system knows it by its number.
        UNION SELECT {INVOICE} FROM live JOIN entity AS e USING (entity_id)
        JOIN (SELECT invoice_id, sum(amount + discount_amount) AS paid FROM payment_application
            GROUP BY ALL) USING (invoice_id)
        WHERE e.ledger_system IS NOT NULL AND gross_amount > 0 AND paid > gross_amount
        UNION SELECT 'invoice', b.invoice_id FROM norm AS a JOIN norm AS b
        USING (entity_id, supplier_account_id, invoice_number) JOIN entity AS e USING (entity_id)
        WHERE a.invoice_id < b.invoice_id AND invoice_number <> ''
        AND e.ledger_system <> e.invoice_system""",
    "RETURN_NOT_CREDITED": f"""SELECT {LINE} FROM (SELECT purchase_order_line_id,
        -sum(qty_order_uom) AS qty FROM receipt_line WHERE kind = 'return' GROUP BY ALL) AS r
        LEFT JOIN billed AS b USING (purchase_order_line_id)
        WHERE coalesce(-b.qty_credits, 0) < r.qty""",
    "GRIR_AGED": f"""SELECT {LINE} FROM arrived AS a LEFT JOIN billed AS b
        USING (purchase_order_line_id) WHERE a.qty > coalesce(b.qty, 0)
        AND {END} - a.first_day > 90
        AND purchase_order_line_id NOT IN (SELECT purchase_order_line_id FROM bill AS x
            WHERE x.corrects_invoice_id IS NOT NULL)""",
    "CUTOFF_ERROR": """SELECT 'receipt', receipt_id FROM receipt
        WHERE date_trunc('month', document_date) <> date_trunc('month', posting_date)""",
    "DIM_INVALID": f"""SELECT {LINE} FROM purchase_order_assignment AS a
        JOIN purchase_order_line USING (purchase_order_line_id)
        JOIN purchase_order AS o USING (purchase_order_id)
        JOIN cost_center AS c ON c.code = a.cost_center AND c.entity_id = o.entity_id
        WHERE NOT c.active""",
    "MAPPING_MISSING": f"""SELECT {LINE} FROM purchase_order_line WHERE uom IS NOT NULL
        AND uom NOT IN ('EA', 'KGM', 'MTR', 'HUR', 'BX')""",
    "XSYS_MISSING_TARGET": f"""SELECT {ORDER} FROM purchase_order WHERE entity_id = 'lumen_de'
        AND system = 'group_coupa' AND copied_to IS NULL AND approved_at IS NOT NULL""",
    "XSYS_MISSING_SOURCE": f"""SELECT {ORDER} FROM purchase_order WHERE entity_id = 'lumen_de'
        AND system <> 'group_coupa'""",
    "XSYS_DELETED_AT_SOURCE": f"""SELECT {ORDER} FROM purchase_order JOIN deletion
        ON object_id = purchase_order_id AND object = 'purchase_order'
        WHERE copied_to IS NOT NULL""",
    "XSYS_STATUS_DRIFT": f"""SELECT {ORDER} FROM purchase_order WHERE copied_to IS NOT NULL
        AND (status = 'cancelled') <> (copied_status = 'cancelled')""",
    "XSYS_VALUE_DRIFT": f"""SELECT {LINE} FROM purchase_order_line
        WHERE copied_price <> price OR copied_qty <> qty""",
    "PARITY_LATE": f"""SELECT {ORDER} FROM purchase_order
        WHERE copied_at - approved_at > INTERVAL 2 DAY""",
    "PARITY_MISSING_TRIGGER": """SELECT 'requisition', requisition_id FROM requisition
        WHERE status = 'approved'""",
    "PARITY_WRONG_STATE": f"""SELECT {ORDER} FROM requisition JOIN requisition_line
        USING (requisition_id) JOIN purchase_order_line AS x
        ON x.purchase_order_line_id = requisition_line.purchase_order_line_id
        WHERE requisition.status <> 'ordered'""",
    "SOD_CONFLICT": f"SELECT {ORDER} FROM purchase_order WHERE requester_id = buyer_id",
    "GRNI_GL_DIFF": f"""SELECT {LINE} FROM purchase_order_line AS x JOIN purchase_order AS o
        USING (purchase_order_id) JOIN arrived AS a USING (purchase_order_line_id)
        JOIN billed AS b USING (purchase_order_line_id) JOIN (SELECT po_number, po_line_no,
        sum(amount) AS open FROM gl_line WHERE line_kind = 'grir' GROUP BY ALL) AS g
        ON g.po_number = o.po_number
        AND g.po_line_no = CASE o.system WHEN 'group_coupa' THEN 10 * x.line_no ELSE x.line_no END
        WHERE a.qty = b.qty AND g.open <> 0""",
}


def found(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Reason code → keys of what was found: the order, or the subject where there is none."""
    return {
        reason: set(_keys(connection, [(str(t), int(i)) for t, i in rows]))
        for reason, query in CHECKS.items()
        if (rows := connection.execute(query).fetchall()) is not None
    }


def expected(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Reason code → keys of what was planted, and of what that entails."""
    result: dict[str, set[str]] = {}
    rows = connection.execute(
        "SELECT reason_code, entails, subject_type, subject_id FROM planted"
    ).fetchall()
    for reason, entails, subject, key in rows:
        for code in (reason, *filter(None, entails.split(","))):
            result.setdefault(code, set()).update(_keys(connection, [(subject, key)]))
    return result


_ORDER_OF = {
    "invoice": "SELECT min(purchase_order_id) FROM invoice_line JOIN purchase_order_line"
    " USING (purchase_order_line_id) WHERE invoice_id = ?",
    "invoice_line": "SELECT purchase_order_id FROM invoice_line JOIN purchase_order_line"
    " USING (purchase_order_line_id) WHERE invoice_line_id = ?",
    "purchase_order_line": "SELECT purchase_order_id FROM purchase_order_line"
    " WHERE purchase_order_line_id = ?",
    "receipt": "SELECT min(purchase_order_id) FROM receipt_line JOIN purchase_order_line"
    " USING (purchase_order_line_id) WHERE receipt_id = ?",
    "requisition": "SELECT min(x.purchase_order_id) FROM requisition_line AS l"
    " JOIN purchase_order_line AS x ON x.purchase_order_line_id = l.purchase_order_line_id"
    " WHERE l.requisition_id = ?",
}


def _keys(connection: duckdb.DuckDBPyConnection, subjects: list[tuple[str, int]]) -> list[str]:
    keys = []
    for subject, key in dict.fromkeys(subjects):
        order = key if subject == "purchase_order" else None
        if subject in _ORDER_OF:
            order = connection.execute(_ORDER_OF[subject], [key]).fetchall()[0][0]
        keys.append(f"order {order}" if order is not None else f"{subject} {key}")
    return keys
