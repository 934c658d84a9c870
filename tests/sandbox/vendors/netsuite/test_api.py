import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.netsuite import Logins, NetSuite
from finsync_dagster.sandbox.vendors.plan import parse_plan
from finsync_dagster.sandbox.vendors.tokens import BearerTokens
from finsync_dagster.sandbox.vendors.tokens_signed import SignedClient, SignedRequests
from finsync_dagster.sandbox.vendors.wire import Answer, Request
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.netsuite.asking import ADDRESS, LOGIN, SUITEQL, asking, signed

TOKEN = "/services/rest/auth/oauth2/v1/token"
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
VENDORS = "SELECT id, entityid, accountnumber FROM vendor ORDER BY id"

Make = Callable[..., NetSuite]


@pytest.fixture
def account(world: World) -> Iterator[Make]:
    made: list[NetSuite] = []

    def make(plan: str = "", at_once: int = 5) -> NetSuite:
        machines = SignedClient("client", "cert", PUBLIC, BearerTokens())
        logins = Logins(SignedRequests(LOGIN), machines)
        made.append(NetSuite(world, Faults(parse_plan(plan)), logins, at_once=at_once))
        return made[-1]

    yield make
    for each in made:
        each.close()


def always(kind: str, **words: object) -> str:
    return json.dumps({"faults": [{"kind": kind, "rate": 1, **words}]})


def refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    told = json.loads(answer.body)
    assert answer.status == status
    assert told["status"] == status
    (detail,) = told["o:errorDetails"]
    assert detail["o:errorCode"] == code
    assert set(told) == {"type", "title", "status", "o:errorDetails"}
    return detail


def test_a_page_is_text_with_links_and_counts_and_without_nulls(account: Make) -> None:
    answer = account().answer(asking(VENDORS, limit="1", offset="0"))
    assert answer.status == 200
    assert json.loads(answer.body) == {
        "links": [
            {"rel": "self", "href": f"{ADDRESS}{SUITEQL}?limit=1&offset=0"},
            {"rel": "next", "href": f"{ADDRESS}{SUITEQL}?limit=1&offset=1"},
            {"rel": "last", "href": f"{ADDRESS}{SUITEQL}?limit=1&offset=1"},
        ],
        "count": 1,
        "hasMore": True,
        "items": [{"links": [], "id": "1020", "entityid": "V10"}],
        "offset": 0,
        "totalResults": 2,
    }
    last = json.loads(account().answer(asking(VENDORS, limit="1", offset="1")).body)
    assert last["hasMore"] is False
    assert [link["rel"] for link in last["links"]] == ["self", "first", "prev"]
    whole = json.loads(account().answer(asking(VENDORS)).body)
    assert (whole["count"], whole["totalResults"], whole["hasMore"]) == (2, 2, False)


def test_what_is_wrong_is_told_in_netsuites_shape(account: Make) -> None:
    it = account()
    unknown = refused(it.answer(asking("SELECT tranid FROM vendor")), 400, "INVALID_PARAMETER")
    assert unknown["detail"] == (
        "Invalid search query. Detailed unprocessed description follows. Search error occurred: "
        "Unknown identifier 'tranid'. Available identifiers are: {vendor=vendor}."
    )
    assert unknown["o:errorQueryParam"] == "q"
    body = json.dumps({"q": VENDORS}).encode()
    refused(it.answer(signed("POST", SUITEQL, body)), 400, "INVALID_HEADER")
    for wrong in (b"", b"[]", b'{"q": 1}', b'{"q": " "}', b"\xff"):
        request = signed("POST", SUITEQL, wrong, {"prefer": "respond-async, transient"})
        refused(it.answer(request), 400, "INVALID_CONTENT")
    for paging in ({"limit": "1001"}, {"limit": "0"}, {"limit": "x"}, {"offset": "-1"}):
        refused(it.answer(asking(VENDORS, **paging)), 400, "INVALID_PARAMETER")
    refused(it.answer(signed("GET", SUITEQL)), 405, "METHOD_NOT_ALLOWED")
    refused(it.answer(signed("GET", "/services/rest/x")), 404, "NOT_FOUND")


