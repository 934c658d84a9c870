"""One request and its answer, as every vendor's stand-in sees them.

Belongs here: the two values and the one method a vendor has. Not here: sockets (server.py), what
any vendor answers (its own sub-package), faults of the line (faults.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Request:
    """What a client asked. ``path`` begins with ``/`` below the vendor's mount, decoded once;
    ``query`` keeps order and repetitions, decoded; ``headers`` have lower-case names.
    ``address`` is the vendor's own address, for links in answers: ``http://127.0.0.1:4711/coupa``.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""

    def first(self, name: str) -> str | None:
        """The first value of a query parameter; None without one."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True)
class Answer:
    """What goes back, whole."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(cls, value: Any, status: int = 200, *headers: tuple[str, str]) -> Answer:
        """A JSON body. Numbers that must stay exact are given as text or raw by the vendor."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, (("Content-Type", "application/json;charset=utf-8"), *headers))


class Vendor(Protocol):
    """A vendor's API. ``answer`` is called by several threads at once."""

    def answer(self, request: Request) -> Answer:
        """The answer to a request; raises nothing for anything a client may send."""
        ...
