"""OAuth 2.0 tokens, given by the server side of oauthlib: each grant, renewal, refusals."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth2 import (
    BackendApplicationServer,
    LegacyApplicationServer,
    RequestValidator,
)
from oauthlib.oauth2.rfc6749.grant_types import RefreshTokenGrant

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.authenticators import Authenticator, authenticator
from finsync_dagster.connectors.http.auth.grants import token_call
from finsync_dagster.connectors.http.auth.model import ClientCredentialsAuth
from finsync_dagster.connectors.http.auth.vault import Vault
from finsync_dagster.connectors.http.call import Call
from tests.connectors.http.auth.auth_server import Clock, Reply, Seen, Site, ask, site, spec

CLIENT, SECRET = "finsync", "s/e+c%r=t ü"
SECRETS = {"client_secret": SECRET, "password": "pw&1", "refresh": "grant-0"}
CREDENTIALS = """
    scheme: oauth2_client_credentials
    token_url: /token
    client_id: finsync
    client_secret: "${secret.client_secret}"
    scope: read"""
PASSWORD = """
    scheme: oauth2_password
    token_url: /token
    client_id: finsync
    client_secret: "${secret.client_secret}"
    user: svc
    password: "${secret.password}"
    scope: read"""
REFRESH = """
    scheme: oauth2_refresh_token
    token_url: /token
    client_id: finsync
    client_secret: "${secret.client_secret}"
    refresh_token: "${secret.refresh}" """


class Accounts(RequestValidator):
    """The vendor's side: one client, one user, refresh tokens that can be used once."""

    def __init__(self) -> None:
        self.tokens: list[dict] = []
        self.grants = {"grant-0"}

    def authenticate_client(self, request) -> bool:
        request.client = type("Client", (), {"client_id": CLIENT})
        header = request.headers.get("Authorization")
        if header is None:
            return (request.client_id, request.client_secret) == (CLIENT, SECRET)
        name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)

    def validate_grant_type(self, client_id, grant_type, client, request) -> bool:
        return True

    def get_default_scopes(self, client_id, request) -> list[str]:
        return ["read"]

    def validate_scopes(self, client_id, scopes, client, request) -> bool:
        return scopes == ["read"]

    def validate_user(self, username, password, client, request) -> bool:
        return (username, password) == ("svc", SECRETS["password"])

    def validate_refresh_token(self, refresh_token, client, request) -> bool:
        known = refresh_token in self.grants
        self.grants.discard(refresh_token)
        return known

    def get_original_scopes(self, refresh_token, request) -> list[str]:
        return ["read"]

    def rotate_refresh_token(self, request) -> bool:
        return True

    def save_bearer_token(self, token, request) -> None:
        self.tokens.append(token)
        if "refresh_token" in token:
            self.grants.add(token["refresh_token"])


class Vendor:
    """A token endpoint and a page that wants the newest token."""

    def __init__(self, server: Site) -> None:
        self.server = server
        self.accounts = Accounts()
        expires = {"token_expires_in": 3600}
        refresh = BackendApplicationServer(self.accounts, **expires)
        refresh.grant_types["refresh_token"] = RefreshTokenGrant(self.accounts)
        self.sides = {
            "client_credentials": BackendApplicationServer(self.accounts, **expires),
            "password": LegacyApplicationServer(self.accounts, **expires),
            "refresh_token": refresh,
        }
        server.routes["/token"] = self.token
        server.routes["/orders"] = self.orders

    def token(self, seen: Seen) -> Reply:
        side = self.sides[seen.form["grant_type"]]
        headers, body, status = side.create_token_response(
            seen.url.replace("http://", "https://"), "POST", seen.body, dict(seen.headers)
        )
        return Reply(status, body, headers)

    def orders(self, seen: Seen) -> Reply:
        newest = self.accounts.tokens[-1]["access_token"] if self.accounts.tokens else None
        return Reply(200 if seen.headers.get("Authorization") == f"Bearer {newest}" else 401)

    @property
    def call(self) -> Call:
        return Call("GET", self.server.url + "/orders")

    @property
    def logins(self) -> int:
        return len(self.server.at("/token"))


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with site() as server:
        yield Vendor(server)


