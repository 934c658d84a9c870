"""Financial documents: what an approved report or an issued cash advance is to be posted as.

Belongs here: their SQL and parts. Not here: which are still to be fetched (../financial.py).

A journal entry is the debit of an allocation: its account, gross and net, who pays whom. The credit
has no entry of its own: an expense paid by the employee names its account as the liability account,
one paid by card as the clearing account (K). The reclaimed tax is a tax of the allocation, which
the journal entry names by its ``taxGuid``. A cash advance that a report sets off is a negative
amount in ``cashAdvanceApplication``.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import duckdb

from finsync_dagster.sandbox.vendors.concur.documents import codes
from finsync_dagster.sandbox.vendors.concur.fields import Object, double, make_part
from finsync_dagster.sandbox.vendors.view import Row, View, by_keys, grouped

_PEOPLE = {"Company": "COMP", "Employee": "EMPL", "Company Card": "CBCP"}
_ADVANCES_ACCOUNT = "CADV"
_WHO = """p.employee_id, p.login, p.first_name, p.last_name, p.cost_center, n.org_unit,
            n.name AS entity_name, n.country, c.name AS center_name"""
_JOINS = """
        JOIN entity n ON n.entity_id = r.entity_id
        JOIN employee p ON p.employee_id = r.employee_id
        LEFT JOIN cost_center c ON c.entity_id = p.entity_id AND c.code = p.cost_center"""
_REPORTS = f"""
        SELECT r.*, {_WHO} FROM expense_report r {_JOINS} WHERE true"""
_ENTRIES = "SELECT e.* FROM expense_entry e WHERE true"
_ALLOCATIONS = """
        SELECT l.*, e.country FROM expense_allocation l
        JOIN expense_entry e USING (expense_entry_id) WHERE true"""
_JOURNAL = "SELECT j.* FROM expense_journal j WHERE true"
_SET_OFF = "SELECT v.* FROM cash_advance v WHERE v.used_amount <> 0"
_ADVANCES = f"""
        SELECT r.*, {_WHO} FROM cash_advance r {_JOINS} WHERE true"""


def ready_reports(view: View) -> str:
    """Keys of the reports that have a posting, as they became ready."""
    return f"""
        SELECT r.expense_report_id, r.report_key FROM expense_report r
        WHERE r.approval_status = 'A_APPR' AND r.approved_at IS NOT NULL
            AND {view.there("r", "approved_at")}
            AND EXISTS (SELECT 1 FROM expense_journal j
                WHERE j.expense_report_id = r.expense_report_id)
        ORDER BY r.approved_at, r.expense_report_id"""


def ready_advances(view: View) -> str:
    """Keys of the cash advances that were issued, as they were."""
    return f"""
        SELECT r.cash_advance_id, r.advance_key FROM cash_advance r
        WHERE {view.there("r", "issued_at")} ORDER BY r.issued_at, r.cash_advance_id"""


def expense_documents(cursor: duckdb.DuckDBPyConnection, keys: Sequence[int]) -> dict[int, Object]:
    """The documents of reports, by key."""
    reports = by_keys(cursor, _REPORTS, "r.expense_report_id", keys, "r.expense_report_id")
    entries = by_keys(cursor, _ENTRIES, "e.expense_report_id", keys, "e.expense_entry_id")
    numbers = [row["expense_entry_id"] for row in entries]
    allocations = by_keys(
        cursor, _ALLOCATIONS, "l.expense_entry_id", numbers, "l.expense_allocation_id"
    )
    allocations_of = grouped(allocations, "expense_entry_id")
    journal = by_keys(cursor, _JOURNAL, "j.expense_report_id", keys, "j.expense_journal_id")
    journal_of = grouped(journal, "expense_allocation_id")
    entries_of = grouped(entries, "expense_report_id")
    set_off = by_keys(cursor, _SET_OFF, "v.expense_report_id", keys, "v.cash_advance_id")
    set_off_of = grouped(set_off, "expense_report_id")
    found = {}
    for row in reports:
        key = row["expense_report_id"]
        found[key] = {
            "employee": _employee("employee", row),
            "report": _report(row),
            "expenseEntry": [
                _entry(each, row, allocations_of.get(each["expense_entry_id"], []), journal_of)
                for each in entries_of.get(key, [])
            ],
            "cashAdvanceApplication": [_application(each) for each in set_off_of.get(key, [])],
        }
    return found


def advance_documents(cursor: duckdb.DuckDBPyConnection, keys: Sequence[int]) -> dict[int, Object]:
    """The documents of cash advances, by key."""
    found = {}
    for row in by_keys(cursor, _ADVANCES, "r.cash_advance_id", keys, "r.cash_advance_id"):
        found[row["cash_advance_id"]] = {
            "employeeData": _employee("employeeData", row),
            "cashAdvanceData": _advance(row),
            "journalData": [_issue(row)],
        }
    return found


def _employee(part: str, row: Row) -> Object:
    values = {
        "employeeId": str(row["employee_id"]),
        "employeeFirstName": row["first_name"],
        "employeeLastName": row["last_name"],
        **_units("employeeOrgUnit", row),
    }
    if part == "employee":
        values |= {"loginId": row["login"], "emailAddress": row["login"]}
    return make_part(part, values)


def _report(row: Row) -> Object:
    values = {
        "requestId": [],
        "versionId": "4",
        "revisionNumber": "1",
        "reportId": row["report_key"],
        "reportKey": row["expense_report_id"],
        "reportName": row["name"],
        "homeCountryCode": row["country"],
        "employeeCurrencyAlphaCode": row["currency"],
        "totalApprovedAmount": row["approved_amount"],
        "cashAdvanceReturnsAmount": 0,
        "isTest": "N",
        "ledgerCode": "DEFAULT",
        "payrollPayIndicator": "N",
        "reportCreationDate": row["created_at"],
        "reportSubmitDate": row["submitted_at"],
        "reportUserDefinedDate": row["created_at"].date(),
        "reportPaymentProcessingDate": row["approved_at"],
        **_units("reportOrgUnit", row),
    }
    return make_part("report", values)


def _entry(
    row: Row, report: Row, allocations: list[Row], journal_of: dict[int, list[Row]]
) -> Object:
    postings = [
        line for each in allocations for line in journal_of.get(each["expense_allocation_id"], [])
    ]
    credit = next((line["account"] for line in postings if line["debit_credit"] == "CR"), None)
    by_card = row["payment_type"] == "CBCP"
    values = {
        "entryId": row["entry_key"],
        "legacyEntryId": row["expense_entry_id"],
        "entryDate": row["transaction_date"],
        "entryDescription": row["description"],
        "entryVendorDescription": row["merchant"],
        "entryCurrAlphaCode": row["transaction_currency"],
        "entryExchangeRate": row["exchange_rate"],
        "entryExchangeRateDirection": "M",
        "entryApprovedAmount": row["approved_amount"],
        "reportEntryTransactionAmount": row["transaction_amount"],
        "reportEntryPatKey": row["payment_type"],
        "expenseTypeCode": row["expense_type"],
        "expenseTypeName": codes.EXPENSE_TYPES.get(row["expense_type"], row["expense_type"]),
        "entryLocationName": row["city"],
        "entryLocationCityName": row["city"],
        "entryCountryCode": row["country"],
        "entryIsPersonal": "Y" if row["is_personal"] else "N",
        "entryIsBillable": "N",
        "entryReceiptType": "T" if row["tax_code"] else "R" if row["has_receipt"] else "N",
        "expensePayIndicator": "N",
        "offsetPayType": "N",
        "liabilityAccountCode": None if by_card else credit,
        "clearingAccountCode": credit if by_card else None,
        "cardProgramTypeCode": "CBCP" if by_card else None,
        "cardTransactionAmount": row["transaction_amount"] if by_card else None,
        "cardTransactionCurrency": row["transaction_currency"] if by_card else None,
        "allocation": [
            _allocation(each, journal_of.get(each["expense_allocation_id"], []), report)
            for each in allocations
        ],
        **_units("entryOrgUnit", report),
    }
    return make_part("expenseEntry", values)


def _allocation(row: Row, journal: list[Row], report: Row) -> Object:
    guid = codes.identity("tax", row["allocation_key"]).upper() if row["tax_amount"] else None
    debits = [line for line in journal if line["debit_credit"] == "DR"]
    values = {
        "allocationId": row["allocation_key"],
        "allocationPercentage": row["pct"],
        "allocationCustom1Code": report["org_unit"],
        "allocationCustom1Value": report["entity_name"],
        "allocationCustom2Code": row["cost_center"],
        "allocationCustom3Code": row["project"],
        "journal": [_journal_entry(line, guid) for line in debits],
        "tax": [_tax(row, debits, guid)] if guid else [],
    }
    return make_part("allocation", values)


def _journal_entry(line: Row, guid: str | None) -> Object:
    values = {
        "journalAccountCode": line["account"],
        "journalPayer": _PEOPLE[line["payer"]],
        "journalPayee": _PEOPLE[line["payee"]],
        "amountGross": line["amount_gross"],
        "amountNetOfTax": line["amount_net"],
        "amountNetOfReclaim": line["amount_net"],
        "taxGuid": [guid] if guid else [],
    }
    return make_part("journal", values)


def _tax(row: Row, debits: list[Row], guid: str) -> Object:
    code = next((line["tax_code"] for line in debits if line["tax_code"]), None)
    values = {
        "taxGuid": guid,
        "taxCode": code,
        "taxReclaimCode": code,
        "taxAuthorityLabel": f"{row['country']}VAT",
        "taxSource": "SYST",
        "amountTax": row["tax_amount"],
        "amountReclaim": row["tax_amount"],
        "locationCountryCode": row["country"],
    }
    return make_part("tax", values)


def _application(row: Row) -> Object:
    used: Decimal = row["used_amount"]
    values = {
        "cashAdvanceId": row["advance_key"],
        "cashAdvanceApplicationAmount": -used,
        "cashAdvanceTransactionType": 2,
        "cashAdvanceClearingAccountCode": _ADVANCES_ACCOUNT,
    }
    return make_part("cashAdvanceApplication", values)


def _advance(row: Row) -> Object:
    values = {
        "cashAdvanceId": row["advance_key"],
        "name": row["purpose"],
        "purpose": row["purpose"],
        "requestAmount": row["amount"],
        "requestDate": row["created_at"],
        "issuedDate": row["issued_at"],
        "currencyAlphaCode": row["currency"],
        "currencyNumCode": codes.CURRENCY_NUMBERS.get(row["currency"]),
        "employeeCurrencyAlphaCode": row["currency"],
        "exchangeRate": 1,
        "countryCode": row["country"],
        "paymentMethod": 0,
        "transactionType": 1,
        "isTest": "N",
        "expensePayIndicator": "N",
    }
    return make_part("cashAdvanceData", values)


def _issue(row: Row) -> Object:
    values = {
        "accountCode": _ADVANCES_ACCOUNT,
        "amount": double(row["amount"]),
        "debitOrCredit": "DR",
        "payer": "COMP",
        "payee": "EMPL",
        "paymentCode": "Cash",
    }
    return make_part("journalData", values)


def _units(prefix: str, row: Row) -> Object:
    return {
        f"{prefix}1Code": row["org_unit"],
        f"{prefix}1Value": row["entity_name"],
        f"{prefix}2Code": row["cost_center"],
        f"{prefix}2Value": row["center_name"],
    }
