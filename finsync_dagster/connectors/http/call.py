"""One request as it is to be sent.

Belongs here: its shape. Not here: making it of a declaration (asking.py), signing it
(auth/authenticators.py), sending it (client.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Call:
    """A request. ``url`` is absolute and has no query of ``query`` yet; ``body`` is encoded."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)

    def with_headers(self, more: Mapping[str, str]) -> Call:
        """The call with these headers in addition, or instead of those of the same name."""
        lower = {name.lower() for name in more}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in lower}
        return replace(self, headers={**kept, **more})
