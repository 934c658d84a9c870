"""What goes over the line for an answer: the answer, or what a fault of the line makes of it.

Belongs here: each fault of the line as bytes, a length and an end. Not here: sockets (server.py),
when a fault strikes (faults.py), faults that a vendor applies itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol, runtime_checkable

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import Fault
from finsync_dagster.sandbox.vendors.wire import Answer, Request, Vendor

_HTML = ("Content-Type", "text/html; charset=utf-8")
_LOGIN_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><title>Sign in</title></head><body>
<h1>Sign in</h1><form method="post"><input name="user"><input name="password" type="password">
<button>Sign in</button></form></body></html>
"""


@runtime_checkable
class Refusing(Protocol):
    """A vendor that words errors which are not its own doing: 429, 500, 502, 503, 504."""

    def refusal(self, request: Request, status: int) -> Answer:
        """The answer with which the vendor tells of this status."""
        ...


@dataclass(frozen=True)
class Sent:
    """What is sent: an answer's head, ``body`` of it, and whether the connection ends then.

    ``length`` is what the head says the body has; ``delay`` the seconds before anything is sent.
    """

    answer: Answer
    body: bytes
    length: int
    ends: bool = False
    delay: float = 0

    @classmethod
    def whole(cls, answer: Answer, delay: float = 0) -> Sent:
        """The answer as it is."""
        return cls(answer, answer.body, len(answer.body), delay=delay)


def sent_for(request: Request, system: str, vendor: Vendor, faults: Faults) -> Sent:
    """What goes back for a request to a system."""
    slow = faults.strikes("slow", request, system)
    delay = float(slow.seconds) if slow else 0.0
    for kind in ("throttled", "server_error"):
        if fault := faults.strikes(kind, request, system):
            return Sent.whole(_refusal(vendor, request, fault), delay)
    if faults.strikes("html_page", request, system):
        return Sent.whole(Answer(200, _LOGIN_PAGE, (_HTML,)), delay)
    return _broken(vendor.answer(request), request, system, faults, delay)


def _broken(answer: Answer, request: Request, system: str, faults: Faults, delay: float) -> Sent:
    """A good answer that does not arrive as it was given; any other arrives."""
    if answer.status != HTTPStatus.OK or not answer.body:
        return Sent.whole(answer, delay)
    if cut := faults.strikes("cut", request, system):
        return Sent(answer, _cut(answer.body, cut), len(answer.body), ends=True, delay=delay)
    if wrong := faults.strikes("wrong_length", request, system):
        length = max(0, len(answer.body) + (9 if wrong.says == "more" else -9))
        return Sent(answer, answer.body, length, ends=True, delay=delay)
    if faults.strikes("bad_json", request, system):
        half = _at_a_character(answer.body, len(answer.body) // 2)
        return Sent(answer, answer.body[:half], half, delay=delay)
    return Sent.whole(answer, delay)


def _refusal(vendor: Vendor, request: Request, fault: Fault) -> Answer:
    status = fault.status or (429 if fault.kind == "throttled" else 503)
    if fault.body == "html":
        answer = _error_page(status)
    elif isinstance(vendor, Refusing):
        answer = vendor.refusal(request, status)
    else:
        answer = plain_refusal(status)
    # Said for a throttled request unless the plan has it otherwise; for an error only if it does.
    if fault.retry_after == "none" or (
        fault.kind == "server_error" and "retry_after" not in fault.model_fields_set
    ):
        return answer
    seconds = max(1, int(fault.seconds)) if fault.seconds else 0
    after = str(seconds)
    if fault.retry_after == "date":
        after = formatdate(time.time() + seconds, usegmt=True)
    return Answer(status, answer.body, (*answer.headers, ("Retry-After", after)))


def plain_refusal(status: int) -> Answer:
    """An error in no vendor's words, for a vendor that has none."""
    return Answer.json({"error": {"code": str(status), "message": _phrase(status)}}, status)


def _error_page(status: int) -> Answer:
    told = f"{status} {_phrase(status)}"
    page = f"<html><head><title>{told}</title></head><body><h1>{told}</h1></body></html>\n"
    return Answer(status, page.encode(), (_HTML,))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _cut(body: bytes, fault: Fault) -> bytes:
    if fault.where == "headers":
        return b""
    middle = len(body) // 2
    if fault.where == "character":
        # After the first byte of a character that has more, the nearest to the middle from there.
        for place in (*range(middle, len(body)), *range(middle)):
            if body[place] >= 0xC0:
                return body[: place + 1]
    return body[:middle]


def _at_a_character(body: bytes, place: int) -> int:
    while place > 0 and 0x80 <= body[place] < 0xC0:
        place -= 1
    return place
