"""What a connector hands over: pages of text values, and what the source states about them.

Belongs here: the shapes that every protocol shares. Not here: how a protocol fills them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

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
    """What the source says about itself, in the same snapshot the records come from."""

    count_table: int
    count_selected: int
    count_without_key: int = 0
    """Records of the whole object in which a part of the key is missing."""
    cursor_max: str | None = None
    sums_table: Mapping[str, Sum] | None = None
    sums_selected: Mapping[str, Sum] | None = None


@dataclass(frozen=True)
class Extraction:
    """One reading of one object. ``pages`` can be consumed once, while the source is open."""

    system: str
    object: str
    request: str
    """What was asked, in words that hold no secret."""
    columns: tuple[str, ...]
    since: str | None
    """Cursor from which records were asked for; None: all of them."""
    stated: Stated
    pages: Iterator[Page]
