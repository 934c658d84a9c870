"""XML from a stranger as a tree of elements.

Belongs here: reading the text, and refusing what is dangerous in it. Not here: what elements mean.

A document type could name files of ours or multiply itself without end; with one, nothing is read.
Without one there are no entities but the five that XML has, so that expat, which fetches nothing by
itself, needs no further guard. What it builds is no larger than the text by more than JSON would
be, and the text has its limit (largest_answer).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.parsers import expat

from finsync_dagster.connectors.http.exact_json import NotJsonError

_DEEPEST = 150
_CONTROL = 32
_INVALID_TOKEN, _BAD_REFERENCE = 4, 14
XML = "http://www.w3.org/XML/1998/namespace"
"""Namespace of ``xml:base`` and ``xml:lang``."""


class NotXmlError(NotJsonError):
    """The text is no XML, or none that is read; the message tells where it stops being it."""

    what = "XML"


Attributes: TypeAlias = Mapping[str | tuple[str, str], str]
_NONE: Attributes = {}
_MOST_KEPT = 1000


@dataclass(slots=True)
class Element:
    """An element. ``attributes`` of no namespace by name, others by (namespace, name); ``text`` is
    that in it without that of its children."""

    space: str
    name: str
    attributes: Attributes
    # Most elements have no children: a list for each would take more memory than they do.
    children: Sequence[Element] = ()
    text: str = ""

    def all(self) -> Iterator[Element]:
        """The element and all within it, in their order."""
        yield self
        for child in self.children:
            yield from child.all()


def read_elements(text: str) -> Element:
    """The root of an XML text.

    Raises:
        NotXmlError: it is no XML, has a document type, or is nested too deeply.
    """
    reader = _Reader()
    try:
        encoded = text.strip().encode()
    except UnicodeEncodeError:
        raise NotXmlError("it holds a character that no text can hold") from None
    try:
        reader.parser.Parse(encoded, True)
    except expat.ExpatError as error:
        raise NotXmlError(_told(error, encoded, reader.parser.ErrorByteIndex)) from None
    return reader.root


class _Reader:
    """Builds the tree while expat reads."""

    root: Element

    def __init__(self) -> None:
        # The text was decoded before, whatever encoding it still declares.
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[Element] = []
        self._names: dict[str, tuple[str, str]] = {}
        self._attributes: dict[tuple[tuple[str, str], ...], Attributes] = {}

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        split = self._names.get(name) or self._split(name)
        element = Element(*split, self._kept(attributes) if attributes else _NONE)
        if self._open:
            around = self._open[-1]
            if around.children:
                around.children.append(element)  # type: ignore[attr-defined]
            else:
                around.children = [element]
            if len(self._open) >= _DEEPEST:
                raise NotXmlError("it is nested too deeply")
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _split(self, name: str) -> tuple[str, str]:
        space, _, local = name.rpartition(" ")
        self._names[name] = found = space, local
        return found

    def _kept(self, attributes: dict[str, str]) -> Attributes:
        """The attributes by name. Most elements have the same few, which need not be kept twice."""
        key = tuple(attributes.items())
        found = self._attributes.get(key)
        if found is None:
            split = [(self._split(name), value) for name, value in key]
            found = {(space, local) if space else local: value for (space, local), value in split}
            if len(self._attributes) < _MOST_KEPT:
                self._attributes[key] = found
        return found

    def _doctype(self, *_: object) -> None:
        raise NotXmlError("it has a document type, which is not read")


def _told(error: expat.ExpatError, text: bytes, at: int) -> str:
    place = f"at line {error.lineno}, character {error.offset + 1}"
    if error.code == _BAD_REFERENCE:
        return f"it refers to a character that XML cannot carry {place}"
    if error.code == _INVALID_TOKEN and at < len(text) and text[at] < _CONTROL:
        return f"it holds the character U+{text[at]:04X}, which XML cannot carry, {place}"
    return f"{expat.ErrorString(error.code)} {place}"
