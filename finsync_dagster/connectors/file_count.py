"""How many records a file has, told without the parser that reads them.

Belongs here: counting. Not here: anything of file_records.py, whose losses this is to find out.
Only quotes, delimiters and line ends are looked at, a line at a time; the rules by which a record
ends are those that file_records.py states.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from finsync_dagster.connectors.file_body import Verdict, verdict
from finsync_dagster.connectors.file_model import FileObject
from finsync_dagster.connectors.file_text import MAX_RECORD, Line

_START, _QUOTED, _PLAIN, _DONE, _BROKEN = "start", "quoted", "plain", "done", "broken"


class _Scan(NamedTuple):
    """How far a record is told after a line: state, cells ended, anything in them, odd quotes."""

    state: str = _START
    cells: int = 0
    content: bool = False
    stray: bool = False

    @property
    def open(self) -> bool:
        """Does the record go on in the next line?"""
        return self.state in (_QUOTED, _PLAIN)


class _Scanner:
    """Quotes and delimiters of one dialect."""

    def __init__(self, spec: FileObject, delimiter: str) -> None:
        escape = re.escape(spec.escape or "")
        quote = re.escape(spec.quote or "\0")
        escaped = f"|{escape}." if escape else ""
        doubled = f"|{quote}{quote}"
        self.delimiter, self.quote, self.escape = delimiter, spec.quote or "\0", spec.escape
        cell = f"(?:{quote}[^{quote}]*+{quote}|[^{quote}{re.escape(delimiter)}\r\n]*+)"
        self._whole = re.compile(f"{cell}(?:{re.escape(delimiter)}{cell})*+[\r\n]*")
        self._something = re.compile(f"[^\\s{quote}{re.escape(delimiter)}]")
        self._escaped = re.compile(f"{escape}(.)", re.DOTALL)
        self.inner = re.compile(f"(?:[^{quote}{escape}]{doubled}{escaped})*+", re.DOTALL)
        self.plain = re.compile(f"(?:[^{re.escape(delimiter)}{escape}\r\n]{escaped})*+", re.DOTALL)

    def plain_line(self, text: str) -> bool:
        """Is the line, beyond doubt, one whole record with something in it?"""
        if self.escape is not None:
            return False
        if self.quote in text and not self._whole.fullmatch(text):
            return False
        return self._something.search(text) is not None and "\r" not in text[:-2]

    def _odd(self, text: str) -> bool:
        return self.quote in (self._escaped.sub("", text) if self.escape else text)

    def _filled(self, text: str) -> bool:
        return bool((self._escaped.sub(r"\1", text) if self.escape else text).strip())

    def read(self, text: str, before: _Scan) -> _Scan:
        """The state after one more line."""
        state, cells, content, stray = before
        at, fresh = 0, state != _PLAIN
        while True:
            if state == _QUOTED:
                match = self.inner.match(text, at)
                content = content or self._filled(match.group() if match else "")
                at = match.end() if match else at
                if not text.startswith(self.quote, at):
                    return _Scan(_QUOTED, cells, content, stray)
                at += 1
                if text[at : at + 1] not in ("", "\r", "\n", self.delimiter):
                    return _Scan(_BROKEN, cells, content, stray)
            elif fresh and text.startswith(self.quote, at):
                state, at = _QUOTED, at + 1
                continue
            else:
                match = self.plain.match(text, at)
                found = match.group() if match else ""
                content, stray = content or self._filled(found), stray or self._odd(found)
                at += len(found)
                escaped_end = at == len(text) and found.endswith(("\r", "\n"))
                if escaped_end or (self.escape and text[at:] == self.escape):
                    return _Scan(_PLAIN, cells, content, stray)
            cells += 1
            if at < len(text) and text[at] == self.delimiter:
                state, at, fresh = _START, at + 1, True
                continue
            return _Scan(_BROKEN if text[at:].strip("\r\n") else _DONE, cells, content, stray)


def count_delimited(
    lines: Iterable[Line], spec: FileObject, delimiter: str, width: tuple[int, int]
) -> int:
    """Records of delimited text, those with defects included, lines without any value not."""
    scanner, tell = _Scanner(spec, delimiter), verdict(spec)
    source, back = iter(lines), deque[Line]()

    def following() -> Line | None:
        return back.popleft() if back else next(source, None)

    found = 0
    while line := following():
        told = tell(line.text)
        if told is Verdict.END:
            break
        if told is Verdict.SKIP:
            continue
        if scanner.plain_line(line.text):
            found += 1
            continue
        scan, others, size = scanner.read(line.text, _Scan()), list[Line](), len(line.text)
        while scan.open and (more := following()):
            others.append(more)
            size += len(more.text)
            if size > MAX_RECORD:
                break
            scan = scanner.read(more.text, scan)
        whole = scan.state == _DONE
        if others and not (whole and not scan.stray and width[0] <= scan.cells <= width[1]):
            back.extendleft(reversed(others))
            found += 1
        else:
            found += scan.content or not whole
    return found


def count_fixed(lines: Iterable[Line], spec: FileObject) -> int:
    """Records of fixed-width text: the lines that are not blank."""
    tell, found = verdict(spec), 0
    for line in lines:
        told = tell(line.text)
        if told is Verdict.END:
            break
        found += told is Verdict.RECORD and not line.text.isspace()
    return found
