import base64
from urllib.parse import urlencode

import pytest

from finsync_dagster.sandbox.vendors.tokens import (
    BasicLogin,
    BearerTokens,
    ClientCredentials,
    Granted,
    Lifetime,
    RefreshTokens,
    Refused,
)
from finsync_dagster.sandbox.vendors.wire import Request


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def bearing(authorization: str | None) -> Request:
    return Request("GET", "/", headers={"authorization": authorization} if authorization else {})


def form(authorization: str | None = None, **fields: str) -> Request:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    if authorization:
        headers["authorization"] = authorization
    return Request("POST", "/oauth2/token", headers=headers, body=urlencode(fields).encode())


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        (basic("u", "p:ä"), "good"),
        (basic("u", "p"), "unknown"),
        (basic("x", "p:ä"), "unknown"),
        ("basic " + base64.b64encode("u:p:ä".encode()).decode(), "good"),
        ("Basic not/base64!", "unknown"),
        ("Bearer abc", "missing"),
        (None, "missing"),
    ],
)
def test_user_and_password(header: str | None, verdict: str) -> None:
    assert BasicLogin("u", "p:ä").check(bearing(header)) == verdict


def test_secrets_are_not_printed() -> None:
    assert "geheim" not in repr(BasicLogin("u", "geheim"))
    assert "geheim" not in repr(Granted("geheim", 1, "", "geheim"))


def test_a_token_expires_after_requests_or_seconds_and_only_then() -> None:
    clock = Clock()
    tokens = BearerTokens(Lifetime(seconds=10, requests=2), clock)
    one, other = tokens.issue(), tokens.issue()
    asked = bearing(f"Bearer {one}")
    assert [tokens.check(asked) for _ in range(3)] == ["good", "good", "expired"]
    clock.now = 9.9
    assert tokens.check(bearing(f"bearer {other}")) == "good"
    clock.now = 10
    assert tokens.check(bearing(f"Bearer {other}")) == "expired"
    assert tokens.check(bearing("Bearer x")) == "unknown"
    assert tokens.check(bearing(basic("u", "p"))) == "missing"


def test_tokens_can_be_ended() -> None:
    tokens = BearerTokens()
    one, other = bearing(f"Bearer {tokens.issue()}"), bearing(f"Bearer {tokens.issue()}")
    tokens.expire(one)
    assert (tokens.check(one), tokens.check(other)) == ("expired", "good")
    tokens.expire_all()
    assert tokens.check(other) == "expired"


def test_client_credentials_are_granted_in_the_form_or_the_header() -> None:
    service = ClientCredentials("id", "secret", BearerTokens(), ("core.read", "pay.read"))
    inside = form(grant_type="client_credentials", client_id="id", client_secret="secret")
    granted = service.grant(inside)
    assert isinstance(granted, Granted)
    assert granted.scope == "core.read pay.read"
    assert granted.refresh_token is None
    assert service.tokens.check(bearing(f"Bearer {granted.access_token}")) == "good"
    asked = form(basic("id", "secret"), grant_type="client_credentials", scope="pay.read")
    some = service.grant(asked)
    assert isinstance(some, Granted)
    assert some.scope == "pay.read"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "id"}, "invalid_client"),
        (
            {"grant_type": "client_credentials", "client_id": "i", "client_secret": "secret"},
            "invalid_client",
        ),
        (
            {
                "grant_type": "client_credentials",
                "client_id": "id",
                "client_secret": "secret",
                "scope": "core.write",
            },
            "invalid_scope",
        ),
    ],
)
def test_client_credentials_are_refused(fields: dict[str, str], error: str) -> None:
    refused = ClientCredentials("id", "secret", BearerTokens(), ("core.read",)).grant(
        form(**fields)
    )
    assert isinstance(refused, Refused)
    assert refused.error == error


def refreshing(service: RefreshTokens, token: str) -> str | None:
    granted = service.grant(
        form(grant_type="refresh_token", client_id="id", client_secret="s", refresh_token=token)
    )
    if isinstance(granted, Refused):
        assert granted.error == "invalid_grant"
        return None
    assert service.tokens.check(bearing(f"Bearer {granted.access_token}")) == "good"
    return granted.refresh_token


def test_a_refresh_token_that_rotates_is_void_once_the_next_was_used() -> None:
    service = RefreshTokens("id", "s", "first", BearerTokens())
    second = refreshing(service, "first")
    lost = refreshing(service, "first")
    assert second is not None
    assert lost is not None
    assert len({"first", second, lost}) == 3
    third = refreshing(service, second)
    assert third is not None
    assert refreshing(service, "first") is None
    assert refreshing(service, lost) is None
    assert refreshing(service, third) is not None
    assert refreshing(service, "") is None


def test_a_refresh_token_may_stay() -> None:
    service = RefreshTokens("id", "s", "first", BearerTokens(), rotates=False)
    assert [refreshing(service, "first") for _ in range(3)] == ["first"] * 3
