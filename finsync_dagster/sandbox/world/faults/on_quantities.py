"""Faults of quantity, receipt, unit and date.

Belongs here: what was delivered and billed by quantity. Not here: prices and taxes (on_amounts.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.faults.fault import NO_BILLS, SINGLE, TWO_WAY, Fault

# A fifth of a quantity, in units that can be counted.
_FIFTH = """greatest(CASE uom WHEN 'KGM' THEN 250 WHEN 'HUR' THEN 500 ELSE 1000 END, q // 5
    // CASE uom WHEN 'KGM' THEN 250 WHEN 'HUR' THEN 500 ELSE 1000 END
    * CASE uom WHEN 'KGM' THEN 250 WHEN 'HUR' THEN 500 ELSE 1000 END)"""
_IN_ORDER_UNIT = """
UPDATE s_rline SET uom = x.uom, uq = s_rline.q FROM s_line AS x
WHERE x.n = s_rline.n AND x.l = s_rline.l AND s_rline.n IN {victims};
"""
_SHORT_RECEIPT = (
    _IN_ORDER_UNIT
    + f"UPDATE s_rline SET q = q - {_FIFTH} WHERE l = 1 AND n IN {{victims}};"
    + "UPDATE s_rline SET uq = q WHERE l = 1 AND n IN {victims};"
)
_MUCH_RECEIPT = (
    _IN_ORDER_UNIT
    + f"UPDATE s_rline SET q = q + {_FIFTH} WHERE l = 1 AND n IN {{victims}};"
    + "UPDATE s_rline SET uq = q WHERE l = 1 AND n IN {victims};"
)
_SHORT_BILL = f"UPDATE s_iline SET q = q - {_FIFTH} WHERE i = 1 AND l = 1 AND n IN {{victims}};"
_MUCH_BILL = f"UPDATE s_iline SET q = q + {_FIFTH} WHERE i = 1 AND l = 1 AND n IN {{victims}};"
_VALUE_OF_FIFTH = (
    f"worth({_FIFTH.replace('uom', 'x.uom').replace('q //', 'x.q //')}, x.p, x.num, x.den, x.pu,"
    " x.ccy)"
)
_RETURN = (
    "INSERT INTO s_receipt SELECT n, 30, 'return', last_w + 9,"
    " 3600 + upto('return time', n, 20000), 'RT' || (200000 + n),"
    " receiver,"
    " last_w + 9 FROM s_order WHERE n IN {victims};"
    "INSERT INTO s_rline SELECT x.n, 30, 1, "
    f"-{_FIFTH.replace('uom', 'x.uom').replace('q //', 'x.q //')}, x.uom, 0, NULL, NULL, 1, false"
    " FROM s_line AS x WHERE x.l = 1 AND x.n IN {victims};"
    "UPDATE s_rline SET uq = q WHERE r = 30 AND n IN {victims};"
)
_BIG = "q >= 5000"

FAULTS = (
    Fault(
        "QTY_NOT_ACCEPTED",
        "kind = '4w' AND nd = 1 AND plain AND q >= 5000",
        "A fifth of the delivery failed inspection; all of it was billed.",
        subject="purchase_order_line",
        before=_IN_ORDER_UNIT + f"UPDATE s_rline SET rej = {_FIFTH}, acc = q - {_FIFTH}"
        " WHERE r = 1 AND l = 1 AND n IN {victims};",
        risk=_VALUE_OF_FIFTH,
    ),
    Fault(
        "UOM_RATIO_VARIANCE",
        "nd = 1 AND kind = '3w' AND plain AND ratio_l = 1 AND q >= 3000",
        "The invoice converts pieces into kilograms with another ratio than the order.",
        subject="invoice_line",
        before="UPDATE s_iline SET num = num * 11, den = den * 10"
        " WHERE i = 1 AND l = 1 AND n IN {victims};",
        risk="c.net - x.net", entails="PRICE_OVER,LINE_TOTAL_EXCEEDED", per_100=2,
    ),
    Fault(
        "OVER_DELIVERY",
        f"nd = 1 AND kind = '3w' AND plain AND recent AND {_BIG}",
        "More was delivered than ordered, beyond the tolerance; the order's quantity was billed.",
        subject="purchase_order_line", before=_MUCH_RECEIPT, risk=_VALUE_OF_FIFTH,
    ),
    Fault(
        "CREDIT_EXCEEDS_INVOICED",
        f"{SINGLE} AND recent AND NOT gr_based AND {_BIG}",
        "The credit takes back more than was billed.",
        before="INSERT INTO s_invoice SELECT v.* REPLACE (30 AS i, 'credit_qty' AS kind,"
        " v.serial + 29 AS serial, v.number || '-G' AS number, 1 AS corr_i, v.w + 3 AS w,"
        " v.rw + 3 AS rw, v.pw + 3 AS pw, false AS payable)"
        " FROM s_invoice AS v WHERE v.i = 1 AND v.n IN {victims};"
        f"INSERT INTO s_iline SELECT c.* REPLACE (30 AS i, -(q + {_FIFTH}) AS q, 1 AS corr_i)"
        " FROM s_iline AS c WHERE c.i = 1 AND c.l = 1 AND c.type = 'item' AND c.n IN {victims};",
        i=30, risk=_VALUE_OF_FIFTH, counter="other",
    ),
    Fault(
        "GRIR_AGED",
        "nd = 1 AND kind = '3w' AND plain AND old AND nlines = 1 AND freight = 0",
        "Received more than 90 days ago; no invoice has come.",
        subject="purchase_order_line",
        before=NO_BILLS,
        risk="x.net",
    ),
    Fault(
        "UOM_CONVERSION_MISSING",
        "kind = '2w' AND plain AND box = 0 AND entity_id IN ('lumen_de', 'lumen_uk', 'lumen_us')",
        "The invoice bills boxes of an item of which nobody entered what a box holds.",
        subject="invoice_line",
        before="UPDATE s_iline SET uom = 'BX', puom = 'BX'"
        " WHERE i = 1 AND l = 1 AND n IN {victims};",
        risk="c.net",
    ),
    Fault(
        "QTY_OVER_ORDERED",
        f"{TWO_WAY} AND {_BIG}",
        "More was billed than ordered.",
        subject="invoice_line", before=_MUCH_BILL, risk="c.net - x.net",
        entails="LINE_TOTAL_EXCEEDED",
    ),
    Fault(
        "QTY_OVER_RECEIVED",
        f"{SINGLE} AND {_BIG}",
        "Billed as ordered, but a fifth has not arrived.",
        subject="invoice_line", before=_SHORT_RECEIPT, risk=_VALUE_OF_FIFTH,
    ),
    Fault(
        "UNDER_DELIVERY",
        f"{SINGLE} AND {_BIG} AND NOT gr_based",
        "Less was delivered and billed than ordered, and nothing more is expected.",
        subject="purchase_order_line",
        before=_SHORT_RECEIPT + _SHORT_BILL
        + "UPDATE s_line SET forced_complete = true WHERE l = 1 AND n IN {victims};",
        risk=_VALUE_OF_FIFTH,
    ),
    Fault(
        "RECEIPT_MISSING",
        f"{SINGLE} AND NOT gr_based AND nlines = 1",
        "Billed as ordered; nothing was ever received.",
        subject="invoice_line",
        before="DELETE FROM s_receipt WHERE n IN {victims};"
        "DELETE FROM s_rline WHERE n IN {victims};",
        risk="c.net",
    ),
    Fault(
        "RETURN_NOT_CREDITED",
        f"nd = 1 AND kind = '3w' AND plain AND {_BIG}",
        "Goods went back to the supplier; no credit has come.",
        subject="receipt", before=_RETURN, r=30, risk=_VALUE_OF_FIFTH,
        entails="QTY_OVER_RECEIVED",
    ),
    Fault(
        "DATE_EARLY",
        "nd = 1 AND kind = '3w' AND plain",
        "Delivered and billed weeks before the date agreed.",
        before="UPDATE s_order SET lead = lead + 30 WHERE n IN {victims};",
        risk="t.net", counter="o.po_number",
    ),
    Fault(
        "INVOICE_BEFORE_RECEIPT",
        f"{SINGLE} AND lead > 8",
        "The invoice is dated before anything was received.",
        before="UPDATE s_invoice SET w = o.last_w - 3, rw = o.last_w - 3 FROM s_order AS o"
        " WHERE o.n = s_invoice.n AND s_invoice.i = 1 AND o.n IN {victims};"
        "UPDATE s_order SET lead = lead - 3 WHERE n IN {victims};",
        risk="t.net",
    ),
    Fault(
        "CUTOFF_ERROR",
        f"{SINGLE} AND month(weekday(w + 1)) <> month(weekday(last_w))"
        " AND entity_id IN ('lumen_de', 'lumen_fr', 'lumen_ie')",
        "Delivered in one month, as its delivery note says, and posted in a later one.",
        subject="receipt",
        before="UPDATE s_receipt SET doc_w = o.w + 1 FROM s_order AS o"
        " WHERE o.n = s_receipt.n AND s_receipt.r = 1 AND o.n IN {victims};",
        risk="t.net", decidable_by="documents",
    ),
)  # fmt: skip
