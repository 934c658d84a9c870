"""Faults of suppliers and of payments.

Belongs here: who is paid, and how much. Not here: what was billed (on_amounts.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.faults.fault import RESERVE, SINGLE, Fault

_DELETED_SUPPLIER = """
INSERT INTO deletion
SELECT (SELECT coalesce(max(deletion_id), 0) FROM deletion) + row_number() OVER (ORDER BY o.n),
    a.system, 'supplier_account', a.supplier_account_id, a.account_no,
    TIMESTAMP '2026-10-28 16:40:00', 6
FROM s_order AS o JOIN supplier_account AS a ON a.supplier_account_id = o.acct
WHERE o.n IN {victims};
"""
_BLOCKED = """
UPDATE supplier_account SET status = 'blocked',
    changed_at = (SELECT min(v.created_at) - INTERVAL 3 DAY FROM invoice AS v
        WHERE v.supplier_account_id = supplier_account.supplier_account_id)
WHERE supplier_account_id IN (SELECT acct FROM s_order WHERE n IN {victims});
"""
# A month before the invoice somebody entered another account and nobody called the supplier.
_BANK_CHANGE = """
INSERT INTO supplier_bank_change
SELECT (SELECT coalesce(max(supplier_bank_change_id), 0) FROM supplier_bank_change)
    + row_number() OVER (ORDER BY o.n), a.supplier_account_id, a.bank_account, b.account,
    o.poster, v.created_at - INTERVAL 2 DAY, {verified_by}, {verified_at}
FROM s_order AS o
JOIN supplier_account AS a ON a.supplier_account_id = coalesce(o.copy_acct, o.acct)
JOIN s_new_account AS b ON b.supplier_id = a.supplier_id
JOIN s_invoice_id AS v ON v.n = o.n AND v.i = 1 WHERE o.n IN {{victims}};
UPDATE payment SET bank_account = b.account
FROM supplier_account AS a JOIN s_new_account AS b USING (supplier_id)
WHERE a.supplier_account_id = payment.supplier_account_id AND a.supplier_account_id IN
    (SELECT coalesce(copy_acct, acct) FROM s_order WHERE n IN {{victims}});
UPDATE supplier_account SET iban = CASE WHEN iban IS NOT NULL THEN b.account END,
    bank_account = b.account, changed_at = h.changed_at
FROM supplier_bank_change AS h JOIN s_order AS o
    ON h.supplier_account_id = coalesce(o.copy_acct, o.acct)
JOIN s_new_account AS b ON b.supplier_id = o.supplier_id
WHERE supplier_account.supplier_account_id = h.supplier_account_id AND o.n IN {{victims}};
"""
_PAYABLE = "plain AND paid AND kind NOT IN ('limit', 'amount')"
# Their payments are known from the ledger, where an invoice is cleared once: what is paid beyond
# it stays on account.
_LEDGER = "(entity_id IN ('lumen_de', 'lumen_fr', 'lumen_ie'))"
_AGAIN = """
INSERT INTO s_payment
SELECT y.* REPLACE (1000000000000 + a.n * 40 + a.i AS pkey, y.day + 7 AS day,
    a.amount + a.discount AS amount)
FROM s_application AS a JOIN s_payment AS y USING (pkey) WHERE a.i = 1 AND a.n IN {victims};
INSERT INTO s_application
SELECT a.* REPLACE (1000000000000 + a.n * 40 + a.i AS pkey, a.amount + a.discount AS amount,
    0 AS discount)
FROM s_application AS a WHERE a.i = 1 AND a.n IN {victims};
"""
# The first payment falls short by half, a second one a week later brings the rest.
_IN_TWO_PARTS = """
CREATE OR REPLACE TEMP TABLE s_half AS
SELECT a.pkey, a.n, a.i, in_minor(a.amount, 2, a.ccy) AS half FROM s_application AS a
WHERE a.i = 1 AND a.discount = 0 AND a.n IN {victims};
INSERT INTO s_payment
SELECT y.* REPLACE (3000000000000 + h.n * 40 + h.i AS pkey, y.day + 7 AS day, h.half AS amount)
FROM s_half AS h JOIN s_payment AS y USING (pkey);
UPDATE s_payment SET amount = s_payment.amount - h.half FROM (SELECT pkey, sum(half) AS half
    FROM s_half GROUP BY pkey) AS h WHERE h.pkey = s_payment.pkey;
