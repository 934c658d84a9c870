"""Version 3's reports, entries, itemizations and allocations.

Belongs here: their SQL and properties. Not here: the postings expected of a report (postings.py).

The legal entity is organisational unit 1, its cost centre unit 2. An allocation's custom fields are
the same two and the project. Amounts are in the report's currency, but ``TransactionAmount``.
"""

from __future__ import annotations

from decimal import Decimal

from finsync_dagster.sandbox.vendors.concur.documents import codes, timing
from finsync_dagster.sandbox.vendors.concur.fields import Object, make
from finsync_dagster.sandbox.vendors.view import Row, View

PAGES = "/api/v3.0/expense"

_PEOPLE = """
    JOIN entity n ON n.entity_id = r.entity_id
    JOIN employee p ON p.employee_id = r.employee_id
    LEFT JOIN cost_center c ON c.entity_id = p.entity_id AND c.code = p.cost_center"""
_NAMED = "n.org_unit, n.name AS entity_name, p.login, p.cost_center, c.name AS center_name"


def reports_sql(view: View) -> str:
    """Reports as rows; ends in a condition."""
    steps = ", ".join(
        f"{timing.reached(view, each)} AS {each}_seen"
        for each in ("submitted_at", "approved_at", "paid_at")
    )
    return f"""
        SELECT * FROM (SELECT r.*, r.expense_report_id AS key,
            {timing.approval_status(view)} AS approval, {timing.payment_status(view)} AS payment,
            {timing.last_modified(view)} AS modified, {steps}, {_NAMED}, n.country,
            p.first_name || ' ' || p.last_name AS owner, a.login AS approver_login,
            a.first_name || ' ' || a.last_name AS approver
        FROM expense_report r {_PEOPLE}
        LEFT JOIN employee a ON a.employee_id = r.approver_id
        WHERE {view.there("r")}) WHERE true"""


def entries_sql(view: View) -> str:
    """Entries as rows; ends in a condition."""
    return f"""
        SELECT * FROM (SELECT e.*, e.expense_entry_id AS key, r.report_key, {_NAMED},
            {view.changed("e")} AS modified, {timing.approval_status(view)} AS approval,
            (SELECT count(*) FROM expense_itemization i
                WHERE i.expense_entry_id = e.expense_entry_id) AS itemizations,
            (SELECT count(*) FROM expense_allocation l
                WHERE l.expense_entry_id = e.expense_entry_id) AS allocations
        FROM expense_entry e JOIN expense_report r USING (expense_report_id) {_PEOPLE}
        WHERE {view.there("r")} AND {view.there("e")}) WHERE true"""


def itemizations_sql(view: View) -> str:
    """Itemizations as rows; ends in a condition."""
    return f"""
        SELECT * FROM (SELECT i.*, i.expense_itemization_id AS key, r.report_key, e.entry_key,
            e.transaction_date, e.city, e.country, e.is_personal, {_NAMED},
            {view.changed("e")} AS modified,
            (SELECT count(*) FROM expense_allocation l
                WHERE l.expense_itemization_id = i.expense_itemization_id) AS allocations
        FROM expense_itemization i JOIN expense_entry e USING (expense_entry_id)
        JOIN expense_report r USING (expense_report_id) {_PEOPLE}
        WHERE {view.there("r")} AND {view.there("e")}) WHERE true"""


def allocations_sql(view: View) -> str:
    """Allocations as rows; ends in a condition."""
    return f"""
        SELECT * FROM (SELECT l.*, l.expense_allocation_id AS key, r.report_key, e.entry_key,
            i.itemization_key, n.org_unit, n.name AS entity_name, p.login,
            c.name AS center_name, j.name AS project_name
        FROM expense_allocation l JOIN expense_entry e USING (expense_entry_id)
        JOIN expense_report r USING (expense_report_id)
        JOIN entity n ON n.entity_id = r.entity_id
        JOIN employee p ON p.employee_id = r.employee_id
        LEFT JOIN expense_itemization i
            ON i.expense_itemization_id = l.expense_itemization_id
        LEFT JOIN cost_center c ON c.entity_id = r.entity_id AND c.code = l.cost_center
        LEFT JOIN project j ON j.entity_id = r.entity_id AND j.code = l.project
        WHERE {view.there("r")} AND {view.there("e")}) WHERE true"""


def report(row: Row, address: str) -> Object:
    """A report."""
    total: Decimal = row["total_amount"]
    values = {
        "ID": row["report_key"],
        "URI": f"{address}{PAGES}/reports/{row['report_key']}",
        "Name": row["name"],
        "Total": total,
        "TotalClaimedAmount": total - row["personal_amount"],
        "TotalApprovedAmount": row["approved_amount"],
        "PersonalAmount": row["personal_amount"],
        "AmountDueEmployee": row["due_employee_amount"],
        "AmountDueCompanyCard": row["due_card_amount"],
        "CurrencyCode": row["currency"],
        "Country": row["country"],
        "CreateDate": row["created_at"],
        "UserDefinedDate": row["created_at"].date(),
        "SubmitDate": row["submitted_at_seen"],
        "ProcessingPaymentDate": row["approved_at_seen"],
        "PaidDate": row["paid_at_seen"],
        "LastModifiedDate": row["modified"],
        "ApprovalStatusCode": row["approval"],
        "ApprovalStatusName": codes.APPROVALS[row["approval"]],
        "PaymentStatusCode": row["payment"],
        "PaymentStatusName": codes.PAYMENTS[row["payment"]],
        "OwnerLoginID": row["login"],
        "OwnerName": row["owner"],
        "ApproverLoginID": row["approver_login"],
        "ApproverName": row["approver"],
        "LedgerName": "DEFAULT",
        "PolicyID": codes.identity("policy"),
        "LastComment": "",
        "EverSentBack": row["approval"] == "A_RESU",
        "HasException": False,
        "ReceiptsReceived": row["approval"] == "A_APPR",
        "WorkflowActionUrl": "",
        **_units(row),
    }
    return make("ReportGet", values)


