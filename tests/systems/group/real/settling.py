"""Payments, what they settle, and the ledger.

Belongs here: what was paid and posted. Not here: bills (billing.py).
"""

from __future__ import annotations

from tests.systems.group.projection import Projection, Told, unknown

_BOOKS = "the books show the posting, not what the bank said of it"
_SAP_PAYMENT = {
    "status": Told("CASE status WHEN 'confirmed' THEN 'sent' ELSE status END", _BOOKS),
    "method": unknown("a ledger line names no method"),
    "unapplied": unknown("what is not applied is an open line"),
}

PAYMENTS = Projection(
    name="payments",
    key=("payment_no",),
    real="""
    SELECT p.system, p.payment_number AS payment_no, p.entity_id, a.account_no AS supplier_no,
        p.method, p.currency AS ccy, p.amount, p.payment_date, p.status,
        p.amount - coalesce((SELECT sum(x.amount) FROM payment_application x
            WHERE x.payment_id = p.payment_id AND x.invoice_id IS NOT NULL), 0) AS unapplied
    FROM payment p LEFT JOIN shown_account a USING (supplier_account_id)
    WHERE NOT EXISTS (FROM gone g WHERE g.system = p.system AND g.object = 'payment'
        AND g.object_id = p.payment_id)""",
    said="""
    SELECT p.source_system AS system, p.payment_no, p.entity_id, s.supplier_no, p.method, p.ccy,
        p.amount, p.payment_date, p.status_canon AS status, p.unapplied_amount_stated AS unapplied
    FROM canonical.payments p LEFT JOIN canonical.suppliers s USING (supplier_src_id)""",
    told={
        "group_sap": _SAP_PAYMENT,
        "group_s4": _SAP_PAYMENT,
        "group_coupa": {
            "method": Told(
                "CASE method WHEN 'transfer' THEN 'bank_transfer' WHEN 'card' THEN 'virtual_card'"
                " ELSE method END",
                "its own words",
            ),
            "unapplied": unknown("not stated by the API"),
        },
        "group_netsuite": {
            "method": unknown("the columns that are seen tell no method"),
            "status": Told("CASE status WHEN 'confirmed' THEN 'sent' ELSE status END", _BOOKS),
        },
    },
)

# In SAP an invoice is cleared once: what is paid beyond it stays on account. How much discount was
# taken is known of a payment as a whole.
_SAP_APPLICATION = {
    "settled": Told(
        "CASE WHEN abs(settled) > abs(_gross) THEN _gross ELSE settled END",
        "what clears an invoice is what was owed",
    ),
    "discount": Told(
        "CASE WHEN _several THEN NULL ELSE discount END", "a posting tells it of all its invoices"
    ),
}

APPLICATIONS = Projection(
    name="payment_applications",
    key=("payment_no", "invoice_no", "place"),
    real="""
    SELECT p.system, p.payment_number AS payment_no,
        coalesce(nullif(i.invoice_number, ''), i.document_number) AS invoice_no,
        row_number() OVER (PARTITION BY p.payment_id, i.invoice_number ORDER BY i.invoice_id)
            AS place,
        p.entity_id, p.currency AS ccy, x.amount + x.discount_amount AS settled,
        x.discount_amount AS discount, sum(x.discount_amount) OVER (PARTITION BY p.payment_id)
            AS discount_of_payment, i.gross_amount AS _gross,
        count(*) OVER (PARTITION BY p.payment_id) > 1 AS _several
    FROM settled x JOIN payment p USING (payment_id) JOIN invoice i USING (invoice_id)
    WHERE NOT (p.system IN ('group_sap', 'group_s4')
        AND abs(x.so_far - x.amount - x.discount_amount) >= abs(i.gross_amount))""",
    said="""
    SELECT x.source_system AS system, p.payment_no,
        coalesce(i.invoice_no_supplier, x.invoice_no_ref) AS invoice_no,
        row_number() OVER (PARTITION BY x.payment_id,
            coalesce(i.invoice_no_supplier, x.invoice_no_ref)
            ORDER BY length(x.invoice_id), x.invoice_id, x.application_id) AS place,
        x.entity_id, x.ccy, x.amount_applied + coalesce(x.discount_taken, 0) AS settled,
        CASE WHEN x.source_system NOT IN ('group_sap', 'group_s4')
            OR count(*) OVER (PARTITION BY x.payment_id) = 1
            THEN coalesce(x.discount_taken, 0) END AS discount,
        sum(coalesce(x.discount_taken, 0)) OVER (PARTITION BY x.payment_id) AS discount_of_payment
    FROM canonical.payment_applications x LEFT JOIN canonical.payments p USING (payment_id)
    LEFT JOIN canonical.invoices i ON i.invoice_id = x.invoice_id""",
    told={
        "group_sap": _SAP_APPLICATION,
        "group_s4": _SAP_APPLICATION,
    },
)

_SAP_LEDGER = {
    "reference": Told(
        "coalesce(reference, document_no)", "what is posted from nothing refers to itself"
    ),
    "description": Told(
        "coalesce(description, CASE WHEN supplier_no IS NOT NULL THEN nullif(_reference, '') END)",
        "a supplier's line without a text has the reference",
    ),
}

LEDGER = Projection(
    name="ledger_lines",
    key=("entity_id", "year", "document_no", "line_no"),
    real="""
    SELECT g.system, g.entity_id, CAST(g.fiscal_year AS VARCHAR) AS year,
        g.document_number AS document_no, g.line_no, g.document_type, g.gl_account AS account,
        a.account_no AS supplier_no, g.transaction_amount AS amount, g.transaction_currency AS ccy,
        g.amount AS amount_functional, g.posting_date, g.document_date,
        g.source_document AS reference, g.po_number, CAST(g.po_line_no AS VARCHAR) AS po_line,
        g.clearing_document, g.clearing_date, g.cost_center, g.tax_code, g.text AS description,
        g.reference AS _reference
    FROM gl_line g LEFT JOIN shown_account a USING (supplier_account_id)
    WHERE g.document_type <> 'SA' """,
    said="""
    SELECT l.source_system AS system, l.entity_id, split_part(l.ledger_line_id, '|', 4) AS year,
        l.document_no, CAST(l.line_no AS INTEGER) AS line_no, l.document_type, l.account,
        s.supplier_no, l.amount, l.ccy, l.amount_functional, l.posting_date, l.document_date,
        l.reference, l.po_number_ref AS po_number, l.po_line_ref AS po_line, l.clearing_document,
        l.clearing_date, l.cost_center, l.tax_code, l.description
    FROM canonical.ledger_lines l LEFT JOIN canonical.suppliers s USING (supplier_src_id)
    WHERE l.source_system IN ('group_sap', 'group_s4')""",
    told={"group_sap": _SAP_LEDGER, "group_s4": _SAP_LEDGER},
)

PROJECTIONS = (PAYMENTS, APPLICATIONS, LEDGER)
