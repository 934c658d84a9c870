"""Errors in JSON, in the ways that many systems have of telling them.

Belongs here: finding code and sentence without being told where. Not here: a system's own way
(faults/model.py), what an error means (faults/kinds.py).

Known are OData 2 and 4, problem details (RFC 9457, Oracle, NetSuite, Xero), OAuth, JSON-RPC (Odoo,
Tryton), QuickBooks, Concur, Coupa, ERPNext, Sage Intacct, gateways, and whatever resembles them:
the names are the same few everywhere, only nested in each other in other ways. Case is ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from finsync_dagster.connectors.http.exact_json import Json, NotJsonError, Number, parse
from finsync_dagster.connectors.http.faults.said import LONGEST, Said, joined

_CODES = ("code", "errorcode", "error_code", "o:errorcode", "exc_type", "faultcode", "@code")
_NAMES = ("type", "name", "errornumber", "errorid")
_SENTENCES = (
    *("message", "msg", "errormessage", "error_message", "error_description", "faultstring"),
    *("value", "title", "detail", "description", "reason", "text"),
)
_INSIDE = (
    *("error", "errors", "fault", "o:errordetails", "details", "detail", "message"),
    *("elements", "validationerrors", "innererror", "internalexception", "errordetails"),
    *("errordetail", "ia::result", "ia::error"),
)
_DEEPEST = 7
_MOST = 4
# Names of the root of an error in XML.
_ALONE = {"error", "errors", "fault", "exception", "response-error", "response_error"}
# What may stand beside an error in an answer that holds nothing else.
_BESIDE = {
    *("error", "errors", "error_description", "error_uri", "message", "status", "code", "path"),
    *("timestamp", "id", "jsonrpc", "result", "data", "extensions", "success", "requestid"),
}


def said_in_json(value: Json) -> Said:
    """Code and sentence of what is known to be an error."""
    return _said(value, 0)


def tells_error(value: Json) -> bool:
    """Is this, received with status 200, an error beyond doubt?"""
    if not isinstance(value, dict):
        return False
    body = _lower(value)
    if "exc_type" in body or "o:errordetails" in body:
        return True
    result = body.get("ia::result")
    if isinstance(result, dict) and "ia::error" in _lower(result):
        return True
    fault = body.get("fault")
    if isinstance(fault, dict) and {"error", "faultstring"} & set(_lower(fault)):
        return True
    return _is_error(body.get("error"), body) or _are_errors(body.get("errors"), body)


def tells_error_in_xml(value: Json) -> bool:
    """Is this, made of XML, an error that JSON would not tell so? SOAP, and an exception alone."""
    if not isinstance(value, dict):
        return False
    body = _lower(value)
    within = body.get("body")
    alone = len(body) == 1 and set(body) <= _ALONE
    return alone or (isinstance(within, dict) and "fault" in _lower(within))


def _is_error(error: Json, body: Mapping[str, Json]) -> bool:
    if isinstance(error, dict):
        return bool({*_CODES, *_SENTENCES} & set(_lower(error)))
    if isinstance(error, list):
        return bool(error) and isinstance(error[0], str)
    return isinstance(error, str) and bool(error.strip()) and _nothing_else(body)


def _are_errors(errors: Json, body: Mapping[str, Json]) -> bool:
    return isinstance(errors, list | dict) and bool(errors) and _nothing_else(body)


def _nothing_else(body: Mapping[str, Json]) -> bool:
    return set(body) <= _BESIDE


def _said(value: Json, depth: int) -> Said:
    if depth > _DEEPEST:
        return Said()
    if isinstance(value, dict):
        return _of_object(_lower(value), depth)
    if isinstance(value, list):
        return _of_list(value, depth)
    return Said(text=value) if isinstance(value, str) and not isinstance(value, Number) else Said()


def _of_list(values: list[Json], depth: int) -> Said:
    # Tryton: the name of an exception, and a list of what it was given.
    if len(values) == 2 and isinstance(values[0], str) and isinstance(values[1], list):
        return Said(values[0], _of_list(values[1], depth + 1).text)
    inner = [_said(value, depth + 1) for value in values[:_MOST]]
    texts = [said.text for said in inner if not said.text.startswith("Traceback")]
    return Said(next((said.code for said in inner if said.code), None), joined(texts, "; "))


def _of_object(body: dict[str, Json], depth: int) -> Said:
    inner = [said for said in _inside(body, depth) if said]
    code = _first_code(body, _CODES) or next((said.code for said in inner if said.code), None)
    texts = list(_own_texts(body))
    for said in inner:
        texts.append(_news(said.text, texts))
    error = body.get("error")
    if code is None and isinstance(error, str) and " " not in error.strip() and len(texts) > 1:
        # OAuth and its relatives: a word in error, a sentence beside it.
        code = error.strip() or None
        texts = [text for text in texts if text != error]
    code = code or _first_code(body, _NAMES) or _number(body)
    return Said(code, joined(texts) or joined(_exception(body)))


def _news(text: str, known: Sequence[str]) -> str:
    """Of several sentences those that are not known; SAP gives the first one again in a list."""
    parts = text.split("; ")
    return "; ".join(part for part in parts if not any(part in other for other in known))


def _own_texts(body: Mapping[str, Json]) -> Iterator[str]:
    for name in _SENTENCES:
        value = body.get(name)
        if isinstance(value, str) and not isinstance(value, Number) and value.strip():
            yield value


def _inside(body: Mapping[str, Json], depth: int) -> Iterator[Said]:
    for name in _INSIDE:
        value = body.get(name)
        if isinstance(value, dict) and name == "errors" and not _names_of_errors(value):
            yield Said(text=joined(_by_field(value, depth), "; "))
        elif isinstance(value, dict | list) or name == "error":
            yield _said(value, depth + 1)
    data = body.get("data")
    if isinstance(data, dict) and "message" in body:
        yield _said({name: data[name] for name in ("name", "message") if name in data}, depth + 1)
    yield from _server_messages(body.get("_server_messages"))


def _names_of_errors(value: Mapping[str, Json]) -> bool:
    return bool({*_CODES, *_SENTENCES, *_INSIDE} & set(_lower(value)))


def _by_field(value: Mapping[str, Json], depth: int) -> Iterator[str]:
    """Coupa and others: each field with what is wrong with it."""
    for name, wrong in list(value.items())[:_MOST]:
        text = _said(wrong, depth + 1).text
        if text:
            yield f"{name} {text}"


def _server_messages(value: Json) -> Iterator[Said]:
    """ERPNext: a JSON list as text, whose items are JSON objects as text."""
    if not isinstance(value, str):
        return
    try:
        items = parse(value)
        for item in items[:_MOST] if isinstance(items, list) else []:
            yield _said(parse(item) if isinstance(item, str) else item, 1)
    except NotJsonError:
        yield Said(text=value[:LONGEST])


def _exception(body: Mapping[str, Json]) -> Iterator[str]:
    """The last line of a stack trace, if nothing else says anything."""
    for name in ("exception", "exc"):
        value = body.get(name)
        if isinstance(value, str) and value.strip():
            yield value.strip().splitlines()[-1]


def _first_code(body: Mapping[str, Json], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = body.get(name)
        if isinstance(value, dict):
            value = _lower(value).get("value")
        if not isinstance(value, str) or isinstance(value, Number):
            continue
        # A type may be an address that explains it, a name may be anybody's.
        if (
            value.strip()
            and " " not in value.strip()
            and "://" not in value
            and value[:6] != "about:"
        ):
            return value.strip()
    return None


def _number(body: Mapping[str, Json]) -> str | None:
    return next((str(body[n]) for n in (*_CODES, *_NAMES) if isinstance(body.get(n), Number)), None)


def _lower(value: Mapping[str, Json]) -> dict[str, Json]:
    return {str(name).lower(): inner for name, inner in value.items()}
