"""Expense reports, expenses and their parts, what they are charged to, advances, expected postings.

Belongs here: what employees spent. Not here: suppliers' invoices.
"""

from __future__ import annotations

from tests.systems.group.projection import Projection, Told, unknown

REPORTS = Projection(
    name="expense_reports",
    key=("report_no",),
    real="""
    SELECT 'group_concur' AS system, r.report_key AS report_no, r.entity_id, r.name AS title,
        u.login AS employee, r.currency AS ccy, r.total_amount AS total,
        r.approved_amount AS approved_total, r.due_employee_amount AS due_employee, r.submitted_at,
        CAST(r.paid_at AS DATE) AS paid_date,
        CASE WHEN r.payment_status = 'P_PAID' THEN 'paid' ELSE CASE r.approval_status
            WHEN 'A_NOTF' THEN 'draft' WHEN 'A_PEND' THEN 'submitted' WHEN 'A_APPR' THEN 'approved'
            WHEN 'A_RESU' THEN 'rejected' END END AS status
    FROM expense_report r JOIN employee u USING (employee_id)""",
    said="""
    SELECT source_system AS system, report_no, entity_id, title, employee_id AS employee, ccy,
        total, approved_total, due_employee, submitted_at AT TIME ZONE 'UTC' AS submitted_at,
        paid_date, status_canon AS status
    FROM canonical.expense_reports""",
)

_LINE = """
    SELECT 'group_concur' AS system, {key} AS line_no, r.report_key AS report_no, r.entity_id,
        {parent} AS parent, x.expense_type, x.description, e.merchant, e.transaction_date,
        x.transaction_amount AS amount, e.transaction_currency AS ccy, e.exchange_rate,
        x.posted_amount, r.currency AS posted_ccy, x.approved_amount, x.tax_amount,
        CASE e.payment_type WHEN 'CASH' THEN 'employee' ELSE 'company' END AS paid_by,
        e.is_personal AS personal
    FROM {table} JOIN expense_report r USING (expense_report_id)"""

LINES = Projection(
    name="expense_lines",
    key=("line_no",),
    real=_LINE.format(
        key="x.entry_key",
        parent="NULL",
        table="expense_entry x JOIN expense_entry e USING (expense_entry_id)",
    ).replace("USING (expense_report_id)", "ON r.expense_report_id = e.expense_report_id")
    + " UNION ALL "
    + _LINE.format(
        key="x.itemization_key",
        parent="e.entry_key",
        table="expense_itemization x JOIN expense_entry e USING (expense_entry_id)",
    ),
    said="""
    SELECT l.source_system AS system, l.line_no, r.report_no, l.entity_id, p.line_no AS parent,
        l.expense_type, l.description, l.merchant, l.transaction_date, l.amount, l.ccy,
        l.exchange_rate, l.posted_amount, l.posted_ccy, l.approved_amount, l.tax_amount, l.paid_by,
        l.personal
    FROM canonical.expense_lines l JOIN canonical.expense_reports r USING (expense_report_id)
    LEFT JOIN canonical.expense_lines p ON p.expense_line_id = l.parent_line_id""",
    told={"group_concur": {"tax_amount": unknown("taxes are in the financial document alone")}},
)

ALLOCATIONS = Projection(
    name="expense_allocations",
    key=("allocation",),
    real="""
    SELECT 'group_concur' AS system, a.allocation_key AS allocation, r.entity_id,
        coalesce(i.itemization_key, e.entry_key) AS line_no, a.gl_account AS account,
        a.cost_center, a.project, a.pct, a.amount, e.entry_key AS _entry
    FROM expense_allocation a JOIN expense_entry e USING (expense_entry_id)
    JOIN expense_report r USING (expense_report_id)
    LEFT JOIN expense_itemization i USING (expense_itemization_id)""",
    said="""
    SELECT a.source_system AS system, split_part(a.expense_allocation_id, '|', 3) AS allocation,
        a.entity_id, l.line_no, a.account, a.cost_center, a.project, a.percentage AS pct, a.amount
    FROM canonical.expense_allocations a JOIN canonical.expense_lines l USING (expense_line_id)""",
    told={
        "group_concur": {
            "line_no": Told("_entry", "an allocation names its expense, not the part of it"),
            "cost_center": unknown("a custom field, which one the customer decides"),
            "project": unknown("a custom field, which one the customer decides"),
            "amount": unknown("a share is a percentage"),
        }
    },
)

