"""What a server that refused a login said, in a sentence that shows no secret.

Belongs here: the errors of token requests and logins. Not here: other requests (faults/fault.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from finsync_dagster.connectors.errors import FaultKind, SourceError
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.vault import Vault
from finsync_dagster.connectors.http.exact_json import Json, NotJsonError, dump

_LONGEST = 300
_AGAIN_LATER = {408, 425, 429}
_WRONG_PLACE = {404, 405, 410, 415}
_ADVICE = {
    "invalid_client": "The system does not know the client, or its secret or key is wrong or has "
    "expired. {check}",
    "invalid_grant": "The grant has expired, was withdrawn or was used before, or the user, key, "
    "issuer, audience or this machine's clock is wrong. {check}",
    "unauthorized_client": "Have the system's administrator allow the client this grant. {check}",
    "unsupported_grant_type": "Check scheme and token_url in the system's auth",
    "invalid_scope": "Check scope in the system's auth and what the client was granted",
    "invalid_target": "Check audience or resource under extra in the system's auth",
}


class Refusals:
    """Makes the errors of one system's logins. ``secrets`` are the names of those it sends."""

    def __init__(self, vault: Vault, secrets: Sequence[str]) -> None:
        self._vault = vault
        self._secrets = secrets

    def of_answer(
        self, what: str, answer: Answer, code: str | None = None, text: str | None = None
    ) -> SourceError:
        """The error for an answer that gave no token; ``code`` and ``text`` as the vendor wrote."""
        said, more = self.quoted(code), self.quoted(text)
        detail = f"{said} ({more})" if said and more else said or more
        detail = detail or f"{answer.status} {_phrase(answer.status)}".strip()
        kind = _kind(answer.status, code)
        return self.error(f"{what}: {detail}", self._advice(kind, code, answer.status), kind)

    def error(self, what: str, remedy: str, kind: FaultKind) -> SourceError:
        """An error of this system. ``what`` is in our words, what it quotes is redacted."""
        transient = kind == "transient"
        return SourceError(self._vault.system, "", what, remedy, transient=transient, kind=kind)

    def quoted(self, text: str | None) -> str:
        """A text of the vendor's: redacted, on one line, not too long."""
        folded = " ".join(self._vault.redact(text or "").split())
        printable = "".join(c for c in folded if c.isprintable())
        return printable if len(printable) <= _LONGEST else printable[: _LONGEST - 1] + "…"

    def check(self) -> str:
        """Where to look for wrong secrets."""
        if not self._secrets:
            return "Check the system's auth"
        names = ", ".join(self._secrets)
        place = f"systems.{self._vault.system}.connection.secrets"
        return f"Check the variables that {place} names for {names}"

    def _advice(self, kind: FaultKind, code: str | None, status: int) -> str:
        if kind == "transient":
            return "Try again later; the system's login does not work at present"
        if kind == "mapping":
            return "Check the address of the login (token_url, login.path) and the system's address"
        if status == HTTPStatus.FORBIDDEN:
            return f"Have the system's administrator allow API access. {self.check()}"
        return _ADVICE.get(code or "", "{check}").format(check=self.check())


def vendor_text(answer: Answer) -> tuple[str | None, str | None]:
    """Code and text of an error in the answer, in the usual places; None where is none.

    Nothing else of the body is returned, as it could hold a token.
    """
    try:
        body = answer.json
    except NotJsonError:
        return None, None
    if not isinstance(body, dict):
        return None, None
    body = _lower(body)
    error = body.get("error") or body.get("errorcode")
    text = body.get("error_description") or body.get("message") or body.get("errormessage")
    if isinstance(error, dict):
        error = _lower(error)
        inner = error.get("message") or error.get("description")
        return _text(error.get("code") or error.get("name")), _text(inner or text)
    if isinstance(error, list):
        return None, dump(error)
    return _text(error), _text(text)


def shown_address(url: str) -> str:
    """An address for messages: no user, no query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _lower(value: Mapping[str, Json]) -> dict[str, Json]:
    return {str(name).lower(): inner for name, inner in value.items()}


def _text(value: Json) -> str | None:
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) and value else None


def _kind(status: int, code: str | None) -> FaultKind:
    if status in _AGAIN_LATER or status >= 500 or code in ("temporarily_unavailable", "slow_down"):
        return "transient"
    if status in _WRONG_PLACE and code not in _ADVICE:
        return "mapping"
    return "policy"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
