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

# Every fault's rows side by side: o order, x its line, v invoice staged, t its totals, c its line,
# d the invoice as published, and so on; each as one value with the fields the faults speak of.
# Batch by batch of orders, since twenty joins at once hold twenty tables in memory.
_BASE = """
CREATE OR REPLACE TEMP TABLE s_base AS
WITH f AS (SELECT f.n, w.* FROM s_fault AS f JOIN words AS w USING (fault)
    WHERE f.n BETWEEN {lo} AND {hi}),
o AS (SELECT n, entity_id, ccy, entity_ccy, fx8, po_number, acct, copy_acct
    FROM s_order WHERE n BETWEEN {lo} AND {hi}),
x AS (SELECT n, l, uom, q, p, pu, num, den, net, ccy, freight, copied_q, copied_p
    FROM s_line WHERE n BETWEEN {lo} AND {hi}),
v AS (SELECT n, i, ccy, fx8 FROM s_invoice WHERE n BETWEEN {lo} AND {hi}),
t AS (SELECT * FROM s_total WHERE n BETWEEN {lo} AND {hi}),
c AS (SELECT n, i, l, min(place) AS place, arg_min(net, place) AS net
    FROM s_iline WHERE type = 'item' AND n BETWEEN {lo} AND {hi} GROUP BY ALL),
y AS (SELECT z.n, z.i, sum(in_minor(CAST(z.base AS HUGEINT) * z.bp, 10000, u.ccy)) AS right_tax
    FROM s_itax AS z JOIN s_invoice AS u USING (n, i)
    WHERE z.n BETWEEN {lo} AND {hi} GROUP BY ALL),
di AS (SELECT * FROM s_invoice_id WHERE n BETWEEN {lo} AND {hi}),
d AS (SELECT invoice_id, system, invoice_number, document_number FROM invoice
    WHERE invoice_id IN (SELECT invoice_id FROM di)),
dl AS (SELECT li.n, li.i, li.place, li.invoice_line_id, li.line_no FROM s_iline_id AS li
    WHERE n BETWEEN {lo} AND {hi}),
po AS (SELECT purchase_order_id, system, po_number FROM purchase_order
    WHERE purchase_order_id BETWEEN {lo} AND {hi}),
pl AS (SELECT purchase_order_id, purchase_order_line_id, line_no FROM purchase_order_line
    WHERE purchase_order_id BETWEEN {lo} AND {hi}),
rc AS (SELECT ri.n, ri.r, receipt_id, system, receipt_number FROM receipt
    JOIN s_receipt_id AS ri USING (receipt_id) WHERE ri.n BETWEEN {lo} AND {hi}),
rq AS (SELECT rs.n, rs.x AS which, requisition_id, system, requisition_number FROM requisition
    JOIN s_requisition AS rs USING (requisition_id) WHERE rs.n BETWEEN {lo} AND {hi}),
py AS (SELECT pi.pkey, payment_id, system, payment_number FROM payment
    JOIN s_payment_id AS pi USING (payment_id) WHERE pi.pkey >= 2000000000000),
sa AS (SELECT supplier_account_id, system, account_no FROM supplier_account)
SELECT f.fault, o, x, v, t, c, y, d, dl, k, po, pl, rc, rq, py, sa
FROM f JOIN o USING (n)
LEFT JOIN x ON x.n = f.n AND x.l = f.line
LEFT JOIN v ON v.n = f.n AND v.i = f.i
LEFT JOIN t ON t.n = f.n AND t.i = f.i
LEFT JOIN c ON c.n = f.n AND c.i = f.i AND c.l = f.line
LEFT JOIN y ON y.n = f.n AND y.i = f.i
LEFT JOIN di ON di.n = f.n AND di.i = f.i
LEFT JOIN d ON d.invoice_id = di.invoice_id
LEFT JOIN dl ON dl.n = f.n AND dl.i = f.i AND dl.place = c.place
LEFT JOIN di AS ki ON ki.n = f.n AND ki.i = f.counter_i
LEFT JOIN d AS k ON k.invoice_id = ki.invoice_id
JOIN po ON po.purchase_order_id = f.n
LEFT JOIN s_line_id AS xi ON xi.n = f.n AND xi.l = f.line
LEFT JOIN pl ON pl.purchase_order_line_id = xi.line_id
LEFT JOIN rc ON rc.n = f.n AND rc.r = f.r
LEFT JOIN rq ON rq.n = f.n AND rq.which = f.i
LEFT JOIN py ON py.pkey = 2000000000000 + f.n
LEFT JOIN sa ON sa.supplier_account_id = CASE
    WHEN f.fault LIKE 'BANK%' THEN coalesce(o.copy_acct, o.acct) ELSE o.acct END;
"""
_BATCH = 50_000

_RECORD = """
INSERT INTO s_planted
SELECT fault, o.entity_id, {system}, '{subject}', {number}, {key}, {counter}, {risk}, {ccy}, o.n
FROM s_base WHERE fault = '{fault}' AND {key} IS NOT NULL;
"""

_PREPARE = """
CREATE TEMP TABLE s_planted (fault VARCHAR, entity_id VARCHAR, system VARCHAR,
    subject_type VARCHAR, subject_key VARCHAR, subject_id BIGINT, counter_key VARCHAR,
    cents HUGEINT, ccy VARCHAR, n BIGINT);
"""

_PUBLISH = """
INSERT INTO {table}
SELECT row_number() OVER (), * FROM (
    SELECT w.reason, p.entity_id, p.system, p.subject_type, p.subject_key,
        p.subject_id, p.counter_key, money(p.cents), CASE WHEN p.cents IS NOT NULL THEN p.ccy END,
        w.decidable_by, CASE WHEN p.entity_id = 'lumen_de' AND w.by_number <> ''
            THEN concat_ws(',', nullif(w.entails, ''), w.by_number) ELSE w.entails END,
        w.explanation
    FROM s_planted AS p JOIN words AS w USING (fault)
    WHERE w.innocent = {innocent}
    ORDER BY w.reason, p.fault, p.entity_id, p.n, p.subject_key);
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
        " entails VARCHAR, by_number VARCHAR, explanation VARCHAR, innocent BOOLEAN, line BIGINT,"
        " i BIGINT, r BIGINT, counter_i BIGINT)"
    )
    words = [
        (
            f.name,
            f.reason_code,
            f.decidable_by,
            f.entails,
            f.entails_by_number,
            f.explanation,
            f.innocent,
            f.line,
            f.i,
            f.r,
            f.counter_i,
        )
        for f in faults
    ]
    connection.executemany("INSERT INTO words VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", words)
    last = connection.execute("SELECT max(n) FROM s_order").fetchall()[0][0]
    for low in range(1, last + 1, _BATCH):
        connection.execute(_BASE.format(lo=low, hi=low + _BATCH - 1))
        for fault in faults:
            _record_one(connection, fault)
    for table, innocent in (("planted", False), ("innocent", True)):
        connection.execute(_PUBLISH.format(table=table, innocent=innocent))


def _record_one(connection: duckdb.DuckDBPyConnection, fault: Fault) -> None:
    if fault.subject == "none":
        return
    key, system, number = _SUBJECTS[fault.subject]
    connection.execute(
        _RECORD.format(
            system=system, subject=fault.subject, number=number, key=key,
            counter=_COUNTERS.get(fault.counter, fault.counter), risk=fault.risk,
            ccy=fault.ccy, fault=fault.name,
        )
    )  # fmt: skip
