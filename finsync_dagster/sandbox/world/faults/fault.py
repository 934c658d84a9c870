"""What a fault is: where it can occur, what it changes at which stage, how it is recorded.

Belongs here: the notation. Not here: the faults (on_*.py, innocents.py).

In statements, ``{victims}`` is the list of orders that carry the fault, ``{fault}`` its name.
"""

from __future__ import annotations

from dataclasses import dataclass

SINGLE = "nd = 1 AND kind IN ('3w', 'service') AND plain"
"""One delivery, one bill, received before it was billed."""

NOTICEABLE = "p >= CASE ccy WHEN 'JPY' THEN 200000 ELSE 5000 END"
"""A tenth of the price is not lost in rounding."""

TWO_WAY = "kind IN ('2w', 'service2w') AND plain"
"""One bill, nothing to be received: a fault in its link leaves no receipt unbilled."""


@dataclass(frozen=True)
class Fault:
    """A kind of fault; the defaults fit a fault on the first bill of an order.

    ``where``: condition on ``s_eligible``. ``before``: statements on staged orders, receipts,
    invoice lines; ``late``: on amounts; ``pay``: on payments; ``books``: on the staged ledger;
    ``final``: on the finished tables.
    ``subject``: table of what the finding is about; ``i``, ``line``, ``r``: which invoice, line,
    receipt of the order. ``risk``: amount in hundredths, in terms of v (invoice), t (its totals),
    x (order line), c (invoice line), o (order), y (right tax). ``counter``: text in these terms,
    or ``other``, the number of invoice ``counter_i``, or ``account``, the supplier's number.
    ``entails_by_number``: what follows too where another system's ledger knows invoices by their
    number alone. ``per_100``: how many at scale 1.
    """

    name: str
    where: str
    explanation: str
    subject: str = "invoice"
    before: str = ""
    late: str = ""
    pay: str = ""
    books: str = ""
    final: str = ""
    i: int = 1
    line: int = 1
    r: int = 1
    risk: str = "NULL"
    ccy: str = "o.ccy"
    counter: str = "NULL"
    counter_i: int = 1
    decidable_by: str = "documents"
    entails: str = ""
    entails_by_number: str = ""
    per_100: int = 3
    innocent: bool = False

    @property
    def reason_code(self) -> str:
        """The reason code; a name may add a variant after a slash."""
        return self.name.split("/")[0]


EXTRA_INVOICE = """
INSERT INTO s_invoice
SELECT v.* REPLACE (30 AS i, v.serial + 29 AS serial, v.pw + 2 AS pw, v.rw + 2 AS rw, v.w + 2 AS w,
    regexp_replace(v.number, '[0-9]+$',
        CAST(v.serial + 29 + CASE v.supplier_id % 4 WHEN 0 THEN 30000
        WHEN 1 THEN 10000 WHEN 2 THEN 500000 ELSE 800000 END AS VARCHAR)) AS number)
FROM s_invoice AS v WHERE v.i = 1 AND v.n IN {victims};
"""
"""One more invoice (30) of the same supplier, two days later, under a number of its own."""

NO_BILLS = """
DELETE FROM s_invoice WHERE n IN {victims};
DELETE FROM s_iline WHERE n IN {victims};
DELETE FROM s_billed WHERE n IN {victims};
"""
"""Nothing was billed."""

NO_DOCUMENTS = f"""{NO_BILLS}
DELETE FROM s_receipt WHERE n IN {{victims}};
DELETE FROM s_rline WHERE n IN {{victims}};
DELETE FROM s_part WHERE n IN {{victims}};
"""
"""Nothing arrived, nothing was billed."""

RESERVE = """
CREATE OR REPLACE TEMP TABLE s_moved AS
SELECT f.n, s.supplier_id, a.supplier_account_id AS acct, c.supplier_account_id AS copy_acct
FROM (SELECT n, row_number() OVER (ORDER BY n) + (SELECT count(*) FROM s_reserved) AS k
    FROM s_fault WHERE fault = '{fault}') AS f
JOIN (SELECT supplier_id, row_number() OVER (ORDER BY supplier_id) AS k FROM supplier
    WHERE supplier_id > (SELECT max(supplier_id) FROM s_pool)) AS s USING (k)
JOIN s_order AS o USING (n)
JOIN supplier_account AS a ON a.supplier_id = s.supplier_id AND a.system = o.order_system
LEFT JOIN supplier_account AS c ON c.supplier_id = s.supplier_id AND c.system = o.order_copy_system;
INSERT INTO s_reserved SELECT n, supplier_id, '{fault}' FROM s_moved;
UPDATE s_order SET acct = m.acct, copy_acct = m.copy_acct, supplier_id = m.supplier_id
FROM s_moved AS m WHERE m.n = s_order.n;
UPDATE s_invoice SET acct = m.acct FROM s_moved AS m WHERE m.n = s_invoice.n;
"""
"""The order was placed with a supplier nobody else buys from."""
