"""What Concur refuses, and how it says so.

Belongs here: the refusal and its shapes. Not here: what leads to one.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from finsync_dagster.sandbox.vendors.concur import plain_xml
from finsync_dagster.sandbox.vendors.wire import Answer

XML = ("Content-Type", "application/xml; charset=utf-8")


class Refusal(Exception):
    """A request is not answered with what it asked for."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def refused(refusal: Refusal, xml: bool) -> Answer:
    """``{"Error":{"Message","Server-Time","Id"}}`` or its twin. 429 and 503 say no more than that:
    no header tells when to come again.
    """
    error = {
        "Message": refusal.sentence,
        "Server-Time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "Id": str(uuid.uuid4()).upper(),
    }
    if xml:
        return Answer(refusal.status, plain_xml.single("Error", error).encode(), (XML,))
    return Answer.json({"Error": error}, refusal.status)


def refused_token(status: int, code: int, error: str, sentence: str) -> Answer:
    """A refusal of the token's address."""
    body = json.dumps({"code": code, "error": error, "error_description": sentence}).encode()
    return Answer(status, body, (("Content-Type", "application/json"),))
