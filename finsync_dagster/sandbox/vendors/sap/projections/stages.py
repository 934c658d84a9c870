"""Tables that several projections build upon.

Belongs here: which entities, accounts, orders and order lines are in one system, and how it writes
users, units and terms. Not here: entity sets.

An order that was written elsewhere and copied into the system has the copy's values, under ten
times the line's number, and is there from when it was copied.
"""

from __future__ import annotations


def stages(system: str, company_codes: tuple[str, ...]) -> dict[str, str]:
    """The stages of a system, in an order in which they can be made."""
    codes = ", ".join(f"'{code}'" for code in company_codes)
    return {
        "here": f"SELECT '{system}' AS system",
        "entities": f"SELECT * FROM world.entity WHERE company_code IN ({codes})",
        "units": f"SELECT uom, code FROM world.uom_code WHERE system = '{system}' AND is_default",
        "item_numbers": f"SELECT item_id, code FROM world.item_code WHERE system = '{system}'",
        "deletions": _DELETIONS.format(system=system),
        "accounts": _ACCOUNTS.format(system=system),
        "orders": _ORDERS.format(system=system),
        "order_lines": _ORDER_LINES,
    }


def terms(alias: str) -> str:
    """The SQL of the key of payment terms: N030 is 30 days net, S014 the same with 14 days for a
    cash discount.
    """
    return (
        f"CASE WHEN {alias}.discount_days > 0 THEN 'S' || lpad({alias}.discount_days::VARCHAR, 3,"
        f" '0') ELSE 'N' || lpad({alias}.terms_days::VARCHAR, 3, '0') END"
    )


def unit(alias: str, uom: str) -> str:
    """The SQL of a unit: a unit nobody entered is written as it is known, in its three letters."""
    return f"COALESCE({alias}.code, left({uom}, 3))"


_DELETIONS = """
SELECT object, object_id, min(deleted_at) AS deleted_at
FROM world.deletion WHERE system = '{system}' GROUP BY object, object_id
"""

_ACCOUNTS = """
SELECT a.*, d.deleted_at AS gone, u.user_name, b.old_bank_account,
    b.changed_at AS bank_changed_at, s.legal_name
FROM world.supplier_account a
JOIN world.supplier s USING (supplier_id)
JOIN world.employee u ON u.employee_id = a.created_by
LEFT JOIN deletions d ON d.object = 'supplier_account' AND d.object_id = a.supplier_account_id
LEFT JOIN (
    SELECT supplier_account_id, arg_max(old_bank_account, changed_at) AS old_bank_account,
        max(changed_at) AS changed_at
    FROM world.supplier_bank_change GROUP BY supplier_account_id
) b USING (supplier_account_id)
WHERE a.system = '{system}'
    AND (a.entity_id IS NULL OR a.entity_id IN (SELECT entity_id FROM entities))
"""

