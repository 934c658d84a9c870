"""Every row exactly once, whatever the pages, the filter, the order."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import Fault, Plan
from finsync_dagster.sandbox.vendors.sap.pages import Place, Token, read_token
from finsync_dagster.sandbox.vendors.sap.sap import Sap
from tests.sandbox.vendors.sap.asking import ORDERS, V4, ask, every_page, read, results

ITEMS = f"{ORDERS}A_PurchaseOrderItem"
FILTERS = ("", "OrderQuantity gt 3M", "PurchaseOrder eq '4500000003'", "TaxCode eq 'none'")
ORDERINGS = (
    "",
    "OrderQuantity desc",
    "PurchaseOrderItem,PurchaseOrder desc",
    "TaxDeterminationDate desc,NetPriceAmount asc",
)


def small_pages(faults: Faults, records: int) -> None:
    faults.replace(Plan(faults=(Fault(kind="small_page", rate=1, records=records),)))


def key(row: dict[str, str]) -> tuple[str, int]:
    return row["PurchaseOrder"], int(row["PurchaseOrderItem"])


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    records=st.integers(1, 20),
    condition=st.sampled_from(FILTERS),
    order=st.sampled_from(ORDERINGS),
    skip=st.integers(0, 6),
    top=st.one_of(st.none(), st.integers(0, 20)),
)
def test_pages_add_up_to_the_whole(
    sap: Sap, faults: Faults, records: int, condition: str, order: str, skip: int, top: int | None
) -> None:
    target = f"{ITEMS}?$select=PurchaseOrder,PurchaseOrderItem,OrderQuantity"
    target += f"&$filter={condition}" if condition else ""
    target += f"&$orderby={order}" if order else ""
    faults.replace(Plan())
    whole = [key(row) for row in results(sap, target)]
    wanted = whole[skip:] if top is None else whole[skip : skip + top]
    target += f"&$skip={skip}" + ("" if top is None else f"&$top={top}")
    small_pages(faults, records)
    pages = every_page(sap, target)
    assert [key(row) for page in pages for row in page] == wanted
    assert all(len(page) <= records for page in pages)


def test_the_order_of_the_key_is_that_of_numbers(sap: Sap) -> None:
    rows = results(sap, f"{ITEMS}?$select=PurchaseOrder,PurchaseOrderItem")
    assert [key(row) for row in rows] == sorted(key(row) for row in rows)
    assert len(rows) == 15


def test_an_order_descends_and_ties_are_in_key_order(sap: Sap) -> None:
    rows = results(sap, f"{ITEMS}?$orderby=OrderQuantity desc,PurchaseOrder&$top=4")
    assert [(row["PurchaseOrder"][0:2], row["OrderQuantity"]) for row in rows] == [
        ("45", "1234.500"),
        ("45", "11.000"),
        ("70", "11.000"),
        ("45", "10.000"),
    ]


def test_repeated_rows_come_first_and_none_is_lost(sap: Sap, faults: Faults) -> None:
    kinds = (
        Fault(kind="small_page", rate=1, records=4),
        Fault(kind="repeated_page", rate=1, records=2),
    )
    faults.replace(Plan(faults=kinds))
    for order in ("", "&$orderby=OrderQuantity desc"):
        pages = [[key(row) for row in page] for page in every_page(sap, f"{ITEMS}?$top=11{order}")]
        assert [len(page) for page in pages] == [4, 6, 5]
        assert pages[1][:2] == pages[0][-2:]
        assert pages[2][:2] == pages[1][-2:]
        assert len({each for page in pages for each in page}) == 11


def test_a_count_is_of_all_that_match_on_every_page(sap: Sap, faults: Faults) -> None:
    small_pages(faults, 2)
    target = f"{ITEMS}?$filter=OrderQuantity gt 10&$inlinecount=allpages&$top=3"
    first = read(sap, target)["d"]
    assert (first["__count"], len(first["results"])) == ("3", 2)
    second = read(sap, first["__next"])["d"]
    assert (second["__count"], len(second["results"])) == ("3", 1)
    assert "__next" not in second
    assert ask(sap, f"{ITEMS}/$count?$filter=OrderQuantity gt 10").body == b"3"


def test_version_4_leads_on_relative_to_the_service(s4: Sap, faults: Faults) -> None:
    small_pages(faults, 1)
    first = read(s4, f"{V4}PurchaseOrderItem?$count=true&$select=PurchaseOrderItem")
    assert first["@odata.count"] == 2
    link = first["@odata.nextLink"]
    assert link.startswith("PurchaseOrderItem?$count=true&$select=PurchaseOrderItem&$skiptoken=")
    second = read(s4, V4 + link)
    assert [row["PurchaseOrderItem"] for row in second["value"]] == ["20"]
    assert "@odata.nextLink" not in second


def test_below_the_root_version_4_leads_on_absolutely(s4: Sap, faults: Faults) -> None:
    small_pages(faults, 1)
    first = read(s4, f"{V4}PurchaseOrder('4600000001')/_PurchaseOrderItem")
    second = read(s4, first["@odata.nextLink"])
    assert [row["PurchaseOrderItem"] for row in second["value"]] == ["20"]


def test_a_full_page_ends_without_a_link(sap: Sap, faults: Faults) -> None:
    small_pages(faults, 15)
    assert "__next" not in read(sap, ITEMS)["d"]
    small_pages(faults, 14)
    assert "__next" in read(sap, ITEMS)["d"]


@pytest.mark.parametrize(
    "token", ["x", "W10", "WzEsW10sMSxbXSwiYSJd", "%C3%A4", "WzEsWzFdLDEsW10sMV0"]
)
def test_a_token_that_was_not_handed_out_is_refused(sap: Sap, token: str) -> None:
    assert ask(sap, f"{ITEMS}?$skiptoken={token}").status == 400


def test_a_token_of_another_order_is_refused(sap: Sap) -> None:
    token = Token(Place(3, ("1",)), Place(), None).text()
    assert ask(sap, f"{ITEMS}?$orderby=TaxCode,OrderQuantity&$skiptoken={token}").status == 400


@given(
    seq=st.integers(0, 10**12),
    values=st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=3),
    left=st.one_of(st.none(), st.integers(0, 10**9)),
)
def test_a_token_comes_back_as_it_went(
    seq: int, values: list[str | None], left: int | None
) -> None:
    token = Token(Place(seq, tuple(values)), Place(), left)
    assert read_token(token.text()) == token
