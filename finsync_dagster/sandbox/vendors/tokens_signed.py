"""Logins that prove a secret without sending it: signed requests, signed statements.

Belongs here: verifying OAuth 1.0a signatures (RFC 5849, HMAC-SHA256) and JWT client assertions
(RFC 7523). Not here: tokens that are sent (tokens.py), how a vendor words a refusal.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote

import jwt

from finsync_dagster.sandbox.vendors.tokens import BearerTokens, Granted, Refused, form_of
from finsync_dagster.sandbox.vendors.wire import Request

SignedVerdict = Literal[
    "good", "missing", "malformed", "realm", "consumer", "token", "timestamp", "nonce", "signature"
]
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class TokenLogin:
    """The four secrets of token-based authentication, and the account they hold for."""

    account: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token_id: str = field(repr=False)
    token_secret: str = field(repr=False)


class SignedRequests:
    """Checks that a request was signed with the login's secrets, lately, and only once."""

    def __init__(
        self, login: TokenLogin, window: int = 300, clock: Callable[[], float] = time.time
    ) -> None:
        self._login = login
        self._window = window
        self._clock = clock
        self._lock = threading.Lock()
        self._nonces: dict[str, int] = {}

    def check(self, request: Request) -> SignedVerdict:
        """Whether the request's Authorization header signs it; else the first thing wrong in it."""
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "oauth":
            return "missing"
        told = _fields(said)
        if told is None or told.get("oauth_signature_method") != "HMAC-SHA256":
            return "malformed"
        names: tuple[tuple[str, str, SignedVerdict], ...] = (
            ("realm", self._login.account, "realm"),
            ("oauth_consumer_key", self._login.consumer_key, "consumer"),
            ("oauth_token", self._login.token_id, "token"),
        )
        for name, wanted, verdict in names:
            if told.get(name) != wanted:
                return verdict
        stamp = told.get("oauth_timestamp", "")
        if not self._lately(stamp):
            return "timestamp"
        if not self._signed(request, told):
            return "signature"
        # Last, so that a request nobody signed uses up no nonce.
        return self._once(told.get("oauth_nonce", ""), int(stamp))

    def _lately(self, stamp: str) -> bool:
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
            return False
        return abs(int(stamp) - self._clock()) <= self._window

    def _signed(self, request: Request, told: dict[str, str]) -> bool:
        key = f"{_encoded(self._login.consumer_secret)}&{_encoded(self._login.token_secret)}"
        mac = hmac.new(key.encode(), _base_string(request, told).encode(), hashlib.sha256)
        wanted = base64.b64encode(mac.digest())
        return hmac.compare_digest(wanted, told.get("oauth_signature", "").encode())

    def _once(self, nonce: str, stamp: int) -> SignedVerdict:
        oldest = self._clock() - self._window
        with self._lock:
            if not nonce or nonce in self._nonces:
                return "nonce"
            self._nonces[nonce] = stamp
            # Nonces come about in the order of their timestamps: the first are the oldest.
            for old in list(self._nonces)[:2]:
                if self._nonces[old] < oldest:
                    del self._nonces[old]
        return "good"


class SignedClient:
    """OAuth 2.0 client credentials with a signed statement in place of a secret.

    ``public_key`` is a PEM; ``certificate_id`` the ``kid`` by which the statement names it.
    """

    def __init__(
        self, client_id: str, certificate_id: str, public_key: str, tokens: BearerTokens
    ) -> None:
        self._client_id = client_id
        self._certificate_id = certificate_id
        self._public_key = public_key
        self.tokens = tokens

    def grant(self, request: Request) -> Granted | Refused:
        """The answer to a token request (a form with a JWT as ``client_assertion``)."""
        form = form_of(request)
        if form.get("grant_type") != "client_credentials":
            return Refused("unsupported_grant_type", "The grant type is not supported.")
        if form.get("client_assertion_type") != _ASSERTION:
            return Refused("invalid_request", "client_assertion_type is missing or not supported.")
        audience = request.address + request.path
        try:
            assertion = form.get("client_assertion", "")
            if jwt.get_unverified_header(assertion).get("kid") != self._certificate_id:
                return Refused("invalid_client", "The certificate is not known.")
            claims = jwt.decode(
                assertion,
                self._public_key,
                algorithms=["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
                audience=audience,
                issuer=self._client_id,
                options={"require": ["iss", "aud", "exp", "iat"]},
            )
        except (jwt.InvalidTokenError, ValueError):
            return Refused("invalid_client", "The client assertion is not valid.")
        if claims["exp"] - claims["iat"] > 3600:
            return Refused("invalid_client", "The client assertion holds for more than an hour.")
        scope = claims.get("scope", "")
        told = " ".join(scope) if isinstance(scope, list) else str(scope)
        return Granted(self.tokens.issue(), self.tokens.lifetime.seconds, told)


def _fields(said: str) -> dict[str, str] | None:
    told: dict[str, str] = {}
    for part in said.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or len(value) < 2 or value[0] != '"' or value[-1] != '"' or name in told:
            return None
        told[name] = unquote(value[1:-1])
    return told


def _base_string(request: Request, told: dict[str, str]) -> str:
    """RFC 5849, section 3.4.1: method, address without query, all parameters, each encoded."""
    pairs = [(n, v) for n, v in told.items() if n not in ("realm", "oauth_signature")]
    pairs += request.query
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        pairs += parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    encoded = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    parameters = "&".join(f"{name}={value}" for name, value in encoded)
    place = request.address + quote(request.path, safe="/~!$&'()*+,;=:@")
    return "&".join((request.method.upper(), _encoded(place), _encoded(parameters)))


def _encoded(text: str) -> str:
    return quote(text, safe="~")
