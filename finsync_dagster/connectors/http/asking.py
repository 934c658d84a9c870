"""A declared request as the call that is sent.

Belongs here: filling a request with the values of the moment. Not here: which values there are
(read.py), sending (client.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from finsync_dagster.connectors.http.call import Call
from finsync_dagster.connectors.http.exact_json import Json, dump
from finsync_dagster.connectors.http.model import Request
from finsync_dagster.connectors.http.templates import (
    TemplateError,
    as_text,
    fill,
    fill_path,
    fill_query,
)


def call_of(
    base_url: str, request: Request, values: Mapping[str, Json], headers: Mapping[str, Json]
) -> Call:
    """The request, filled; ``headers`` are those of the whole system, filled too.

    A value within the path is quoted, so that it cannot lead elsewhere.

    Raises:
        TemplateError: a value is missing, would lead to another part of the path, or is no text.
    """
    try:
        return _call_of(base_url, request, values, headers)
    except UnicodeEncodeError:
        raise TemplateError("a value holds a character that no text can hold") from None


def _call_of(
    base_url: str, request: Request, values: Mapping[str, Json], headers: Mapping[str, Json]
) -> Call:
    path = fill_path(request.path, values)
    shown = {**fill_query(headers, values), **fill_query(request.headers, values)}
    call = Call(
        method=request.method,
        url=address(base_url, path),
        headers={name: as_text(value) for name, value in shown.items()},
        query=tuple(_query(fill_query(request.query, values))),
    )
    if request.form is not None:
        body = urlencode({k: as_text(v) for k, v in fill_query(request.form, values).items()})
        return _with_body(call, body, "application/x-www-form-urlencoded")
    if request.body is not None:
        return _with_body(call, dump(fill(request.body, values)), "application/json")
    return call


def address(base_url: str, path: str) -> str:
    """The system's address with a path after its own; its query stays at the end."""
    base = urlsplit(base_url)
    asked = urlsplit(path)
    joined = base.path.rstrip("/") + "/" + asked.path.lstrip("/") if asked.path else base.path
    query = "&".join(part for part in (base.query, asked.query) if part)
    return urlunsplit((base.scheme, base.netloc, joined or "/", query, ""))


def followed(call: Call, url: str) -> Call:
    """The call to a link that the server gave: the same headers, no query of our own."""
    return Call(method="GET", url=url, headers=_without_type(call.headers))


def _without_type(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "content-type"}


def _with_body(call: Call, text: str, kind: str) -> Call:
    typed = any(name.lower() == "content-type" for name in call.headers)
    headers = dict(call.headers) if typed else {**call.headers, "Content-Type": kind}
    return Call(call.method, call.url, headers, call.query, text.encode())


def _query(values: Mapping[str, Json]) -> list[tuple[str, str]]:
    """A list of values repeats its parameter."""
    found = [
        (name, as_text(item))
        for name, value in values.items()
        for item in (value if isinstance(value, list) else [value])
    ]
    urlencode(found)
    return found
