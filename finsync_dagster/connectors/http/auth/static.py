"""Schemes for which nothing has to be asked beforehand.

Belongs here: none, basic, bearer, api_key, oauth1. Not here: anything that logs in.

OAuth 1.0 signatures are made by oauthlib: which parts of a request are signed, in which order and
spelling, fills RFC 5849, and it is the implementation most servers were tested with.
"""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from oauthlib import oauth1

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.auth.base import Authenticator, Held, Now
from finsync_dagster.connectors.http.auth.model import (
    ApiKeyAuth,
    BasicAuth,
    BearerAuth,
    OAuth1Auth,
)
from finsync_dagster.connectors.http.auth.vault import Vault, basic
from finsync_dagster.connectors.http.call import Call

# At level DEBUG it writes down what it signs, and the signature.
logging.getLogger("oauthlib").setLevel(logging.WARNING)

_FORM = "application/x-www-form-urlencoded"


class Unsigned(Authenticator):
    """Calls are sent as they are."""

    def signed(self, call: Call) -> Call:
        """The same call."""
        return call


class FixedHeader(Authenticator):
    """The same header with every call."""

    def __init__(self, vault: Vault, name: str, value: str) -> None:
        super().__init__(vault)
        vault.learn(value)
        self._held = Held({name: value})

    def signed(self, call: Call) -> Call:
        """The call with the header."""
        return call.with_headers(self._held.headers)


def fixed_header(vault: Vault, spec: BasicAuth | BearerAuth | ApiKeyAuth) -> FixedHeader:
    """The authenticator of a scheme whose header never changes.

    Raises:
        SourceError: a secret is missing, or cannot stand in a header.
    """
    if isinstance(spec, BasicAuth):
        return FixedHeader(vault, "Authorization", f"Basic {_basic(vault, spec)}")
    if isinstance(spec, BearerAuth):
        token = vault.header(vault.text(spec.token), "Authorization", spec.token)
        vault.learn(token)
        return FixedHeader(vault, "Authorization", f"Bearer {token}")
    value = vault.header(vault.text(spec.value), spec.header, spec.value)
    return FixedHeader(vault, spec.header, value)


def _basic(vault: Vault, spec: BasicAuth) -> str:
    user, password = vault.text(spec.user), vault.text(spec.password)
    if ":" in user:
        raise SourceError(
            vault.system,
            "",
            "the user of its auth holds a colon, which scheme basic cannot express",
            "Check user in the system's auth",
            kind="policy",
        )
    encoded = basic(user, password)
    vault.learn(password, encoded)
    return encoded


class OAuth1(Authenticator):
    """Every call signed by itself, with a time and a word that are used once."""

    def __init__(self, vault: Vault, spec: OAuth1Auth, now: Now) -> None:
        super().__init__(vault)
        self._spec = spec
        self._now = now
        vault.learn(vault.text(spec.consumer_secret), vault.text(spec.token_secret))

    def signed(self, call: Call) -> Call:
        """The call with its signature; a form is signed with it, any other body is not."""
        spec, text = self._spec, self._vault.text
        client = oauth1.Client(
            text(spec.consumer_key),
            client_secret=text(spec.consumer_secret),
            resource_owner_key=text(spec.token),
            resource_owner_secret=text(spec.token_secret),
            signature_method=oauth1.SIGNATURE_HMAC_SHA256,
            realm=text(spec.realm) if spec.realm else None,
            timestamp=str(int(self._now())),
        )
        form = _form(call)
        headers = {"Content-Type": _FORM} if form is not None else {}
        _, signed, _ = client.sign(_address(call), call.method, form, headers)
        value = self._vault.header(signed["Authorization"], "Authorization", spec.consumer_key)
        return call.with_headers({"Authorization": value})


def _address(call: Call) -> str:
    """The whole address, its query spelled so that oauthlib can read it: same names and values."""
    parts = urlsplit(call.url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *call.query]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _form(call: Call) -> str | None:
    kinds = [value for name, value in call.headers.items() if name.lower() == "content-type"]
    is_form = any(kind.split(";")[0].strip().lower() == _FORM for kind in kinds)
    return call.body.decode() if is_form and call.body else None
