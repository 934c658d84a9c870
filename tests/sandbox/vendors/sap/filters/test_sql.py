"""What a filter finds, against rows worked out by hand."""

from __future__ import annotations

import pytest

from finsync_dagster.sandbox.vendors.sap.sap import Sap
from tests.sandbox.vendors.sap.asking import ORDERS, V2, V4, ask, message, read, results

ITEMS = f"{ORDERS}A_PurchaseOrderItem"
INVOICES = f"{V2}API_SUPPLIERINVOICE_PROCESS_SRV/A_SupplierInvoice"


def found(sap: Sap, condition: str) -> list[str]:
    rows = results(sap, f"{ITEMS}?$filter={condition}&$select=PurchaseOrder,PurchaseOrderItem")
    return [f"{row['PurchaseOrder'][-1]}/{row['PurchaseOrderItem']}" for row in rows]


# Order 1: 10 (10 ST at 12.50), 20 (1234.5 ST at 1.25 per 100); 2: 10, deleted; 3: 10 to 110 with
# quantities 1 to 11; 7000000001: 10 (11 ST).
@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("OrderQuantity eq 1234.5M", ["1/20"]),
        ("OrderQuantity eq 1234.500", ["1/20"]),
        ("OrderQuantity gt 9 and OrderQuantity lt 11", ["1/10", "2/10", "3/100"]),
        ("OrderQuantity ge 11m", ["1/20", "3/110", "1/10"]),
        ("PurchaseOrder ne '4500000003'", ["1/10", "1/20", "2/10", "1/10"]),
        ("PurchaseOrder gt '4500000003'", ["1/10"]),
        ("PurchaseOrder eq '4500000003' and PurchaseOrderItem le '00020'", ["3/10", "3/20"]),
        ("PurchaseOrder eq '4500000003' and PurchaseOrderItem gt '90'", ["3/100", "3/110"]),
        ("PurchasingDocumentDeletionCode eq 'L'", ["2/10"]),
        ("not (PurchaseOrder eq '4500000003')", ["1/10", "1/20", "2/10", "1/10"]),
        ("not PurchaseOrder eq '4500000003'", ["1/10", "1/20", "2/10", "1/10"]),
        ("PurchaseOrder eq '4500000002' or OrderQuantity eq 1 and NetPriceQuantity eq 1",
         ["2/10", "3/10"]),
        ("(PurchaseOrder eq '4500000002' or OrderQuantity eq 1) and NetPriceQuantity eq 1",
         ["2/10", "3/10"]),
        ("substringof('BOLT 2',toupper(PurchaseOrderItemText))", ["1/20"]),
        ("startswith(PurchaseOrder,'70')", ["1/10"]),
        ("endswith(PurchaseOrder,'02') eq true", ["2/10"]),
        ("startswith(PurchaseOrder,'45') eq false", ["1/10"]),
        ("length(PurchaseOrderItem) eq 3", ["3/100", "3/110"]),
        ("substring(PurchaseOrder,9) eq '2'", ["2/10"]),
        ("indexof(PurchaseOrder,'7') eq 0", ["1/10"]),
        ("IsCompletelyDelivered eq true", []),
        ("PurchaseOrderItemText eq 'it''s'", []),
        ("TaxDeterminationDate ne null", []),
        ("IncotermsClassification ne ''", []),
        ("NetPriceQuantity eq 100", ["1/20"]),
    ],
)  # fmt: skip
def test_a_filter_finds(sap: Sap, condition: str, wanted: list[str]) -> None:
    assert found(sap, condition) == wanted


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("LastChangeDateTime gt datetimeoffset'2026-01-10T12:00:00Z'", ["4500000002"]),
        ("LastChangeDateTime ge datetimeoffset'2026-01-10T13:00:00+01:00'",
         ["4500000002", "7000000001"]),
        ("CreationDate ge datetime'2026-01-07T00:00:00'", ["4500000003", "7000000001"]),
        ("CreationDate eq datetime'2026-01-07T00:00'", ["4500000003"]),
        ("ValidityStartDate eq null and CompanyCode eq '1000'", ["7000000001"]),
        ("not (ValidityStartDate eq datetime'2026-01-01T00:00:00')",
         ["4500000001", "4500000002", "4500000003", "7000000001"]),
        ("day(CreationDate) eq 6", ["4500000002"]),
        ("ReleaseIsNotCompleted", []),
    ],
)  # fmt: skip
def test_moments_and_days(sap: Sap, condition: str, numbers: list[str]) -> None:
    condition = condition.replace("+", "%2B")
    rows = results(sap, f"{ORDERS}A_PurchaseOrder?$filter={condition}")
    assert [row["PurchaseOrder"] for row in rows] == numbers


