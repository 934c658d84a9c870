"""Invoices, credits, their lines and taxes.

Belongs here: what suppliers billed. Not here: what was paid (settling.py).
"""

from __future__ import annotations

from tests.systems.group.projection import Projection, Told, unknown

_NOT_STATED = "not stated by the API"
_RELEASE = "an invoice is posted; that it was released before is not stated"
_CLEARED = Told("_cleared", "the day on which the books were cleared, of reversals too")
_SAP_INVOICE = {
    "settled_date": _CLEARED,
    "fx_rate": Told("round(fx_rate, 5)", "a rate of five decimals"),
    "status": Told("CASE status WHEN 'approved' THEN 'posted' ELSE status END", _RELEASE),
    "net": Told("gross - tax - _unplanned", "the API states no net"),
    "charges": Told("_unplanned", "freight of an order is a line, other freight is not"),
    "received_at": Told("date_trunc('day', received_at)", "the day is stated"),
    "open_amount": unknown("the books show what is open, not the invoice"),
}

INVOICES = Projection(
    name="invoices",
    key=("invoice_no", "occurrence"),
    real="""
    SELECT i.system, i.shown_number AS invoice_no, i.occurrence, i.entity_id,
        ltrim(regexp_replace(upper(i.shown_number), '[^A-Z0-9]', '', 'g'), '0') AS norm, i.kind,
        a.account_no AS supplier_no, i.currency AS ccy, i.invoice_date, i.due_date,
        i.net_amount AS net, i.tax_amount AS tax, i.charges_amount + i.rounding_amount AS charges,
        i.gross_amount AS gross,
        CASE WHEN i.is_reversed OR i.reverses_invoice_id IS NOT NULL THEN 'void'
            WHEN i.state = 'approved' AND i.payment_block IS NOT NULL THEN 'blocked'
            ELSE i.state END AS status,
        CASE WHEN i.state = 'paid' THEN s.full_day END AS settled_date,
        i.gross_amount - coalesce(s.amount, 0) AS open_amount,
        i.posting_date, i.received_at,
        coalesce(nullif(c.invoice_number, ''), c.document_number) AS corrects, i.payment_block,
        CASE WHEN i.currency <> e.currency THEN i.fx_rate ELSE 1 END AS fx_rate,
        coalesce(x.unplanned, 0) AS _unplanned, i.created_at AS _created, g.cleared AS _cleared
    FROM shown_invoice i JOIN entity e USING (entity_id)
    LEFT JOIN shown_account a USING (supplier_account_id)
    LEFT JOIN (SELECT p.invoice_id, sum(p.amount + p.discount_amount) AS amount,
            min(p.payment_date) FILTER (abs(p.so_far) >= abs(v.gross_amount)) AS full_day
        FROM settled p JOIN invoice v USING (invoice_id) GROUP BY p.invoice_id) s
        ON s.invoice_id = i.invoice_id
    LEFT JOIN (SELECT system, source_document, max(clearing_date) AS cleared FROM gl_line
        WHERE document_type = 'RE' AND line_kind = 'vendor' GROUP BY ALL) g
        ON g.system = i.system AND g.source_document = i.document_number
    LEFT JOIN invoice c ON c.invoice_id = coalesce(i.corrects_invoice_id, i.reverses_invoice_id)
    LEFT JOIN (SELECT invoice_id, sum(net_amount) AS unplanned FROM invoice_line
        WHERE type = 'charge' AND po_number_ref IS NULL GROUP BY invoice_id) x
        ON x.invoice_id = i.invoice_id""",
    said="""
    SELECT i.source_system AS system, i.invoice_no_supplier AS invoice_no,
        row_number() OVER (PARTITION BY i.source_system, i.invoice_no_supplier
            ORDER BY length(i.source_pk), i.source_pk) AS occurrence,
        i.entity_id, i.invoice_no_norm AS norm, i.kind, s.supplier_no, i.ccy, i.invoice_date,
        i.due_date, i.net, i.tax, i.charges, i.gross, i.status_canon AS status, i.settled_date,
        i.open_amount_stated AS open_amount, i.posting_date,
        i.received_at AT TIME ZONE 'UTC' AS received_at, c.invoice_no_supplier AS corrects,
        i.payment_block, i.fx_rate_booked AS fx_rate
    FROM canonical.invoices i LEFT JOIN canonical.suppliers s USING (supplier_src_id)
    LEFT JOIN canonical.invoices c ON c.invoice_id = i.corrects_invoice_id""",
    told={
        "group_sap": _SAP_INVOICE,
        "group_s4": _SAP_INVOICE,
        "group_coupa": {
            "fx_rate": Told("round(fx_rate, 9)", "a rate of nine decimals"),
            "posting_date": unknown(_NOT_STATED),
            "open_amount": unknown(_NOT_STATED),
            "payment_block": Told(
                "CASE payment_block WHEN 'A' THEN 'ap_hold' WHEN 'R' THEN 'on_hold' END",
                "a block is a hold",
            ),
        },
        "group_netsuite": {
            "net": Told("gross - tax", "a bill states its total, and its taxes as lines"),
            "charges": Told("0", "charges are lines"),
            "kind": Told(
                "CASE kind WHEN 'debit_value' THEN 'invoice' ELSE kind END",
                "a later debit is a bill like any other",
            ),
            "status": Told(
                "CASE WHEN status IN ('approved', 'blocked') THEN 'posted' ELSE status END",
                "neither a release nor a block is told",
            ),
            "posting_date": Told(
                "CASE WHEN status <> 'void' THEN invoice_date END",
                "a transaction has one date, and posts nothing once it is void",
            ),
            "received_at": Told("_created", "only when it was entered is stated"),
            "payment_block": unknown("the columns that are seen tell no block"),
            "fx_rate": unknown("the columns that are seen tell no rate of a transaction"),
        },
    },
)

