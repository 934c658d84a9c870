"""Requests for an OAuth 2.0 access token, grant by grant.

Belongs here: what is asked. Not here: reading the answer and keeping the token (auth/token.py).

Bodies are put together by oauthlib, which knows the fields of each grant; ours is where the name
and secret of the client go.
"""

from __future__ import annotations

from urllib.parse import quote_plus, urlencode

from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient
from oauthlib.oauth2.rfc6749.parameters import prepare_token_request

from finsync_dagster.connectors.http.auth.model import (
    ClientCredentialsAuth,
    JwtBearerAuth,
    OAuth2Auth,
    PasswordGrantAuth,
    RefreshTokenAuth,
)
from finsync_dagster.connectors.http.auth.statement import statement
from finsync_dagster.connectors.http.auth.vault import Vault, basic
from finsync_dagster.connectors.http.call import Call

_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_HEADERS = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


def token_call(
    vault: Vault, spec: OAuth2Auth, url: str, now: float, refresh_token: str | None = None
) -> Call:
    """The request for a token at ``url``; ``refresh_token`` replaces the one of ``spec``.

    Raises:
        SourceError: a secret or the private key cannot be used.
    """
    form = {name: vault.text(value) for name, value in spec.extra.items()}
    scope = vault.text(spec.scope) if spec.scope else None
    body = urlencode(form)
    if isinstance(spec, JwtBearerAuth):
        return _call(url, _stated(vault, spec, body, scope, statement(vault, spec, url, now)))
    client_id = vault.text(spec.client_id)
    secret = vault.text(spec.client_secret) if spec.client_secret else None
    in_body = spec.send_as == "body" or secret is None
    who = {"include_client_id": in_body, "client_secret": secret if in_body else None}
    if isinstance(spec, ClientCredentialsAuth):
        body = BackendApplicationClient(client_id).prepare_request_body(body, scope, **who)
    elif isinstance(spec, PasswordGrantAuth):
        user, password = vault.text(spec.user), vault.text(spec.password)
        vault.learn(password)
        client = LegacyApplicationClient(client_id)
        body = client.prepare_request_body(user, password, body, scope, **who)
    elif isinstance(spec, RefreshTokenAuth):
        token = refresh_token or vault.text(spec.refresh_token)
        vault.learn(token)
        client = BackendApplicationClient(client_id)
        body = client.prepare_refresh_body(body, token, scope, client_id=client_id, **who)
    call = _call(url, body)
    if secret is None:
        return call
    vault.learn(secret)
    return call if in_body else _with_client(vault, call, client_id, secret)


def _stated(vault: Vault, spec: JwtBearerAuth, body: str, scope: str | None, stated: str) -> str:
    client_id = vault.text(spec.client_id) if spec.client_id else None
    who = {"client_id": client_id, "include_client_id": client_id is not None}
    if spec.form == "assertion":
        asked: str = prepare_token_request(_ASSERTION, body, assertion=stated, scope=scope, **who)
        return asked
    asked = prepare_token_request(
        "client_credentials",
        body,
        scope=scope,
        client_assertion_type=_CLIENT_ASSERTION,
        client_assertion=stated,
        **who,
    )
    return asked


def _with_client(vault: Vault, call: Call, client_id: str, secret: str) -> Call:
    # RFC 6749 §2.3.1: both are form-encoded before they are joined.
    encoded = basic(quote_plus(client_id), quote_plus(secret))
    vault.learn(encoded)
    return call.with_headers({"Authorization": f"Basic {encoded}"})


def _call(url: str, body: str) -> Call:
    return Call("POST", url, _HEADERS, body=body.encode())
