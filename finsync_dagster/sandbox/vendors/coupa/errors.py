"""What Coupa refuses, and how it says so.

Belongs here: the refusal, and its JSON and XML shapes. Not here: what leads to one.
"""

from __future__ import annotations

import json

from finsync_dagster.sandbox.vendors.coupa import typed_xml
from finsync_dagster.sandbox.vendors.wire import Answer

XML = ("Content-Type", "application/xml; charset=utf-8")
NOTHING_FOUND = "No results match your search criteria."


class Refusal(Exception):
    """A request is not answered with records. ``about`` is the object or property it concerns."""

    def __init__(self, status: int, sentence: str, about: str = "base") -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.about = status, sentence, about


def refused(refusal: Refusal, xml: bool) -> Answer:
    """``<errors><error>…`` or ``{"errors":{"base":["…"]}}`` (JSON shape: K)."""
    if xml:
        body = typed_xml.errors([refusal.sentence]).encode()
        return Answer(refusal.status, body, (XML,))
    return Answer.json({"errors": {refusal.about: [refusal.sentence]}}, refusal.status)


def refused_token(status: int, code: str, sentence: str) -> Answer:
    """A refusal of the token's address, in OAuth's own shape."""
    body = json.dumps({"error": code, "error_description": sentence}).encode()
    return Answer(status, body, (("Content-Type", "application/json; charset=utf-8"),))
