"""Version 3's lists: reports, entries, itemizations, allocations.

Belongs here: one declaration a list, its pages. Not here: an object's properties (documents/).

A page goes on from the key of the last record, which the opaque ``offset`` of ``NextPage`` hides: a
page costs the same wherever it is. The last page's ``NextPage`` is null. ``user=ALL`` gives what
everybody owns, a login what that user owns; without ``user``, what the token's own user owns, which
is nothing here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import duckdb

from finsync_dagster.sandbox.vendors.concur.documents import reports
from finsync_dagster.sandbox.vendors.concur.errors import Refusal
from finsync_dagster.sandbox.vendors.concur.fields import Object
from finsync_dagster.sandbox.vendors.concur.parameters import Parameters, conditions
from finsync_dagster.sandbox.vendors.view import Row, View, rows
from finsync_dagster.sandbox.vendors.wire import Request

_MARK = "finsync:"
_LARGEST_KEY = 1 << 62


@dataclass(frozen=True)
class Kind:
    """A list: its path, its elements in XML, the object it serves, how it is read and narrowed."""

    path: str
    root: str
    element: str
    schema: str
    sql: Callable[[View], str]
    build: Callable[[Row, str], Object]
    key: str
    parameters: Parameters


def _dates(name: str, column: str) -> Parameters:
    return {f"{name}After": ("after", column), f"{name}Before": ("before", column)}


KINDS: dict[str, Kind] = {
    each.path: each
    for each in (
        Kind(
            "reports",
            "Reports",
            "Report",
            "ReportGet",
            reports.reports_sql,
            reports.report,
            "report_key",
            {
                "approvalStatusCode": ("among", "approval"),
                "paymentStatusCode": ("among", "payment"),
                "currencyCode": ("text", "currency"),
                "countryCode": ("text", "country"),
                "approverLoginID": ("text", "approver_login"),
                **_dates("modifiedDate", "modified"),
                **_dates("createDate", "created_at"),
                **_dates("submitDate", "submitted_at_seen"),
                **_dates("processingPaymentDate", "approved_at_seen"),
                **_dates("paidDate", "paid_at_seen"),
                **_dates("userDefinedDate", "created_at"),
            },
        ),
        Kind(
            "entries",
            "Entries",
            "Entry",
            "EntryGet",
            reports.entries_sql,
            reports.entry,
            "entry_key",
            {
                "reportID": ("text", "report_key"),
                "expenseTypeCode": ("text", "expense_type"),
                "hasVAT": ("flag", "(tax_code IS NOT NULL)"),
                "isBillable": ("flag", "false"),
                "hasAttendees": ("flag", "false"),
            },
        ),
        Kind(
            "itemizations",
            "Itemizations",
            "Itemization",
            "ItemizationGet",
            reports.itemizations_sql,
            reports.itemization,
            "itemization_key",
            {
                "reportID": ("text", "report_key"),
                "entryID": ("text", "entry_key"),
                "expenseTypeCode": ("text", "expense_type"),
            },
        ),
        Kind(
            "allocations",
            "Allocations",
            "Allocation",
            "AllocationGet",
            reports.allocations_sql,
            reports.allocation,
            "allocation_key",
            {
                "reportID": ("text", "report_key"),
                "entryID": ("text", "entry_key"),
                "itemizationID": ("text", "itemization_key"),
            },
        ),
    )
}


@dataclass(frozen=True)
class Page:
    """Records, and the address of the next page; None after the last."""

    records: list[Object]
    following: str | None


def page(
    kind: Kind,
    request: Request,
    cursor: duckdb.DuckDBPyConnection,
    view: View,
    size: tuple[int, int],
) -> Page:
    """A page of at most ``size[0]`` records, the first ``size[1]`` of them seen before.

    Raises:
        Refusal: a parameter cannot be read.
    """
    limit, again = size
    condition, values = conditions(request, kind.parameters)
    user = request.first("user")
    if user != "ALL":
        condition += " AND login = ?"
        values.append(user or "")
    asked = kind.sql(view) + condition
    after = _position(request)
    found: list[Row] = []
    if again and after:
        before = f"{asked} AND key <= ? ORDER BY key DESC LIMIT ?"
        found = rows(cursor, before, [*values, after, again])[::-1]
    rest = limit - len(found)
    # One more than fits tells whether there is a next page.
    new = rows(cursor, f"{asked} AND key > ? ORDER BY key LIMIT ?", [*values, after, rest + 1])
    if not new:
        return Page([], None)
    more, new = len(new) > rest, new[:rest]
    records = [kind.build(row, request.address) for row in found + new]
    return Page(records, _address(request, new[-1]["key"]) if more else None)


def one(
    kind: Kind, key: str, address: str, cursor: duckdb.DuckDBPyConnection, view: View
) -> Object:
    """The object with an id.

    Raises:
        Refusal: there is none.
    """
    found = rows(cursor, f"{kind.sql(view)} AND {kind.key} = ?", [key])
    if not found:
        raise Refusal(404, f"There is no {kind.element} with this ID.")
    return kind.build(found[0], address)


def _position(request: Request) -> int:
    said = request.first("offset")
    if not said:
        return 0
    try:
        text = base64.urlsafe_b64decode(said.encode() + b"==").decode()
        if text.startswith(_MARK) and 0 <= (key := int(text.removeprefix(_MARK))) < _LARGEST_KEY:
            return key
    except (binascii.Error, ValueError):
        pass
    raise Refusal(400, "The offset is not one that a NextPage gave.")


def _address(request: Request, key: Any) -> str:
    offset = base64.urlsafe_b64encode(f"{_MARK}{key}".encode()).decode().rstrip("=")
    kept = [(name, value) for name, value in request.query if name != "offset"]
    return f"{request.address}{request.path}?{urlencode([('offset', offset), *kept])}"
