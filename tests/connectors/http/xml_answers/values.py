"""An XML text and the value that is made of it."""

from __future__ import annotations

from typing import Any

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.xml_answers.model import Xml


def value(text: str, **words: Any) -> Any:
    """The value of an answer, with these words of ``xml``."""
    return Answer(200, {}, text, "https://erp.example/api", Xml(**words)).json
