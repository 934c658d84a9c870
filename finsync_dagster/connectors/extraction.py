"""What a connector hands over: pages of text values, and what the source states about them.

Belongs here: the shapes that every protocol shares. Not here: how a protocol fills them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

FILE = "_file"
"""Reserved field: name of the file that a record was read from."""
LINE = "_line"
"""Reserved field: line or row of that file on which the record begins, from 1."""
DEFECT = "_defect"
"""Reserved field: why the record's fields could not be told apart; null for a sound record. Such a
record is landed as it was received and ends in quarantine with this sentence."""
RAW = "_raw"
"""Reserved field: the received text of a record that has a defect."""

Row = tuple[str | None, ...]
Page = list[Row]


@dataclass(frozen=True)
class Sum:
    """A control total: the sum of a field, and how many values could not be part of it."""

    total: Decimal
    not_summed: int = 0
    """Values that are no plain number, or have too many digits; see control_totals.py."""


@dataclass(frozen=True)
class Stated:
    """What the source says about itself, in the same snapshot the records come from.

    Some sources cannot give a snapshot: they may change while they are read. What such a source
    counts at the end of the reading stands beside what it counted when the reading began.
    """

    count_table: int | None
    """Records of the whole object; None: the source does not tell."""
    count_selected: int | None
    """Records of this reading; None: the source does not tell."""
    count_without_key: int = 0
    """Records of the whole object in which a part of the key is missing."""
    cursor_max: str | None = None
    sums_table: Mapping[str, Sum] | None = None
    sums_selected: Mapping[str, Sum] | None = None
    table_before: int | None = None
    """``count_table`` when the reading began; None: the records come from a snapshot."""
    selected_before: int | None = None
    """``count_selected`` when the reading began; None: the records come from a snapshot."""
    moving: bool = False
    """The source may change while it is read."""
    doubt: str | None = None
    """Why records may be missing although the counts agree."""


@dataclass
class Extraction:
    """One reading of one object. ``pages`` can be consumed once, while the source is open.

    Of a source that describes itself only through its records, ``columns`` and ``stated`` grow
    while pages are consumed: a page's rows have the columns known when it is handed over.
    """

    system: str
    object: str
    request: str
    """What was asked, in words that hold no secret."""
    columns: tuple[str, ...]
    since: str | None
    """Cursor from which records were asked for; None: all of them."""
    stated: Stated
    pages: Iterator[Page]
    position: Callable[[], Any] | None = None
    """Where the reading stands after the page handed over last, as plain JSON: with it a later
    reading goes on from there. None: it can only begin anew."""
