"""Which lines of a file are its records: without preamble, comments, other kinds, totals.

Belongs here: telling lines by their place or text, for the reader and for the count alike. Not
here: what is in a record.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import TypeVar

from finsync_dagster.connectors.file_model import FileObject

Item = TypeVar("Item")


class Verdict(Enum):
    """What a line is, at which a record may begin."""

    RECORD = "record"
    SKIP = "skip"
    END = "end"


def verdict(spec: FileObject) -> Callable[[str], Verdict]:
    """How to tell, from its text, what such a line is."""
    stop = re.compile(spec.stop_at) if spec.stop_at else None
    only = re.compile(spec.only) if spec.only else None
    comment = spec.comment
    if not (stop or only or comment):
        return lambda text: Verdict.RECORD

    def tell(text: str) -> Verdict:
        if stop and stop.search(text):
            return Verdict.END
        if (comment and text.startswith(comment)) or (only and not only.search(text)):
            return Verdict.SKIP
        return Verdict.RECORD

    return tell


def without_last(items: Iterable[Item], count: int, text: Callable[[Item], str]) -> Iterator[Item]:
    """All but the last ``count`` that are not blank, and whatever is among them."""
    if not count:
        yield from items
        return
    held: deque[Item] = deque()
    filled = 0
    for item in items:
        held.append(item)
        filled += bool(text(item).strip())
        while held and filled > count:
            first = held.popleft()
            filled -= bool(text(first).strip())
            yield first


def from_header(items: Iterable[Item], spec: FileObject, text: Callable[[Item], str]) -> list[Item]:
    """The first lines, from the one that ``skip_rows`` and ``skip_until`` point at.

    Empty if there is no such line. Enough of them to find a header and a delimiter.
    """
    found: list[Item] = []
    until = re.compile(spec.skip_until) if spec.skip_until else None
    for number, item in enumerate(items):
        if number < spec.skip_rows or (until and not found and not until.search(text(item))):
            if number > spec.skip_rows + _PREAMBLE:
                break
            continue
        found.append(item)
        if len(found) == _LOOKED_AT:
            break
    return found


_LOOKED_AT = 100
_PREAMBLE = 10_000