def signer(vendor: Vendor, text: str, clock: Clock | None = None, **other: str) -> Authenticator:
    secrets = {**SECRETS, **other}
    return authenticator("coupa", vendor.server.url, spec(text), secrets, ask, clock or Clock())


@pytest.mark.parametrize("send_as", ["header", "body"])
@pytest.mark.parametrize("text", [CREDENTIALS, PASSWORD, REFRESH], ids=["client", "user", "again"])
def test_a_token_is_given_and_accepted(vendor: Vendor, text: str, send_as: str) -> None:
    one = signer(vendor, f"{text}\n    send_as: {send_as}")
    assert ask(one.signed(vendor.call)).status == 200
    assert ask(one.signed(vendor.call)).status == 200
    assert vendor.logins == 1
    in_body = "client_secret" in vendor.server.at("/token")[0].form
    assert in_body is (send_as == "body")


def test_further_fields_and_scope_are_sent(vendor: Vendor) -> None:
    more = f"{CREDENTIALS}\n    extra: {{audience: 'https://api/ü', tenant: '${{secret.tenant}}'}}"
    signer(vendor, more, tenant="t-1").signed(vendor.call)
    form = vendor.server.at("/token")[0].form
    assert form == {
        "audience": "https://api/ü",
        "tenant": "t-1",
        "grant_type": "client_credentials",
        "scope": "read",
    }


@pytest.mark.parametrize(
    ("lifetime", "still", "renewed"),
    [(3600, 3539, 3540), (100, 89, 90), ("3600", 3539, 3540)],
)
def test_a_token_is_renewed_shortly_before_it_expires(
    vendor: Vendor, lifetime: int | str, still: int, renewed: int
) -> None:
    tokens = iter("abc")
    vendor.server.routes["/token"] = lambda _: Reply(
        200, {"access_token": next(tokens) * 20, "expires_in": lifetime, "token_type": "bearer"}
    )
    clock = Clock()
    one = signer(vendor, CREDENTIALS, clock)
    start = clock.at
    found = []
    for at in (0, still, renewed):
        clock.at = start + at
        found.append(one.signed(vendor.call).headers["Authorization"][7])
    assert found == ["a", "a", "b"]


def test_many_threads_log_in_once_and_renew_once(vendor: Vendor) -> None:
    one = signer(vendor, CREDENTIALS)
    together = Barrier(16)

    def first(_: int) -> str:
        together.wait()
        return one.signed(vendor.call).headers["Authorization"]

    def refused(_: int) -> str:
        used = one.signed(vendor.call)
        together.wait()
        assert one.renew(used) is True
        return one.signed(vendor.call).headers["Authorization"]

    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(first, range(16)))) == 1
        assert vendor.logins == 1
        assert len(set(threads.map(refused, range(16)))) == 1
    assert vendor.logins == 2


def test_renewal_without_a_call_forgets_in_any_case(vendor: Vendor) -> None:
    one = signer(vendor, CREDENTIALS)
    one.signed(vendor.call)
    one.renew()
    one.signed(vendor.call)
    assert vendor.logins == 2


def test_a_refresh_token_given_anew_is_used_next(vendor: Vendor) -> None:
    one = signer(vendor, REFRESH)
    for _ in range(3):
        assert ask(one.signed(vendor.call)).status == 200
        one.renew()
    used = [seen.form["refresh_token"] for seen in vendor.server.at("/token")]
    assert used[0] == "grant-0"
    assert len(set(used)) == 3
    assert {*used, vendor.accounts.tokens[-1]["refresh_token"]} <= one.secrets()


