"""Tokens, routes, errors, and the faults of a plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.concur.fields import tables
from finsync_dagster.sandbox.vendors.concur.lists import KINDS
from finsync_dagster.sandbox.vendors.wire import Request
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.concur.conftest import ADDRESS, ALL, FI, V3, Client, client_of

Faulty = Callable[..., Client]


def refresh(client: Client, token: str, secret: str = "the secret") -> tuple[int, dict[str, Any]]:
    form = {
        "grant_type": "refresh_token",
        "client_id": "the client",
        "client_secret": secret,
        "refresh_token": token,
    }
    body = urlencode(form).encode()
    answer = client.concur.answer(Request("POST", "/oauth2/v0/token", body=body, address=ADDRESS))
    return answer.status, json.loads(answer.body)


def test_a_refresh_token_rotates_and_the_answer_tells_where_to_ask(world: World) -> None:
    client = client_of(world)
    status, first = refresh(client, "the token")
    assert (status, first["geolocation"], first["expires_in"]) == (200, ADDRESS, "3600")
    client.token = first["access_token"]
    assert client.get(f"{V3}/reports", ALL)["Items"]
    assert refresh(client, first["refresh_token"])[0] == 200
    status, said = refresh(client, "the token")
    assert (status, said["error"], said["code"]) == (400, "invalid_grant", 108)
    assert refresh(client, first["refresh_token"], "wrong")[0] == 401


def test_errors_have_their_shape_in_json_and_xml(client: Client) -> None:
    client.token = "made up"
    answer = client.ask(f"{V3}/reports")
    assert answer.status == 401
    error = json.loads(answer.body)["Error"]
    assert sorted(error) == ["Id", "Message", "Server-Time"]
    assert error["Message"] == "The access token is missing, unknown or expired."
    xml = client.ask(f"{V3}/reports", accept="application/xml")
    assert xml.status == 401
    assert b"<Message>The access token is missing, unknown or expired.</Message>" in xml.body


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/elsewhere", (), 404),
        (f"{V3}/nothing", (), 404),
        (f"{V3}/reports/NONE", (), 404),
        (f"{V3}/reports", (("limit", "101"),), 400),
        (f"{V3}/reports", (("limit", "0"),), 400),
        (f"{V3}/reports", (("limit", "x"),), 400),
        (f"{V3}/reports", (("offset", "made up"),), 400),
        (f"{V3}/reports", (("modifiedDateAfter", "yesterday"),), 400),
        (f"{V3}/reports", (("modifiedDateAfter", "9999-12-31T23:59:59-14:00"),), 400),
        (f"{V3}/entries", (("hasVAT", "perhaps"),), 400),
        (f"{FI}/nonsense/transactions", (), 400),
        (f"{FI}/expense/elsewhere", (), 404),
        (f"{FI}/expense/transactions", (("page", "x"),), 400),
        (f"{FI}/expense/transactions", (("limit", "0"),), 400),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    client: Client, path: str, query: tuple[tuple[str, str], ...], status: int
) -> None:
    answer = client.ask(path, *query)
    assert answer.status == status
    assert json.loads(answer.body)["Error"]["Message"].endswith(".")


def test_too_many_requests_may_be_a_400(faulty: Faulty) -> None:
    client = faulty({"faults": [{"kind": "throttled_as_400", "rate": 1, "at_most": 1}]})
    answer = client.ask(f"{V3}/reports", ALL)
    assert answer.status == 400
    assert "exceeded" in json.loads(answer.body)["Error"]["Message"]
    assert client.ask(f"{V3}/reports", ALL).status == 200


def test_an_expired_token_is_401_until_a_new_one_comes(faulty: Faulty) -> None:
    client = faulty({"faults": [{"kind": "expired_token", "rate": 1, "at_most": 1}]})
    assert client.ask(f"{V3}/reports", ALL).status == 401
    assert client.ask(f"{V3}/reports", ALL).status == 401
    client.token = client.tokens.issue()
    assert client.ask(f"{V3}/reports", ALL).status == 200


@pytest.mark.parametrize("path", [f"{V3}/entries", f"{FI}/expense/transactions"])
def test_an_error_may_come_in_a_200(faulty: Faulty, path: str) -> None:
    client = faulty({"faults": [{"kind": "error_in_200", "rate": 1, "at_most": 1}]})
    assert "Error" in client.get(path, ALL)
    assert "Error" not in client.get(path, ALL)


def test_a_new_field_and_a_changed_type(faulty: Faulty) -> None:
    plan = [
        {"kind": "new_field", "rate": 1},
        {"kind": "changed_type", "rate": 1, "field": "Total"},
    ]
    (first, *_) = faulty({"faults": plan}).get(f"{V3}/reports", ALL)["Items"]
    assert first["SustainabilityScore"] == "0.75"
    assert first["Total"] == "307.01"
    assert first["AmountDueEmployee"] == 190


@pytest.mark.parametrize("path", sorted(KINDS))
def test_every_property_of_the_field_table_is_served(client: Client, path: str) -> None:
    items = client.get(f"{V3}/{path}", ALL)["Items"]
    assert items
    for item in items:
        assert list(item) == list(tables()[KINDS[path].schema])
        assert client.get(f"{V3}/{path}/{item['ID']}") == item


def test_when_it_does_not_answer_it_says_so_in_its_own_words(client: Client) -> None:
    request = Request("GET", f"{V3}/reports", headers={"accept": "application/xml"})
    answer = client.concur.refusal(request, 429)
    assert (answer.status, b"<Message>Too many requests" in answer.body) == (429, True)
    said = json.loads(client.concur.refusal(Request("GET", "/"), 503).body)["Error"]
    assert said["Message"] == "The service is not available."


_WORDS = st.sampled_from(
    ["limit", "offset", "user", "page", "docId", "modifiedDateAfter", "hasVAT", "currencyCode"]
)
_VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["1" * 40, "-1", "ALL", "Zmluc3luYzo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"]),
    st.sampled_from(["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]),
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    path=st.sampled_from([*(f"{V3}/{kind}" for kind in KINDS), f"{FI}/expense/transactions"]),
    tail=st.sampled_from(["", "/x", "/a/b", "//", "/acknowledgements"]),
    query=st.lists(st.tuples(_WORDS, _VALUES), max_size=3),
)
def test_whatever_is_asked_there_is_an_answer(
    world: World, path: str, tail: str, query: list[tuple[str, str]]
) -> None:
    client = client_of(world)
    for accept in ("application/json", "application/xml"):
        assert client.ask(path + tail, *query, accept=accept).status in (200, 400, 404)
