"""Faults of coding, segregation of duties and the ledger.

Belongs here: what an internal control would find. Not here: documents against each other.
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.faults.fault import SINGLE, Fault

_ONE_PERSON = """
UPDATE approval SET actor_id = o.buyer FROM s_order AS o
WHERE subject_type = 'purchase_order' AND subject_id = o.n AND step = 1 AND o.n IN {victims};
UPDATE purchase_order SET requester_id = buyer_id WHERE purchase_order_id IN {victims};
UPDATE receipt SET received_by = o.buyer FROM s_receipt_id AS d JOIN s_order AS o USING (n)
WHERE d.receipt_id = receipt.receipt_id AND o.n IN {victims};
"""
# A posting by hand on the clearing account, which no receipt or invoice explains.
_BY_HAND = """
INSERT INTO s_gl
SELECT 'SA', 'SA' || o.n, o.entity_id, o.last_w + 10, moment(o.last_w + 10, 'by hand', o.n),
    s.place, s.kind, s.account, NULL,
    s.sign * half_up(CAST(x.net AS HUGEINT) * o.fx8, 300000000),
    s.sign * half_up(CAST(x.net AS HUGEINT) * o.fx8, 300000000), o.entity_ccy, o.entity_ccy,
    NULL, NULL, CASE s.kind WHEN 'grir' THEN o.po_number END, CASE s.kind WHEN 'grir' THEN 10 END,
    NULL, CASE s.kind WHEN 'expense' THEN x.cc END, NULL, NULL, false, false
FROM s_order AS o JOIN s_line AS x USING (n)
CROSS JOIN (VALUES (1, 'grir', '191100', 1), (2, 'expense', '400000', -1))
    AS s (place, kind, account, sign)
WHERE x.l = 1 AND o.n IN {victims};
"""

FAULTS = (
    Fault(
        "GRNI_GL_DIFF",
        f"{SINGLE} AND entity_id IN ('lumen_de', 'lumen_fr', 'lumen_ie')",
        "A posting by hand on the clearing account: the ledger no longer shows what is open.",
        subject="purchase_order_line", books=_BY_HAND,
        risk="half_up(CAST(x.net AS HUGEINT) * o.fx8, 300000000)", ccy="o.entity_ccy",
        decidable_by="ledger",
    ),
    Fault(
        "DIM_INVALID",
        SINGLE,
        "Charged to a cost centre that was dissolved.",
        subject="purchase_order_line",
        before="UPDATE s_line SET cc = '990' WHERE l = 1 AND n IN {victims};"
        "UPDATE s_iline SET cc = '990' WHERE l = 1 AND n IN {victims};",
        risk="x.net", decidable_by="dimension master data",
    ),
    Fault(
        "MAPPING_MISSING",
        f"{SINGLE} AND kind = '3w' AND box = 0 AND ratio_l IS NULL",
        "Ordered, received and billed in pallets: a unit that has no canonical code.",
        subject="purchase_order_line",
        before="".join(
            f"UPDATE {table} SET {column} = 'XPX' WHERE l = 1 AND n IN {{victims}};"
            for table, column in (
                ("s_line", "uom"), ("s_line", "puom"), ("s_rline", "uom"), ("s_iline", "uom"),
                ("s_iline", "puom"),
            )
        ),
        risk="x.net", per_100=2,
    ),
    Fault(
        "SOD_CONFLICT",
        "plain AND kind IN ('3w', 'service')",
        "One person asked for, ordered, approved and received.",
        subject="purchase_order", final=_ONE_PERSON, risk="t.gross", decidable_by="approvals",
    ),
)  # fmt: skip
