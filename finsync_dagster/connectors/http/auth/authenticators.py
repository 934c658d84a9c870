"""Proving to a system who asks: from ``auth`` in YAML to signed calls.

Belongs here: which module does which scheme. Not here: the schemes' words (auth/model.py), nor when
a call is sent again (client.py).

The protocols are the work of oauthlib and PyJWT, which most servers were tried with. Ours is to
get a token once for many threads, to renew it in time, and to keep every secret out of messages,
logs and pickles.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

from finsync_dagster.connectors.http.auth.base import Ask, Authenticator, Now
from finsync_dagster.connectors.http.auth.model import (
    ApiKeyAuth,
    AuthSpec,
    BasicAuth,
    BearerAuth,
    NoAuth,
    OAuth1Auth,
    OAuth2Auth,
    RefreshTokenAuth,
    SessionAuth,
)
from finsync_dagster.connectors.http.auth.rotation import InMemory, OnDisk, Rotation
from finsync_dagster.connectors.http.auth.session import Session, below
from finsync_dagster.connectors.http.auth.static import OAuth1, Unsigned, fixed_header
from finsync_dagster.connectors.http.auth.token import TokenLogin
from finsync_dagster.connectors.http.auth.vault import Vault

__all__ = ["Authenticator", "authenticator"]


def authenticator(
    system: str,
    base_url: str,
    spec: AuthSpec,
    secrets: Mapping[str, str],
    ask: Ask,
    now: Now = time.time,
    keep: Path | None = None,
) -> Authenticator:
    """Who signs the calls of a system. Nothing is asked for before the first call is signed.

    ``secrets`` are the landscape's by name, ``base_url`` is the system's address. ``keep`` is a
    folder for refresh tokens that servers give instead of the one before, encrypted; it is no
    cache. Without it they are lost with the process.

    Raises:
        SourceError: the landscape does not give a secret that ``spec`` uses, or gives one that
            cannot be used.
    """
    vault = Vault(system, secrets)
    vault.require(spec.model_dump())
    if isinstance(spec, NoAuth):
        return Unsigned(vault)
    if isinstance(spec, BasicAuth | BearerAuth | ApiKeyAuth):
        return fixed_header(vault, spec)
    if isinstance(spec, OAuth1Auth):
        return OAuth1(vault, spec, now)
    if isinstance(spec, SessionAuth):
        return Session(vault, spec, base_url, ask, now)
    if isinstance(spec, OAuth2Auth):
        url = _token_url(vault, base_url, spec.token_url)
        return TokenLogin(vault, spec, url, ask, now, _rotation(vault, spec, keep))
    assert_never(spec)


def _rotation(vault: Vault, spec: OAuth2Auth, keep: Path | None) -> Rotation:
    if keep is None or not isinstance(spec, RefreshTokenAuth):
        return InMemory()
    given = vault.text(spec.refresh_token)
    secret = vault.text(spec.client_secret) if spec.client_secret else ""
    return OnDisk(keep, vault.system, given, secret)


def _token_url(vault: Vault, base_url: str, template: str) -> str:
    url = vault.address(template)
    return url if "://" in url else below(base_url, url)
