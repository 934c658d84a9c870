"""Keeping secrets out of whatever is written.

Belongs here: replacing them. Not here: which there are (auth/authenticators.py).
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, quote_plus

_INSTEAD = "***"
# Something shorter would be found in the midst of other words.
_SHORTEST_IN_MESSAGES = 4
_SHORTEST_IN_DATA = 8
# Who asks, and for whom, not what proves it: such values stand in records, too (created_by).
_NO_SECRETS = {
    *("user", "username", "login", "email", "client_id", "account", "realm", "issuer"),
    *("company", "tenant", "database", "organization", "organisation", "subsidiary", "domain"),
}
# How Python's environment holds bytes that are no text.
_BYTES = "surrogateescape"


class Redactor:
    """Replaces secrets, given and obtained, in every spelling in which they may come back.

    ``given``: name → value, as the landscape names them; a user's name is none. ``more`` tells
    those that were obtained since, such as tokens.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._open = {v for n, v in given.items() if n in _NO_SECRETS}
        hidden = [v for n, v in given.items() if v and n not in _NO_SECRETS]
        self._spellings = {spelling for s in hidden for spelling in _spelled(s)}
        self.more: Callable[[], Iterable[str]] = lambda: ()

    def in_message(self, text: str) -> str:
        """A text of ours, or one that quotes the server, without any of them."""
        return self._hidden(text, _SHORTEST_IN_MESSAGES)

    def in_answer(self, text: str) -> str:
        """What a server sent, without any secret that it may have sent back."""
        return self._hidden(text, _SHORTEST_IN_DATA)

    def _hidden(self, text: str, shortest: int) -> str:
        known = (self._spellings | set(self.more())) - self._open
        for secret in sorted((s for s in known if len(s) >= shortest), key=len, reverse=True):
            if secret in text:
                text = text.replace(secret, _INSTEAD)
        return text


def _spelled(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe="", errors=_BYTES),
        quote_plus(secret, errors=_BYTES),
        html.escape(secret),
        html.escape(secret, quote=False),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(secret.encode(errors=_BYTES)).decode(),
    }
