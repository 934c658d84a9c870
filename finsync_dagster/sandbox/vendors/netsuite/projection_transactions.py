"""Transactions, what they were made from, and what was deleted, as SQL over the world.

Belongs here: the tables transaction, the links between lines, deletedrecord. Not here: lines
(projection_lines.py), vendors and the like (projection_parties.py).

Status letters are NetSuite's. From memory: a receipt has none; a bill that is taken back is a
credit with ``isreversal`` and the bill's id in ``reversal``, a receipt that is taken back one with
negative quantities, the same way; a return is a receipt with negative quantities; a prepayment
is a transaction of type VPrep; 'RcptBill' ties a bill's line to a receipt's, 'PymtDisc' a cash
discount to its bill; the names of record types and the columns of ``deletedrecord``.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.netsuite.numbering import (
    Numbering,
    currency,
    employee,
    period,
    vendor,
)


def transactions(numbers: Numbering) -> dict[str, str]:
    """The SELECT of each table, by its name."""
    links = _links(numbers)
    return {
        "transaction": _transaction(numbers),
        "previoustransactionlinelink": links,
        "nexttransactionlinelink": links,
        "deletedrecord": _deletedrecord(numbers),
    }


def deleted(table: str, alias: str, key: str) -> str:
    """A join that tells when a document was deleted, as ``<alias>.deleted_at``."""
    return (
        f"LEFT JOIN deletion {alias} ON {alias}.system = 'group_netsuite' "
        f"AND {alias}.object = '{table}' AND {alias}.object_id = {key}"
    )


BILL_TYPE = """CASE WHEN i.kind IN ('credit_qty', 'credit_value') OR i.gross_amount < 0
    THEN 'VendCred' WHEN i.kind = 'prepayment' THEN 'VPrep' ELSE 'VendBill' END"""


# Nothing received, nothing paid, nothing closed or voided yet.
_BEFORE = """CASE type || status WHEN 'PurchReqE' THEN 'B' WHEN 'PurchReqR' THEN 'A'
    WHEN 'PurchReqC' THEN 'A' WHEN 'PurchOrdD' THEN 'B' WHEN 'PurchOrdF' THEN 'B'
    WHEN 'PurchOrdG' THEN 'B' WHEN 'PurchOrdH' THEN 'B' WHEN 'VendBillB' THEN 'A'
    WHEN 'VendBillC' THEN 'A' WHEN 'VendCredB' THEN 'A' WHEN 'VendCredC' THEN 'A'
    WHEN 'VendPymtV' THEN 'F' WHEN 'VendPymtD' THEN 'F' ELSE status END"""


def _transaction(numbers: Numbering) -> str:
    every = f"{_ordered(numbers)} UNION ALL {_billed(numbers)}"
    return f"SELECT *, {_BEFORE} AS _before FROM ({every}) ORDER BY id"


def _ordered(numbers: Numbering) -> str:
    of = numbers.transaction
    return f"""
    SELECT {of("requisition", "r.requisition_id")} AS id,
        r.requisition_number AS transactionnumber, 'PurchReq' AS type,
        CAST(NULL AS VARCHAR) AS memo,
        CAST(coalesce(r.submitted_at, r.created_at) AS DATE) AS trandate,
        CASE r.status WHEN 'approved' THEN 'B' WHEN 'ordered' THEN 'E' WHEN 'rejected' THEN 'R'
            WHEN 'cancelled' THEN 'C' ELSE 'A' END AS status,
        r.created_at AS createddate, CAST(NULL AS DATE) AS duedate, CAST(NULL AS DATE) AS closedate,
        {currency("r.currency")} AS currency, {employee("r.requester_id")} AS entity,
        {period("r.created_at")} AS postingperiod, 'F' AS posting, 'F' AS isreversal,
        CAST(NULL AS BIGINT) AS reversal, CAST(NULL AS DATE) AS reversaldate,
        'F' AS reversaldefer, r.created_at AS _created, r.changed_at AS _changed,
        d.deleted_at AS _deleted
    FROM requisition r {deleted("requisition", "d", "r.requisition_id")}
    WHERE r.system = 'group_netsuite'
    UNION ALL
    SELECT {of("purchase_order", "o.purchase_order_id")}, o.po_number, 'PurchOrd', NULL,
        o.order_date,
        CASE o.status WHEN 'approved' THEN 'B' WHEN 'sent' THEN 'B' WHEN 'partial' THEN 'D'
            WHEN 'received' THEN 'F' WHEN 'closed' THEN 'G' WHEN 'cancelled' THEN 'H'
            ELSE 'A' END,
        o.created_at, NULL,
        CASE WHEN o.status IN ('closed', 'cancelled') THEN CAST(o.changed_at AS DATE) END,
        {currency("o.currency")}, {vendor("o.supplier_account_id")}, {period("o.order_date")},
        'F', 'F', NULL, NULL, 'F', o.created_at, o.changed_at, d.deleted_at
    FROM purchase_order o {deleted("purchase_order", "d", "o.purchase_order_id")}
    WHERE o.system = 'group_netsuite'
    UNION ALL
    SELECT {of("receipt", "r.receipt_id")}, r.receipt_number, 'ItemRcpt', NULL, r.posting_date,
        NULL, r.created_at, NULL, NULL, {currency("v.currency")},
        {vendor("r.supplier_account_id")}, {period("r.posting_date")}, 'T',
        CASE WHEN r.kind = 'reversal' THEN 'T' ELSE 'F' END,
        CASE WHEN r.kind = 'reversal' THEN {of("receipt", "v.reversed_id")} END,
        CASE WHEN r.kind = 'reversal' THEN r.posting_date END,
        'F', r.created_at, r.changed_at, d.deleted_at
    FROM receipt r JOIN (
        SELECT l.receipt_id, min(b.receipt_id) AS reversed_id, min(o.currency) AS currency
        FROM receipt_line l
        JOIN purchase_order_line ol ON ol.purchase_order_line_id = l.purchase_order_line_id
        JOIN purchase_order o ON o.purchase_order_id = ol.purchase_order_id
        LEFT JOIN receipt_line b ON b.receipt_line_id = l.reverses_receipt_line_id
        GROUP BY l.receipt_id
    ) v ON v.receipt_id = r.receipt_id
    {deleted("receipt", "d", "r.receipt_id")}
    WHERE r.system = 'group_netsuite'