def test_a_server_may_give_the_same_tokens_again(vendor: Vendor) -> None:
    same = {"access_token": "access-token-1", "refresh_token": SECRETS["refresh"]}
    vendor.server.routes["/token"] = lambda _: Reply(200, same)
    one = signer(vendor, REFRESH)
    for _ in range(2):
        assert one.signed(vendor.call).headers["Authorization"] == "Bearer access-token-1"
        one.renew()
    used = [seen.form["refresh_token"] for seen in vendor.server.at("/token")]
    assert used == [SECRETS["refresh"]] * 2


def test_refused_credentials_are_told_and_not_tried_again_at_once(vendor: Vendor) -> None:
    clock = Clock()
    one = signer(vendor, CREDENTIALS, clock, client_secret="wrong-secret")
    with pytest.raises(SourceError) as refused:
        one.signed(vendor.call)
    text = str(refused.value)
    assert f"coupa: asking {vendor.server.url}/token for a token: invalid_client" in text
    assert "systems.coupa.connection.secrets names for client_secret" in text
    assert (refused.value.kind, refused.value.transient) == ("policy", False)
    assert "wrong-secret" not in text
    with pytest.raises(SourceError, match="invalid_client"):
        one.signed(vendor.call)
    assert vendor.logins == 1
    clock.at += 61
    with pytest.raises(SourceError, match="invalid_client"):
        one.signed(vendor.call)
    assert vendor.logins == 2


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (
            Reply(400, {"error": "invalid_grant", "error_description": "AADSTS\n 70008: expired"}),
            "policy",
            "invalid_grant (AADSTS 70008: expired)",
        ),
        (Reply(401, {"error": "x_vendor", "error_description": None}), "policy", "x_vendor"),
        (Reply(200, {"error": "invalid_scope"}), "policy", "invalid_scope"),
        (Reply(401, {"error": {"code": "E7", "message": "No access"}}), "policy", "E7 (No access)"),
        (Reply(403, {"message": "API access is off"}), "policy", "API access is off"),
        (Reply(401, "<html>nope</html>"), "policy", "401 Unauthorized"),
        (Reply(302, "", {"Location": "/sso"}), "policy", "302 Found"),
        (Reply(404, "<html>nope</html>"), "mapping", "404 Not Found"),
        (Reply(503, "busy"), "transient", "503 Service Unavailable"),
        (Reply(429, {"error": "slow_down"}), "transient", "slow_down"),
        (Reply(599, ""), "transient", "599"),
        (Reply(200, "<html>Sign in</html>"), "upstream_data", "holds no access_token"),
        (Reply(200, "[1]"), "upstream_data", "holds no access_token"),
        (Reply(200, {"access_token": 5}), "upstream_data", "holds no access_token"),
        (Reply(200, {"access_token": "abc", "expires_in": "soon"}), "upstream_data", "no access"),
        (Reply(400, {"error": "invalid_client", "error_description": "x" * 999}), "policy", "x…)"),
    ],
)
def test_what_the_server_said_is_told(vendor: Vendor, reply: Reply, kind: str, said: str) -> None:
    vendor.server.routes["/token"] = lambda _: reply
    with pytest.raises(SourceError) as refused:
        signer(vendor, CREDENTIALS).signed(vendor.call)
    assert said in str(refused.value)
    assert refused.value.kind == kind
    assert refused.value.transient is (kind == "transient")
    assert len(str(refused.value)) < 700


def test_trouble_is_no_refusal(vendor: Vendor) -> None:
    """A server that is busy is asked again with the next call."""
    one = signer(vendor, CREDENTIALS)
    works = vendor.server.routes["/token"]
    vendor.server.routes["/token"] = lambda _: Reply(503)
    with pytest.raises(SourceError):
        one.signed(vendor.call)
    vendor.server.routes["/token"] = works
    assert ask(one.signed(vendor.call)).status == 200


def test_an_echoed_secret_is_not_told(vendor: Vendor) -> None:
    def echo(seen: Seen) -> Reply:
        sent = f"{seen.body} {seen.headers['Authorization']} {SECRET}"
        return Reply(400, {"error": "invalid_request", "error_description": sent})

    vendor.server.routes["/token"] = echo
    one = signer(vendor, REFRESH)
    with pytest.raises(SourceError) as refused:
        one.signed(vendor.call)
    assert "refresh_token=***" in str(refused.value)
    for secret in one.secrets():
        assert secret not in str(refused.value)