INSERT INTO s_application
SELECT a.* REPLACE (3000000000000 + h.n * 40 + h.i AS pkey, h.half AS amount)
FROM s_half AS h JOIN s_application AS a USING (pkey, n, i);
UPDATE s_application SET amount = s_application.amount - h.half FROM s_half AS h
WHERE h.pkey = s_application.pkey AND h.n = s_application.n AND h.i = s_application.i;
"""
_TOO_MUCH = """
UPDATE s_payment SET amount = s_payment.amount + a.more
FROM (SELECT pkey, sum(in_minor(amount, 10, ccy)) AS more FROM s_application
    WHERE i = 1 AND n IN {victims} GROUP BY pkey) AS a WHERE a.pkey = s_payment.pkey;
UPDATE s_application SET amount = amount + in_minor(amount, 10, ccy)
WHERE i = 1 AND n IN {victims};
"""
_ON_ACCOUNT = """
INSERT INTO s_payment SELECT 2000000000000 + o.n AS pkey,
    thursday_from(weekday(o.last_w + 6)), o.entity_id, o.ccy, o.entity_ccy,
    coalesce(o.copy_acct, o.acct), in_minor(CAST(x.net AS HUGEINT) * 61, 100, o.ccy), 'confirmed',
    NULL, NULL, NULL
FROM s_order AS o JOIN s_line AS x USING (n) WHERE x.l = 1 AND o.n IN {victims};
"""

FAULTS = (
    Fault(
        "SUPPLIER_UNRESOLVED",
        f"{SINGLE} AND entity_id <> 'lumen_de'",
        "Orders and invoices name a supplier whose record was deleted.",
        subject="supplier_account",
        before=RESERVE, final=_DELETED_SUPPLIER, risk="t.gross", per_100=2,
    ),
    Fault(
        "SUPPLIER_BLOCKED",
        SINGLE,
        "The supplier was blocked before this invoice came.",
        before=RESERVE + "UPDATE s_invoice SET payable = false WHERE n IN {victims};",
        final=_BLOCKED, risk="t.gross", counter="account",
    ),
    Fault(
        "BANK_CHANGE_UNVERIFIED",
        f"{SINGLE} AND paid AND entity_id <> 'lumen_us'",
        "The supplier's bank account was changed, nobody verified it, and money went there.",
        subject="supplier_account",
        before=RESERVE,
        final=_BANK_CHANGE.format(verified_by="NULL", verified_at="NULL"),
        risk="t.gross", decidable_by="master data history",
    ),
    Fault(
        "BANK_CHANGE_UNVERIFIED/verified",
        f"{SINGLE} AND paid AND entity_id <> 'lumen_us'",
        "The bank account was changed, and the supplier was called back before money went there.",
        subject="supplier_account",
        before=RESERVE,
        final=_BANK_CHANGE.format(
            verified_by="o.approver", verified_at="v.created_at - INTERVAL 1 DAY"
        ),
        risk="t.gross", decidable_by="master data history", innocent=True, per_100=2,
    ),
    Fault(
        "PAID_TWICE",
        f"{_PAYABLE} AND NOT {_LEDGER}",
        "The invoice was paid in full, and a week later once more.",
        pay=_AGAIN, risk="t.gross", entails="OVERPAID", per_100=2,
    ),
    Fault(
        "PAID_TWICE/on account",
        f"{_PAYABLE} AND {_LEDGER}",
        "The invoice was paid in full, and a week later once more.",
        pay=_AGAIN, risk="t.gross", entails="OVERPAID,PAID_NOT_INVOICED", per_100=2,
    ),
    Fault(
        "PAID_TWICE/in two parts",
        f"{_PAYABLE} AND NOT {_LEDGER}",
        "The invoice was paid in two parts, a week apart.",
        pay=_IN_TWO_PARTS, innocent=True, per_100=2,
    ),
    Fault(
        "PAID_WHILE_BLOCKED",
        f"{_PAYABLE} AND entity_id <> 'lumen_us'",
        "The invoice was paid although it is blocked for payment.",
        pay="UPDATE s_invoice SET block = 'R' WHERE i = 1 AND n IN {victims};",
        risk="t.gross",
    ),
    Fault(
        "PAID_NOT_INVOICED",
        f"{SINGLE} AND paid",
        "Money was paid to the supplier for which there is no invoice.",
        subject="payment", pay=_ON_ACCOUNT,
        risk="in_minor(CAST(x.net AS HUGEINT) * 61, 100, o.ccy)",
    ),
    Fault(
        "OVERPAID",
        f"{_PAYABLE} AND NOT {_LEDGER}",
        "A tenth more was paid than billed.",
        pay=_TOO_MUCH, risk="in_minor(t.gross, 10, o.ccy)", per_100=2,
    ),
    Fault(
        "OVERPAID/on account",
        f"{_PAYABLE} AND sap_like",
        "A tenth more was paid than billed.",
        pay=_TOO_MUCH, risk="in_minor(t.gross, 10, o.ccy)", entails="PAID_NOT_INVOICED", per_100=2,
        decidable_by="payment advices",
    ),
)  # fmt: skip
