"""One answer of a server, read whole within its limits.

Belongs here: its shape. Not here: getting it (client.py), finding records in it (records.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from finsync_dagster.connectors.http.exact_json import Json, parse


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of an answer; nothing of it holds a secret of ours.

    ``url`` is the address that was asked, secrets replaced. ``headers`` ignores case.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)
    url: str

    @cached_property
    def json(self) -> Json:
        """The body's value, numbers as they were written.

        Raises:
            NotJsonError: the body is no JSON.
        """
        return parse(self.text)
