"""Schemes without a login; OAuth 1.0 signatures are verified by oauthlib's server side."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.auth.authenticators import authenticator
from finsync_dagster.connectors.http.call import Call
from tests.connectors.http.auth.auth_server import Clock, Reply, Seen, Site, ask, site, spec

SECRETS = {"password": "pä:ss wörd", "key": "k-123/456", "more": "s3cr3t"}
CALL = Call("GET", "https://erp.example.com/api/orders", {"Accept": "application/json"})


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as running:
        yield running


def test_none_leaves_a_call_as_it_is() -> None:
    unsigned = authenticator("erp", "https://erp.example.com", spec("{scheme: none}"), {}, ask)
    assert unsigned.signed(CALL) is CALL
    assert unsigned.renew(CALL) is False
    assert unsigned.secrets() == frozenset()


def test_basic_is_what_a_client_library_sends() -> None:
    words = spec('{scheme: basic, user: reader, password: "${secret.password}"}')
    signed = authenticator("erp", "", words, SECRETS, ask).signed(CALL)
    expected = requests.Request("GET", CALL.url, auth=("reader", SECRETS["password"].encode()))
    by_library = expected.prepare().headers["Authorization"]
    assert base64.b64decode(signed.headers["Authorization"][6:]).decode() == "reader:pä:ss wörd"
    assert signed.headers["Authorization"] == by_library
    assert signed.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ('{scheme: bearer, token: "${secret.key}"}', "Authorization", "Bearer k-123/456"),
        ('{scheme: api_key, header: X-Key, value: "${secret.key}"}', "X-Key", "k-123/456"),
        (
            '{scheme: api_key, header: Authorization, value: "token ${secret.key}:${secret.more}"}',
            "Authorization",
            "token k-123/456:s3cr3t",
        ),
    ],
)
def test_fixed_headers(text: str, name: str, value: str) -> None:
    signer = authenticator("erp", "", spec(text), SECRETS, ask)
    assert signer.signed(CALL).headers[name] == value
    assert signer.renew(signer.signed(CALL)) is False
    assert {"k-123/456", "k-123%2F456", base64.b64encode(b"k-123/456").decode()} <= signer.secrets()


@pytest.mark.parametrize("given_secrets", [{}, {"key": ""}])
def test_a_missing_secret_is_named_with_the_place_to_write_it(given_secrets: dict) -> None:
    words = spec('{scheme: bearer, token: "${secret.key}"}')
    with pytest.raises(SourceError) as missing:
        authenticator("odoo", "", words, given_secrets, ask)
    assert "odoo: its auth needs the secret key" in str(missing.value)
    assert "systems.odoo.connection.secrets: {key: env:VARIABLE}" in str(missing.value)
    assert missing.value.kind == "policy"


@pytest.mark.parametrize("value", ["abc\n", " abc", "abc\r\nX-Admin: 1", "schlüssel"])
def test_a_secret_that_no_header_can_hold_is_not_shown(value: str) -> None:
    words = spec('{scheme: api_key, header: X-Key, value: "${secret.key}"}')
    with pytest.raises(SourceError) as refused:
        authenticator("erp", "", words, {"key": value}, ask)
    assert "X-Key, made of key," in str(refused.value)
    assert value.strip() not in str(refused.value)


def test_a_filter_that_fails_does_not_show_the_secret() -> None:
    words = spec('{scheme: bearer, token: "${secret.key|int}"}')
    with pytest.raises(SourceError) as refused:
        authenticator("erp", "", words, SECRETS, ask)
    assert SECRETS["key"] not in repr(refused.value) + repr(refused.value.__context__)


CONSUMER, TOKEN = "consumer-key", "token-id"
CONSUMER_SECRET, TOKEN_SECRET = "c&s/1+%", "t=s ü"
OAUTH1 = spec(
    """
    scheme: oauth1
    consumer_key: consumer-key
    consumer_secret: "${secret.cs}"
    token: token-id
    token_secret: "${secret.ts}"
    realm: 1234567_SB1"""
)


class Accounts(RequestValidator):
    """The vendor's side: it knows one consumer and one token."""

    enforce_ssl = False
    timestamp_lifetime = 600
    dummy_client = "dummy"

    def __init__(self) -> None:
        super().__init__()
        self.nonces: set[tuple[str, str]] = set()

    @property
    def allowed_signature_methods(self) -> tuple[str, ...]:
        return ("HMAC-SHA256",)

    def check_client_key(self, client_key: str) -> bool:
        return True

    def check_nonce(self, nonce: str) -> bool:
        return True

    def validate_client_key(self, client_key: str, request: object) -> bool:
        return client_key == CONSUMER

    def validate_timestamp_and_nonce(
        self, client_key, timestamp, nonce, request, request_token=None, access_token=None
    ) -> bool:
        fresh = (timestamp, nonce) not in self.nonces
        self.nonces.add((timestamp, nonce))
        return fresh

    def get_client_secret(self, client_key: str, request: object) -> str:
        return CONSUMER_SECRET

    def get_access_token_secret(self, client_key: str, token: str, request: object) -> str:
        return TOKEN_SECRET if token == TOKEN else "other"


