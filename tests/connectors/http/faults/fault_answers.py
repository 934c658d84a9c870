"""Answers of status and body, and what they come out as."""

from __future__ import annotations

import json
from typing import Any

from requests.structures import CaseInsensitiveDict

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.faults.fault import Fault, fault
from finsync_dagster.connectors.http.faults.model import Errors


def answer(status: int, body: Any, **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(status, CaseInsensitiveDict(headers), text, "https://erp.example/api")


def found(status: int, body: Any, words: dict[str, Any] | None = None, **headers: str) -> Fault:
    declared = None if words is None else Errors.model_validate(words)
    said = fault(answer(status, body, **headers), declared)
    assert said is not None, "taken for a good answer"
    return said
