"""Sessions: a login request of the system's own, and headers made of what it gave.

Belongs here: logging in and out, and when a session is over. Not here: the words (auth/model.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.base import Ask, Held, Login, Now
from finsync_dagster.connectors.http.auth.expiry import says_expired
from finsync_dagster.connectors.http.auth.model import (
    FromCookie,
    FromHeader,
    PlainRequest,
    SessionAuth,
)
from finsync_dagster.connectors.http.auth.refusal import Refusals, shown_address, vendor_text
from finsync_dagster.connectors.http.auth.vault import Vault, secret_names
from finsync_dagster.connectors.http.call import Call
from finsync_dagster.connectors.http.exact_json import Json, NotJsonError, dump
from finsync_dagster.connectors.http.paths import Path, pick, shown
from finsync_dagster.connectors.http.templates import as_text

_WORTH_HIDING = 8
"""Characters from which on a taken value counts as secret. Shorter ones are user numbers and such,
which would black out half of every message and record."""


class Session(Login):
    """A session of the system's own kind. ``base_url`` is the system's address."""

    def __init__(self, vault: Vault, spec: SessionAuth, base_url: str, ask: Ask, now: Now) -> None:
        super().__init__(vault, ask, now)
        self._spec = spec
        self._base_url = base_url
        self._refusals = Refusals(vault, secret_names(spec.login.templates))
        self._what = f"logging in at {shown_address(below(base_url, spec.login.path))}"

    def expired(self, answer: Answer) -> bool:
        """Whether the answer says that the session is over, as ``expired`` in YAML tells."""
        return says_expired(answer, self._spec.expired)

    def close(self) -> None:
        """Log out, if there is a logout and a session."""
        with self._turn:
            held, self._held = self._held, None
        if held is not None and self._spec.logout is not None:
            call = self._call(self._spec.logout, held.values).with_headers(held.headers)
            with suppress(SourceError):
                self._ask(call)

    def _obtain(self) -> Held:
        answer = self._ask(self._call(self._spec.login, {}))
        if answer.status >= 300:
            raise self._refusals.of_answer(self._what, answer, *vendor_text(answer))
        taken = {name: self._taken(answer, where) for name, where in self._spec.take.items()}
        self._learn(*(as_text(taken[name]) for name in self._spec.hidden))
        made = {name: self._vault.text(t, taken) for name, t in self._spec.values.items()}
        self._learn(*made.values())
        headers = {
            name: self._vault.header(self._vault.text(template, {**taken, **made}), name, template)
            for name, template in self._spec.headers.items()
        }
        for value in headers.values():
            # The first of several words is the scheme's name.
            self._learn(value, *value.split()[1:])
        return Held(headers, taken)

    def _call(self, words: PlainRequest, values: Mapping[str, Json]) -> Call:
        headers = {"Accept": "application/json"}
        body: bytes | None = None
        if words.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            filled = {name: self._vault.text(t, values) for name, t in words.form.items()}
            body = urlencode(filled).encode()
        elif isinstance(words.body, str):
            body = self._vault.text(words.body, values).encode()
        elif words.body is not None:
            headers["Content-Type"] = "application/json"
            body = dump(self._vault.fill(words.body, values)).encode()
        own = {
            name: self._vault.header(self._vault.text(t, values), name, t)
            for name, t in words.headers.items()
        }
        self._learn(*own.values())
        url = below(self._base_url, words.path)
        return Call(words.method, url, headers, body=body).with_headers(own)

    def _taken(self, answer: Answer, where: FromHeader | FromCookie | Path) -> Json:
        if isinstance(where, FromHeader):
            value, place = answer.headers.get(where.header), f"in header {where.header}"
        elif isinstance(where, FromCookie):
            value, place = _cookie(answer, where.cookie), f"as cookie {where.cookie}"
        else:
            value, place = self._picked(answer, where), f"at {shown(where)}"
        if value is None or value is False or value in ("", [], {}):
            code, text = vendor_text(answer)
            said = ": ".join(part for part in (code, text) if part)
            raise self._refusals.error(
                f"{self._what}: {self._refusals.quoted(said) or 'the answer holds nothing'}"
                f" ({place} is nothing)",
                f"{self._refusals.check()}, or correct take in the system's auth",
                "policy",
            )
        return value

    def _picked(self, answer: Answer, path: Path) -> Json:
        what = why = ""
        try:
            return pick(answer.json, path)
        except NotJsonError as error:
            what, why = error.what, str(error)
        raise self._refusals.error(
            f"{self._what}: the answer, {answer.status}, is no {what} ({why})",
            "Check the system's address and login.path: this may be the address of a login page",
            "upstream_data",
        )

    def _learn(self, *texts: str) -> None:
        self._vault.learn(*(text for text in texts if len(text) >= _WORTH_HIDING))


def below(base_url: str, path: str) -> str:
    """A path below the system's address."""
    return f"{base_url.rstrip('/')}/{path.lstrip('/')}"


def _cookie(answer: Answer, name: str) -> str | None:
    # Several Set-Cookie headers arrive joined with commas.
    found = re.search(
        rf'(?:^|[,;]\s*){re.escape(name)}="?([^;,\s"]*)', answer.headers.get("Set-Cookie", "")
    )
    return found[1] if found else None