"""


# The day of the first payment with which an invoice was settled in full.
_PAID = """
    SELECT invoice_id, min(payment_date) AS paid_on FROM (
        SELECT b.invoice_id, p.payment_date, b.gross_amount,
            sum(a.amount + a.discount_amount) OVER (PARTITION BY b.invoice_id
                ORDER BY p.payment_date, p.payment_id) AS settled
        FROM payment_application a JOIN payment p USING (payment_id)
        JOIN invoice b USING (invoice_id) WHERE p.status NOT IN ('void', 'failed'))
    WHERE abs(settled) >= abs(gross_amount) GROUP BY invoice_id"""


def _billed(numbers: Numbering) -> str:
    of = numbers.transaction
    return f"""
    SELECT {of("invoice", "i.invoice_id")}, i.document_number, {BILL_TYPE}, NULL, i.invoice_date,
        CASE i.state WHEN 'received' THEN 'D' WHEN 'parked' THEN 'D' WHEN 'paid' THEN 'B'
            WHEN 'void' THEN 'C' ELSE 'A' END,
        i.created_at, i.due_date,
        CASE WHEN i.state = 'paid' THEN coalesce(y.paid_on, CAST(i.changed_at AS DATE)) END,
        {currency("i.currency")}, {vendor("i.supplier_account_id")}, {period("i.posting_date")},
        CASE WHEN i.state IN ('received', 'parked', 'void') THEN 'F' ELSE 'T' END,
        CASE WHEN i.reverses_invoice_id IS NULL THEN 'F' ELSE 'T' END,
        CASE WHEN i.reverses_invoice_id IS NOT NULL
            THEN {of("invoice", "i.reverses_invoice_id")} END,
        CASE WHEN i.reverses_invoice_id IS NOT NULL THEN i.posting_date END,
        'F', i.created_at, i.changed_at, d.deleted_at
    FROM invoice i {deleted("invoice", "d", "i.invoice_id")}
    LEFT JOIN ({_PAID}) y ON y.invoice_id = i.invoice_id
    WHERE i.system = 'group_netsuite'
    UNION ALL
    SELECT {of("payment", "p.payment_id")}, p.payment_number, 'VendPymt', NULL, p.payment_date,
        CASE p.status WHEN 'void' THEN 'V' WHEN 'failed' THEN 'D' ELSE 'F' END,
        p.created_at, NULL, NULL, {currency("p.currency")}, {vendor("p.supplier_account_id")},
        {period("p.payment_date")}, CASE WHEN p.status IN ('void', 'failed') THEN 'F' ELSE 'T' END,
        'F', NULL, NULL, 'F', p.created_at, p.changed_at, d.deleted_at
    FROM payment p {deleted("payment", "d", "p.payment_id")}
    WHERE p.system = 'group_netsuite'
