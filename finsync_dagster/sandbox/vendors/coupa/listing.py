"""Which objects a list holds, and which of them a page shows.

Belongs here: the ids behind a question, kept so that every page costs the same; pages that are
smaller than asked, or begin with rows seen before. Not here: building the objects (documents/).

A list moves while it is read: rows that come in before a page push the later ones back, and a page
then begins with rows of the one before. That is how a page repeats here: from then on, for the same
reader, every later page is pushed back by as much, so that who goes on by what came loses nothing.
"""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

_LISTS_KEPT = 16
_READERS_KEPT = 200


class Lists:
    """The ids of the lists asked for last. Used by many threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, array[int]] = OrderedDict()

    def ids(self, key: Hashable, find: Callable[[], Sequence[int]]) -> Sequence[int]:
        """The ids of a list, found once."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = array("q", find())
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _LISTS_KEPT:
                self._kept.popitem(last=False)
        return found


class Drifts:
    """By how much the pages of each reader are pushed back, from which offset on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pushed: OrderedDict[Hashable, list[tuple[int, int]]] = OrderedDict()

    def start(self, reader: Hashable, offset: int, push: int, rows: int) -> int:
        """The row a page at ``offset`` begins with; ``push`` rows come in just before it.

        Past the last of the list's ``rows`` nothing comes in: a reading must come to an end.

        Asked again for the same offset, what was pushed in there before no longer counts; asked
        for a smaller one, what came in later does not either: a new reading has begun.
        """
        with self._lock:
            before = [each for each in self._pushed.get(reader, []) if each[0] < offset]
            moved = sum(pushed for _, pushed in before)
            push = min(push, offset - moved) if offset - moved < rows else 0
            if push > 0:
                before.append((offset, push))
            if before:
                self._pushed[reader] = before
                self._pushed.move_to_end(reader)
                while len(self._pushed) > _READERS_KEPT:
                    self._pushed.popitem(last=False)
            else:
                self._pushed.pop(reader, None)
            return offset - moved - max(push, 0)
