"""Why no answer came, in words, and whether asking again may help.

Belongs here: what goes wrong below HTTP, and redirects that are not followed. Not here: what an
answer says (faults/fault.py), bodies that cannot be taken (body.py).
"""

from __future__ import annotations

import socket
import ssl
from http.client import BadStatusLine, HTTPException, LineTooLong

import requests
from urllib3.exceptions import HTTPError, InvalidHeader

from finsync_dagster.connectors.errors import FaultKind

UNREACHED = (requests.RequestException, HTTPError, HTTPException, OSError, UnicodeError)
"""All that sending may raise: requests lets some of what lies below it through."""
_ADDRESS = "Correct the address of the system (connection in the landscape), or the request"
_MOVED = "Ask whoever runs the source; correct the system's address if it has moved"
_SENDS = "Ask whoever runs the source what it sends; nothing of this answer was used"
_TRUST = (
    "Have whoever runs it correct its certificate; if your company has its own authority, name the "
    "file of its certificates in the variable REQUESTS_CA_BUNDLE"
)
_DEEPEST = 20
_KNOWN = {
    requests.exceptions.ProxyError: "the proxy could not be reached",
    requests.exceptions.ConnectTimeout: "it could not be connected to in time",
    requests.exceptions.Timeout: "it stopped answering",
}


class NotReachedError(Exception):
    """No answer came; the message is part of a sentence. ``again``: another attempt may help."""

    def __init__(self, what: str, remedy: str, kind: FaultKind, *, again: bool) -> None:
        self.remedy = remedy
        self.kind: FaultKind = kind
        self.again = again
        super().__init__(what)


def not_to_be_followed(what: str) -> NotReachedError:
    """The error for a redirect that leads nowhere we may go."""
    return NotReachedError(what, _MOVED, "policy", again=False)


def not_reached(error: Exception, late: str | None) -> NotReachedError:
    """The error for something of ``UNREACHED``; ``late`` says that the time was over.

    The address is left out, which ``requests`` repeats with its query.
    """
    if late is not None:
        return _passing(late)
    inner = _chain(error)
    if isinstance(error, requests.exceptions.SSLError):
        return _not_encrypted(inner)
    if isinstance(error, requests.exceptions.InvalidHeader) and any(
        isinstance(e, InvalidHeader) for e in inner
    ):
        return NotReachedError(
            "the headers of its answer contradict each other", _SENDS, "upstream_data", again=False
        )
    if isinstance(error, UnicodeError | ValueError):
        # requests raises these for what it was given.
        what = f"it cannot be asked so ({type(error).__name__})"
        return NotReachedError(what, _ADDRESS, "mapping", again=False)
    if not isinstance(error, requests.RequestException | HTTPError | HTTPException):
        return _without_authorities()
    return _passing(_reason(error, inner))


def _not_encrypted(inner: list[BaseException]) -> NotReachedError:
    found = next((e for e in inner if isinstance(e, ssl.SSLError)), None)
    reason = str(getattr(found, "reason", None) or "").lower().replace("_", " ")
    if isinstance(found, ssl.SSLCertVerificationError):
        what = f"its certificate cannot be trusted ({found.verify_message})"
        return NotReachedError(what, _TRUST, "policy", again=False)
    if "no certificate" in reason:
        return _without_authorities()
    if found is None or isinstance(found, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _passing("the connection ended before it was encrypted")
    what = f"it does not speak https as it should ({reason or type(found).__name__})"
    return NotReachedError(what, _ADDRESS, "mapping", again=False)


def _without_authorities() -> NotReachedError:
    return NotReachedError(
        "the certificates to be trusted cannot be read",
        "Correct the file that the variable REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE) names",
        "policy",
        again=False,
    )


def _passing(what: str) -> NotReachedError:
    return NotReachedError(what, _SENDS, "transient", again=True)


def _reason(error: Exception, inner: list[BaseException]) -> str:
    known = next((said for kind, said in _KNOWN.items() if isinstance(error, kind)), None)
    if known:
        return known
    cause = inner[-1]
    if isinstance(cause, socket.gaierror):
        return "the name of its host is not known"
    if isinstance(cause, LineTooLong) or "more than" in str(cause):
        return "the headers of its answer are too long"
    if isinstance(cause, BadStatusLine):
        return "what answers there does not speak HTTP"
    detail = cause.strerror if isinstance(cause, OSError) and cause.strerror else ""
    return f"the connection failed ({detail or type(cause).__name__})"


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what lies behind it, the innermost last."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found and len(found) < _DEEPEST:
        found.append(following)
        held = [getattr(following, "reason", None), *following.args]
        inside = next((e for e in held if isinstance(e, BaseException)), None)
        following = inside or following.__cause__ or following.__context__
    return found
