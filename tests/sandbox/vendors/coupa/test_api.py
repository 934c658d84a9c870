"""Tokens, routes, both shapes of answers and errors, export marks, and the faults of a plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.coupa.fields import fields_of
from finsync_dagster.sandbox.vendors.coupa.resources import RESOURCES
from finsync_dagster.sandbox.vendors.plan import Plan
from finsync_dagster.sandbox.vendors.wire import Request
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.coupa.conftest import Client, client_of

Faulty = Callable[[dict[str, Any]], Client]
FORM = "grant_type=client_credentials&client_id=the+client&client_secret={}"


def token(client: Client, secret: str) -> tuple[int, dict[str, Any]]:
    request = Request("POST", "/oauth2/token", body=FORM.format(secret).encode())
    answer = client.coupa.answer(request)
    return answer.status, json.loads(answer.body)


def test_a_token_is_given_for_the_secret_and_opens_the_door(client: Client) -> None:
    status, given_ = token(client, "the+secret")
    assert (status, given_["token_type"], given_["expires_in"]) == (200, "bearer", 3600)
    client.token = given_["access_token"]
    assert client.ids("/api/purchase_orders") == [1, 2, 3, 4, 5]


def test_a_wrong_secret_is_refused(client: Client) -> None:
    status, said = token(client, "wrong")
    assert (status, said["error"]) == (401, "invalid_client")


def test_without_a_good_token_nothing_is_told(client: Client) -> None:
    client.token = "made up"
    answer = client.ask("/api/invoices")
    assert answer.status == 401
    assert json.loads(answer.body) == {
        "errors": {"base": ["The access token is missing, unknown or expired."]}
    }
    xml = client.ask("/api/invoices", accept="application/xml")
    assert xml.status == 401
    assert b"<errors>\n  <error>The access token is missing" in xml.body


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/api/nothing", (), 404),
        ("/elsewhere", (), 404),
        ("/api/invoices/99", (), 404),
        ("/api/invoices/5", (), 404),  # takes another back: no document in Coupa
        ("/api/purchase_orders/6", (), 404),  # of another system
        ("/api/invoices", (("limit", "many"),), 400),
        ("/api/invoices", (("no_such", "1"),), 400),
        ("/api/invoices", (("supplier[no_such]", "1"),), 400),
        ("/api/invoices", (("updated_at[gt]", "yesterday"),), 400),
        ("/api/invoices", (("order_by", "no_such"),), 400),
        ("/api/invoices", (("dir", "up"),), 400),
        ("/api/invoices", (("fields", "id"),), 400),
        ("/api/invoices", (("return_object", "none"),), 400),
        ("/api/approvals", (("exported", "false"),), 400),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    client: Client, path: str, query: tuple[tuple[str, str], ...], status: int
) -> None:
    answer = client.ask(path, *query)
    assert answer.status == status
    (sentence,) = json.loads(answer.body)["errors"]["base"]
    assert sentence
    assert client.ask(path, *query, accept="application/xml").status == status


def test_only_get_lists(client: Client) -> None:
    assert client.ask("/api/invoices", method="DELETE").status == 405
    assert client.ask("/api/invoices/1", method="POST").status == 405


def test_nothing_found_is_an_empty_array_in_json_and_404_in_xml(
    client: Client, world: World
) -> None:
    nothing = ("/api/invoices", ("invoice_number", "R-99"))
    assert client.get(*nothing) == []
    xml = client.ask(*nothing, accept="application/xml")
    assert xml.status == 404
    assert b"No results match your search criteria." in xml.body
    assert client.ask("/api/expense_reports").body == b"[]"
    older = client_of(world, empty_is_404=True)
    assert older.ask(*nothing).status == 404


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_every_property_of_the_field_table_is_served(client: Client, path: str) -> None:
    for record in client.get(f"/api/{path}"):
        assert list(record) == list(fields_of(RESOURCES[path].schema))


def test_one_object_is_the_same_as_in_the_list(client: Client) -> None:
    listed = client.get("/api/invoices")
    assert [client.get(f"/api/invoices/{each['id']}") for each in listed] == listed


def test_what_is_marked_as_exported_no_longer_comes(client: Client) -> None:
    everything = ("/api/purchase_orders", ("exported", "false"))
    assert client.ids(*everything) == [1, 2, 3, 4, 5]
    answer = client.ask("/api/purchase_orders/3", ("exported", "true"), method="PUT")
    assert json.loads(answer.body)["exported"] is True
    assert json.loads(answer.body)["last-exported-at"] is not None
    assert client.ids(*everything) == [1, 2, 4, 5]
    assert client.ids("/api/purchase_orders", ("exported", "true")) == [3]
    quiet = (("exported", "false"), ("return_object", "none"))
    assert client.ask("/api/purchase_orders/3", *quiet, method="PUT").body == b""
    assert client.ids(*everything) == [1, 2, 3, 4, 5]
    assert client.ask("/api/suppliers/1", ("exported", "true"), method="PUT").status == 400


def test_a_page_holds_at_most_fifty(client: Client) -> None:
    assert client.ids("/api/purchase_orders", ("limit", "2"), ("offset", "1")) == [2, 3]
    assert client.ids("/api/purchase_orders", ("limit", "1000")) == [1, 2, 3, 4, 5]
    assert client.ids("/api/purchase_orders", ("offset", "5")) == []


def read_all(client: Client, path: str, limit: int) -> list[int]:
    """As a careful client reads: on by what came, to the first empty page."""
    seen: list[int] = []
    offset = 0
    while True:
        page = client.ids(path, ("limit", str(limit)), ("offset", str(offset)))
        if not page:
            return seen
        assert len(page) <= limit
        seen += page
        offset += len(page)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    limit=st.integers(1, 6),
    small=st.sampled_from(["0", "0.5", "1"]),
    repeated=st.sampled_from(["0", "0.5", "1"]),
    rows=st.integers(1, 3),
)
def test_small_and_repeated_pages_lose_nothing(
    world: World, seed: int, limit: int, small: str, repeated: str, rows: int
) -> None:
    plan: dict[str, Any] = {"seed": seed, "faults": [{"kind": "small_page", "rate": small}]}
    plan["faults"].append({"kind": "repeated_page", "rate": repeated, "records": rows})
    client = client_of(world, Plan.model_validate(plan))
    seen = read_all(client, "/api/purchase_orders", limit)
    assert sorted(set(seen)) == [1, 2, 3, 4, 5]
    if repeated == "0":
        assert seen == [1, 2, 3, 4, 5]


def test_an_expired_token_is_401_until_a_new_one_comes(faulty: Faulty) -> None:
    client = faulty({"faults": [{"kind": "expired_token", "rate": 1, "at_most": 1}]})
    assert client.ask("/api/invoices").status == 401
    assert client.ask("/api/invoices").status == 401
    client.token = client.tokens.issue()
    assert client.ask("/api/invoices").status == 200


def test_an_error_may_come_in_a_200(faulty: Faulty) -> None:
    client = faulty({"faults": [{"kind": "error_in_200", "rate": 1, "at_most": 1}]})
    first = client.ask("/api/invoices")
    assert first.status == 200
    assert json.loads(first.body) == {"errors": {"base": ["The request could not be processed."]}}
    assert len(client.get("/api/invoices")) == 4


def test_a_new_field_and_a_changed_type(faulty: Faulty) -> None:
    client = faulty(
        {
            "faults": [
                {"kind": "new_field", "rate": 1, "field": "brand-new"},
                {"kind": "changed_type", "rate": 1},
            ]
        }
    )
    body = client.ask("/api/invoices", ("id", "1")).body
    assert b'"gross-total":79.37,' in body
    assert b'"exchange-rate":1.000000000,' in body
    assert json.loads(body)[0]["brand-new"] == "0.75"


def test_when_it_does_not_answer_it_says_so_in_its_own_words(client: Client) -> None:
    request = Request("GET", "/api/invoices", headers={"accept": "application/xml"})
    answer = client.coupa.refusal(request, 429)
    assert (answer.status, b"<error>Too many requests" in answer.body) == (429, True)
    said = json.loads(client.coupa.refusal(Request("GET", "/api/invoices"), 503).body)
    assert said == {"errors": {"base": ["The service is not available."]}}


_WORDS = st.sampled_from(
    ["id", "limit", "offset", "order_by", "dir", "fields", "return_object", "exported", "po_number",
     "updated_at[gt]", "id[in]", "gross_total[lt]", "supplier[name]", "a[b][c]", "paid", "]["]
)  # fmt: skip
_VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["1" * 40, "-1", "1E999", "NaN", "9999-12-31T23:59:59-14:00", "0001-01-01"]),
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    path=st.sampled_from(sorted(RESOURCES)),
    tail=st.sampled_from(["", "/1", "/x", "/" + "9" * 30, "/1/2", "//"]),
    query=st.lists(st.tuples(st.one_of(_WORDS, st.text(max_size=8)), _VALUES), max_size=3),
    method=st.sampled_from(["GET", "PUT", "POST"]),
)
def test_whatever_is_asked_there_is_an_answer(
    world: World, path: str, tail: str, query: list[tuple[str, str]], method: str
) -> None:
    client = client_of(world)
    for accept in ("application/json", "application/xml"):
        answer = client.ask(f"/api/{path}{tail}", *query, method=method, accept=accept)
        assert answer.status in (200, 400, 404, 405)