# A change of a line is a change of its order: lines have no moment of their own.
_ORDERS = """
WITH lines AS (
    SELECT purchase_order_id, max(changed_at) AS changed_at, min(valid_from) AS valid_from,
        max(valid_to) AS valid_to
    FROM world.purchase_order_line GROUP BY purchase_order_id
)
SELECT o.purchase_order_id, o.po_number, e.entity_id, e.company_code, e.country, o.currency,
    e.currency AS company_currency, a.account_no AS supplier_no, o.status, o.fx_rate, o.order_date,
    o.terms_days, o.discount_days, o.discount_pct, o.type, o.approved_at, buyer.user_name AS buyer,
    requester.user_name AS requester, o.created_at AS born, o.created_at,
    greatest(o.changed_at, l.changed_at) AS changed_at, false AS copied, d.deleted_at AS gone,
    l.valid_from, l.valid_to
FROM world.purchase_order o
JOIN entities e USING (entity_id)
JOIN world.supplier_account a ON a.supplier_account_id = o.supplier_account_id
JOIN world.employee buyer ON buyer.employee_id = o.buyer_id
JOIN world.employee requester ON requester.employee_id = o.requester_id
LEFT JOIN lines l USING (purchase_order_id)
LEFT JOIN deletions d ON d.object = 'purchase_order' AND d.object_id = o.purchase_order_id
WHERE o.system = '{system}'
UNION ALL
SELECT o.purchase_order_id, o.po_number, e.entity_id, e.company_code, e.country,
    COALESCE(o.copied_currency, o.currency), e.currency, a.account_no,
    COALESCE(o.copied_status, 'approved'), o.fx_rate, o.order_date, o.terms_days, o.discount_days,
    o.discount_pct, o.type, o.approved_at, buyer.user_name, requester.user_name, o.copied_at,
    o.copied_at, COALESCE(o.copied_changed_at, o.copied_at), true, d.deleted_at, l.valid_from,
    l.valid_to
FROM world.purchase_order o
JOIN entities e USING (entity_id)
JOIN world.supplier_account a ON a.supplier_account_id = o.copied_supplier_account_id
JOIN world.employee buyer ON buyer.employee_id = o.buyer_id
JOIN world.employee requester ON requester.employee_id = o.requester_id
LEFT JOIN lines l USING (purchase_order_id)
LEFT JOIN deletions d ON d.object = 'purchase_order' AND d.object_id = o.purchase_order_id
WHERE o.copied_to = '{system}' AND o.copied_at IS NOT NULL
"""

# A line without a quantity is one piece worth its value, as a limit item is written.
_ORDER_LINES = f"""
WITH shown AS (
    SELECT l.* EXCLUDE (cancelled), o.po_number, o.company_code, o.country, o.entity_id, o.currency,
        o.born, o.gone, o.copied, o.status, o.requester, o.created_at AS order_created_at,
        o.changed_at AS order_changed_at,
        CAST(l.line_no * CASE WHEN o.copied THEN 10 ELSE 1 END AS VARCHAR) AS item_no,
        CASE WHEN l.qty IS NULL THEN 1
             WHEN o.copied THEN COALESCE(l.copied_qty, l.qty) ELSE l.qty END AS shown_qty,
        CASE WHEN l.qty IS NULL THEN COALESCE(l.expected_amount, l.net_amount)
             WHEN o.copied THEN COALESCE(l.copied_price, l.price) ELSE l.price END AS shown_price,
        CASE WHEN o.copied THEN COALESCE(l.copied_net_amount, l.net_amount) ELSE l.net_amount END
            AS shown_net,
        CASE WHEN o.copied THEN COALESCE(l.copied_cancelled, l.cancelled) ELSE l.cancelled END
            OR o.status = 'cancelled' AS cancelled,
        CASE WHEN l.qty IS NULL THEN 1 ELSE l.price_unit END AS shown_price_unit,
        millionths(l.price_uom_numerator) AS n,
        millionths(l.price_uom_denominator) AS d
    FROM world.purchase_order_line l JOIN orders o USING (purchase_order_id)
)
SELECT s.* EXCLUDE (n, d, shown_price, shown_price_unit), s.shown_price * p.step AS net_price,
    s.shown_price_unit * p.step AS price_quantity, n // gcd(n, d) AS numerator,
    d // gcd(n, d) AS denominator, COALESCE({unit("u", "s.uom")}, piece.code) AS unit,
    COALESCE({unit("pu", "s.price_uom")}, {unit("u", "s.uom")}, piece.code) AS price_unit_code,
    m.code AS material
FROM shown s
-- A price has two digits: one that needs more is told for ten, a hundred ... as many.
CROSS JOIN LATERAL (
    SELECT CASE WHEN shown_price = round(shown_price, 2) THEN 1
                WHEN shown_price * 10 = round(shown_price * 10, 2) THEN 10
                WHEN shown_price * 100 = round(shown_price * 100, 2) THEN 100
                WHEN shown_price * 1000 = round(shown_price * 1000, 2) THEN 1000
                ELSE 10000 END AS step
) p
LEFT JOIN units u ON u.uom = s.uom
LEFT JOIN units pu ON pu.uom = s.price_uom
LEFT JOIN units piece ON piece.uom = 'EA'
LEFT JOIN item_numbers m ON m.item_id = s.item_id
"""
