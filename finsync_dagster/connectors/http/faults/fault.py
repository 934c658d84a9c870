"""Is an answer an error, and what does it say, in one sentence?

Belongs here: the judgement on an answer. Not here: the forms that errors have (faults/in_json.py,
faults/in_markup.py, faults/model.py), what they mean (faults/kinds.py), trying again
(limits/retrying.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from finsync_dagster.connectors.errors import FaultKind
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, NotJsonError, Number, dump
from finsync_dagster.connectors.http.faults.in_json import (
    said_in_json,
    tells_error,
    tells_error_in_xml,
)
from finsync_dagster.connectors.http.faults.in_markup import (
    asks_to_log_in,
    is_page,
    said_in_page,
    said_in_xml,
    shown_in_xml,
)
from finsync_dagster.connectors.http.faults.kinds import kind_of, remedy_for, status_name
from finsync_dagster.connectors.http.faults.model import Errors, Sign
from finsync_dagster.connectors.http.faults.said import Said, clean, joined
from finsync_dagster.connectors.http.paths import pick
from finsync_dagster.connectors.http.xml_answers.reading import UnknownShapeError

# They have no body, and need none.
_BODILESS = {204, 205, 304}
_LOGIN = re.compile(r"log-?in|sign-?in|log-?on|saml|sso\b|oauth|authorize", re.IGNORECASE)
_ADDRESS = (
    "Check the system's address in the landscape: something else than the API seems to answer there"
)
_LOGIN_REMEDY = (
    "Check the login that connection.secrets names, and the system's address: it was not accepted, "
    "or this address is for people"
)
_SHAPE = (
    "Write xml: plain in its system.yaml if records come so, or ask for JSON by the header Accept; "
    "otherwise check the system's address in the landscape"
)
_BROKEN_REMEDY = "Ask whoever runs the source what it sends; nothing of this answer was used"


@dataclass(frozen=True)
class Fault:
    """An error that a source reported. ``manner`` tells, as a part of a sentence, how."""

    kind: FaultKind
    status: int
    code: str | None
    text: str
    remedy: str
    manner: str = ""

    @property
    def sentence(self) -> str:
        """``it answered 404 Not Found: no such view (code VIEW_UNKNOWN)``."""
        name = status_name(self.status)
        # Some give the status' own name as title, before what they have to say.
        text = self.text.removeprefix(f"{name.partition(' ')[2]}: ")
        said = f": {text}" if text else ""
        code = f" (code {self.code})" if self.code and self.code not in text else ""
        return f"it answered {name}{self.manner}{said}{code}"


def fault(answer: Answer, words: Errors | None = None) -> Fault | None:
    """What is wrong with an answer that should be JSON or XML; None if nothing is.

    Whoever declares ``found_at`` or ``when`` tells by that which answers of status 2xx are errors;
    otherwise those are that are known to be. Text and code are cleaned, but may hold a secret that
    the source sent back: whoever shows them redacts them.
    """
    words = words or Errors()
    if answer.status in _BODILESS:
        return None
    if 200 <= answer.status < 300:
        return _in_success(answer, words)
    if 300 <= answer.status < 400:
        return _redirect(answer)
    return _fault(answer.status, _said(answer, words), words)


def _in_success(answer: Answer, words: Errors) -> Fault | None:
    try:
        body = answer.json
    except NotJsonError as error:
        return _no_json(answer, words, error)
    if any(_shows(body, sign) for sign in words.unless) or not _is_error(answer, words):
        return None
    return _fault(answer.status, _said(answer, words), words, ", but with an error")


def _is_error(answer: Answer, words: Errors) -> bool:
    body = answer.json
    if words.found_at or words.when:
        return any(_is_there(pick(body, path)) for path in words.found_at) or any(
            _shows(body, sign) for sign in words.when
        )
    return tells_error(body) or (answer.is_xml and tells_error_in_xml(body))


def _no_json(answer: Answer, words: Errors, error: NotJsonError) -> Fault:
    """An answer of status 2xx that cannot be used."""
    text, status = answer.text.strip(), answer.status
    if not text:
        # A gateway that lost what it was to pass on sends this.
        return Fault("transient", status, None, "", _BROKEN_REMEDY, " with an empty body")
    if is_page(text):
        said, manner = said_in_page(text), ", but with a web page"
        if asks_to_log_in(text):
            return Fault("policy", status, None, clean(said.text), _LOGIN_REMEDY, manner)
        title = clean(said.text)
        passing = kind_of(status, Said(text=title)) == "transient"
        remedy = remedy_for(status, "transient") if passing else _ADDRESS
        kind: FaultKind = "transient" if passing else "upstream_data"
        return Fault(kind, status, None, title, remedy, manner)
    if text.startswith("<"):
        found = said_in_xml(text)
        if found is not None:
            return _fault(status, found, words, ", but with an error")
        if isinstance(error, UnknownShapeError):
            manner = ", but with XML whose shape is not told"
            return Fault("mapping", status, None, clean(str(error)), _SHAPE, manner)
    manner = f", but with broken {error.what}"
    return Fault("upstream_data", status, None, clean(str(error)), _BROKEN_REMEDY, manner)


def _redirect(answer: Answer) -> Fault:
    target = clean(answer.headers.get("Location", "")).partition("?")[0]
    manner = f", which leads to {target}" if target else ""
    if _LOGIN.search(target):
        return Fault("policy", answer.status, None, "", _LOGIN_REMEDY, manner)
    return Fault("mapping", answer.status, None, "", _ADDRESS, manner)


def _fault(status: int, said: Said, words: Errors, manner: str = "") -> Fault:
    code, text = clean(said.code or "") or None, clean(said.text)
    kind = words.kinds.get(code or text)
    kind = kind or words.statuses.get(status)
    if kind is None:
        kind = kind_of(status, Said(code, text))
    return Fault(kind, status, code, text, remedy_for(status, kind), manner)


def _said(answer: Answer, words: Errors) -> Said:
    text = answer.text.strip()
    try:
        body = answer.json
    except NotJsonError:
        return _said_otherwise(text)
    # In XML the names are the same, and their order tells more.
    known = (said_in_xml(text) if answer.is_xml else None) or said_in_json(body)
    code = next((c for path in words.code if (c := _as_text(pick(body, path)))), known.code)
    own = joined(_as_text(pick(body, path)) for path in words.text)
    return Said(code, own or known.text)


def _said_otherwise(text: str) -> Said:
    if is_page(text):
        return said_in_page(text)
    found = (said_in_xml(text) or shown_in_xml(text)) if text.startswith("<") else None
    return found or Said(text=text)


def _is_there(value: Json) -> bool:
    if isinstance(value, Number):
        return bool(value.strip("-0."))
    return bool(value.strip() if isinstance(value, str) else value)


def _shows(body: Json, sign: Sign) -> bool:
    missing = object()
    value = pick(body, sign.path, missing)
    shown = "null" if value is None else "" if value is missing else _as_text(value)
    return value is not missing and shown.strip().lower() in {text.lower() for text in sign.is_}


def _as_text(value: Json) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else dump(value)
