"""Tables: expense reports and cash advances.

Belongs here: what employees spent. Not here: suppliers' invoices (billing.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.table import table

TABLES = (
    table(
        "expense_report",
        "An expense report",
        """
expense_report_id ID! key
entity_id TEXT! entity of the employee
report_key TEXT! id of 20 capitals and digits
name TEXT! name
employee_id ID! who spent
currency TEXT! currency of the entity
total_amount MONEY! sum of the entries' posted amounts
approved_amount MONEY! sum of the entries' approved amounts
personal_amount MONEY! part that is private
due_employee_amount MONEY! to be reimbursed, cash advances set off
due_card_amount MONEY! owed to the company card
approval_status TEXT! A_NOTF, A_PEND, A_APPR or A_RESU
payment_status TEXT! P_NOTP, P_PROC or P_PAID
approver_id ID! who approves
submitted_at MOMENT handed in; null while A_NOTF
approved_at MOMENT approved; null if not
paid_at MOMENT reimbursed; null if not
created_at MOMENT! begun
changed_at MOMENT! last change
""",
    ),
    table(
        "expense_entry",
        "One expense of a report",
        """
expense_entry_id ID! key
expense_report_id ID! report
entry_no INT! 1, 2, ...
entry_key TEXT! id of 24 capitals and digits
expense_type TEXT! AIRFR, HOTEL, MEALS, TAXIX, TRAIN, PARKG, OFFIC, SUPPL or PERSO
description TEXT! what for
merchant TEXT! who was paid
city TEXT! where
country TEXT! ISO 3166 alpha-2
transaction_date DAY! when
payment_type TEXT! CASH or CBCP (company card)
transaction_amount MONEY! currency of the transaction
transaction_currency TEXT! ISO 4217
exchange_rate RATE! 1 transaction currency in the report's currency
posted_amount MONEY! currency of the report, rounded half up
approved_amount MONEY! currency of the report
tax_code TEXT tax code; null if no tax can be reclaimed
tax_rate_pct PCT! rate in percent
tax_amount MONEY! tax within posted_amount, reclaimable
is_personal FLAG! private: not reimbursed
has_receipt FLAG! a receipt image is there
created_at MOMENT! entered
changed_at MOMENT! last change
""",
    ),
    table(
        "expense_itemization",
        "Part of an expense (a hotel bill: room, breakfast); parts add up to it",
        """
expense_itemization_id ID! key
expense_entry_id ID! expense
itemization_no INT! 1, 2, ...
itemization_key TEXT! id of 24 capitals and digits
expense_type TEXT! type
description TEXT! what for
transaction_amount MONEY! currency of the transaction
posted_amount MONEY! currency of the report
approved_amount MONEY! currency of the report
tax_amount MONEY! share of the tax
""",
    ),
    table(
        "expense_allocation",
        "What an expense (or a part of one) is charged to",
        """
expense_allocation_id ID! key
expense_entry_id ID! expense
expense_itemization_id ID part of it; null if it has none
allocation_no INT! 1, 2, ... within the expense
allocation_key TEXT! id of 24 capitals and digits
gl_account TEXT! account
cost_center TEXT! cost centre
project TEXT project code
pct PCT! share in percent; they add up to 100 per expense or part
amount MONEY! currency of the report; they add up to approved_amount
tax_amount MONEY! share of the tax
""",
    ),
    table(
        "cash_advance",
        "A cash advance to an employee",
        """
cash_advance_id ID! key
advance_key TEXT! id of 20 capitals and digits
employee_id ID! who received it
entity_id TEXT! entity
currency TEXT! currency of the entity
amount MONEY! issued
purpose TEXT! what for
status TEXT! issued or settled
issued_at MOMENT! when
expense_report_id ID report that sets it off; null if none yet
used_amount MONEY! set off so far
created_at MOMENT! asked for
changed_at MOMENT! last change
""",
    ),
    table(
        "expense_journal",
        "The posting of an approved report; debits and credits of a report are equal",
        """
expense_journal_id ID! key
expense_report_id ID! report
expense_entry_id ID! expense
expense_allocation_id ID! allocation
line_no INT! 1, 2, ... within the report
debit_credit TEXT! DR or CR
account TEXT! account
payer TEXT! Company
payee TEXT! Employee or Company Card
amount_gross MONEY! with tax, never negative
amount_net MONEY! without tax
tax_code TEXT tax code
tax_amount MONEY! tax
currency TEXT! currency of the report
posted_at MOMENT! when
""",
    ),
)
