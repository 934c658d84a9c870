"""What employees spend, and how it was posted; ledger lines as a source's books show them.

Belongs here: declarations only. Amounts are in the currency named beside them; what is owed to an
employee is positive, a repayment negative.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.canonical.tables.audit import Audited
from finsync_dagster.schema import Amount, Price, Rate, TableSpec, TsUTC

_CURRENCY = r"^[A-Z]{3}$"


class ExpenseReports(Audited):
    """Expense reports, as handed in by employees."""

    expense_report_id: str = pa.Field(description="system|object|key of the report.")
    entity_id: str = pa.Field(description="Legal entity that bears it.")
    report_no: str = pa.Field(description="Number people use for the report.")
    title: str = pa.Field(nullable=True, description="Name the employee gave it.")
    employee_id: str = pa.Field(description="Whose expenses, as the source names the person.")
    ccy: str = pa.Field(str_matches=_CURRENCY, description="Currency of the totals (ISO 4217).")
    total: Amount = pa.Field(description="Total of all expenses, personal ones included.")
    approved_total: Amount = pa.Field(nullable=True, description="Total approved, if stated.")
    due_employee: Amount = pa.Field(nullable=True, description="Amount owed to the employee.")
    submitted_at: TsUTC = pa.Field(nullable=True, description="When it was handed in.")
    paid_date: pl.Date = pa.Field(nullable=True, description="When it was paid, if stated.")
    status_src: str = pa.Field(description="Status as the source states it.")
    status_canon: str = pa.Field(
        isin=["draft", "submitted", "approved", "rejected", "paid", "cancelled"],
        description="Status in finsync's terms.",
    )


class ExpenseLines(Audited):
    """Expenses of a report; parts of one expense (a hotel bill) stand below it."""

    expense_line_id: str = pa.Field(description="system|object|key of the expense.")
    expense_report_id: str = pa.Field(description="Refers to expense_reports.")
    entity_id: str = pa.Field(description="Legal entity that bears it.")
    line_no: str = pa.Field(description="Number or key of the expense in its report.")
    parent_line_id: str = pa.Field(
        nullable=True, description="Expense that this is a part of; parts add up to it."
    )
    expense_type: str = pa.Field(nullable=True, description="Kind of expense, as stated.")
    description: str = pa.Field(nullable=True, description="Text of the expense.")
    merchant: str = pa.Field(nullable=True, description="Who was paid, as stated.")
    transaction_date: pl.Date = pa.Field(nullable=True, description="Day of the expense.")
    amount: Amount = pa.Field(description="Amount spent, in ccy.")
    ccy: str = pa.Field(str_matches=_CURRENCY, description="Currency spent (ISO 4217).")
    exchange_rate: Rate = pa.Field(
        nullable=True, gt=0, description="One unit of ccy in posted_ccy, if stated."
    )
    posted_amount: Amount = pa.Field(nullable=True, description="The amount in posted_ccy.")
    posted_ccy: str = pa.Field(
        nullable=True, str_matches=_CURRENCY, description="Currency of the report (ISO 4217)."
    )
    approved_amount: Amount = pa.Field(nullable=True, description="Approved, in posted_ccy.")
    tax_amount: Amount = pa.Field(nullable=True, description="Tax within, in posted_ccy.")
    paid_by: str = pa.Field(
        nullable=True, isin=["employee", "company"], description="Whose money paid it."
    )
    personal: bool = pa.Field(description="A private expense, which the company does not bear.")


class ExpenseAllocations(Audited):
    """What an expense is charged to; several shares if it is split."""

    expense_allocation_id: str = pa.Field(description="system|object|key of the share.")
    expense_line_id: str = pa.Field(description="Refers to expense_lines.")
    entity_id: str = pa.Field(description="Legal entity that bears it.")
    account: str = pa.Field(nullable=True, description="General ledger account.")
    cost_center: str = pa.Field(nullable=True, description="Cost centre.")
    project: str = pa.Field(nullable=True, description="Project.")
    percentage: Price = pa.Field(nullable=True, description="Share in per cent, if stated.")
    amount: Amount = pa.Field(nullable=True, description="Share as an amount, if stated.")


class CashAdvances(Audited):
    """Money given to employees before they spend it."""

    cash_advance_id: str = pa.Field(description="system|object|key of the advance.")
    entity_id: str = pa.Field(description="Legal entity that gave it.")
    employee_id: str = pa.Field(description="Who received it, as the source names the person.")
    purpose: str = pa.Field(nullable=True, description="What it is for.")
    amount: Amount = pa.Field(description="Amount given, in ccy.")
    ccy: str = pa.Field(str_matches=_CURRENCY, description="Currency (ISO 4217).")
    requested_at: TsUTC = pa.Field(nullable=True, description="When it was asked for.")
    issued_at: TsUTC = pa.Field(nullable=True, description="When it was given.")
    status_src: str = pa.Field(nullable=True, description="Status as the source states it.")


class LedgerLines(Audited):
    """Lines of accounting documents, as a system's books show them or expect them."""

    ledger_line_id: str = pa.Field(description="system|object|key of the line.")
    entity_id: str = pa.Field(description="Legal entity whose books.")
    document_no: str = pa.Field(description="Number of the accounting document.")
    line_no: str = pa.Field(description="Line of that document.")
    document_type: str = pa.Field(nullable=True, description="Kind of document, as stated.")
    account: str = pa.Field(nullable=True, description="General ledger account.")
    supplier_src_id: str = pa.Field(nullable=True, description="Supplier; refers to suppliers.")
    employee_id: str = pa.Field(nullable=True, description="Employee, as the source names them.")
    amount: Amount = pa.Field(description="Amount in ccy: debit positive, credit negative.")
    ccy: str = pa.Field(str_matches=_CURRENCY, description="Currency of amount (ISO 4217).")
    amount_functional: Amount = pa.Field(
        nullable=True, description="The same in functional currency, if stated."
    )
    posting_date: pl.Date = pa.Field(nullable=True, description="Date in the books.")
    document_date: pl.Date = pa.Field(nullable=True, description="Date of the document.")
    reference: str = pa.Field(
        nullable=True, description="Number of the document it was posted from, as stated."
    )
    po_number_ref: str = pa.Field(nullable=True, description="Order named, by number.")
    po_line_ref: str = pa.Field(nullable=True, description="Line of that order.")
    clearing_document: str = pa.Field(nullable=True, description="Document that cleared it.")
    clearing_date: pl.Date = pa.Field(nullable=True, description="When it was cleared.")
    cost_center: str = pa.Field(nullable=True, description="Cost centre.")
    tax_code: str = pa.Field(nullable=True, description="Tax code as the source has it.")
    description: str = pa.Field(nullable=True, description="Text of the line.")


TABLES = (
    TableSpec(
        "canonical", "expense_reports", "expense report", ("expense_report_id",), ExpenseReports
    ),
    TableSpec("canonical", "expense_lines", "expense", ("expense_line_id",), ExpenseLines),
    TableSpec(
        "canonical",
        "expense_allocations",
        "share of an expense",
        ("expense_allocation_id",),
        ExpenseAllocations,
    ),
    TableSpec("canonical", "cash_advances", "cash advance", ("cash_advance_id",), CashAdvances),
    TableSpec(
        "canonical",
        "ledger_lines",
        "line of an accounting document",
        ("ledger_line_id",),
        LedgerLines,
    ),
)
