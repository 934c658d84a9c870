"""Faults between an invoice and its order: missing, unknown, ambiguous, not to be billed.

Belongs here: what concerns the reference. Not here: quantities and prices (on_quantities.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.faults.fault import EXTRA_INVOICE, SINGLE, TWO_WAY, Fault

_AMOUNT_ONLY = """
INSERT INTO s_iline
SELECT c.* REPLACE (30 AS i, 100 AS place, {refs}, NULL AS r, NULL AS item_id, NULL AS q,
    NULL AS uom, NULL AS p, 1 AS pu, NULL AS puom, 1 AS num, 1 AS den,
    '{text}' AS description,
    in_minor(CAST(v.net AS HUGEINT) * (23 + upto('{{fault}}', c.n, 40)), 100, o.ccy) AS net)
FROM s_iline AS c JOIN s_order AS o USING (n) JOIN s_line AS v USING (n, l)
WHERE c.i = 1 AND c.l = 1 AND c.type = 'item' AND c.n IN {{victims}};
"""
_NO_ORDER = "NULL AS po_n, NULL AS po_text, NULL AS po_l, NULL AS l"
_UNKNOWN = "NULL AS po_n, CAST(7900000000 + c.n AS VARCHAR) AS po_text, 1 AS po_l, NULL AS l"
_ORDER_ONLY = "c.n AS po_n, NULL AS po_text, NULL AS po_l, NULL AS l"

# The second line becomes a second call-off of the same item at the same price.
_SAME_ITEM = """
UPDATE s_line SET item_id = a.item_id, description = a.description, category = a.category,
    uom = a.uom, puom = a.puom, step = a.step, box = a.box, q = a.q, p = a.p, pu = a.pu,
    num = a.num, den = a.den, net = a.net, tax = a.tax, copied_q = a.q, copied_p = a.p
FROM s_line AS a WHERE a.n = s_line.n AND a.l = 1 AND s_line.l = 2 AND s_line.n IN {victims};
UPDATE s_part SET q = a.q FROM s_line AS a
WHERE a.n = s_part.n AND a.l = 1 AND s_part.l = 2 AND s_part.n IN {victims};
UPDATE s_rline SET q = a.q, uq = a.q, uom = a.uom FROM s_line AS a
WHERE a.n = s_rline.n AND a.l = 1 AND s_rline.l = 2 AND s_rline.n IN {victims};
UPDATE s_iline SET item_id = a.item_id, description = a.description, q = a.q, uom = a.uom, p = a.p,
    pu = a.pu, puom = a.puom, num = a.num, den = a.den
FROM s_line AS a WHERE a.n = s_iline.n AND a.l = 1 AND s_iline.l = 2 AND s_iline.type = 'item'
    AND s_iline.n IN {victims};
"""
_ITEM_ONLY = """
INSERT INTO s_iline
SELECT c.* REPLACE (30 AS i, 100 AS place, NULL AS po_l, NULL AS r, x.step AS q, NULL AS net)
FROM s_iline AS c JOIN s_line AS x USING (n, l)
WHERE c.i = 1 AND c.l = 1 AND c.type = 'item' AND c.n IN {victims};
"""


def _amount(refs: str, text: str) -> str:
    return EXTRA_INVOICE + _AMOUNT_ONLY.format(refs=refs, text=text)


FAULTS = (
    Fault(
        "PO_NOT_FOUND",
        f"{SINGLE} AND entity_id IN ('lumen_de', 'lumen_uk')",
        "The invoice names an order number that does not exist.",
        before=_amount(_UNKNOWN, "As per your order"),
        i=30, risk="t.gross",
    ),
    Fault(
        "LINK_AMBIGUOUS",
        "nd = 1 AND kind = '3w' AND plain AND nlines > 1 AND NOT gr_based AND freight = 0"
        " AND entity_id IN ('lumen_de', 'lumen_uk')",
        "The invoice names the order and an item that two of its lines have, but no line.",
        before=_SAME_ITEM + EXTRA_INVOICE + _ITEM_ONLY,
        i=30, subject="invoice", risk="t.gross",
    ),
    Fault(
        "LINK_MISSING",
        f"{SINGLE} AND nlines > 1 AND entity_id IN ('lumen_de', 'lumen_uk', 'lumen_us')",
        "The invoice names an order of several lines, but bills something that is on none of them.",
        before=_amount(_ORDER_ONLY, "Additional work as agreed"),
        i=30, risk="t.gross", entails="LINE_TOTAL_EXCEEDED",
    ),
    Fault(
        "INV_NO_PO",
        SINGLE,
        "An invoice without any order.",
        before=_amount(_NO_ORDER, "Sundry goods and services"),
        i=30, risk="t.gross",
    ),
    Fault(
        "PO_CANCELLED",
        TWO_WAY,
        "The order was cancelled; it was billed all the same.",
        before="UPDATE s_order SET trait = 'cancelled late' WHERE n IN {victims};",
        risk="t.gross", counter="o.po_number",
    ),
    Fault(
        "PO_CLOSED",
        TWO_WAY,
        "The order was closed before this invoice was dated.",
        before="UPDATE s_order SET trait = 'closed' WHERE n IN {victims};",
        final="UPDATE purchase_order SET changed_at"
        " = greatest(purchase_order.created_at + INTERVAL 2 HOUR,"
        " CAST(v.invoice_date AS TIMESTAMP) - INTERVAL 10 HOUR) FROM invoice AS v"
        " JOIN s_invoice_id AS d USING (invoice_id)"
        " WHERE d.n = purchase_order_id AND d.i = 1 AND d.n IN {victims};",
        risk="t.gross", counter="o.po_number", decidable_by="two snapshots",
    ),
    Fault(
        "PO_AFTER_INVOICE",
        f"{TWO_WAY} AND w > 8",
        "The invoice is dated days before its order was written.",
        before="UPDATE s_invoice SET w = o.w - 4 FROM s_order AS o"
        " WHERE o.n = s_invoice.n AND s_invoice.i = 1 AND o.n IN {victims};",
        entails="DATE_EARLY",
        risk="t.gross", counter="o.po_number",
    ),
    Fault(
        "PO_NOT_APPROVED",
        f"{SINGLE} AND entity_id <> 'lumen_de'",
        "Goods or services were received and billed on an order that nobody approved.",
        subject="purchase_order",
        before="UPDATE s_order SET approval = 'pending' WHERE n IN {victims};",
        risk="t.gross",
    ),
    Fault(
        "SUPPLIER_MISMATCH",
        f"{TWO_WAY} AND entity_id <> 'lumen_de'",
        "The invoice comes from another supplier than the one that was ordered from.",
        before="UPDATE s_invoice SET acct = b.supplier_account_id FROM s_order AS o"
        " JOIN s_pool AS a ON a.entity_id = o.entity_id AND a.supplier_id = o.supplier_id"
        " JOIN s_pool AS b ON b.entity_id = a.entity_id AND b.k = (a.k + 3) % a.pool_size"
        " WHERE o.n = s_invoice.n AND o.n IN {victims};",
        risk="t.gross", counter="o.po_number",
    ),
    Fault(
        "CURRENCY_MISMATCH",
        f"{TWO_WAY} AND ccy IN ('EUR', 'GBP')",
        "The invoice has the figures of the order, in another currency.",
        before="UPDATE s_invoice SET ccy = 'USD' WHERE n IN {victims};",
        risk="t.gross", ccy="v.ccy", counter="o.po_number",
    ),
)  # fmt: skip