def guarded(accounts: Accounts, seen: Seen) -> Reply:
    known, _ = SignatureOnlyEndpoint(accounts).validate_request(
        seen.url, seen.method, seen.body or None, dict(seen.headers)
    )
    return Reply(200 if known else 401, {"realm": seen.headers["Authorization"]})


@pytest.mark.parametrize(
    ("method", "query", "headers", "body"),
    [
        ("GET", (), {}, None),
        ("GET", (("q", "a b+c&d=ü"), ("q", ""), ("$filter", "x eq 'y'")), {}, None),
        ("POST", (("limit", "5"),), {"Content-Type": "application/json"}, b'{"q": "SELECT 1"}'),
        ("POST", (), {"content-type": "application/x-www-form-urlencoded"}, b"a=1&b=x+y"),
    ],
)
def test_oauth1_is_accepted_by_a_server_that_verifies(
    server: Site, method: str, query: tuple, headers: dict, body: bytes | None
) -> None:
    accounts = Accounts()
    server.routes["/rest"] = lambda seen: guarded(accounts, seen)
    secrets = {"cs": CONSUMER_SECRET, "ts": TOKEN_SECRET}
    signer = authenticator("netsuite", server.url, OAUTH1, secrets, ask)
    call = Call(method, f"{server.url}/rest?followed=1", headers, query, body)
    first = ask(signer.signed(call))
    again = ask(signer.signed(call))
    assert (first.status, again.status) == (200, 200)
    assert 'realm="1234567_SB1"' in first.json["realm"]
    replayed = signer.signed(call)
    assert [ask(replayed).status, ask(replayed).status] == [200, 401]


def test_oauth1_takes_the_time_from_the_clock_it_is_given() -> None:
    secrets = {"cs": CONSUMER_SECRET, "ts": TOKEN_SECRET}
    signer = authenticator("netsuite", "", OAUTH1, secrets, ask, Clock(1_700_000_000.9))
    assert 'oauth_timestamp="1700000000"' in signer.signed(CALL).headers["Authorization"]


def test_oauth1_with_a_wrong_secret_is_refused(server: Site) -> None:
    server.routes["/rest"] = lambda seen: guarded(Accounts(), seen)
    secrets = {"cs": CONSUMER_SECRET, "ts": "wrong"}
    signer = authenticator("netsuite", server.url, OAUTH1, secrets, ask)
    assert ask(signer.signed(Call("GET", server.url + "/rest"))).status == 401


texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8)


# The verifier takes a parameter called realm for that of the header, and leaves it out.
names = texts.filter(lambda name: name not in ("", "realm"))


@given(query=st.lists(st.tuples(names, texts), max_size=4))
def test_any_query_is_signed_as_it_is_sent(query: list[tuple[str, str]]) -> None:
    """What the HTTP library makes of names and values is what the server verifies."""
    secrets = {"cs": CONSUMER_SECRET, "ts": TOKEN_SECRET}
    signer = authenticator("netsuite", "", OAUTH1, secrets, ask)
    call = Call("GET", "https://a.example.com/r/x?$top=5&a=%20b", query=tuple(query))
    sent = requests.Request("GET", call.url, params=list(call.query)).prepare()
    known, _ = SignatureOnlyEndpoint(Accounts()).validate_request(
        sent.url, "GET", None, dict(signer.signed(call).headers)
    )
    assert known
