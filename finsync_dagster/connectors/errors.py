"""What can go wrong with a source system, said so that someone can act on it.

Belongs here: the error and the rules that keep secrets out of it. Not here: recovery.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal, TypeAlias

FaultKind: TypeAlias = Literal["transient", "mapping", "policy", "upstream_data"]
"""Who can do something about it: time, whoever maintains the connector, whoever grants access, or
whoever runs the source."""
_NAMES_SHOWN = 12


class SourceError(Exception):
    """A system could not be read. One line: system, object, what is wrong, what to do.

    ``transient`` tells whether trying again in a moment may help, ``kind`` who can help otherwise.
    The message never holds a password: whoever raises it passes addresses through ``display_url``
    and no text of a failed login.
    """

    def __init__(
        self,
        system: str,
        object_name: str,
        what: str,
        remedy: str,
        transient: bool = False,
        kind: FaultKind | None = None,
    ) -> None:
        self.system = system
        self.object = object_name
        self.what = what
        self.remedy = remedy
        self.transient = transient
        self.kind: FaultKind | None = kind or ("transient" if transient else None)
        super().__init__(system, object_name, what, remedy, transient, kind)

    def __str__(self) -> str:
        place = f"{self.system}.{self.object}" if self.object else self.system
        # What a server said often ends with a full stop of its own.
        return " ".join(f"{place}: {self.what.rstrip('.')}. {self.remedy}.".split())


class ConnectorConfigError(ValueError):
    """A connector's system.yaml cannot be used; the message names file, place and remedy."""


def name_list(names: Iterable[str], near: str = "") -> str:
    """Some names for a message: those that resemble ``near`` first, the rest in order."""
    ordered = sorted(names)
    if not ordered:
        return "none"
    close = get_close_matches(near, ordered, n=3) if near else []
    shown = [*close, *(name for name in ordered if name not in close)]
    more = len(shown) - _NAMES_SHOWN
    return ", ".join(shown[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
