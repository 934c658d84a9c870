"""Which objects a list holds, and which of them a page shows.

Belongs here: the ids behind a question, kept so that every page costs the same; pages that are
smaller than asked, or begin with rows seen before. Not here: building the objects (documents/).

A list moves while it is read: rows that come in before a page push the later ones back, and a page
then begins with rows of the one before. That is how a page repeats here: from then on every later
page is pushed back by as much, so that who goes on by what came loses nothing.
"""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence

_LISTS_KEPT = 16
_DRIFTS_KEPT = 1000


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
    """Where rows came in before a page, by list. Used by many threads at once.

    What came in stays, for every reader and every repetition of a request: so that a page never
    begins later than one that was read before it makes expect, and no row is passed over.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pushed: OrderedDict[Hashable, dict[int, int]] = OrderedDict()

    def start(self, key: Hashable, offset: int, push: int, rows: int) -> int:
        """The row that a page of a list begins with; ``push`` rows are to come in before it.

        Only once at the same offset, and not near to where others came in: of any stretch, at most
        half is rows that came in, whoever asked for them. Past the last of the list's ``rows``
        nothing comes in either. So a reading comes to an end.
        """
        with self._lock:
            pushed = self._pushed.get(key, {})
            moved = sum(number for at, number in pushed.items() if at < offset)
            own = pushed.get(offset, 0)
            push = min(push, offset - moved) if offset - moved < rows else 0
            if push > 0 and not own and _alone(offset, push, pushed):
                own = push
                self._pushed.setdefault(key, pushed)[offset] = own
                while len(self._pushed) > _DRIFTS_KEPT:
                    self._pushed.popitem(last=False)
            return max(offset - moved - own, 0)


def _alone(offset: int, push: int, pushed: Mapping[int, int]) -> bool:
    return all(abs(offset - at) >= 2 * max(push, number) for at, number in pushed.items())
