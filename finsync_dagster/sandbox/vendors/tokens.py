"""Logins of the vendors' stand-ins: user and password, and tokens that are issued and expire.

Belongs here: whether a header or a form may pass, and what a token service grants. Not here: the
words in which a vendor says so (its own sub-package), signed requests (tokens_signed.py), who
chooses the secrets (sandbox/group.py).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl

from finsync_dagster.sandbox.vendors.wire import Request

Verdict = Literal["good", "missing", "unknown", "expired"]

# A token service that is asked for years must not remember all it ever issued.
_REMEMBERED = 1000


@dataclass(frozen=True)
class BasicLogin:
    """User and password, sent with each request (HTTP Basic)."""

    user: str
    password: str = field(repr=False)

    def check(self, request: Request) -> Verdict:
        """Whether the request's Authorization header holds this user and password."""
        said = _authorization(request, "basic")
        if said is None:
            return "missing"
        try:
            held = base64.b64decode(said, validate=True)
        except (binascii.Error, ValueError):
            return "unknown"
        wanted = f"{self.user}:{self.password}".encode()
        return "good" if hmac.compare_digest(held, wanted) else "unknown"


@dataclass(frozen=True)
class Lifetime:
    """How long an access token holds: seconds, and requests if that is to end it earlier."""

    seconds: int = 3600
    requests: int | None = None


@dataclass
class _Issued:
    until: float
    left: int | None


class BearerTokens:
    """Access tokens of one system. Used by many threads at once."""

    def __init__(
        self, lifetime: Lifetime | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.lifetime = lifetime or Lifetime()
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: dict[str, _Issued] = {}

    def issue(self) -> str:
        """A new access token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._issued[token] = _Issued(
                self._clock() + self.lifetime.seconds, self.lifetime.requests
            )
            while len(self._issued) > _REMEMBERED:
                del self._issued[next(iter(self._issued))]
        return token

    def check(self, request: Request) -> Verdict:
        """Whether the request bears a token that holds; this request counts against it."""
        said = _authorization(request, "bearer")
        if said is None:
            return "missing"
        with self._lock:
            issued = self._issued.get(said)
            if issued is None:
                return "unknown"
            if issued.left == 0 or self._clock() >= issued.until:
                return "expired"
            if issued.left is not None:
                issued.left -= 1
        return "good"

    def expire(self, request: Request) -> None:
        """Let the token that a request bears hold no longer."""
        with self._lock:
            if issued := self._issued.get(_authorization(request, "bearer") or ""):
                issued.left = 0

    def expire_all(self) -> None:
        """Let no token issued so far hold any longer."""
        with self._lock:
            for issued in self._issued.values():
                issued.left = 0


@dataclass(frozen=True)
class Granted:
    """What a token service gives. ``refresh_token`` is None where there is none."""

    access_token: str = field(repr=False)
    expires_in: int
    scope: str
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Refused:
    """Why a token service gives nothing, in the words of RFC 6749, section 5.2."""

    error: Literal[
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "invalid_scope",
        "unsupported_grant_type",
    ]
    description: str


class ClientCredentials:
    """OAuth 2.0 client credentials: a client's id and secret for an access token.

    ``scopes`` are those the client may have; asked for none, it gets all.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        tokens: BearerTokens,
        scopes: tuple[str, ...] = (),
    ) -> None:
        self._client = _Client(client_id, client_secret)
        self.tokens = tokens
        self._scopes = scopes

    def grant(self, request: Request) -> Granted | Refused:
        """The answer to a token request (a form; the client in it or in a Basic header)."""
        form = form_of(request)
        if form.get("grant_type") != "client_credentials":
            return Refused("unsupported_grant_type", "The grant type is not supported.")
        if not self._client.is_in(request, form):
            return Refused("invalid_client", "Client authentication failed.")
        asked = tuple(form.get("scope", "").split()) or self._scopes
        if self._scopes and set(asked) - set(self._scopes):
            return Refused("invalid_scope", "The requested scope is not allowed for this client.")
        return Granted(self.tokens.issue(), self.tokens.lifetime.seconds, " ".join(asked))


class RefreshTokens:
    """OAuth 2.0 refresh: a refresh token, and the client's id and secret, for an access token.

    With ``rotates``, each use gives a new refresh token. The one before holds until the new one was
    used once, so that an answer lost on the way locks nobody out; then it is void.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        refresh_token: str,
        tokens: BearerTokens,
        *,
        rotates: bool = True,
        scope: str = "",
    ) -> None:
        self._client = _Client(client_id, client_secret)
        self.tokens = tokens
        self._rotates = rotates
        self._scope = scope
        self._lock = threading.Lock()
        self._current = refresh_token
        self._next: list[str] = []

    def grant(self, request: Request) -> Granted | Refused:
        """The answer to a token request (a form; the client in it or in a Basic header)."""
        form = form_of(request)
        if form.get("grant_type") != "refresh_token":
            return Refused("unsupported_grant_type", "The grant type is not supported.")
        if not self._client.is_in(request, form):
            return Refused("invalid_client", "Client authentication failed.")
        refreshed = self._refreshed(form.get("refresh_token", ""))
        if refreshed is None:
            return Refused("invalid_grant", "The refresh token is unknown, used or expired.")
        seconds = self.tokens.lifetime.seconds
        return Granted(self.tokens.issue(), seconds, self._scope, refreshed)

    def _refreshed(self, said: str) -> str | None:
        with self._lock:
            if any(_same(said, token) for token in self._next):
                self._current, self._next = said, []
            elif not _same(said, self._current):
                return None
            if not self._rotates:
                return self._current
            # Lost answers may follow one another; each gave a token that may come.
            self._next = [*self._next[-9:], secrets.token_urlsafe(32)]
            return self._next[-1]


@dataclass(frozen=True)
class _Client:
    client_id: str
    client_secret: str = field(repr=False)

    def is_in(self, request: Request, form: dict[str, str]) -> bool:
        if _authorization(request, "basic") is not None:
            return BasicLogin(self.client_id, self.client_secret).check(request) == "good"
        right_id = _same(form.get("client_id", ""), self.client_id)
        return _same(form.get("client_secret", ""), self.client_secret) and right_id


def form_of(request: Request) -> dict[str, str]:
    """The fields of a posted form; of a repeated one, the last."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _authorization(request: Request, scheme: str) -> str | None:
    said, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if said.lower() == scheme else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