def entry(row: Row, address: str) -> Object:
    """An expense."""
    taxed = row["tax_code"] is not None
    values = {
        "ID": row["entry_key"],
        "URI": f"{address}{PAGES}/entries/{row['entry_key']}",
        "ReportID": row["report_key"],
        "ReportOwnerID": row["login"],
        "ExpenseTypeCode": row["expense_type"],
        "ExpenseTypeName": codes.EXPENSE_TYPES.get(row["expense_type"], row["expense_type"]),
        "SpendCategoryCode": row["expense_type"],
        "SpendCategoryName": codes.EXPENSE_TYPES.get(row["expense_type"], row["expense_type"]),
        "PaymentTypeID": codes.identity("payment type", row["payment_type"]),
        "PaymentTypeName": codes.PAYMENT_TYPES[row["payment_type"]],
        "TransactionDate": row["transaction_date"],
        "TransactionAmount": row["transaction_amount"],
        "TransactionCurrencyCode": row["transaction_currency"],
        "ExchangeRate": row["exchange_rate"],
        "PostedAmount": row["posted_amount"],
        "ApprovedAmount": row["approved_amount"],
        "VendorDescription": row["merchant"],
        "Description": row["description"],
        "LocationName": row["city"],
        "LocationCountry": row["country"],
        "LastModified": row["modified"],
        "CompanyCardTransactionID": _card(row),
        "TaxReceiptType": "T" if taxed else "R" if row["has_receipt"] else "N",
        "HasVAT": taxed,
        "HasImage": row["has_receipt"],
        "HasItemizations": row["itemizations"] > 0,
        "AllocationType": _allocated(row),
        "IsPersonal": row["is_personal"],
        "IsBillable": False,
        "IsImageRequired": False,
        "IsPaidByExpensePay": False,
        "IsPersonalCardCharge": False,
        "HasAppliedCashAdvance": False,
        "HasAttendees": False,
        "HasComments": False,
        "HasExceptions": False,
        "ReceiptReceived": row["approval"] == "A_APPR",
        "FormID": codes.identity("form"),
        **_units(row),
    }
    return make("EntryGet", values)


def itemization(row: Row, address: str) -> Object:
    """Part of an expense."""
    name = codes.EXPENSE_TYPES.get(row["expense_type"], row["expense_type"])
    values = {
        "ID": row["itemization_key"],
        "URI": f"{address}{PAGES}/itemizations/{row['itemization_key']}",
        "EntryID": row["entry_key"],
        "ReportID": row["report_key"],
        "ReportOwnerID": row["login"],
        "ExpenseTypeCode": row["expense_type"],
        "ExpenseTypeName": name,
        "SpendCategoryCode": row["expense_type"],
        "SpendCategoryName": name,
        "TransactionDate": row["transaction_date"],
        "TransactionAmount": row["transaction_amount"],
        "PostedAmount": row["posted_amount"],
        "ApprovedAmount": row["approved_amount"],
        "Description": row["description"],
        "LocationName": row["city"],
        "LocationCountry": row["country"],
        "LastModified": row["modified"],
        "AllocationType": _allocated(row),
        "IsPersonal": row["is_personal"],
        "IsBillable": False,
        "IsImageRequired": False,
        "HasComments": False,
        "HasExceptions": False,
        **_units(row),
    }
    return make("ItemizationGet", values)


def allocation(row: Row, address: str) -> Object:
    """What an expense or a part of one is charged to."""
    percent: Decimal = row["pct"]
    center, project = row["cost_center"], row["project"]
    values = {
        "ID": row["allocation_key"],
        "URI": f"{address}{PAGES}/allocations/{row['allocation_key']}",
        "EntryID": row["entry_key"],
        "Percentage": f"{percent.normalize():f}",
        "AccountCode1": row["gl_account"],
        "IsHidden": False,
        "IsPercentEdited": percent != 100,
        "Custom1": codes.allocation_item(row["org_unit"], row["entity_name"], "Company", 1),
        "Custom2": codes.allocation_item(center, row["center_name"], "Cost Center", 2),
        "Custom3": codes.allocation_item(project, row["project_name"], "Project", 3),
    }
    return make("AllocationGet", values)


def _units(row: Row) -> Object:
    return {
        "OrgUnit1": codes.list_item(row["org_unit"], row["entity_name"]),
        "OrgUnit2": codes.list_item(row["cost_center"], row["center_name"], "ConnectedList"),
    }


def _allocated(row: Row) -> str:
    return "N" if not row["allocations"] else "F" if row["allocations"] == 1 else "P"


def _card(row: Row) -> str | None:
    return codes.identity("card", row["entry_key"]) if row["payment_type"] == "CBCP" else None
