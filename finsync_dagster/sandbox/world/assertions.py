"""What must hold in every world: sums, taxes, balances, order of events.

Belongs here: queries that find contradictions, written without the generator's own macros. What
was planted on purpose is excused by its reason code; nothing else is. Not here: what a checker of
documents would find (tests).
"""

from __future__ import annotations

import duckdb

from finsync_dagster.sandbox.world.schema import TABLES


class WorldError(AssertionError):
    """The world contradicts itself: a defect of the generator."""


def _excused(code: str, subject: str, key: str) -> str:
    return (
        f"{key} NOT IN (SELECT subject_id FROM planted WHERE reason_code IN ({code})"
        f" AND subject_type = '{subject}')"
    )


_UNIT = "CASE {ccy} WHEN 'JPY' THEN 1 ELSE 0.01 END"
_ROUNDED = "CASE {ccy} WHEN 'JPY' THEN round({value}, 0) ELSE round({value}, 2) END"

# quantity x price x ratio, against the stated net times what it is per: no division, no rounding.
_LINE_VALUE = """
SELECT 1 FROM {lines} AS l JOIN {heads} AS h USING ({key})
WHERE l.qty IS NOT NULL AND l.price IS NOT NULL AND 2 * abs(
    CAST(l.qty AS DECIMAL(15, 3)) * CAST(l.price AS DECIMAL(15, 4))
        * CAST(l.price_uom_numerator AS DECIMAL(6, 0))
    - CAST(l.net_amount AS DECIMAL(16, 2))
        * CAST(l.price_uom_denominator * l.price_unit AS DECIMAL(9, 0)))
    > CAST(l.price_uom_denominator * l.price_unit AS DECIMAL(9, 0)) * {unit}
"""

_DOCUMENTS = {
    "an order line is worth quantity times price": _LINE_VALUE.format(
        lines="purchase_order_line", heads="purchase_order", key="purchase_order_id",
        unit=_UNIT.format(ccy="h.currency"),
    ),
    "an invoice line is worth quantity times price": _LINE_VALUE.format(
        lines="invoice_line", heads="invoice", key="invoice_id",
        unit=_UNIT.format(ccy="h.currency"),
    ),
    "an order is worth its lines": """
        SELECT 1 FROM purchase_order AS o LEFT JOIN (SELECT purchase_order_id, sum(net_amount) AS n
            FROM purchase_order_line GROUP BY ALL) AS l USING (purchase_order_id)
        WHERE o.net_amount <> coalesce(l.n, 0)""",
    "schedules add up to their line": """
        SELECT 1 FROM purchase_order_line AS l JOIN (SELECT purchase_order_line_id, sum(qty) AS q,
            sum(amount) AS a FROM purchase_order_schedule GROUP BY ALL) AS s
            USING (purchase_order_line_id)
        WHERE l.qty IS DISTINCT FROM s.q OR l.net_amount <> s.a""",
    "assignments add up to their line": """
        SELECT 1 FROM purchase_order_line AS l JOIN (SELECT purchase_order_line_id, sum(pct) AS p,
            sum(amount) AS a FROM purchase_order_assignment GROUP BY ALL) AS s
            USING (purchase_order_line_id)
        WHERE s.p <> 100 OR l.net_amount <> s.a""",
    "an invoice is its lines": """
        SELECT 1 FROM invoice AS v JOIN (SELECT invoice_id,
            coalesce(sum(net_amount) FILTER (type = 'item'), 0) AS n,
            coalesce(sum(net_amount) FILTER (type = 'charge'), 0) AS c, sum(tax_amount) AS t
            FROM invoice_line GROUP BY ALL) AS l USING (invoice_id)
        WHERE v.net_amount <> l.n OR v.charges_amount <> l.c OR v.tax_amount <> l.t""",
    "gross is net, charges, tax and rounding": f"""
        SELECT 1 FROM invoice WHERE gross_amount
            <> net_amount + charges_amount + tax_amount + rounding_amount
            AND {_excused("'DOC_NOT_BALANCED'", "invoice", "invoice_id")}""",
    "taxes add up": """
        SELECT 1 FROM invoice AS v JOIN (SELECT invoice_id, sum(base_amount) AS b,
            sum(tax_amount) AS t FROM invoice_tax GROUP BY ALL) AS x USING (invoice_id)
        WHERE v.tax_amount <> x.t OR v.net_amount + v.charges_amount <> x.b""",
    "tax is base times rate, rounded half up": f"""
        SELECT 1 FROM invoice_tax AS x JOIN invoice AS v USING (invoice_id) WHERE x.tax_amount <>
            {_ROUNDED.format(ccy="v.currency", value="CAST(x.base_amount AS DECIMAL(16, 2))"
                             " * CAST(x.tax_rate_pct AS DECIMAL(6, 2)) * 0.01")}
            AND {_excused("'TAX_OVER', 'TAX_UNDER'", "invoice", "v.invoice_id")}""",
    "yen have no decimals": """
        SELECT 1 FROM invoice WHERE currency = 'JPY' AND gross_amount <> round(gross_amount, 0)""",
}  # fmt: skip

