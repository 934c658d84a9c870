"""Who can do something about an error, and what.

Belongs here: kinds by status, by code and by wording, and a remedy for each. Not here: reading an
answer (faults/fault.py).
"""

from __future__ import annotations

import re
from http import HTTPStatus

from finsync_dagster.connectors.errors import FaultKind
from finsync_dagster.connectors.http.faults.said import Said

_TRANSIENT = {408, 423, 425, 429, 500, 502, 503, 504, 509, *range(520, 530)}
_POLICY = {401, 402, 403, 407, 451, 511}
_UPSTREAM = {507, 508}
# Statuses that say too little by themselves: what was said along with them decides.
_VAGUE = {*range(200, 300), 400, 417, 422, 500}

_CODES: dict[str, FaultKind] = {
    **dict.fromkeys(
        (
            *("invalid_client", "invalid_grant", "unauthorized_client", "access_denied"),
            *("invalid_token", "invalid_login", "insufficient_permission", "insufficient_scope"),
            *("accesserror", "accessdenied", "sessionexpiredexception", "authenticationerror"),
            *("permissionerror", "invalidsecurity", "failedauthentication", "unauthorized"),
            *("forbidden", "authenticationexception", "authorizationexception"),
        ),
        "policy",
    ),
    **dict.fromkeys(
        (
            *("temporarily_unavailable", "slow_down", "ratelimitexceedederror", "server_busy"),
            *("too_many_requests", "throttled", "serializationfailure", "lockerror"),
            *("concurrency_limit_exceeded", "sss_request_limit_exceeded", "request_timeout"),
        ),
        "transient",
    ),
    **dict.fromkeys(
        (
            *("invalid_request", "unsupported_grant_type", "invalid_scope", "invalid_parameter"),
            *("invalid_value", "validationerror", "validationexception", "queryvalidationerror"),
        ),
        "mapping",
    ),
}

_WORDINGS: tuple[tuple[re.Pattern[str], FaultKind], ...] = (
    (
        re.compile(
            r"too many requests|rate limit|limit exceeded|throttl|try again|temporar|time[d -]?out"
            r"|requests? (\w+ )?exceeded"
            r"|maintenance|deadlock|currently unavailable|could not (serialize|obtain lock)"
            # What a source passes on when its own database was restarted.
            r"|closed the connection|connection (is |was |has been )?(already )?(closed|lost|reset)"
            r"|server has gone away|database system is (starting up|shutting down)",
            re.IGNORECASE,
        ),
        "transient",
    ),
    (
        re.compile(
            r"access (is )?denied|not (authori[sz]ed|permitted|allowed to)|permission|unauthori[sz]"
            r"|no authori[sz]ation"
            r"|(invalid|expired|bad|wrong) (\w+ )?(login|credential|token|session|password|key)"
            r"|(token|session|credentials?|password) (is |are |has |have )?(invalid|expired|wrong)",
            re.IGNORECASE,
        ),
        "policy",
    ),
    (
        re.compile(
            r"(unknown|invalid|no such|undefined) (\w+ )?(field|column|property|attribute|object"
            r"|entity|table|model|parameter|filter|query)|(field|column|property|attribute|object"
            r"|entity|table|model)\b.{0,60} (does not exist|not found|is invalid|is unknown)"
            r"|could not find a property|syntax error",
            re.IGNORECASE,
        ),
        "mapping",
    ),
)

# Said with 403, which by itself is for somebody to grant.
_TOO_MUCH = re.compile(
    r"too many requests|throttl|over (the )?rate|quota"
    r"|(rate|request|call|concurren\w+)( \w+)? limit|limit exceeded",
    re.IGNORECASE,
)

_REQUEST = "Correct the object's request in its system.yaml: its query, fields and filters"
_LATER = "Try again later; if it lasts, tell whoever runs the source"
_LESS = "Ask for less at once (rows_per_page), or try again later"
_BY_STATUS = {
    401: "Check user, password, token or key in the variables that connection.secrets names",
    402: "Ask whoever holds the contract with the vendor: something has not been paid for",
    403: "Have the source's administrator give our user permission to read this object",
    404: "Correct the object's request.path in its system.yaml, or the system's address in the "
    "landscape: there is nothing at this address",
    405: "Correct the object's request.method in its system.yaml",
    406: "Correct the header Accept of the object's request in its system.yaml",
    407: "Check the proxy that the variable HTTPS_PROXY names, and its login",
    408: _LESS,
    410: "Look up in the vendor's documents what has replaced this address, and name it in "
    "request.path",
    413: "Ask for less at once: lower rows_per_page of the object",
    414: "Shorten the object's query in its system.yaml: name fewer fields, or send it as a POST",
    415: "Correct the header Content-Type of the object's request in its system.yaml",
    423: "Try again when the record is no longer locked in the source",
    429: "Lower limits.per_minute or limits.concurrent in its system.yaml; others may be using up "
    "the same quota",
    451: "Ask whoever runs the source: the law forbids it to answer",
    501: "Correct request.method or request.path in its system.yaml: the source cannot do this",
    504: _LESS,
    509: "Lower limits.per_hour or limits.per_day in its system.yaml, or have the quota raised",
    511: "Log in to the network that this machine is in; the source was not reached",
}
_BY_KIND: dict[FaultKind, str] = {
    "transient": _LATER,
    "mapping": _REQUEST,
    "policy": "Check the login that connection.secrets names and what it may read in the source",
    "upstream_data": "Ask whoever runs the source what this means; if it is known, give its code a "
    "kind under errors.kinds in its system.yaml",
}


def kind_of(status: int, said: Said) -> FaultKind:
    """Who can do something about an error with this status, code and sentence."""
    if status in _VAGUE and (kind := _kind_said(status, said)):
        return kind
    if status in _TRANSIENT or (status == HTTPStatus.FORBIDDEN and _too_much(said)):
        return "transient"
    if status in _POLICY:
        return "policy"
    if status < 300 or status in _UPSTREAM:
        return "upstream_data"
    return "mapping" if status < 500 or status in (501, 505, 506, 510) else "upstream_data"


def remedy_for(status: int, kind: FaultKind) -> str:
    """What to do, for whoever looks after the data."""
    natural = kind_of(status, Said())
    return _BY_STATUS[status] if status in _BY_STATUS and natural == kind else _BY_KIND[kind]


def status_name(status: int) -> str:
    """``404 Not Found``; the number alone if nobody has named it."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _too_much(said: Said) -> bool:
    return _CODES.get((said.code or "").lower()) == "transient" or bool(_TOO_MUCH.search(said.text))


def _kind_said(status: int, said: Said) -> FaultKind | None:
    # Some send nothing but the code.
    code = re.split(r"[.:/]", said.code or said.text)[-1].strip().lower()
    if code in _CODES:
        return _CODES[code]
    # A breakdown may quote anything; what is said with it does not make it final.
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    return next((kind for words, kind in _WORDINGS if words.search(said.text)), None)