def test_a_long_list_of_keys(sap: Sap) -> None:
    numbers = [f"PurchaseOrder eq '{4500000000 + each}'" for each in range(3, 900)]
    assert len(found(sap, " or ".join(numbers))) == 11
    assert len(found(sap, "(" + " or ".join(numbers) + ") and OrderQuantity gt 9")) == 2


def test_a_guid(sap: Sap) -> None:
    partners = f"{V2}API_BUSINESS_PARTNER/A_BusinessPartner?$filter=BusinessPartnerUUID"
    assert results(sap, f"{partners} eq guid'00000000-0000-0000-0000-000000000000'")
    assert not results(sap, f"{partners} eq guid'0050568D-393C-1ED4-9D97-E65F0F3FCC23'")


def test_a_time_of_day(sap: Sap) -> None:
    headers = f"{V2}API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentHeader"
    rows = results(sap, f"{headers}?$filter=CreationTime gt time'PT10H'")
    assert [row["MaterialDocument"] for row in rows] == ["5000000001"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("Foo eq 1", "Property 'Foo' not found in type 'A_PurchaseOrderItemType'"),
        ("PurchaseOrder eq 4500000001", "not defined for the types"),
        ("OrderQuantity eq '1'", "not defined for the types"),
        ("PurchaseOrder eq", "Expression incomplete"),
        ("PurchaseOrder eq 'x", "Invalid token detected at position 17"),
        ("PurchaseOrder eq 'x' PurchaseOrder", "Invalid token detected at position 21"),
        ("(PurchaseOrder eq 'x'", "Expression incomplete"),
        ("contains(PurchaseOrder,'x')", "Invalid function 'contains'"),
        ("substringof('x')", "number of arguments"),
        ("substringof(1,PurchaseOrder)", "parameter type"),
        ("PurchaseOrder", "no condition"),
        ("TaxDeterminationDate gt null", "not defined for null"),
        ("TaxDeterminationDate gt datetime'2026-13-01T00:00:00'", "Invalid literal"),
        ("OrderQuantity gt " + "9" * 39, "Invalid literal"),
        ("(" * 60 + "PurchaseOrder eq 'x'" + ")" * 60, "nested too deeply"),
        (" or ".join(["PurchaseOrder eq 'x'"] * 1001), "too many parts"),
    ],
)
def test_what_is_refused(sap: Sap, condition: str, words: str) -> None:
    answer = ask(sap, f"{ITEMS}?$filter={condition}")
    assert answer.status == 400
    assert words in message(answer)


def test_what_may_not_be_filtered_or_sorted_by_is_refused(sap: Sap) -> None:
    refused = ask(sap, f"{INVOICES}?$filter=IsReversed eq true")
    assert (refused.status, message(refused)) == (400, "Property 'IsReversed' is not filterable")
    refused = ask(sap, f"{INVOICES}?$orderby=IsReversed")
    assert (refused.status, message(refused)) == (400, "Property 'IsReversed' is not sortable")


@pytest.mark.parametrize(
    ("condition", "items"),
    [
        ("PurchaseOrderItem eq '20'", ["20"]),
        ("PurchaseOrderItem in ('10','00020')", ["10", "20"]),
        ("contains(PurchaseOrderItemText,'olt 17')", ["10"]),
        ("OverallLimitAmount gt 0", ["20"]),
        ("NetAmount eq 100.1", ["20"]),
        ("not (TaxCode eq 'VI')", ["20"]),
    ],
)
def test_version_4(s4: Sap, condition: str, items: list[str]) -> None:
    rows = read(s4, f"{V4}PurchaseOrderItem?$filter={condition}")["value"]
    assert [row["PurchaseOrderItem"] for row in rows] == items


def test_version_4_writes_moments_and_days_plainly(s4: Sap) -> None:
    orders = f"{V4}PurchaseOrder?$filter="
    assert read(s4, orders + "LastChangeDateTime gt 2026-01-10T09:30:14Z")["value"]
    assert not read(s4, orders + "LastChangeDateTime gt 2026-01-10T09:30:15Z")["value"]
    assert read(s4, orders + "CreationDate eq 2026-01-10 and NetPaymentDays eq 30")["value"]
    refused = ask(s4, orders + "CreationDate eq datetime'2026-01-10T00:00:00'")
    assert refused.status == 400
    refused = ask(s4, orders + "substringof('1',PurchaseOrder)")
    assert "Invalid function" in message(refused)