_EVENTS = {
    "an invoice is paid after it is posted": """
        SELECT 1 FROM payment_application AS a JOIN payment AS p USING (payment_id)
        JOIN invoice AS v USING (invoice_id) WHERE p.payment_date < v.posting_date""",
    "a payment is what it is applied to": """
        SELECT 1 FROM payment AS p JOIN (SELECT payment_id, sum(amount) AS a
            FROM payment_application GROUP BY ALL) AS x USING (payment_id) WHERE p.amount <> x.a""",
    "a receipt follows its order": """
        SELECT 1 FROM receipt_line AS l JOIN receipt AS r USING (receipt_id)
        JOIN purchase_order_line AS x USING (purchase_order_line_id)
        JOIN purchase_order AS o USING (purchase_order_id) WHERE r.posting_date < o.order_date""",
    "nothing changes before it exists": " UNION ALL ".join(
        f"SELECT 1 FROM {t} WHERE changed_at < created_at"
        for t in ("purchase_order", "receipt", "invoice", "payment", "gl_line", "requisition",
                  "expense_report", "supplier_account", "purchase_order_line")
    ),
    "keys ascend with time": " UNION ALL ".join(
        f"SELECT 1 FROM (SELECT created_at, lag(created_at) OVER (ORDER BY {t}_id) AS before"
        f" FROM {t}) WHERE before > created_at"
        for t in ("purchase_order", "receipt", "invoice", "payment", "gl_line", "requisition")
    ),
    "documents are dated inside the calendar": """
        SELECT 1 FROM invoice WHERE posting_date NOT BETWEEN '2025-05-01' AND '2026-10-31'
        UNION ALL SELECT 1 FROM purchase_order
        WHERE order_date NOT BETWEEN '2025-05-01' AND '2026-10-31'""",
}  # fmt: skip

_BOOKS = {
    "a ledger document adds up to nothing": """
        SELECT 1 FROM gl_line GROUP BY company_code, fiscal_year, document_number
        HAVING sum(amount) <> 0 OR sum(transaction_amount) <> 0""",
    "a clearing document clears to nothing but what was paid wrongly": f"""
        SELECT 1 FROM gl_line AS g WHERE g.clearing_document IS NOT NULL
        GROUP BY g.company_code, g.clearing_fiscal_year, g.clearing_document
        HAVING sum(g.amount) <> 0 AND NOT bool_or(g.clearing_document IN (
            SELECT p.payment_number FROM payment AS p JOIN payment_application AS a
            USING (payment_id) WHERE NOT {
        _excused("'OVERPAID','PAID_TWICE'", "invoice", "a.invoice_id")
    }))""",
    "a report is its expenses": """
        SELECT 1 FROM expense_report AS r JOIN (SELECT expense_report_id, sum(posted_amount) AS p,
            sum(approved_amount) AS a FROM expense_entry GROUP BY ALL) AS e
            USING (expense_report_id) WHERE r.total_amount <> e.p OR r.approved_amount <> e.a""",
    "allocations add up to the expense": """
        SELECT 1 FROM expense_entry AS e JOIN (SELECT expense_entry_id, sum(amount) AS a,
            sum(tax_amount) AS t FROM expense_allocation GROUP BY ALL) AS s
            USING (expense_entry_id) WHERE e.approved_amount <> s.a OR e.tax_amount <> s.t""",
    "parts add up to the expense": """
        SELECT 1 FROM expense_entry AS e JOIN (SELECT expense_entry_id, sum(posted_amount) AS a,
            sum(transaction_amount) AS t FROM expense_itemization GROUP BY ALL) AS s
            USING (expense_entry_id) WHERE e.posted_amount <> s.a OR e.transaction_amount <> s.t""",
    "debits are credits": """
        SELECT 1 FROM expense_journal GROUP BY expense_report_id
        HAVING sum(CASE debit_credit WHEN 'DR' THEN amount_gross ELSE -amount_gross END) <> 0""",
}

_SYSTEMS = {
    "documents name accounts of their own system": " UNION ALL ".join(
        f"SELECT 1 FROM {t} AS d JOIN supplier_account AS a USING (supplier_account_id)"
        f" WHERE a.system <> d.system"
        for t in ("purchase_order", "receipt", "invoice", "payment")
    ),
    "a number names one document": " UNION ALL ".join(
        f"SELECT 1 FROM {t} GROUP BY {keys} HAVING count(*) > 1"
        for t, keys in (
            ("purchase_order", "system, po_number"),
            ("receipt", "system, fiscal_year, receipt_number"),
            ("invoice", "system, fiscal_year, document_number"),
            ("payment", "system, fiscal_year, payment_number"),
            ("requisition", "system, requisition_number"),
            ("supplier_account", "system, account_no"),
        )
    ),
    "keys are dense from 1": " UNION ALL ".join(
        f"SELECT 1 FROM {t.name} HAVING count(*) <> coalesce(max({t.names[0]}), 0)"
        for t in TABLES
        if t.name != "entity"
    ),
}

RULES: dict[str, str] = {**_DOCUMENTS, **_EVENTS, **_BOOKS, **_SYSTEMS}
"""What must hold, and the query that finds rows where it does not."""


def require(connection: duckdb.DuckDBPyConnection) -> None:
    """Runs every rule.

    Raises:
        WorldError: a rule found rows; the message names it and counts them.
    """
    for rule, query in RULES.items():
        found = connection.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]
        if found:
            raise WorldError(f"this does not hold in the world: {rule} ({found} times)")
