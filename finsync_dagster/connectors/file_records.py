"""Records out of lines: cells of delimited and of fixed-width text.

Belongs here: taking lines apart. Not here: what the cells are called (file_header.py), nor counting
(file_count.py, which must not share code with this).

A record that cannot be taken apart costs its first line only: it is handed on with its defect, and
reading goes on with the next line. So a quote that is never closed, or closed by the next quote
that happens to come, swallows nothing. A record of several lines is believed only if each of its
quotes stands at the border of a cell, if it has as many cells as the header, and if it is not
longer than MAX_RECORD.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from finsync_dagster.connectors.file_body import Verdict, verdict
from finsync_dagster.connectors.file_model import FileObject
from finsync_dagster.connectors.file_text import MAX_RECORD, Line

# Process-wide, and far below its default: the longest record ends before this.
csv.field_size_limit(2 * MAX_RECORD)


class Record(NamedTuple):
    """One record: its first line, how many lines it has, and its cells, or its defect."""

    line: int
    lines: int
    cells: list[str]
    raw: str
    defect: str | None = None


class Width(NamedTuple):
    """How many cells a record of several lines may have."""

    least: int
    most: int


def delimited(
    lines: Iterable[Line], spec: FileObject, delimiter: str, width: Width | None
) -> Iterator[Record]:
    """The records of delimited text; lines without any value are none."""
    feed = _Feed(lines, spec)
    whole = _well_formed(spec, delimiter)
    while True:
        reader = csv.reader(feed, **_dialect(spec, delimiter))
        try:
            while True:
                feed.taken = []
                cells = next(reader)
                if len(feed.taken) > 1 and not _credible(feed.taken, cells, width, whole):
                    yield feed.resume(
                        "a quote in it is not closed, or its values are not told apart"
                    )
                elif any(cell.strip() for cell in cells):
                    yield _record(feed.taken, cells)
        except StopIteration:
            return
        except (csv.Error, _TooLongError):
            yield feed.resume(
                "its quotes or line ends do not fit together, so its values cannot be told apart"
            )


def fixed(lines: Iterable[Line], spec: FileObject) -> Iterator[Record]:
    """The records of fixed-width text, values without the blanks around them."""
    places = list(spec.columns.values())
    end = max(last for _, last in places)
    tell = verdict(spec)
    for line in lines:
        text = line.text.rstrip("\r\n")
        told = tell(line.text)
        if told is Verdict.END:
            return
        if told is Verdict.SKIP or not text.strip():
            continue
        cells = [text[first - 1 : last].strip() for first, last in places]
        defect = line.fault
        if defect is None and text[end:].strip():
            defect = f"it has text after character {end}, where no field is"
        elif defect is None and len(text) < end and spec.short_rows == "defect":
            defect = f"it has {len(text)} characters where its fields need {end}"
        yield Record(line.number, 1, cells, text, defect)


class _TooLongError(Exception):
    """A record has more characters than a record may have."""


class _Feed:
    """Lines as the CSV parser asks for them; those of the record it is at are in ``taken``."""

    def __init__(self, lines: Iterable[Line], spec: FileObject) -> None:
        self._lines = iter(lines)
        self._back: deque[Line] = deque()
        self._verdict = verdict(spec)
        self._size = 0
        self.taken: list[Line] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        while True:
            line = self._back.popleft() if self._back else next(self._lines)
            if self.taken:
                self._size += len(line.text)
                if self._size > MAX_RECORD:
                    self.taken.append(line)
                    raise _TooLongError
                break
            self._size = len(line.text)
            told = self._verdict(line.text)
            if told is Verdict.END:
                self._lines, self._back = iter(()), deque()
                raise StopIteration
            if told is Verdict.RECORD:
                break
        self.taken.append(line)
        return line.text

    def resume(self, defect: str) -> Record:
        """Gives up the record at hand for its first line; the next line is read again."""
        first, *rest = self.taken
        self._back.extendleft(reversed(rest))
        return _record([first], [], first.fault or defect)


def _record(taken: list[Line], cells: list[str], defect: str | None = None) -> Record:
    if len(taken) == 1:
        number, text, fault = taken[0]
        return Record(number, 1, cells, text.rstrip("\r\n"), defect or fault)
    fault = next((line.fault for line in taken if line.fault), None)
    raw = "".join(line.text for line in taken).rstrip("\r\n")
    return Record(taken[0].number, len(taken), cells, raw, defect or fault)


def _dialect(spec: FileObject, delimiter: str) -> dict[str, Any]:
    return {
        "delimiter": delimiter,
        "quotechar": spec.quote,
        "quoting": csv.QUOTE_MINIMAL if spec.quote else csv.QUOTE_NONE,
        "escapechar": spec.escape,
        "strict": True,
    }


def _credible(
    taken: list[Line], cells: list[str], width: Width | None, whole: re.Pattern[str]
) -> bool:
    if width is not None and not width.least <= len(cells) <= width.most:
        return False
    return whole.fullmatch("".join(line.text for line in taken)) is not None


def _well_formed(spec: FileObject, delimiter: str) -> re.Pattern[str]:
    """Text of a record in which quotes are nowhere but around cells."""
    d, e = re.escape(delimiter), re.escape(spec.escape or "")
    q = re.escape(spec.quote or "")
    escaped = f"|{e}." if e else ""
    plain = f"(?:[^{d}{q}{e}\r\n]{escaped})*+"
    if not q:
        return re.compile(f"{plain}(?:{d}{plain})*+[\r\n]*", re.DOTALL)
    quoted = f"{q}(?:[^{q}{e}]|{q}{q}{escaped})*+{q}"
    cell = f"(?:{quoted}|{plain})"
    return re.compile(f"{cell}(?:{d}{cell})*+[\r\n]*", re.DOTALL)
