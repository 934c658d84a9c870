"""The secrets of one system while it is read: filling templates with them, and hiding them.

Belongs here: every place where a secret becomes part of a request, and the texts by which it could
be recognised in a message. Not here: where secrets come from (the landscape names variables).
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.auth.words import SECRET
from finsync_dagster.connectors.http.exact_json import Json
from finsync_dagster.connectors.http.templates import (
    TemplateError,
    as_text,
    fill,
    fill_text,
    places,
)

_HIDDEN = "***"
_BYTES = "surrogateescape"
"""How Python's environment holds bytes that are no text."""
_KEY_LINE = 16
"""Characters from which on a line of a key is worth hiding by itself."""


class NotPickled:
    """What must not be written down, as it holds secrets: each process makes its own."""

    def __reduce__(self) -> NoReturn:
        raise TypeError("it holds secrets, which are never pickled; each process makes its own")


class Vault(NotPickled):
    """Secrets given and obtained. It tells none when it is printed, and is not pickled."""

    def __init__(self, system: str, given: Mapping[str, str]) -> None:
        self.system = system
        self._values = {f"{SECRET}{name}": value for name, value in given.items()}
        self._lock = Lock()
        self._known: frozenset[str] = frozenset()
        self.learn(*given.values())

    def __repr__(self) -> str:
        return f"<secrets of {self.system}>"

    def require(self, template: Json) -> None:
        """See that every secret of the template is there.

        Raises:
            SourceError: the landscape does not give it, or it is empty.
        """
        for name in places(template):
            if not name.startswith(SECRET) or self._values.get(name):
                continue
            short = name.removeprefix(SECRET)
            what = "is empty" if name in self._values else "is not given by the landscape"
            raise SourceError(
                self.system,
                "",
                f"its auth needs the secret {short}, which {what}",
                f"Name a variable that holds it: systems.{self.system}.connection.secrets: "
                f"{{{short}: env:VARIABLE}}",
                kind="policy",
            )

    def fill(self, template: Json, more: Mapping[str, Json] | None = None) -> Json:
        """The template, filled with secrets and ``more``.

        Raises:
            SourceError: a value cannot be filled in; it is not told, as it may be a secret.
        """
        self.require(template)
        # Raised outside of the handler: the error behind it shows the value.
        with suppress(TemplateError):
            return fill(template, {**self._values, **(more or {})})
        raise SourceError(
            self.system,
            "",
            f"its auth cannot fill {', '.join(f'${{{name}}}' for name in places(template))}",
            "Check the filters behind | and what the value looks like; it is not shown here",
            kind="mapping",
        )

    def text(self, template: str, more: Mapping[str, Json] | None = None) -> str:
        """The template filled, as text. Raises as ``fill`` does."""
        return as_text(self.fill(template, more))

    def address(self, template: str) -> str:
        """The template of an address; what is filled in stays within its part of the path."""
        self.require(template)
        quoted = {
            name: quote(value, safe="", errors=_BYTES) for name, value in self._values.items()
        }
        return fill_text(template, quoted)

    def header(self, value: str, name: str, template: Json) -> str:
        """A value that may stand in a header. ``template`` tells the secrets it is made of.

        Raises:
            SourceError: it holds a line break or a letter that no header can hold.
        """
        if value.isascii() and value.isprintable() and value == value.strip():
            return value
        made_of = ", ".join(p.removeprefix(SECRET) for p in places(template)) or "its values"
        raise SourceError(
            self.system,
            "",
            f"the header {name}, made of {made_of}, would hold a line break, a blank at its end or "
            "a letter beyond ASCII",
            "Check the variables; often a line break at the end came along from a file",
            kind="policy",
        )

    def learn(self, *texts: str) -> None:
        """Remember secret texts in every spelling by which they could come back in a message."""
        with self._lock:
            self._known = self._known.union(*(_spellings(text) for text in texts if text))

    def known(self) -> frozenset[str]:
        """Every secret text so far."""
        return self._known

    def redact(self, text: str) -> str:
        """The text with every known secret replaced."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        return text


def secret_names(template: Any) -> list[str]:
    """Names of the secrets that the templates of a tree use, in order."""
    return [
        name.removeprefix(SECRET)
        for name in dict.fromkeys(places(template))
        if name.startswith(SECRET)
    ]


def basic(user: str, password: str) -> str:
    """What follows ``Basic`` in a header."""
    return base64.b64encode(f"{user}:{password}".encode(errors=_BYTES)).decode()


def _spellings(text: str) -> Iterable[str]:
    raw = text.encode(errors=_BYTES)
    found = {
        text,
        text.strip(),
        " ".join(text.split()),
        quote(text, safe="", errors=_BYTES),
        quote(text, errors=_BYTES),
        quote_plus(text, errors=_BYTES),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        html.escape(text),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }
    lines = text.replace("\\n", "\n").splitlines()
    if len(lines) > 1:
        found |= {line for line in lines if len(line) >= _KEY_LINE and "-----" not in line}
    return found - {""}
