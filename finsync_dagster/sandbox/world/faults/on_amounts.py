"""Faults of price, total, charge, tax, exchange rate; documents that do not add up; duplicates.

Belongs here: what an invoice says in money. Not here: what it refers to (on_links.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.faults.fault import (
    EXTRA_INVOICE,
    NOTICEABLE,
    SINGLE,
    TWO_WAY,
    Fault,
)

_FIRST_LINE = "WHERE i = 1 AND l = 1 AND type = 'item' AND n IN {victims};"
_PRICE = (
    "UPDATE s_iline SET p = {sign} half_up(p * {pct}, 10000 * minor(o.ccy)) * 100 * minor(o.ccy)"
    " FROM s_order AS o WHERE o.n = s_iline.n AND i = 1 AND l = 1 AND type = 'item'"
    " AND o.n IN {{victims}};"
)
# The tax is stated wrong by a twentieth of it, at least one unit of the currency.
_TAX = """
CREATE OR REPLACE TEMP TABLE s_wrong_tax AS
SELECT n, i, min(tax_code) AS tax_code,
    {sign} greatest(100, in_minor(sum(tax), 20, any_value(o.ccy))) AS more
FROM s_itax JOIN s_order AS o USING (n) WHERE i = 1 AND n IN {{victims}} GROUP BY n, i;
UPDATE s_itax SET tax = tax + z.more FROM s_wrong_tax AS z
WHERE z.n = s_itax.n AND z.i = s_itax.i AND z.tax_code = s_itax.tax_code;
UPDATE s_total SET tax = tax + z.more, gross = gross + z.more FROM s_wrong_tax AS z
WHERE z.n = s_total.n AND z.i = s_total.i;
UPDATE s_taxed SET tax = s_taxed.tax + z.more FROM s_wrong_tax AS z
WHERE z.n = s_taxed.n AND z.i = s_taxed.i AND s_taxed.place = (SELECT min(place)
    FROM s_taxed AS y WHERE y.n = z.n AND y.i = z.i);