_SAP_LINE = {
    "uom": Told(
        "CASE WHEN _order AND type = 'item' THEN coalesce(uom, _order_uom, 'EA') ELSE uom END",
        "without one it is the order's",
    ),
    "tax_rate": Told("CASE WHEN tax_code IS NOT NULL THEN tax_rate END", "told by the code"),
    "description": Told("left(description, 50)", "a text of 50 characters"),
    "price": unknown("a line has a quantity and a value"),
    "tax_amount": unknown("tax is stated per code, of the invoice as a whole"),
    "item_no": unknown("materials are not read"),
    "charge_code": Told("CASE WHEN type = 'charge' THEN 'FRB1' END", "the kind of condition"),
    "qty": Told(
        "CASE WHEN _subsequent OR type = 'charge' THEN NULL ELSE qty END",
        "freight, and a later change of a price, have none",
    ),
}

LINES = Projection(
    name="invoice_lines",
    key=("invoice_no", "occurrence", "line_no"),
    real="""
    SELECT i.system, i.shown_number AS invoice_no, i.occurrence,
        CASE WHEN i.system IN ('group_sap', 'group_s4') AND l.po_number_ref IS NULL
            THEN 'G' ELSE '' END || l.line_no AS line_no,
        i.entity_id, l.type, l.po_number_ref AS po_number,
        CAST(l.po_line_ref AS VARCHAR) AS po_line,
        o.po_number AS found_order, CAST(ol.line_no AS VARCHAR) AS found_line, l.receipt_ref,
        c.code AS item_no, l.description, l.qty, CASE WHEN l.qty IS NOT NULL THEN l.uom END AS uom,
        struct_pack(num := l.price * l.price_uom_numerator,
            den := CAST(l.price_unit * l.price_uom_denominator AS DECIMAL(28,10))) AS price,
        l.net_amount AS net, l.tax_amount, l.tax_code, l.tax_rate_pct AS tax_rate, l.charge_code,
        i.kind IN ('credit_value', 'debit_value') AS _subsequent,
        l.po_number_ref IS NOT NULL AS _order, count(DISTINCT coalesce(l.tax_code, '-'))
            OVER (PARTITION BY i.invoice_id) > 1 AS _several, l.delivery_note AS _delivery_note,
        ol.uom AS _order_uom, l.uom AS _uom
    FROM invoice_line l JOIN shown_invoice i USING (invoice_id)
    LEFT JOIN shown_order_line ol ON ol.purchase_order_line_id = l.purchase_order_line_id
        AND ol.system = i.system
    LEFT JOIN (SELECT system, po_number, entity_id FROM shown_order) o ON o.system = i.system
        AND o.po_number = l.po_number_ref
    LEFT JOIN item_code c ON c.item_id = l.item_id AND c.system = i.system
    WHERE NOT (i.system IN ('group_sap', 'group_s4') AND l.type = 'charge'
        AND l.po_number_ref IS NULL)
        AND NOT (i.system = 'group_coupa' AND l.type IN ('charge', 'rounding'))
        AND l.uom IS DISTINCT FROM 'XPX' """,
    said="""
    WITH numbered AS (
        SELECT invoice_id, invoice_no_supplier, row_number() OVER (PARTITION BY source_system,
            invoice_no_supplier ORDER BY length(source_pk), source_pk) AS occurrence
        FROM canonical.invoices
    )
    SELECT l.source_system AS system, i.invoice_no_supplier AS invoice_no, i.occurrence, l.line_no,
        l.entity_id, l.type, l.po_number_ref AS po_number, l.po_line_ref AS po_line,
        o.po_number AS found_order, ol.line_no AS found_line, l.receipt_no_ref AS receipt_ref,
        it.item_no, l.description, l.qty, l.uom,
        struct_pack(num := l.unit_price, den := coalesce(l.price_unit, 1)) AS price,
        l.net_amount AS net, l.tax_amount, l.tax_code, l.tax_rate, l.charge_code
    FROM canonical.invoice_lines l JOIN numbered i USING (invoice_id)
    LEFT JOIN canonical.purchase_orders o USING (po_id)
    LEFT JOIN canonical.purchase_order_lines ol ON ol.po_line_id = l.po_line_id
    LEFT JOIN canonical.items it ON it.item_id = l.item_id
    WHERE l.type <> 'tax' """,
    told={
        "group_sap": _SAP_LINE,
        "group_s4": _SAP_LINE,
        "group_coupa": {
            "uom": Told("_uom", "a line by amount keeps its unit"),
            "receipt_ref": Told("_delivery_note", "of a receipt the delivery note is named"),
            "tax_amount": Told("CASE WHEN _several THEN tax_amount END", "tax of the header"),
            "tax_code": Told("CASE WHEN _several THEN tax_code END", "tax of the header"),
            "tax_rate": Told("CASE WHEN _several THEN tax_rate END", "tax of the header"),
        },
        "group_netsuite": {
            "receipt_ref": unknown("a link to the receipt is not read"),
            "item_no": unknown("items are not read"),
            "tax_amount": unknown("a tax is a line of its own"),
            "tax_code": unknown("a tax is a line of its own"),
            "tax_rate": unknown("a tax is a line of its own"),
            "charge_code": unknown("freight is a kind of line, no code"),
        },
    },
)

