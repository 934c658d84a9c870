"""What clients have marked as exported.

Belongs here: the marks, and that a later change of the object takes its mark away. Not here: the
request that sets one (api.py).
"""

from __future__ import annotations

import threading
from datetime import datetime


class Exported:
    """Marks by resource and id; lost when the sandbox stops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks: dict[str, dict[int, tuple[str, datetime]]] = {}

    def mark(self, path: str, key: int, updated_at: str, now: datetime) -> None:
        """The object as last changed at ``updated_at`` was exported."""
        with self._lock:
            self._marks.setdefault(path, {})[key] = (updated_at, now)

    def unmark(self, path: str, key: int) -> None:
        """It is to be exported again."""
        with self._lock:
            self._marks.get(path, {}).pop(key, None)

    def at(self, path: str, key: int, updated_at: str) -> datetime | None:
        """When it was exported; None if it was not, or was changed since."""
        with self._lock:
            mark = self._marks.get(path, {}).get(key)
        return mark[1] if mark and mark[0] == updated_at else None

    def marked(self, path: str) -> dict[int, str]:
        """The ids with a mark, and the change each was made for."""
        with self._lock:
            return {key: mark[0] for key, mark in self._marks.get(path, {}).items()}
