import json
from decimal import Decimal
from typing import Any

import pytest

from finsync_dagster.sandbox.vendors.netsuite import records
from finsync_dagster.sandbox.vendors.netsuite.errors import RefusedError
from finsync_dagster.sandbox.vendors.netsuite.store import Store
from finsync_dagster.sandbox.vendors.wire import Request

ADDRESS = "http://127.0.0.1:4711/group_netsuite"
BASE = "/services/rest/record/v1/"


def got(store: Store, below: str, **query: str) -> Any:
    request = Request("GET", BASE + below, tuple(query.items()), address=ADDRESS)
    answer = records.answer(request, below, store)
    assert answer.status == 200
    return json.loads(answer.body, parse_float=Decimal)


def numbers(store: Store, below: str, **query: str) -> list[str]:
    keys = [item["id"] for item in got(store, below, **query)["items"]]
    return [got(store, f"{below}/{key}")["transactionNumber"] for key in keys]


def test_a_list_is_links_a_page_at_a_time(store: Store) -> None:
    page = got(store, "purchaseOrder", limit="2")
    assert (page["count"], page["hasMore"], page["totalResults"]) == (2, True, 3)
    assert page["links"][1]["href"] == f"{ADDRESS}{BASE}purchaseOrder?limit=2&offset=2"
    assert page["items"][0] == {
        "links": [{"rel": "self", "href": f"{ADDRESS}{BASE}purchaseOrder/10"}],
        "id": "10",
    }
    assert got(store, "purchaseOrder", limit="2", offset="2")["hasMore"] is False
    assert len(got(store, "vendor")["items"]) == 2


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ('lastModifiedDate ON_OR_AFTER "06/01/2026"', ["PO1", "PO10"]),
        ('lastModifiedDate AFTER "2026-06-01"', ["PO10"]),
        ("tranDate ON '05/04/2026'", ["PO2"]),
        ("createdDate ON_OR_AFTER 03/02/2026 AND createdDate BEFORE 05/04/2026", ["PO1"]),
    ],
)
def test_a_list_can_be_narrowed_by_days(store: Store, query: str, wanted: list[str]) -> None:
    assert numbers(store, "purchaseOrder", q=query) == wanted


def test_a_record_has_its_lines_when_they_are_asked_for(store: Store) -> None:
    (key,) = [item["id"] for item in got(store, "vendorBill")["items"]]
    short = got(store, f"vendorBill/{key}")
    assert short["entity"] == {"id": "1020", "refName": "Whitlock Ltd"}
    assert short["createdDate"] == "2026-04-01T09:00:00Z"
    assert short["item"] == {
        "links": [{"rel": "self", "href": f"{ADDRESS}{BASE}vendorBill/{key}/item"}]
    }
    whole = got(store, f"vendorBill/{key}", expandSubResources="true")
    line, freight = whole["item"]["items"]
    assert freight["item"] == {"id": "900001", "refName": "FREIGHT"}
    assert (line["quantity"], line["rate"], line["amount"]) == (
        10,
        Decimal("1.25"),
        Decimal("12.5"),
    )
    assert line["item"] == {"id": "3", "refName": "ITEM3"}
    assert line["isClosed"] is False
    assert whole["expense"]["items"] == []


def test_the_catalog_names_records_and_their_fields(store: Store) -> None:
    names = [item["name"] for item in got(store, "metadata-catalog")["items"]]
    assert "vendorBill" in names
    schema = got(store, "metadata-catalog/vendorBill")
    assert schema["properties"]["tranDate"] == {"type": "string", "format": "date"}


@pytest.mark.parametrize(
    ("below", "query", "code"),
    [
        ("bogus", {}, "NOT_FOUND"),
        ("metadata-catalog/bogus", {}, "NOT_FOUND"),
        ("vendorBill/10", {}, "NONEXISTENT_ID"),
        ("vendorBill/x", {}, "NONEXISTENT_ID"),
        ("vendorBill", {"q": "total > 5"}, "INVALID_PARAMETER"),
        ("vendorBill", {"q": "tranDate ON soon"}, "INVALID_PARAMETER"),
        ("vendorBill", {"limit": "5000"}, "INVALID_PARAMETER"),
    ],
)
def test_what_is_not_there_is_refused(
    store: Store, below: str, query: dict[str, str], code: str
) -> None:
    with pytest.raises(RefusedError) as told:
        got(store, below, **query)
    assert told.value.code == code
