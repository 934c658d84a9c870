"""The signed statement (JWT) by which a program proves with a private key who it is.

Belongs here: claims, key and signature of a statement. Not here: the request that carries it
(auth/grants.py).

Made by PyJWT, which signs with the library cryptography: no part of this is to be of our own make.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.auth.model import JwtBearerAuth
from finsync_dagster.connectors.http.auth.vault import Vault, secret_names

_PEM = "-----BEGIN"
_NO_KEY = (ValueError, TypeError, AttributeError)
"""Also raised for keys: a locked one, one of another kind, a public one."""


def statement(vault: Vault, spec: JwtBearerAuth, token_url: str, now: float) -> str:
    """A new statement, valid for ``spec.lifetime`` seconds from ``now`` (seconds since 1970).

    Raises:
        SourceError: the key cannot be read, or is not of the algorithm's kind.
    """
    head = {name: vault.text(value) for name, value in spec.headers.items()}
    if spec.key_id:
        head["kid"] = vault.text(spec.key_id)
    key = _key(vault, spec)
    why = ""
    try:
        made = jwt.encode(_claims(vault, spec, token_url, now), key, spec.algorithm, headers=head)
    except (jwt.PyJWTError, UnsupportedAlgorithm, *_NO_KEY) as error:
        why = type(error).__name__
    if why:
        raise _unusable(vault, spec, f"is no key that {spec.algorithm} can sign with ({why})")
    vault.learn(made)
    return made


def _claims(vault: Vault, spec: JwtBearerAuth, token_url: str, now: float) -> dict[str, Any]:
    issuer = vault.text(spec.issuer)
    more: Mapping[str, Any] = vault.fill(spec.claims)
    claims = {
        "iss": issuer,
        "sub": vault.text(spec.subject) if spec.subject else issuer,
        "aud": vault.text(spec.audience) if spec.audience else token_url,
        "iat": int(now),
        "exp": int(now) + spec.lifetime,
        "jti": str(uuid.uuid4()),
        **more,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _key(vault: Vault, spec: JwtBearerAuth) -> str:
    given = vault.text(spec.private_key)
    if _PEM in given:
        # Many ways to set a variable cannot hold line breaks.
        key = given.replace("\\n", "\n")
    else:
        # Not the path is told if this fails: it may be a key that was pasted wrongly.
        why = ""
        try:
            key = Path(given.strip()).expanduser().read_text(encoding="ascii")
        except (OSError, ValueError, RuntimeError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
        if why:
            raise _unusable(vault, spec, f"is neither a key in PEM nor a file of one ({why})")
    vault.learn(key)
    return key


def _unusable(vault: Vault, spec: JwtBearerAuth, what: str) -> SourceError:
    names = ", ".join(secret_names(spec.private_key))
    return SourceError(
        vault.system,
        "",
        f"the private key, {names}, {what}",
        "Give an unencrypted private key in PEM (RSA for RS256 and PS256, P-256 for ES256), or the "
        f"path of its file, in the variable that systems.{vault.system}.connection.secrets names "
        f"for {names}",
        kind="policy",
    )
