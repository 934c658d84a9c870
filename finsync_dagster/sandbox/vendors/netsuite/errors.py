"""What NetSuite says when it refuses, and the shape it says it in.

Belongs here: status, code, detail. Not here: finding out that something is wrong.
"""

from __future__ import annotations

from http import HTTPStatus

from finsync_dagster.sandbox.vendors.wire import Answer

_ABOUT = "https://www.rfc-editor.org/rfc/rfc9110.html"
_SECTIONS = {
    400: "15.5.1",
    401: "15.5.2",
    403: "15.5.4",
    404: "15.5.5",
    405: "15.5.6",
    500: "15.6.1",
    502: "15.6.3",
    503: "15.6.4",
    504: "15.6.5",
}
_TYPE = ("Content-Type", "application/vnd.oracle.resource+json; type=error; charset=UTF-8")


class RefusedError(Exception):
    """A request is refused, as NetSuite words it."""

    def __init__(self, status: int, code: str, detail: str, parameter: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.parameter = parameter

    def answer(self) -> Answer:
        """The answer that says so."""
        return error(self.status, self.code, self.detail, self.parameter)


class InvalidQueryError(RefusedError):
    """A query that SuiteQL does not take; the message says what of it."""

    def __init__(self, what: str, *, unprocessed: bool = False) -> None:
        said = what if unprocessed else f"Search error occurred: {what}"
        super().__init__(
            400,
            "INVALID_PARAMETER",
            f"Invalid search query. Detailed unprocessed description follows. {said}",
            "q",
        )


def error(status: int, code: str, detail: str, parameter: str = "") -> Answer:
    """An error in NetSuite's shape."""
    told: dict[str, str] = {"detail": detail}
    if parameter:
        told["o:errorQueryParam"] = parameter
    told["o:errorCode"] = code
    section = _SECTIONS.get(status)
    body = {
        "type": f"{_ABOUT}#section-{section}" if section else _ABOUT,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "o:errorDetails": [told],
    }
    answer = Answer.json(body, status)
    return Answer(status, answer.body, (_TYPE,))
