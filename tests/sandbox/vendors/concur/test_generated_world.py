"""A whole generated world read through Concur's stand-in adds up, to the cent."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finsync_dagster.sandbox.world.reading import World, open_world
from tests.sandbox.vendors.concur.conftest import ADDRESS, ALL, FI, V3, Client, client_of

pytestmark = pytest.mark.slow
UNITS = {"DE01", "FR01", "IE01", "UK01", "US01"}


@pytest.fixture(scope="module")
def generated(worlds: Path) -> World:
    return open_world(worlds, seed=7)


@pytest.fixture(scope="module")
def reading(generated: World) -> Client:
    return client_of(generated)


def exact(client: Client, address: str) -> Any:
    """An answer whose numbers are the digits that were sent."""
    path, _, query = address.removeprefix(ADDRESS).partition("?")
    pairs = tuple(tuple(each.split("=", 1)) for each in query.split("&") if each)
    return json.loads(client.ask(path, *pairs).body, parse_float=Decimal)


def everything(client: Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following = f"{ADDRESS}{V3}/{path}?limit=100&user=ALL"
    while following:
        page = exact(client, following)
        found += page["Items"]
        following = page["NextPage"]
    return found


def documents(client: Client, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following: str | None = f"{ADDRESS}{FI}/{kind}/transactions?limit=20"
    while following:
        page = exact(client, following)
        found += page["content"]
        links = {each["rel"]: each["href"] for each in page["links"]}
        following = links.get("next")
    return found


def test_parts_add_up(reading: Client) -> None:
    reports = {each["ID"]: each for each in everything(reading, "reports")}
    entries = {each["ID"]: each for each in everything(reading, "entries")}
    posted: dict[str, Decimal] = defaultdict(Decimal)
    for each in entries.values():
        posted[each["ReportID"]] += each["PostedAmount"]
    assert dict(posted) == {key: each["Total"] for key, each in reports.items()}
    parts: dict[str, Decimal] = defaultdict(Decimal)
    for each in everything(reading, "itemizations"):
        parts[each["EntryID"]] += each["PostedAmount"]
    assert parts == {key: entries[key]["PostedAmount"] for key in parts}
    assert set(parts) == {key for key, each in entries.items() if each["HasItemizations"]}
    assert {each["EntryID"] for each in everything(reading, "allocations")} <= set(entries)
    assert {each["OrgUnit1"]["Code"] for each in reports.values()} == UNITS


def test_postings_are_of_the_approved_reports(reading: Client) -> None:
    reports = {each["ID"]: each for each in everything(reading, "reports")}
    approved = {k for k, each in reports.items() if each["ApprovalStatusCode"] == "A_APPR"}
    found = {}
    for each in documents(reading, "expense"):
        document = each["document"]
        lines = [
            line
            for entry in document["expenseEntry"]
            for allocation in entry["allocation"]
            for line in allocation["journal"]
        ]
        key = document["report"]["reportId"]
        found[key] = sum(Decimal(line["amountGross"]) for line in lines)
        assert document["report"]["reportOrgUnit1Code"] == reports[key]["OrgUnit1"]["Code"]
    claimed = {key: Decimal(reports[key]["TotalApprovedAmount"]) for key in approved}
    # Of a report that is private as a whole, nothing is posted.
    assert found == {key: amount for key, amount in claimed.items() if amount}


def test_cash_advances(reading: Client, generated: World) -> None:
    cursor = generated.connect()
    issued = {row[0] for row in cursor.execute("SELECT advance_key FROM cash_advance").fetchall()}
    found = documents(reading, "cashadvance")
    assert {each["document"]["cashAdvanceData"]["cashAdvanceId"] for each in found} == issued


def test_an_increment_is_what_changed(reading: Client) -> None:
    after = ("modifiedDateAfter", "2026-06-01T00:00:00")
    page = reading.get(f"{V3}/reports", ALL, after, ("limit", "100"))
    wanted = [
        each["ID"]
        for each in everything(reading, "reports")
        if each["LastModifiedDate"] > "2026-06-01T00:00:00"
    ]
    assert [each["ID"] for each in page["Items"]] == wanted[:100]
    assert wanted
