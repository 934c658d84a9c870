"""Texts within ``auth`` in YAML: templates, and which of them may not be written in clear text.

Belongs here: the types of such texts and why one is refused. Not here: the schemes (auth/model.py),
filling (auth/vault.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from finsync_dagster.connectors.http.exact_json import Json
from finsync_dagster.connectors.http.origin import is_loopback
from finsync_dagster.connectors.http.templates import places, problem
from finsync_dagster.connectors.object_model import Strict

SECRET = "secret."  # noqa: S105 (what the names of places begin with)
_HOW = (
    "write it as ${secret.<name>}, and name the environment variable that holds it in the "
    "landscape: systems.<system>.connection.secrets: {<name>: env:VARIABLE}"
)
_ONLY_PLACES = re.compile(r"(\$\{[^{}]*\})+")
_PARTS = re.compile(r"(?P<host>[A-Za-z][A-Za-z0-9+.-]*:[/]*[^/?#]*)?[^?#]*(?P<query>\?[^#]*)?")
# X-CSRF-Token is asked for with a word that is no secret.
_SOUNDS_SECRET = re.compile(
    r"(?!.*csrf)(.*(pass(word|wd|phrase)?|token)$|.*(pwd|secret|api[_-]?key|private_?key)"
    r"|authorization$|cookie$)",
    re.IGNORECASE,
)


class Words(Strict):
    """Base of all words here. Our messages never repeat what was written: it may be a secret."""

    model_config = ConfigDict(hide_input_in_errors=True)


def unknown_places(template: Json, known: Iterable[str] = ()) -> str | None:
    """Why a place of the template is none of ``known`` and no secret either."""
    names = set(known)
    for name in places(template):
        if name not in names and not name.startswith(SECRET):
            there = ", ".join(f"${{{n}}}" for n in ["secret.<name>", *sorted(names)])
            return f"${{{name}}} has no value here; there are {there}"
    return None


def clear_secret(template: Json) -> str | None:
    """Which key of a tree sounds like a secret but holds clear text; the text is not told."""
    if isinstance(template, dict):
        for key, value in template.items():
            written = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
            if written and _SOUNDS_SECRET.match(str(key)) and not list(places(value)):
                return f"{key}: a secret must not stand here in clear text; {_HOW}"
    inner = template.values() if isinstance(template, dict) else template
    if not isinstance(template, dict | list | tuple):
        return None
    return next((said for value in inner if (said := clear_secret(value))), None)


def checked(template: Any) -> Any:
    """The tree of templates, every place of which can be filled with a secret."""
    said = problem(template) or unknown_places(template) or clear_secret(template)
    if said:
        raise ValueError(said)
    return template


def _with_secret(value: Any) -> Any:
    # Before anything else is checked, so that no other error shows what was written.
    if not isinstance(value, str) or not any(p.startswith(SECRET) for p in places(value)):
        raise ValueError(f"a secret must not stand here in clear text; {_HOW}")
    return value


def _only_secret(value: Any) -> Any:
    if not _ONLY_PLACES.fullmatch(_with_secret(value)):
        raise ValueError(f"part of a secret must not stand here in clear text; {_HOW}")
    return value


def _address_problem(url: str) -> str | None:
    """Why a secret may not be sent to the address; it is absolute."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        return "an address here must not hold a user or a password"
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not safe or not parts.hostname:
        return "must begin with https:// (http:// only to this machine)"
    return None


def _address(url: str) -> str:
    parts = _PARTS.fullmatch(url)
    if parts is None or "\\" in url or url.startswith("//"):
        raise ValueError("write https://host/path, or /path below the system's own address")
    if "${" in (parts["host"] or "") or "${" in (parts["query"] or ""):
        raise ValueError("${...} may stand in the path only, not in the host nor behind the ?")
    said = _address_problem(url) if parts["host"] else None
    if said:
        raise ValueError(said)
    return url


Text = Annotated[str, Field(min_length=1), AfterValidator(checked)]
"""A template of secrets; clear text is fine."""
Secret = Annotated[Text, BeforeValidator(_only_secret)]
"""Nothing but ``${secret.<name>}``."""
HeldSecret = Annotated[Text, BeforeValidator(_with_secret)]
"""A text with at least one ``${secret.<name>}`` in it."""
Address = Annotated[Text, AfterValidator(_address)]
"""``https://host/path``, or ``/path`` below the system's own address. ``${secret.tenant}`` may
stand in the path for what differs between companies, never a password: addresses go into logs."""
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
