"""What looks like a fault and is none: boundaries, pairs that cancel out, other units.

Belongs here: cases a careless checker would report. Not here: faults.
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.faults.fault import NOTICEABLE, SINGLE, Fault

_FIRST = "WHERE i = 1 AND l = 1 AND type = 'item' AND n IN {victims};"
_TENTH_OFF = (
    "UPDATE s_iline SET p = half_up(p * {pct}, 10000 * minor(o.ccy)) * 100 * minor(o.ccy)"
    " FROM s_order AS o WHERE o.n = s_iline.n AND i = 1 AND l = 1 AND type = 'item'"
    " AND o.n IN {{victims}};"
)
_CORRECTED = """
INSERT INTO s_invoice SELECT v.* REPLACE (30 AS i, '{kind}' AS kind, v.serial + 29 AS serial,
    v.number || '-K' AS number, 1 AS corr_i, v.w + 3 AS w, v.rw + 3 AS rw, v.pw + 3 AS pw)
FROM s_invoice AS v WHERE v.i = 1 AND v.n IN {{victims}};
INSERT INTO s_iline SELECT c.* REPLACE (30 AS i, NULL AS q, NULL AS p, NULL AS uom, NULL AS puom,
    1 AS pu, 1 AS num, 1 AS den, 1 AS corr_i, 'Price correction' AS description,
    x.net - worth(c.q, c.p, c.num, c.den, c.pu, x.ccy) AS net)
FROM s_iline AS c JOIN s_line AS x USING (n, l)
WHERE c.i = 1 AND c.l = 1 AND c.type = 'item' AND c.n IN {{victims}};
"""

INNOCENTS = (
    Fault(
        "LIMIT_EXCEEDED/reached",
        "kind = 'limit' AND plain",
        "The limit is used up to the last cent.",
        subject="purchase_order_line",
        before="UPDATE s_iline SET net = x.limit_cents - (SELECT coalesce(sum(b.net), 0)"
        " FROM s_iline AS b WHERE b.n = s_iline.n AND b.i <> 1) FROM s_line AS x"
        " WHERE x.n = s_iline.n AND s_iline.i = 1 AND x.n IN {victims};",
        per_100=2,
    ),
    Fault(
        "PRICE_UNDER/per one",
        "nd = 1 AND kind = '3w' AND plain AND sap_like AND pu > 1 AND p % pu = 0"
        " AND ratio_l IS NULL",
        "The order has a price per 100 or 1000, the invoice the same price per 1.",
        subject="invoice_line",
        before="UPDATE s_iline SET p = p // pu, pu = 1 " + _FIRST,
        per_100=2,
    ),
    Fault(
        "OVER_DELIVERY/at tolerance",
        "nd = 1 AND kind = '3w' AND plain AND recent AND q % 10000 = 0 AND uom <> 'BX'"
        " AND sap_like",
        "Ten percent more was delivered, which the order allows; the order's quantity was billed.",
        subject="purchase_order_line",
        before="UPDATE s_line SET over_bp = 1000 WHERE l = 1 AND n IN {victims};"
        "UPDATE s_rline SET uom = x.uom, q = x.q // 10 * 11, uq = x.q // 10 * 11"
        " FROM s_line AS x WHERE x.n = s_rline.n AND x.l = 1 AND s_rline.l = 1"
        " AND x.n IN {victims};",
        per_100=2,
    ),
    Fault(
        "UOM_CONVERSION_MISSING/boxes",
        "nd = 1 AND kind = '3w' AND plain AND box > 0 AND q % (box * 1000) = 0"
        " AND entity_id IN ('lumen_de', 'lumen_fr', 'lumen_ie')",
        "Ordered and billed in pieces, received in boxes; the receipt says how many pieces it is.",
        subject="receipt",
        before="UPDATE s_rline SET uom = 'BX', uq = s_rline.q // x.box FROM s_line AS x"
        " WHERE x.n = s_rline.n AND x.l = s_rline.l AND s_rline.l = 1 AND x.n IN {victims};",
        per_100=2,
    ),
    Fault(
        "PRICE_OVER/corrected",
        f"{SINGLE} AND NOT gr_based AND {NOTICEABLE}",
        "Billed a tenth too high; a credit of the difference followed.",
        before=_TENTH_OFF.format(pct=110) + _CORRECTED.format(kind="credit_value"),
        counter="other", counter_i=30, per_100=2,
    ),
    Fault(
        "PRICE_UNDER/debited",
        # NetSuite knows no debit: it would look like any bill of an amount.
        f"{SINGLE} AND NOT gr_based AND {NOTICEABLE} AND entity_id <> 'lumen_us'",
        "Billed a tenth too low; a debit of the difference followed.",
        before=_TENTH_OFF.format(pct=90) + _CORRECTED.format(kind="debit_value"),
        counter="other", counter_i=30, per_100=2,
    ),
    Fault(
        "INVOICE_BEFORE_RECEIPT/same day",
        SINGLE,
        "The invoice is dated the day of the receipt.",
        before="UPDATE s_invoice SET w = o.last_w FROM s_order AS o"
        " WHERE o.n = s_invoice.n AND s_invoice.i = 1 AND o.n IN {victims};",
        per_100=2,
    ),
    Fault(
        "OVER_DELIVERY/reversed receipt",
        "trait = 'receipt reversed'",
        "A receipt was posted in error, taken back, and posted again.",
        subject="receipt", r=11,
    ),
    Fault(
        "DUP_EXACT/reversed invoice",
        "trait = 'invoice reversed'",
        "An invoice was posted in error, taken back, and posted again under its number.",
        counter="other", counter_i=11,
    ),
    Fault(
        "RETURN_NOT_CREDITED/credited",
        "trait = 'return'",
        "Goods went back; the credit came days later.",
        subject="receipt", r=20, counter="other", counter_i=20,
    ),
    Fault(
        "DUP_SUSPECT/recurring",
        "kind = 'service' AND plain AND nd > 1 AND each_billed AND nlines = 1",
        "A service billed every month: similar amounts of one supplier, four weeks apart.",
        counter="other", counter_i=2, per_100=2,
    ),
    Fault(
        "LINE_TOTAL_EXCEEDED/rounded",
        f"{SINGLE} AND NOT sap_like AND p % 100 <> 0",
        "The line's value has fractions of a cent and was rounded half up.",
        subject="invoice_line", per_100=2,
    ),
)  # fmt: skip
