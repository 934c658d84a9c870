"""Financial documents: there until they are acknowledged."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.concur.fields import parts
from finsync_dagster.sandbox.vendors.concur.financial_pages import cut
from finsync_dagster.sandbox.vendors.wire import Request
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.concur.conftest import FI, Client, client_of

EXPENSES = f"{FI}/expense/transactions"


def about(client: Client, *query: tuple[str, str]) -> list[str]:
    content = client.get(EXPENSES, *query)["content"]
    return [each["document"]["report"]["reportId"][-1] for each in content]


def test_a_document_comes_again_until_it_is_acknowledged(client: Client) -> None:
    assert about(client) == ["1", "3"]
    assert about(client) == ["1", "3"]
    first, second = (each["id"] for each in client.get(EXPENSES)["content"])
    answer = client.post(f"{EXPENSES}/acknowledgements", {"ids": [first], "systemId": "ERP"})
    assert json.loads(answer.body) == [
        {
            "code": 0,
            "docId": first,
            "systemId": "ERP",
            "acknowledgeResult": "SUCCESS",
            "errorMessage": "",
        }
    ]
    assert about(client) == ["3"]
    again = client.post(f"{EXPENSES}/acknowledgements", {"ids": [first, "unknown", second]})
    said = [(each["code"], each["acknowledgeResult"]) for each in json.loads(again.body)]
    assert said == [(101, "FAILURE"), (116, "FAILURE"), (0, "SUCCESS")]
    assert about(client) == []
    assert client.get(EXPENSES)["page"] == {
        "size": 25, "totalElements": 0, "totalPages": 0, "number": 0,
    }  # fmt: skip


def test_an_acknowledged_document_can_still_be_had_by_its_report(client: Client) -> None:
    (first, _) = client.get(EXPENSES)["content"]
    client.post(f"{EXPENSES}/acknowledgements", {"ids": [first["id"]]})
    one = ("docId", "REPORT00000000000001")
    assert about(client, one) == []
    (found,) = client.get(EXPENSES, one, ("ignoreDocumentStatus", "yes"))["content"]
    assert found == first | {"docStatus": "ACKNOWLEDGED"}


def test_acknowledging_a_cash_advance_as_an_expense_does_nothing(client: Client) -> None:
    (advance, _) = client.get(f"{FI}/cashadvance/transactions")["content"]
    answer = client.post(f"{EXPENSES}/acknowledgements", {"ids": [advance["id"]]})
    assert json.loads(answer.body)[0]["code"] == 116
    assert len(client.get(f"{FI}/cashadvance/transactions")["content"]) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"ids": "x"}', b'{"ids": [1]}', b"{" * 9999])
def test_an_acknowledgement_that_cannot_be_read_is_refused(client: Client, body: bytes) -> None:
    assert client.post(f"{EXPENSES}/acknowledgements", body).status == 400


def every(value: Any, name: str) -> list[Any]:
    if isinstance(value, dict):
        own = [value[name]] if name in value else []
        return own + [found for held in value.values() for found in every(held, name)]
    return (
        [found for held in value for found in every(held, name)] if isinstance(value, list) else []
    )


def test_what_the_posting_of_a_report_says(client: Client) -> None:
    (first, _) = client.get(EXPENSES)["content"]
    document = first["document"]
    assert list(document) == ["employee", "report", "expenseEntry", "cashAdvanceApplication"]
    assert document["report"]["reportOrgUnit1Code"] == "DE01"
    assert document["report"]["reportPaymentProcessingDate"] == "2026-03-11T10:00:00.570Z"
    assert [each["entryId"] for each in document["expenseEntry"]] == ["ENTRY1", "ENTRY2"]
    journal = [entry for each in every(document, "journal") for entry in each]
    assert [entry["amountGross"] for entry in journal] == [71.4, 47.6, 22.5]
    assert [entry["amountNetOfTax"] for entry in journal] == [60, 40, 22.5]
    assert {(entry["journalPayer"], entry["journalPayee"]) for entry in journal} == {
        ("COMP", "EMPL"),
        ("COMP", "CBCP"),
    }
    taxes = [tax for each in every(document, "tax") for tax in each]
    assert [(tax["taxCode"], tax["amountReclaim"]) for tax in taxes] == [("V1", 11.4), ("V1", 7.6)]
    assert [guid for entry in journal for guid in entry["taxGuid"]] == [t["taxGuid"] for t in taxes]
    assert document["cashAdvanceApplication"][0]["cashAdvanceApplicationAmount"] == -85.5
    assert document["expenseEntry"][0]["liabilityAccountCode"] == "176000"
    assert document["expenseEntry"][1]["clearingAccountCode"] == "176000"
    for part, found in (
        ("employee", document["employee"]),
        ("report", document["report"]),
        ("expenseEntry", document["expenseEntry"][0]),
        ("allocation", document["expenseEntry"][0]["allocation"][0]),
        ("journal", journal[0]),
        ("tax", taxes[0]),
    ):
        assert tuple(found) == parts()[part]


def test_cash_advances_and_nothing_else(client: Client) -> None:
    advances = client.get(f"{FI}/cashadvance/transactions")["content"]
    issued = [each["document"]["cashAdvanceData"]["requestAmount"] for each in advances]
    assert issued == [400, 50]
    assert client.get(f"{FI}/invoice/transactions")["content"] == []


def test_both_envelopes(client: Client, world: World) -> None:
    first = client.get(EXPENSES, ("limit", "1"))
    links = {each["rel"]: each["href"] for each in first["links"]}
    assert list(links) == ["first", "self", "next", "last"]
    second = client.follow(links["next"])
    assert [each["rel"] for each in second["links"]] == ["first", "self", "prev", "last"]
    other = client_of(world, financial_envelope="documents")
    one = other.get(EXPENSES, ("limit", "1"))
    assert list(one) == ["fIDocuments", "offset", "nextPage", "numberReturned"]
    two = other.follow(one["nextPage"])
    assert (two["nextPage"], two["numberReturned"]) == (None, 1)
    kept = [{k: v for k, v in each.items() if k != "links"} for each in first["content"]]
    assert one["fIDocuments"] == kept


def test_a_smaller_page_has_links_of_its_own_size(faulty: Callable[..., Client]) -> None:
    client = faulty({"faults": [{"kind": "small_page", "rate": 1}]})
    answer = client.get(EXPENSES, ("limit", "2"))
    assert len(answer["content"]) == 1
    (following,) = [each["href"] for each in answer["links"] if each["rel"] == "next"]
    assert about_of(client.follow(following)) == ["3"]


def about_of(answer: dict[str, Any]) -> list[str]:
    return [each["document"]["report"]["reportId"][-1] for each in answer["content"]]


@settings(max_examples=200)
@given(size=st.integers(1, 200), number=st.integers(0, 1000))
def test_a_smaller_page_begins_where_the_page_asked_for_does(size: int, number: int) -> None:
    request = Request("GET", EXPENSES, (("limit", str(size)), ("page", str(number))))
    whole, part = cut(request, 10, smaller=False), cut(request, 10, smaller=True)
    assert part.first == whole.first == size * number
    assert part.size < size or size == 1
    assert Decimal(part.first) % part.size == 0
