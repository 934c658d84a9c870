"""Lines of text out of a file's bytes, whatever its encoding.

Belongs here: byte-order marks, detection, decoding, line ends. Not here: what a line means.

A line is decoded by the first of the file's encodings that fits it: files put together from
several programs are in several encodings. A line that none fits is handed on with its bytes
written as ``\\xff`` and its fault; the rest of the file is not concerned.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import IO, NamedTuple

from charset_normalizer import from_bytes

from finsync_dagster.connectors.file_find import FoundFile
from finsync_dagster.connectors.file_model import AUTO, FileObject

MAX_RECORD = 1_000_000
"""Characters of the longest line or record; what is longer is a defect."""
_CHUNK = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# In the order in which they are preferred where a text gives no reason for another.
_GUESSES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp850"]
_GUESSES += ["cp932", "gb18030", "big5", "euc_kr", "euc_jp", "koi8_r"]
_SAMPLE = 1 << 16
_BREAK = re.compile("\r\n|\n|\r")
# Signs beside letters, as in £ódŸ, are letters of another encoding.
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s!-~]|[^\w\s!-~](?=[^\W\d_])|[²³¹]")
_REPLACED = "�"


class Line(NamedTuple):
    """A line as received, its line end included."""

    number: int
    text: str
    fault: str | None = None


class TextForm(NamedTuple):
    """How a file's bytes are its text."""

    encodings: tuple[str, ...]
    mark: int
    """Length of the byte-order mark."""
    newline: bytes
    """What ends a line; empty if the whole file has to be decoded before it has lines."""


def text_form(file: FoundFile, spec: FileObject) -> TextForm:
    """The file's encodings and line ends: its mark first, then what was declared or is found."""
    with file.open() as opened:
        start = opened.read(_CHUNK)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return _form((encoding,), len(mark), start)
    found: list[str] = []
    for name in spec.encoding:
        found += _detected(file, start) if name == AUTO else [codecs.lookup(name).name]
    return _form(tuple(dict.fromkeys(found)), 0, start)


def _form(encodings: tuple[str, ...], mark: int, start: bytes) -> TextForm:
    if any("\n".encode(name) != b"\n" for name in encodings):
        return TextForm(encodings[:1], mark, b"")
    # Either may also stand inside a value, so the more frequent one is the line end.
    alone = start.count(b"\r") - start.count(b"\r\n")
    return TextForm(encodings, mark, b"\r" if alone > start.count(b"\n") else b"\n")


def _detected(file: FoundFile, start: bytes) -> list[str]:
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 8 > 0:
        return ["utf-16-le" if odd > even else "utf-16-be"]
    sample, strange = bytearray(), False
    with file.open() as opened:
        for line in _byte_lines(opened, b"\n"):
            if line.isascii():
                continue
            strange = strange or not _fits(line, "utf-8")
            if len(sample) < _SAMPLE and not _fits(line, "utf-8"):
                sample += line
    return ["utf-8", _guess(bytes(sample))] if strange else ["utf-8"]


def _guess(sample: bytes) -> str:
    found = {
        encoding: (match.chaos, len(_SIGN_IN_WORD.findall(str(match))))
        for match in from_bytes(sample, cp_isolation=_GUESSES)
        for encoding in match.could_be_from_charset
        if encoding in _GUESSES
    }
    return min(found, key=lambda name: (found[name], _GUESSES.index(name)), default=_GUESSES[0])


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def lines(
    file: FoundFile, form: TextForm, seen: Callable[[bytes], None] = lambda chunk: None
) -> Iterator[Line]:
    """The file's lines from 1; ``seen`` is given every byte that is read.

    Raises:
        SourceError: a line that is longer than any record may be.
    """
    with file.open() as opened:
        seen(opened.read(form.mark))
        decoded = _decoded if form.newline else _decoded_whole
        found = decoded(opened, form, seen)
        for number, (text, fault) in enumerate(found, start=1):
            if len(text) > MAX_RECORD:
                raise file.error(
                    number, f"a line of more than {MAX_RECORD:,} characters", "Is it a text file"
                )
            if "\0" in text:
                yield Line(number, text.replace("\0", "\\x00"), "it holds a NUL character")
            else:
                yield Line(number, text, fault)


def _decoded(
    opened: IO[bytes], form: TextForm, seen: Callable[[bytes], None]
) -> Iterator[tuple[str, str | None]]:
    for line in _byte_lines(opened, form.newline):
        seen(line)
        for encoding in form.encodings:
            try:
                yield line.decode(encoding), None
                break
            except UnicodeDecodeError:
                continue
        else:
            names = " or ".join(form.encodings)
            yield (
                line.decode(form.encodings[0], "backslashreplace"),
                f"it holds bytes that are not {names} (set encoding: auto, or name it)",
            )


def _byte_lines(opened: IO[bytes], newline: bytes) -> Iterator[bytes]:
    if newline == b"\n":
        while line := opened.readline(4 * MAX_RECORD + 4):
            yield line
        return
    rest = b""
    while chunk := opened.read(_CHUNK):
        *whole, rest = (rest + chunk).split(newline)
        yield from (line + newline for line in whole)
        if len(rest) > 4 * MAX_RECORD:
            break
    if rest:
        yield rest


def _decoded_whole(
    opened: IO[bytes], form: TextForm, seen: Callable[[bytes], None]
) -> Iterator[tuple[str, str | None]]:
    """Lines of an encoding in which a line end is not the byte of a line end."""
    decoder = codecs.getincrementaldecoder(form.encodings[0])("replace")
    rest = ""
    for chunk in chain(iter(lambda: opened.read(_CHUNK), b""), [b""]):
        seen(chunk)
        rest += decoder.decode(chunk, final=not chunk)
        # A \r at the end may be half of a line end.
        end = len(rest) - (bool(chunk) and rest.endswith("\r"))
        done = 0
        for match in _BREAK.finditer(rest, 0, end):
            yield _checked(rest[done : match.end()], form)
            done = match.end()
        rest = rest[done:]
        if len(rest) > MAX_RECORD:
            break
    if rest:
        yield _checked(rest, form)


def _checked(text: str, form: TextForm) -> tuple[str, str | None]:
    damaged = _REPLACED in text
    return text, f"it holds bytes that are not {form.encodings[0]}" if damaged else None