"""
_RATE_TOLD = "(entity_id <> 'lumen_us')"
_AS_FIRST = """
INSERT INTO s_iline SELECT c.* REPLACE (30 AS i) FROM s_iline AS c
WHERE c.i = 1 AND c.n IN {victims};
UPDATE s_invoice SET payable = false WHERE i = 30 AND n IN {victims};
"""


def _duplicate(number: str, day: str = "v.w + 2") -> str:
    """The first bill once more, under a number and with a date."""
    return (
        EXTRA_INVOICE
        + f"UPDATE s_invoice SET number = {number}, w = {day} FROM s_invoice AS v WHERE v.i = 1"
        " AND v.n = s_invoice.n AND s_invoice.i = 30 AND v.n IN {victims};" + _AS_FIRST
    )


_TWICE = "QTY_OVER_RECEIVED,QTY_OVER_ORDERED,LINE_TOTAL_EXCEEDED"

FAULTS = (
    Fault(
        "LIMIT_EXCEEDED",
        "kind = 'limit' AND plain",
        "Together the invoices bill more than the limit of the order.",
        before="UPDATE s_iline SET net = x.limit_cents + 12300 - (SELECT coalesce(sum(b.net), 0)"
        " FROM s_iline AS b WHERE b.n = s_iline.n AND b.i <> 1) FROM s_line AS x"
        " WHERE x.n = s_iline.n AND s_iline.i = 1 AND x.n IN {victims};",
        subject="purchase_order_line", risk="CAST(12300 AS BIGINT)",
    ),
    Fault(
        "LIMIT_EXPIRED",
        "kind = 'limit' AND plain AND lead > 6",
        "Services were rendered and billed after the order's last day.",
        before="UPDATE s_line SET valid_w = o.w + o.lead - 3 FROM s_order AS o"
        " WHERE o.n = s_line.n AND o.n IN {victims};",
        subject="purchase_order_line", risk="x.net",
    ),
    Fault(
        "LINE_TOTAL_EXCEEDED",
        "kind = 'amount' AND plain AND nd = 1",
        "More was billed than the amount ordered.",
        subject="invoice_line",
        before="UPDATE s_iline SET net = net + in_minor(net, 10, o.ccy) FROM s_order AS o"
        " WHERE o.n = s_iline.n AND i = 1 AND o.n IN {victims};",
        risk="c.net - x.net",
    ),
    Fault(
        "CHARGE_VARIANCE",
        f"{SINGLE} AND freight > 0",
        "The freight billed is higher than the freight agreed.",
        before="UPDATE s_iline SET net = net + in_minor(net * 2, 5, o.ccy) FROM s_order AS o"
        " WHERE o.n = s_iline.n AND i = 1 AND type = 'charge' AND o.n IN {victims};",
        risk="in_minor(x.freight * 2, 5, o.ccy)",
    ),
    Fault(
        "CHARGE_UNPLANNED",
        f"{SINGLE} AND freight = 0",
        "Freight was billed that nobody agreed to.",
        before="INSERT INTO s_iline SELECT c.* REPLACE (9000 AS place, 'charge' AS type,"
        " NULL AS po_n, NULL AS po_l, NULL AS l, NULL AS r, NULL AS item_id, 'Freight'"
        " AS description, NULL AS q, NULL AS uom, NULL AS p, 1 AS pu, NULL AS puom, 1 AS num,"
        " 1 AS den, 4500 AS net, 'freight' AS charge, '475000' AS gl)"
        " FROM s_iline AS c " + _FIRST_LINE,
        risk="CAST(4500 AS BIGINT)",
    ),
    Fault(
        "ITEM_AMOUNT_CAP",
        f"{SINGLE} AND NOT gr_based",
        "One line bills more than 50,000 in the entity's currency, the cap of the group.",
        subject="invoice_line",
        before="CREATE OR REPLACE TEMP TABLE s_times AS SELECT x.n,"
        " 1 + CAST(5500000 AS BIGINT) * 100000000"
        " // (x.net * o.fx8) AS times FROM s_line AS x JOIN s_order AS o USING (n)"
        " WHERE x.l = 1 AND x.n IN {victims};"
        "UPDATE s_line SET q = q * t.times, copied_q = copied_q * t.times,"
        " net = worth(q * t.times, p, num, den, pu, ccy),"
        " tax = in_minor(worth(q * t.times, p, num, den, pu, ccy) * bp, 10000, ccy)"
        " FROM s_times AS t WHERE t.n = s_line.n AND l = 1;"
        "UPDATE s_part SET q = q * t.times FROM s_times AS t WHERE t.n = s_part.n AND l = 1;"
        "UPDATE s_rline SET q = q * t.times, uq = uq * t.times FROM s_times AS t"
        " WHERE t.n = s_rline.n AND l = 1;"
        "UPDATE s_iline SET q = q * t.times FROM s_times AS t"
        " WHERE t.n = s_iline.n AND l = 1 AND type = 'item';",
        risk="c.net", decidable_by="policy: 50,000 per invoice line",
    ),
    Fault(
        "PRICE_OVER",
        f"{SINGLE} AND {NOTICEABLE}",
        "The price billed is a tenth above the order.",
        subject="invoice_line", before=_PRICE.format(sign="", pct=110),
        risk="c.net - x.net", entails="LINE_TOTAL_EXCEEDED", per_100=4,
    ),
    Fault(
        "PRICE_UNDER",
        f"{SINGLE} AND {NOTICEABLE}",
        "The price billed is a tenth below the order.",
        subject="invoice_line", before=_PRICE.format(sign="", pct=90), risk="x.net - c.net",
    ),
    Fault(
        "TAX_OVER",
        f"{SINGLE} AND bp > 0 AND {_RATE_TOLD}",
        "More tax is stated than the rate gives.",
        late=_TAX.format(sign=""), risk="t.tax - y.right_tax", per_100=2,
    ),
    Fault(
        "TAX_OVER/no rate told",
        f"{SINGLE} AND bp > 0 AND NOT {_RATE_TOLD}",
        "More tax is stated than the rate gives.",
        late=_TAX.format(sign=""), risk="t.tax - y.right_tax", per_100=1, decidable_by="tax rates",
    ),
    Fault(
        "TAX_UNDER",
        f"{SINGLE} AND bp > 0 AND {_RATE_TOLD}",
        "Less tax is stated than the rate gives.",
        late=_TAX.format(sign="-"), risk="y.right_tax - t.tax", per_100=2,
    ),
    Fault(
        "TAX_UNDER/no rate told",
        f"{SINGLE} AND bp > 0 AND NOT {_RATE_TOLD}",
        "Less tax is stated than the rate gives.",
        late=_TAX.format(sign="-"), risk="y.right_tax - t.tax", per_100=1,
        decidable_by="tax rates",
    ),
    Fault(
        "TAX_CODE_MISSING",
        f"{SINGLE} AND bp > 0",
        "Tax is billed, but no tax code is entered.",
        before="UPDATE s_iline SET tax_code = NULL WHERE i = 1 AND n IN {victims};",
        risk="t.tax",
    ),
    Fault(
        "FX_RATE_VARIANCE",
        f"{SINGLE} AND abroad AND sap_like",
        "The invoice was booked at a rate 8 % off the reference rate of its day.",
        before="UPDATE s_invoice SET fx8 = half_up(r.fx8 * 108, 100) FROM s_rate AS r"
        " WHERE r.w = s_invoice.pw AND r.from_ccy = s_invoice.ccy"
        " AND r.to_ccy = s_invoice.entity_ccy AND s_invoice.n IN {victims};",
        risk="half_up(CAST(t.gross AS HUGEINT) * v.fx8 * 8, 10800000000)", ccy="o.entity_ccy",
    ),
    Fault(
        "DOC_NOT_BALANCED",
        SINGLE,
        "The total of the invoice is not the sum of its parts.",
        late="UPDATE s_total SET gross = gross + 4700 WHERE i = 1 AND n IN {victims};",
        risk="CAST(4700 AS BIGINT)",
    ),
    Fault(
        "MISSING_REQUIRED_FIELD",
        f"{SINGLE} AND entity_id <> 'lumen_de'",
        "The supplier's invoice number is missing.",
        late="UPDATE s_invoice SET number = '' WHERE i = 1 AND n IN {victims};",
        risk="t.gross",
    ),
    Fault(
        "DUP_EXACT",
        SINGLE,
        "The same invoice was entered twice.",
        before=_duplicate("v.number"), i=30, risk="t.gross", counter="other",
        entails=_TWICE, entails_by_number="PAID_NOT_INVOICED",
    ),
    Fault(
        "DUP_SUSPECT/number",
        TWO_WAY,
        "The same amount once more; the number differs by a letter at its end.",
        before=_duplicate("v.number || 'A'"), i=30, risk="t.gross", counter="other",
        entails="QTY_OVER_ORDERED,LINE_TOTAL_EXCEEDED", per_100=2,
    ),
    Fault(
        "DUP_SUSPECT/amount",
        SINGLE,
        "The same amount of the same day under another number.",
        before=_duplicate("s_invoice.number", "v.w"), i=30, risk="t.gross", counter="other",
        entails=_TWICE, per_100=2,
    ),
    Fault(
        "DUP_SUSPECT/same number",
        SINGLE,
        "The same number once more over another amount, for other work without an order.",
        before=EXTRA_INVOICE
        + "UPDATE s_invoice SET number = v.number, payable = false FROM s_invoice AS v"
        " WHERE v.i = 1 AND v.n = s_invoice.n AND s_invoice.i = 30 AND v.n IN {victims};"
        "INSERT INTO s_iline SELECT c.* REPLACE (30 AS i, NULL AS q, NULL AS p, NULL AS uom,"
        " NULL AS puom, 1 AS pu, 1 AS num, 1 AS den, NULL AS r, NULL AS po_n, NULL AS po_l,"
        " NULL AS l, NULL AS item_id, in_minor(x.net * 2, 3, x.ccy) AS net)"
        " FROM s_iline AS c JOIN s_line AS x USING (n, l)"
        " WHERE c.i = 1 AND c.l = 1 AND c.type = 'item' AND c.n IN {victims};",
        i=30, risk="t.gross", counter="other", entails="INV_NO_PO", per_100=2,
        entails_by_number="PAID_NOT_INVOICED",
    ),
    Fault(
        "CREDIT_UNLINKED",
        SINGLE,
        "A credit that names neither an order nor an invoice.",
        before=EXTRA_INVOICE
        + "UPDATE s_invoice SET kind = 'credit_value', payable = false"
        " WHERE i = 30 AND n IN {victims};"
        "INSERT INTO s_iline SELECT c.* REPLACE (30 AS i, NULL AS q, NULL AS p, NULL AS uom,"
        " NULL AS puom, 1 AS pu, 1 AS num, 1 AS den, NULL AS r, NULL AS po_n, NULL AS po_l,"
        " NULL AS l, NULL AS item_id, 'Bonus' AS description, -in_minor(x.net, 12, x.ccy) AS net)"
        " FROM s_iline AS c JOIN s_line AS x USING (n, l)"
        " WHERE c.i = 1 AND c.l = 1 AND c.type = 'item' AND c.n IN {victims};",
        i=30, risk="-t.gross",
    ),
)  # fmt: skip
