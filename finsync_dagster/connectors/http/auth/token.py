"""Access tokens of OAuth 2.0: asked for once, sent with every call, renewed before they expire.

Belongs here: reading the token answer and when a token is renewed. Not here: what is asked
(auth/grants.py), keeping a refresh token that changes (auth/rotation.py).

The answer is read by oauthlib, which also takes what servers write beside the standard
(``expires_in`` as text, a form instead of JSON) and tells their errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthlib.oauth2 import BackendApplicationClient, MissingTokenError, OAuth2Error

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.base import Ask, Held, Login, Now
from finsync_dagster.connectors.http.auth.expiry import says_expired
from finsync_dagster.connectors.http.auth.grants import token_call
from finsync_dagster.connectors.http.auth.model import OAuth2Auth, RefreshTokenAuth
from finsync_dagster.connectors.http.auth.refusal import Refusals, shown_address, vendor_text
from finsync_dagster.connectors.http.auth.rotation import Rotation
from finsync_dagster.connectors.http.auth.vault import Vault, secret_names

_SKEW = 60.0
_SKEW_SHARE = 0.1
"""A token is renewed this many seconds, or this part of its life if less, before it expires."""


class TokenLogin(Login):
    """``Authorization: Bearer`` with an access token. ``url`` is where tokens are given."""

    def __init__(
        self, vault: Vault, spec: OAuth2Auth, url: str, ask: Ask, now: Now, rotation: Rotation
    ) -> None:
        super().__init__(vault, ask, now)
        self._spec = spec
        self._url = url
        self._rotation = rotation
        self._refusals = Refusals(vault, secret_names(spec.model_dump()))

    def expired(self, answer: Answer) -> bool:
        """Whether the answer says that the token is over, as ``expired`` in YAML tells."""
        return says_expired(answer, self._spec.expired)

    def _obtain(self) -> Held:
        if not isinstance(self._spec, RefreshTokenAuth):
            return self._asked(None)
        try:
            with self._rotation.turn():
                return self._asked(self._rotation.read())
        except OSError as error:
            why = error.strerror
        raise self._refusals.error(
            f"the refresh token that follows cannot be kept ({why})",
            "Give the folder for refresh tokens permission and room: one that was given and not "
            "kept is lost, and access must be granted anew",
            "policy",
        )

    def _asked(self, refresh_token: str | None) -> Held:
        asked_at = self._now()
        call = token_call(self._vault, self._spec, self._url, asked_at, refresh_token)
        answer = self._ask(call)
        token = self._read(answer)
        access = token["access_token"]
        self._vault.learn(access)
        following = token.get("refresh_token")
        if isinstance(following, str) and following:
            self._vault.learn(following)
            if isinstance(self._spec, RefreshTokenAuth):
                self._rotation.write(following)
        value = self._vault.header(f"Bearer {access}", "Authorization", "")
        return Held({"Authorization": value}, renew_at=_renew_at(token, asked_at))

    def _read(self, answer: Answer) -> Mapping[str, Any]:
        what = f"asking {self._vault.redact(shown_address(self._url))} for a token"
        refused: OAuth2Error | None = None
        token: Mapping[str, Any] = {}
        if answer.status < 500:
            try:
                token = BackendApplicationClient("").parse_request_body_response(answer.text)
            except OAuth2Error as error:
                refused = error
            except (ValueError, TypeError, AttributeError):
                # The answer is no object, or an error told in another way.
                token = {}
        if isinstance(refused, OAuth2Error) and not isinstance(refused, MissingTokenError):
            code = refused.error if isinstance(refused.error, str) else None
            if code:
                raise self._refusals.of_answer(what, answer, code, _description(refused))
        if answer.status >= 300 or vendor_text(answer)[0]:
            raise self._refusals.of_answer(what, answer, *vendor_text(answer))
        access = token.get("access_token")
        if not isinstance(access, str) or not access:
            raise self._refusals.error(
                f"{what}: the answer, {answer.status}, holds no access_token",
                "Check token_url in the system's auth: this may be the address of a login page",
                "upstream_data",
            )
        return token


def _description(refused: OAuth2Error) -> str | None:
    text = refused.description
    return text if isinstance(text, str) else None


def _renew_at(token: Mapping[str, Any], asked_at: float) -> float | None:
    lifetime = token.get("expires_in")
    if not isinstance(lifetime, int) or lifetime <= 0:
        return None
    return asked_at + lifetime - min(_SKEW, lifetime * _SKEW_SHARE)
