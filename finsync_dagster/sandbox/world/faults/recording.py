"""The record of what was planted: which document, in which words, at which risk.

Belongs here: filling planted and innocent. Not here: planting.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from finsync_dagster.sandbox.world.faults.fault import Fault

# How a person names an invoice: Coupa shows the supplier's number, the others their own.
_INVOICE_NO = (
    "CASE {v}.system WHEN 'group_coupa' THEN {v}.invoice_number ELSE {v}.document_number END"
)

# Table of the subject: its key column, system, number, and the rows it is found by.
_SUBJECTS = {
    "invoice": ("d.invoice_id", "d.system", _INVOICE_NO.format(v="d")),
    "invoice_line": (
        "dl.invoice_line_id", "d.system",
        _INVOICE_NO.format(v="d") + " || '/' || dl.line_no",
    ),
    "purchase_order": ("po.purchase_order_id", "po.system", "po.po_number"),
    "purchase_order_line": (
        "pl.purchase_order_line_id", "po.system", "po.po_number || '/' || pl.line_no",
    ),
    "receipt": ("rc.receipt_id", "rc.system", "rc.receipt_number"),
    "requisition": ("rq.requisition_id", "rq.system", "rq.requisition_number"),
    "payment": ("py.payment_id", "py.system", "py.payment_number"),
    "supplier_account": ("sa.supplier_account_id", "sa.system", "sa.account_no"),
}  # fmt: skip

# Every fault's rows side by side, once: o order, x its line, v invoice staged, t its totals, c its
# line, d the invoice as published, and so on; each as one value with fields.
_BASE = """
CREATE TEMP TABLE s_base AS
SELECT f.fault, o, x, v, t, c, y, d, dl, k, po, pl, rc, rq, py, sa
FROM s_fault AS f JOIN words AS w USING (fault) JOIN s_order AS o USING (n)
LEFT JOIN s_line AS x ON x.n = f.n AND x.l = w.line
LEFT JOIN s_invoice AS v ON v.n = f.n AND v.i = w.i
LEFT JOIN s_total AS t ON t.n = f.n AND t.i = w.i
LEFT JOIN (SELECT n, i, l, min(place) AS first_place FROM s_iline WHERE type = 'item' GROUP BY ALL)
    AS cp ON cp.n = f.n AND cp.i = w.i AND cp.l = w.line
LEFT JOIN s_iline AS c ON c.n = f.n AND c.i = w.i AND c.place = cp.first_place
LEFT JOIN s_right_tax AS y ON y.n = f.n AND y.i = w.i
LEFT JOIN s_invoice_id AS di ON di.n = f.n AND di.i = w.i
LEFT JOIN invoice AS d ON d.invoice_id = di.invoice_id
LEFT JOIN s_iline_id AS li ON li.n = f.n AND li.i = w.i AND li.place = c.place
LEFT JOIN invoice_line AS dl ON dl.invoice_line_id = li.invoice_line_id
LEFT JOIN s_invoice_id AS ki ON ki.n = f.n AND ki.i = w.counter_i
LEFT JOIN invoice AS k ON k.invoice_id = ki.invoice_id
JOIN purchase_order AS po ON po.purchase_order_id = f.n
LEFT JOIN s_line_id AS xi ON xi.n = f.n AND xi.l = w.line
LEFT JOIN purchase_order_line AS pl ON pl.purchase_order_line_id = xi.line_id
LEFT JOIN s_receipt_id AS ri ON ri.n = f.n AND ri.r = w.r
LEFT JOIN receipt AS rc ON rc.receipt_id = ri.receipt_id
LEFT JOIN (SELECT n, x AS which, requisition_id FROM s_requisition) AS rs
    ON rs.n = f.n AND rs.which = w.i
LEFT JOIN requisition AS rq ON rq.requisition_id = rs.requisition_id
LEFT JOIN s_payment_id AS pi ON pi.pkey = 2000000000000 + f.n
LEFT JOIN payment AS py ON py.payment_id = pi.payment_id
LEFT JOIN supplier_account AS sa ON sa.supplier_account_id = CASE
    WHEN f.fault LIKE 'BANK%' THEN coalesce(o.copy_acct, o.acct) ELSE o.acct END;
"""

_RECORD = """
INSERT INTO s_planted
SELECT fault, o.entity_id, {system}, '{subject}', {number}, {key}, {counter}, {risk}, {ccy}, o.n
FROM s_base WHERE fault = '{fault}' AND {key} IS NOT NULL;
"""

_PREPARE = """
CREATE TEMP TABLE s_planted (fault VARCHAR, entity_id VARCHAR, system VARCHAR,
    subject_type VARCHAR, subject_key VARCHAR, subject_id BIGINT, counter_key VARCHAR,
    cents HUGEINT, ccy VARCHAR, n BIGINT);
CREATE TEMP TABLE s_right_tax AS
SELECT t.n, t.i, sum(in_minor(CAST(t.base AS HUGEINT) * t.bp, 10000, v.ccy)) AS right_tax
FROM s_itax AS t JOIN s_invoice AS v USING (n, i) GROUP BY ALL;
"""

_PUBLISH = """
INSERT INTO {table}
SELECT row_number() OVER (), w.reason, p.entity_id, p.system, p.subject_type, p.subject_key,
    p.subject_id, p.counter_key, money(p.cents), CASE WHEN p.cents IS NOT NULL THEN p.ccy END,
    w.decidable_by, w.entails, w.explanation
FROM s_planted AS p JOIN words AS w USING (fault)
WHERE w.innocent = {innocent}
ORDER BY w.reason, p.fault, p.entity_id, p.n, p.subject_key;
"""

_COUNTERS = {
    "other": _INVOICE_NO.format(v="k"),
    "account": "(SELECT account_no FROM supplier_account WHERE supplier_account_id = o.acct)",
}


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes ``s_planted``, to which faults without an order may add rows of their own."""
    connection.execute(_PREPARE)


def record(connection: duckdb.DuckDBPyConnection, faults: Sequence[Fault]) -> None:
    """Fills planted and innocent from the orders that carry a fault, and from ``s_planted``."""
    connection.execute(
        "CREATE TEMP TABLE words (fault VARCHAR, reason VARCHAR, decidable_by VARCHAR,"
        " entails VARCHAR, explanation VARCHAR, innocent BOOLEAN, line BIGINT, i BIGINT, r BIGINT,"
        " counter_i BIGINT)"
    )
    words = [
        (
            f.name,
            f.reason_code,
            f.decidable_by,
            f.entails,
            f.explanation,
            f.innocent,
            f.line,
            f.i,
            f.r,
            f.counter_i,
        )
        for f in faults
    ]
    connection.executemany("INSERT INTO words VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", words)
    connection.execute(_BASE)
    for fault in faults:
        if fault.subject == "none":
            continue
        key, system, number = _SUBJECTS[fault.subject]
        connection.execute(
            _RECORD.format(
                system=system, subject=fault.subject, number=number, key=key,
                counter=_COUNTERS.get(fault.counter, fault.counter), risk=fault.risk,
                ccy=fault.ccy,
                fault=fault.name,
            )
        )  # fmt: skip
    for table, innocent in (("planted", False), ("innocent", True)):
        connection.execute(_PUBLISH.format(table=table, innocent=innocent))
