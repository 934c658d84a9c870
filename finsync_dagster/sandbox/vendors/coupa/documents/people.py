"""Coupa's users and suppliers.

Belongs here: users as documents show them and as a resource of their own, suppliers with their
address and terms. Not here: what users and suppliers do (the documents' modules).

A blocked supplier is active and on hold, its invoices held for review (K). ``tax-id`` holds the tax
registration, ``number`` the company's supplier number.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finsync_dagster.sandbox.vendors.coupa.documents import master
from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row

if TYPE_CHECKING:
    from finsync_dagster.sandbox.vendors.coupa.documents.references import References

EMPLOYEES = "SELECT p.* FROM employee p ORDER BY p.employee_id"
USERS = """
    SELECT p.*, {changed} AS updated_at FROM employee p ORDER BY p.employee_id"""
SUPPLIERS = """
    SELECT s.*, {changed} AS updated_at FROM supplier_account s
    WHERE {here} ORDER BY s.supplier_account_id"""


def simple_users(found: list[Row]) -> dict[int, Object]:
    """Users as documents show them, by key."""
    known = {}
    for row in found:
        stamps = {"created-at": row["created_at"], "updated-at": row["changed_at"]}
        known[row["employee_id"]] = make("UserSimple", _person(row) | stamps)
    return known


def user(row: Row, about: References) -> Object:
    """A user as the users resource shows one."""
    chart = about.account_types.get(row["entity_id"])
    limit = _approval_limit(row, chart["currency"]) if chart and row["approval_limit"] else None
    can_approve = row["role"] in ("approver", "director")
    values = {
        "active": row["active"],
        "active?": row["active"],
        "manager": about.user(row["manager_id"]),
        "default-account-type": chart,
        "default-currency": chart["currency"] if chart else None,
        "default-locale": "en",
        "purchasing-user": True,
        "purchasing-user?": True,
        "invoicing-user": can_approve or row["role"] == "accountant",
        "invoicing-user?": can_approve or row["role"] == "accountant",
        "supplier-user": False,
        "api-user": False,
        "api-user?": False,
        "invoice-approval-limit": limit,
        "requisition-approval-limit": limit,
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
    }
    return make("User", _person(row) | values)


def supplier(row: Row, about: References) -> Object:
    """A supplier, whole."""
    blocked = row["status"] == "blocked"
    values = {
        "id": row["supplier_account_id"],
        "number": row["account_no"],
        "name": row["name"],
        "display-name": row["name"],
        "status": "inactive" if row["status"] == "inactive" else "active",
        "on-hold": blocked,
        "buyer-hold": False,
        "hold-invoices-for-ap-review": blocked,
        "one-time-supplier": False,
        "tax-id": row["tax_id"],
        "duns": row["duns"],
        "payment-term": about.terms(row),
        "payment-term-id": (about.terms(row) or {}).get("id"),
        "primary-address": _address(row),
        "invoice-matching-level": "3-way",
        "default-locale": "en",
        "created-at": row["created_at"],
        "updated-at": row["updated_at"],
        "created-by": about.user(row["created_by"]),
        "updated-by": about.user(row["created_by"]),
    }
    return make("Supplier", values)


def _address(row: Row) -> Object:
    values = {
        "id": row["supplier_account_id"],
        "name": row["city"],
        "street1": row["street"],
        "city": row["city"],
        "postal-code": row["postal_code"],
        "country": master.country(row["country"]),
        "vat-number": row["tax_id"],
        "vat-country": master.country(row["country"]),
        "active": True,
        "created-at": row["created_at"],
        "updated-at": row["created_at"],
    }
    return make("SupplierAddress", values)


def _approval_limit(row: Row, currency: Object) -> Object:
    limit: Decimal = row["approval_limit"]
    values = {
        "id": row["employee_id"],
        "amount": limit,
        "currency": currency,
        "name": f"{currency['code']} {limit.normalize():f}",
    }
    return make("ApprovalLimit", values)


def _person(row: Row) -> Object:
    return {
        "id": row["employee_id"],
        "login": row["login"],
        "email": row["login"],
        "employee-number": f"E{row['employee_id']:06d}",
        "firstname": row["first_name"],
        "lastname": row["last_name"],
        "fullname": f"{row['first_name']} {row['last_name']}",
    }
