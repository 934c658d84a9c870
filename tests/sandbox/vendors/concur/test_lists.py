"""Version 3's lists: what they hold, how they are narrowed, and their pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.plan import Plan
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.concur.conftest import ALL, V3, Client, client_of

REPORTS = f"{V3}/reports"


def numbers(client: Client, *query: tuple[str, str]) -> list[int]:
    return [int(each["ID"][6:]) for each in client.get(REPORTS, *query)["Items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ((ALL,), [1, 2, 3, 4, 5, 6, 7]),
        ((), []),  # the technical user owns nothing
        ((("user", "bob@lumen.example"),), [2]),
        ((ALL, ("approvalStatusCode", "A_APPR,A_NOTF")), [1, 3, 4]),
        ((ALL, ("paymentStatusCode", "P_PAID")), [1, 3]),
        ((ALL, ("currencyCode", "GBP")), [2]),
        ((ALL, ("countryCode", "DE"), ("currencyCode", "GBP")), []),
        ((ALL, ("modifiedDateAfter", "2026-03-25T11:00:00")), [6, 7]),
        ((ALL, ("modifiedDateAfter", "2026-03-25T10:59:59.999")), [5, 6, 7]),
        ((ALL, ("modifiedDateBefore", "2026-03-23")), [1, 2]),
        (
            (ALL, ("modifiedDateAfter", "2026-03-22"), ("modifiedDateBefore", "2026-03-25")),
            [2, 3, 4],
        ),
        ((ALL, ("createDateAfter", "2026-03-07")), [7]),
        ((ALL, ("submitDateBefore", "2026-03-05")), [1, 2, 3]),
        ((ALL, ("paidDateAfter", "2026-03-22")), [3]),
        ((ALL, ("noSuchParameter", "1"), ("currencyCode", "")), [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_reports_narrowed(
    client: Client, query: tuple[tuple[str, str], ...], found: list[int]
) -> None:
    assert numbers(client, *query) == found


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("entries", (("reportID", "REPORT00000000000001"),), ["ENTRY1", "ENTRY2"]),
        ("entries", (("hasVAT", "true"),), ["ENTRY1"]),
        ("entries", (("isBillable", "true"),), []),
        ("entries", (("expenseTypeCode", "MEALS"),), ["ENTRY3"]),
        ("itemizations", (("entryID", "ENTRY1"),), ["ITEM1"]),
        ("allocations", (("entryID", "ENTRY1"),), ["ALLOC1", "ALLOC2"]),
        ("allocations", (("reportID", "REPORT00000000000003"),), ["ALLOC4"]),
        ("allocations", (("itemizationID", "ITEM1"),), []),
    ],
)
def test_parts_narrowed(
    client: Client, path: str, query: tuple[tuple[str, str], ...], found: list[str]
) -> None:
    assert [each["ID"] for each in client.get(f"{V3}/{path}", ALL, *query)["Items"]] == found


def test_numbers_are_doubles_and_moments_have_no_zone(client: Client) -> None:
    report = client.get(f"{REPORTS}/REPORT00000000000001")
    assert (report["Total"], report["TotalApprovedAmount"]) == (307.01, 290)
    assert b'"TotalApprovedAmount":290,' in client.ask(f"{REPORTS}/REPORT00000000000001").body
    assert report["LastModifiedDate"] == "2026-03-21T11:00:00"
    assert report["ProcessingPaymentDate"] == "2026-03-11T10:00:00.57"
    assert report["OrgUnit1"]["Code"] == "DE01"
    second = client.get(f"{V3}/entries/ENTRY2")
    assert (second["TransactionAmount"], second["ExchangeRate"]) == (24.3, 0.9259)
    assert (second["PaymentTypeName"], second["AllocationType"]) == ("Company Paid Card", "F")
    first = client.get(f"{V3}/entries/ENTRY1")
    assert (first["HasItemizations"], first["AllocationType"]) == (True, "P")


def test_a_report_has_come_only_so_far(world: World) -> None:
    there = World(world.path)
    client = client_of(there)

    def told(day: str) -> tuple[Any, ...]:
        there.until = datetime.fromisoformat(day)
        (report,) = client.get(REPORTS, ALL, ("currencyCode", "EUR"))["Items"][:1]
        return (
            report["ApprovalStatusCode"], report["PaymentStatusCode"],
            report["SubmitDate"], report["PaidDate"], report["LastModifiedDate"],
        )  # fmt: skip

    assert told("2026-03-01T08:30:00") == ("A_NOTF", "P_NOTP", None, None, "2026-03-01T08:00:00")
    submitted = "2026-03-01T09:00:00"
    assert told("2026-03-02") == ("A_PEND", "P_NOTP", submitted, None, submitted)
    assert told("2026-03-12") == ("A_APPR", "P_PROC", submitted, None, "2026-03-11T10:00:00.57")
    paid = "2026-03-21T11:00:00"
    assert told("2026-04-01") == ("A_APPR", "P_PAID", submitted, paid, paid)
    there.until = datetime(2026, 3, 3, 12)
    assert numbers(client, ALL) == [1, 2, 3]
    there.close()


def read_all(client: Client, limit: int) -> list[str]:
    seen: list[str] = []
    answer = client.get(REPORTS, ALL, ("limit", str(limit)), ("modifiedDateAfter", "2026-01-01"))
    while True:
        assert len(answer["Items"]) <= limit
        seen += [each["ID"] for each in answer["Items"]]
        if answer["NextPage"] is None:
            return seen
        answer = client.follow(answer["NextPage"])


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    limit=st.integers(1, 8),
    small=st.sampled_from(["0", "0.5", "1"]),
    repeated=st.sampled_from(["0", "0.5", "1"]),
)
def test_who_follows_the_links_reads_everything_in_order(
    world: World, seed: int, limit: int, small: str, repeated: str
) -> None:
    faults = [
        {"kind": "small_page", "rate": small},
        {"kind": "repeated_page", "rate": repeated, "records": 2},
    ]
    client = client_of(world, Plan.model_validate({"seed": seed, "faults": faults}))
    seen = read_all(client, limit)
    assert list(dict.fromkeys(seen)) == [f"REPORT{number:014d}" for number in range(1, 8)]
    if repeated == "0":
        assert len(seen) == 7