# Of one invoice with several codes Coupa states the tax with each line, NetSuite as a line each.
TAXES = Projection(
    name="invoice_lines of taxes",
    key=("invoice_no", "occurrence", "place"),
    real="""
    WITH counted AS (SELECT invoice_id, count(*) AS codes FROM invoice_tax GROUP BY 1),
    each AS (
        SELECT i.system, i.shown_number, i.occurrence, t.invoice_tax_id AS place, i.entity_id,
            t.tax_amount AS amount, t.tax_code, t.tax_rate_pct AS tax_rate
        FROM invoice_tax t JOIN shown_invoice i USING (invoice_id) JOIN counted c USING (invoice_id)
        WHERE (i.system = 'group_netsuite' AND t.tax_amount <> 0)
            OR (i.system = 'group_coupa' AND c.codes = 1)
        UNION ALL
        SELECT i.system, i.shown_number, i.occurrence, l.invoice_line_id, i.entity_id,
            l.tax_amount, l.tax_code, l.tax_rate_pct
        FROM invoice_line l JOIN shown_invoice i USING (invoice_id)
        JOIN counted c USING (invoice_id)
        WHERE i.system = 'group_coupa' AND c.codes > 1
            AND (l.type = 'item' OR l.tax_amount <> 0)
    )
    SELECT system, shown_number AS invoice_no, occurrence, row_number() OVER (PARTITION BY system,
        shown_number, occurrence ORDER BY place) AS place, entity_id, amount, tax_code, tax_rate
    FROM each""",
    said="""
    WITH numbered AS (
        SELECT invoice_id, invoice_no_supplier, row_number() OVER (PARTITION BY source_system,
            invoice_no_supplier ORDER BY length(source_pk), source_pk) AS occurrence
        FROM canonical.invoices
    )
    SELECT l.source_system AS system, i.invoice_no_supplier AS invoice_no, i.occurrence,
        row_number() OVER (PARTITION BY l.invoice_id ORDER BY
            length(regexp_extract(l.line_no, '[0-9]+$')), regexp_extract(l.line_no, '[0-9]+$'))
            AS place,
        l.entity_id, l.net_amount AS amount, l.tax_code, l.tax_rate
    FROM canonical.invoice_lines l JOIN numbered i USING (invoice_id) WHERE l.type = 'tax' """,
)

PROJECTIONS = (INVOICES, LINES, TAXES)
