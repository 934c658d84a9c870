"""One answer of a server, read whole within its limits.

Belongs here: its shape. Not here: getting it (client.py), finding records in it (records.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from finsync_dagster.connectors.http.exact_json import Json, parse
from finsync_dagster.connectors.http.xml_answers.model import Xml
from finsync_dagster.connectors.http.xml_answers.reading import looks_like_xml, xml_value

_UNTOLD = Xml()


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of an answer; nothing of it holds a secret of ours.

    ``url`` is the address that was asked, secrets replaced. ``headers`` ignores case.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)
    url: str
    xml: Xml = _UNTOLD
    """How XML is laid out, if that is what came."""

    @property
    def is_xml(self) -> bool:
        """Is the body XML, whatever the header says?"""
        return looks_like_xml(self.text)

    @cached_property
    def json(self) -> Json:
        """The body's value, numbers as they were written; of XML, that of its JSON twin.

        Raises:
            NotJsonError: the body is no JSON and no XML that can be read.
        """
        return xml_value(self.text, self.xml) if self.is_xml else parse(self.text)