ADVANCES = Projection(
    name="cash_advances",
    key=("advance",),
    real="""
    SELECT 'group_concur' AS system, a.advance_key AS advance, a.entity_id,
        CAST(a.employee_id AS VARCHAR) AS employee, a.purpose, a.amount, a.currency AS ccy,
        a.created_at AS requested_at, a.issued_at
    FROM cash_advance a""",
    said="""
    SELECT c.source_system AS system, l.reference AS advance, c.entity_id,
        c.employee_id AS employee, c.purpose, c.amount, c.ccy,
        c.requested_at AT TIME ZONE 'UTC' AS requested_at,
        c.issued_at AT TIME ZONE 'UTC' AS issued_at
    FROM canonical.cash_advances c JOIN canonical.ledger_lines l
        ON l.document_no = split_part(c.cash_advance_id, '|', 3)
        AND l.source_system = c.source_system""",
)

# The debit of an expense without its tax, the tax, the credit of all of it; and what an advance had
# covered, which is owed to the employee no more.
POSTINGS = Projection(
    name="ledger_lines",
    key=("about", "what", "entry", "allocation"),
    real="""
    WITH shares AS (
        SELECT r.report_key, r.entity_id, r.currency, e.entry_key, a.allocation_key, j.*,
            r.employee_id, a.tax_amount AS share_tax
        FROM expense_journal j JOIN expense_allocation a USING (expense_allocation_id)
        JOIN expense_entry e ON e.expense_entry_id = j.expense_entry_id
        JOIN expense_report r ON r.expense_report_id = j.expense_report_id
        WHERE r.approval_status = 'A_APPR'
    ), lines AS (
        SELECT report_key AS about, CASE debit_credit WHEN 'DR' THEN 'expense' ELSE 'payable' END
            AS what, entry_key AS entry, allocation_key AS allocation, entity_id, employee_id,
            account, CASE debit_credit WHEN 'DR' THEN amount_net ELSE -amount_gross END AS amount,
            currency AS ccy, NULL AS tax_code
        FROM shares
        UNION ALL
        SELECT report_key, 'tax', entry_key, allocation_key, entity_id, employee_id, NULL,
            tax_amount, currency, tax_code
        FROM shares WHERE debit_credit = 'DR' AND tax_amount <> 0
        UNION ALL
        SELECT r.report_key, w.what, a.advance_key, '', a.entity_id, a.employee_id, w.account,
            w.sign * a.used_amount, a.currency, NULL
        FROM cash_advance a JOIN expense_report r USING (expense_report_id)
        CROSS JOIN (VALUES ('advance', 'CADV', -1), ('covered', NULL, 1)) w(what, account, sign)
        WHERE a.used_amount <> 0 AND r.approval_status = 'A_APPR'
        UNION ALL
        SELECT a.advance_key, 'issued', '', '', a.entity_id, a.employee_id, 'CADV', a.amount,
            a.currency, NULL
        FROM cash_advance a
    )
    SELECT 'group_concur' AS system, about, what, entry, allocation, entity_id,
        CAST(employee_id AS VARCHAR) AS employee, account, amount, ccy, tax_code
    FROM lines""",
    said="""
    SELECT source_system AS system, reference AS about,
        CASE split_part(ledger_line_id, '|', 2) WHEN 'cash_advance_documents' THEN 'issued'
            ELSE split_part(ledger_line_id, '|', 4) END AS what,
        CASE split_part(ledger_line_id, '|', 2) WHEN 'cash_advance_documents' THEN ''
            ELSE split_part(ledger_line_id, '|', 5) END AS entry,
        CASE WHEN split_part(ledger_line_id, '|', 2) = 'cash_advance_documents'
            OR split_part(ledger_line_id, '|', 4) IN ('advance', 'covered') THEN ''
            ELSE split_part(ledger_line_id, '|', 6) END AS allocation,
        entity_id, employee_id AS employee, account, amount, ccy, tax_code
    FROM canonical.ledger_lines WHERE source_system = 'group_concur' """,
)

PROJECTIONS = (REPORTS, LINES, ALLOCATIONS, ADVANCES, POSTINGS)
