"""No secret is in anything that is printed, logged, raised or pickled."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.authenticators import Authenticator, authenticator
from finsync_dagster.connectors.http.auth.vault import Vault
from finsync_dagster.connectors.http.call import Call
from tests.connectors.http.auth.auth_server import Reply, Seen, Site, ask, site, spec
from tests.connectors.http.auth.test_model import GOOD
from tests.connectors.http.auth.test_statement import RSA, pem

NAMES = [
    *("password", "key", "secret", "tenant", "client_id", "client_secret", "ci", "cs", "saak"),
    *("sask", "refresh_token", "certificate", "consumer_key", "consumer_secret", "token"),
    *("token_secret", "user"),
]
SECRETS = {name: f"Very+Secret/{name}" for name in NAMES}
GIVEN = {"access_token": "obtained-access", "refresh_token": "obtained-refresh", "expires_in": 60}
LOGIN = {"result": [1, "obtained-session"], **GIVEN}
COOKIES = {"Set-Cookie": "B1SESSION=obtained-cookie", "X-CSRF-Token": "obtained-csrf"}
OBTAINED = ["obtained-access", "obtained-refresh", "obtained-session", "obtained-cookie"]
FORBIDDEN = [*SECRETS.values(), *OBTAINED]


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as running:
        yield running


def everywhere(server: Site, reply: Reply) -> None:
    def answer(_: Seen) -> Reply:
        return reply

    for path in (
        *("/oauth2/token", "/token", "/p2p/rpc/", "/b1s/v2/Login"),
        "/services/rest/auth/oauth2/v1/token",
    ):
        server.routes[path] = answer


def made(server: Site, text: str) -> Authenticator:
    for host in ("https://login.example.com/${secret.tenant}/oauth2/v2.0/token",):
        text = text.replace(host, "/token")
    for host in (
        "https://sso.example.com/as/token.oauth2",
        "https://identity.example.com/connect/token",
    ):
        text = text.replace(host, "/token")
    key = pem(RSA) if "private_key" in text else SECRETS["key"]

    def noted(call: Call) -> Answer:
        answer = ask(call)
        server.notes += [repr(call), str(call), repr(answer), str(answer)]
        return answer

    return authenticator("erp", server.url, spec(text), {**SECRETS, "key": key}, noted)


def assert_silent(text: str, authenticating: Authenticator) -> None:
    for secret in {*FORBIDDEN, *authenticating.secrets()}:
        assert secret not in text


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_login_that_works_leaves_no_trace(
    server: Site, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    everywhere(server, Reply(200, LOGIN, COOKIES))
    with caplog.at_level(logging.DEBUG):
        one = made(server, text)
        signed = one.signed(Call("GET", server.url + "/orders"))
        one.values()
        parts = [repr(one), str(one), repr(signed), str(signed), *map(repr, vars(one).values())]
    for part in [*parts, *server.notes, caplog.text]:
        assert_silent(part, one)
    for thing in (one, *vars(one).values()):
        try:
            pickled = pickle.dumps(thing)
        except (TypeError, AttributeError):
            continue
        assert_silent(pickled.decode("latin-1"), one)
    with pytest.raises(TypeError, match="secrets"):
        pickle.dumps(one)
    if "oauth1" not in text:
        hidden = Vault("erp", {})
        hidden.learn(*one.secrets())
        assert all("***" in hidden.redact(value) for value in signed.headers.values())


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_login_that_is_refused_leaves_no_trace(server: Site, text: str) -> None:
    """Not even if the server sends everything back."""
    words = made(server, text)
    echoed = {"value": ""}

    def echo(seen: Seen) -> Reply:
        echoed["value"] = f"{seen.headers.get('Authorization')} {seen.body}"
        return Reply(400, {"error": "invalid_request", "error_description": echoed["value"]})

    for path in ("/oauth2/token", "/token", "/p2p/rpc/", "/b1s/v2/Login"):
        server.routes[path] = echo
    server.routes["/services/rest/auth/oauth2/v1/token"] = echo
    try:
        words.signed(Call("GET", server.url + "/orders"))
    except SourceError as error:
        shown = "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)
        assert_silent(shown, words)
        assert_silent(pickle.dumps(error).decode("latin-1"), words)
        assert "***" in shown
        return
    assert not echoed["value"]


def test_every_usual_spelling_of_a_secret_is_known() -> None:
    vault = Vault("erp", {"x": 'a&"b/c+ ü', "key": "line-of-a-private-key\nthe-second-line-of-it"})
    assert {
        "a&amp;&quot;b/c+ ü",
        "a%26%22b%2Fc%2B%20%C3%BC",
        "a%26%22b/c%2B%20%C3%BC",
        "a%26%22b%2Fc%2B+%C3%BC",
        'a&\\"b/c+ \\u00fc',
        'a&\\"b/c+ ü',
        base64.b64encode('a&"b/c+ ü'.encode()).decode(),
        "line-of-a-private-key the-second-line-of-it",
        "the-second-line-of-it",
    } <= vault.known()


def test_of_two_secrets_the_longer_one_is_hidden_whole() -> None:
    assert Vault("erp", {"a": "abc", "b": "abcdef"}).redact("was abcdef, abc") == "was ***, ***"


@given(
    secret=st.text(min_size=1),
    before=st.text(max_size=5),
    after=st.text(max_size=5),
)
def test_a_known_secret_is_always_redacted(secret: str, before: str, after: str) -> None:
    """Whatever it is, even if it cannot be encoded; nothing but stars and the rest remains."""
    vault = Vault("erp", {"x": secret})
    shown = vault.redact(f"{before}{secret}{after}")
    assert secret not in shown or set(secret) <= {"*"}
    assert secret in vault.known()


def test_bytes_that_are_no_text_are_sent_as_they_are() -> None:
    """A variable may hold bytes of another encoding; Python keeps them as surrogates."""
    latin = b"gr\xfc\xdfe".decode(errors="surrogateescape")
    words = spec('{scheme: basic, user: u, password: "${secret.password}"}')
    signed = authenticator("erp", "", words, {"password": latin}, ask).signed(Call("GET", "x"))
    assert signed.headers["Authorization"] == "Basic dTpncvzfZQ=="