def test_who_does_not_sign_or_signs_twice_is_not_let_in(account: Make) -> None:
    it = account()
    once = asking(VENDORS)
    assert it.answer(once).status == 200
    for request in (
        once,
        Request("POST", SUITEQL, address=ADDRESS),
        Request("POST", SUITEQL, headers={"authorization": "Bearer x"}, address=ADDRESS),
    ):
        detail = refused(it.answer(request), 401, "INVALID_LOGIN")
        assert detail["detail"].startswith("Invalid login attempt.")


def test_a_signed_statement_gives_a_token_that_lets_in(account: Make) -> None:
    it, now = account(), int(time.time())
    claims = {"iss": "client", "aud": ADDRESS + TOKEN, "iat": now, "exp": now + 60}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, KEY, "ES256", {"kid": "cert"}),
    }
    granted = it.answer(Request("POST", TOKEN, body=urlencode(form).encode(), address=ADDRESS))
    token = json.loads(granted.body)["access_token"]
    body = json.dumps({"q": VENDORS}).encode()
    headers = {"authorization": f"Bearer {token}", "prefer": "transient"}
    assert it.answer(Request("POST", SUITEQL, (), headers, body, ADDRESS)).status == 200
    form["client_assertion"] += "x"
    wrong = it.answer(Request("POST", TOKEN, body=urlencode(form).encode(), address=ADDRESS))
    assert (wrong.status, json.loads(wrong.body)) == (400, {"error": "invalid_client"})


def test_more_at_once_than_the_account_takes_are_blocked(account: Make) -> None:
    it = account(at_once=1)
    inside, leave = threading.Event(), threading.Event()

    class Slow(Faults):
        def strikes(self, *_: object) -> None:
            inside.set()
            leave.wait(5)

    it._faults = Slow()
    first = threading.Thread(target=it.answer, args=(asking(VENDORS),))
    first.start()
    inside.wait(5)
    detail = refused(it.answer(asking(VENDORS)), 429, "CONCURRENCY_LIMIT_EXCEEDED")
    assert detail["detail"] == "Concurrent request limit exceeded. Request blocked."
    leave.set()
    first.join()
    assert it.answer(asking(VENDORS)).status == 200


def test_errors_of_the_line_are_in_its_words(account: Make) -> None:
    it, request = account(), asking(VENDORS)
    refused(it.refusal(request, 429), 429, "CONCURRENCY_LIMIT_EXCEEDED")
    refused(it.refusal(request, 503), 503, "UNEXPECTED_ERROR")


def test_faults_it_shows_itself(account: Make) -> None:
    small = json.loads(account(always("small_page", records=1)).answer(asking(VENDORS)).body)
    assert (small["count"], small["hasMore"], small["totalResults"]) == (1, True, 2)
    assert small["links"][1]["href"].endswith("?limit=1000&offset=1")
    again = account(always("repeated_page", records=1))
    came = [
        json.loads(again.answer(asking(VENDORS, limit="1", offset=str(n))).body) for n in range(3)
    ]
    assert [page["items"][0]["entityid"] for page in came] == ["V10", "V10", "V10"]
    expired = account(always("expired_token"))
    refused(expired.answer(asking(VENDORS)), 401, "INVALID_LOGIN")
    odd = account(always("error_in_200")).answer(asking(VENDORS))
    assert (odd.status, json.loads(odd.body)["status"]) == (200, 500)
    new = json.loads(account(always("new_field", field="custom1")).answer(asking(VENDORS)).body)
    assert new["items"][0]["custom1"] == "T"
    changed = account(always("changed_type", field="id")).answer(asking(VENDORS))
    assert [item["id"] for item in json.loads(changed.body)["items"]] == [1020, 1022]