"""


def _links(numbers: Numbering) -> str:
    of = numbers.transaction
    order = of("purchase_order", "ol.purchase_order_id")
    receipt, bill = of("receipt", "r.receipt_id"), of("invoice", "i.invoice_id")
    payment = of("payment", "p.payment_id")
    ordered = f"""
    JOIN purchase_order_line ol USING (purchase_order_line_id)
    JOIN purchase_order o ON o.purchase_order_id = ol.purchase_order_id
        AND o.system = 'group_netsuite'
    {deleted("purchase_order", "od", "o.purchase_order_id")}"""
    both = "least(od.deleted_at, d.deleted_at) AS _deleted"
    return f"""
SELECT * FROM (
    SELECT {order} AS previousdoc, CAST(ol.line_no AS BIGINT) AS previousline,
        {receipt} AS nextdoc, CAST(l.line_no AS BIGINT) AS nextline, 'ShipRcpt' AS linktype,
        l.amount AS foreignamount, r.created_at AS _created, {both}
    FROM receipt_line l {ordered}
    JOIN receipt r ON r.receipt_id = l.receipt_id AND r.system = 'group_netsuite'
    {deleted("receipt", "d", "r.receipt_id")}
    UNION ALL
    SELECT {order}, ol.line_no, {bill}, l.line_no, 'OrdBill', l.net_amount, i.created_at, {both}
    FROM invoice_line l {ordered}
    JOIN invoice i ON i.invoice_id = l.invoice_id AND i.system = 'group_netsuite'
    {deleted("invoice", "d", "i.invoice_id")}
    UNION ALL
    SELECT {receipt}, rl.line_no, {bill}, l.line_no, 'RcptBill', l.net_amount, i.created_at, {both}
    FROM invoice_line l JOIN receipt_line rl USING (receipt_line_id)
    JOIN receipt r ON r.receipt_id = rl.receipt_id AND r.system = 'group_netsuite'
    {deleted("receipt", "od", "r.receipt_id")}
    JOIN invoice i ON i.invoice_id = l.invoice_id AND i.system = 'group_netsuite'
    {deleted("invoice", "d", "i.invoice_id")}
    UNION ALL
    SELECT {bill}, 0, {payment}, 0, a.linktype, a.foreignamount, p.created_at, {both}
    FROM (
        SELECT payment_id, invoice_id, 'Payment' AS linktype, amount AS foreignamount
        FROM payment_application
        UNION ALL
        SELECT payment_id, invoice_id, 'PymtDisc', discount_amount
        FROM payment_application WHERE discount_amount <> 0
    ) a
    JOIN invoice i ON i.invoice_id = a.invoice_id AND i.system = 'group_netsuite'
    {deleted("invoice", "od", "i.invoice_id")}
    JOIN payment p ON p.payment_id = a.payment_id AND p.system = 'group_netsuite'
    {deleted("payment", "d", "p.payment_id")}
) ORDER BY nextdoc, nextline, previousdoc, previousline, linktype
"""


def _deletedrecord(numbers: Numbering) -> str:
    kinds = "".join(
        f" WHEN '{table}' THEN {numbers.transaction(table, 'x.object_id')}"
        for table in ("requisition", "purchase_order", "receipt", "invoice", "payment")
    )
    return f"""
SELECT CASE x.object {kinds} ELSE {vendor("x.object_id")} END AS recordid,
    CASE x.object WHEN 'requisition' THEN 'purchaseRequisition'
        WHEN 'purchase_order' THEN 'purchaseOrder' WHEN 'receipt' THEN 'itemReceipt'
        WHEN 'payment' THEN 'vendorPayment' WHEN 'supplier_account' THEN 'vendor'
        ELSE CASE {BILL_TYPE} WHEN 'VendCred' THEN 'vendorCredit' ELSE 'vendorBill' END
        END AS type,
    x.number AS name, x.deleted_at AS deleteddate, {employee("x.deleted_by")} AS deletedby,
    'F' AS iscustomlist, 'F' AS iscustomrecord, 'F' AS iscustomtransaction,
    x.deleted_at AS _created
FROM deletion x LEFT JOIN invoice i ON x.object = 'invoice' AND i.invoice_id = x.object_id
WHERE x.system = 'group_netsuite'
ORDER BY x.deletion_id
"""