@given(
    reply=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["access_token", "error", "error_description", "expires_in", "scope"]
                ),
                inner,
            )
        ),
        max_leaves=5,
    ),
    status=st.sampled_from([200, 400, 500]),
)
def test_no_answer_breaks_the_reading(reply: object, status: int) -> None:
    """Whatever a server answers, there is a token or an error of ours."""
    answer = Answer(status, {}, json.dumps(reply), "http://localhost/token")
    one = authenticator(
        "coupa", "http://localhost", spec(CREDENTIALS), SECRETS, lambda _: answer, Clock()
    )
    try:
        signed = one.signed(Call("GET", "http://localhost/orders"))
    except SourceError:
        return
    assert isinstance(reply, dict)
    assert signed.headers["Authorization"] == f"Bearer {reply['access_token']}"


@given(
    client=st.text(st.characters(blacklist_categories=["Cs"]), min_size=1),
    secret=st.text(st.characters(blacklist_categories=["Cs"]), min_size=1),
    send_as=st.sampled_from(["header", "body"]),
)
def test_any_client_and_secret_arrive(client: str, secret: str, send_as: str) -> None:
    """Decoded as RFC 6749 has it, both are what they were."""
    words = spec(f"{CREDENTIALS}\n    send_as: {send_as}")
    assert isinstance(words, ClientCredentialsAuth)
    words = words.model_copy(update={"client_id": "${secret.client}"})
    vault = Vault("coupa", {"client": client, "client_secret": secret})
    call = token_call(vault, words, "https://idp/token", 0.0)
    form = Seen("POST", call.url, {}, (call.body or b"").decode()).form
    if send_as == "body":
        assert (form["client_id"], form["client_secret"]) == (client, secret)
        return
    sent = base64.b64decode(call.headers["Authorization"].removeprefix("Basic ")).decode()
    assert tuple(map(unquote_plus, sent.split(":"))) == (client, secret)


def test_what_differs_between_companies_stays_in_its_part_of_the_path(vendor: Vendor) -> None:
    vendor.server.routes["/te%2Fna%3Fnt/token"] = vendor.token
    words = CREDENTIALS.replace("/token", vendor.server.url + "/${secret.tenant}/token")
    one = signer(vendor, words, tenant="te/na?nt")
    assert ask(one.signed(vendor.call)).status == 200
    vendor.server.routes["/te%2Fna%3Fnt/token"] = lambda _: Reply(404)
    one.renew()
    with pytest.raises(SourceError) as refused:
        one.signed(vendor.call)
    assert f"{vendor.server.url}/***/token" in str(refused.value)


@pytest.mark.parametrize(
    ("status", "body", "expired"),
    [
        (401, "", True),
        (400, '{"error": "invalid_token"}', True),
        (400, '{"error": "invalid_request"}', False),
        (400, "<html>", False),
        (200, '{"items": []}', False),
    ],
)
def test_a_status_other_than_401_can_mean_that_a_token_is_over(
    status: int, body: str, expired: bool
) -> None:
    words = CREDENTIALS + "\n    expired: {at: error, codes: [invalid_token]}"
    one = authenticator("erp", "http://localhost", spec(words), SECRETS, ask)
    assert one.expired(Answer(status, {}, body, "")) is expired


@pytest.mark.parametrize(
    "body",
    [
        '{"Error": {"Message": "Unknown client", "Id": "8C9F"}}',
        "<Error><Message>Unknown client</Message><Id>8C9F</Id></Error>",
    ],
)
def test_what_a_token_server_says_in_its_own_way(body: str) -> None:
    refused = Answer(403, {}, body, "http://localhost/token")
    one = authenticator("erp", "http://localhost", spec(CREDENTIALS), SECRETS, lambda _: refused)
    with pytest.raises(SourceError, match="for a token: Unknown client"):
        one.signed(Call("GET", "http://localhost/items"))
