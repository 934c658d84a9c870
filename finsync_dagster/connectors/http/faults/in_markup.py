"""Errors in XML and HTML.

Belongs here: code and sentence of an XML error, a SOAP fault, a web page. Not here: JSON
(faults/in_json.py), XML that is no error (xml_answers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from finsync_dagster.connectors.http.faults.said import Said, joined
from finsync_dagster.connectors.http.xml_answers.elements import (
    Element,
    NotXmlError,
    read_elements,
)

_LONGEST = 200_000
_CODES = ("code", "faultcode", "errorcode", "value")
_SENTENCES = ("message", "faultstring", "text", "detail_message", "error_description", "reason")
_ERRORS = {"error", "errors", "fault", "exception", "response_error"}
_UNSEEN = {"script", "style", "noscript", "template", "svg"}
_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_STATUS = re.compile(r"[45]\d\d\b")
_MOST = 4


def is_page(text: str) -> bool:
    """Is it HTML?"""
    return bool(_PAGE.search(text[:2000]))


def said_in_xml(text: str) -> Said | None:
    """Code and sentence of an error in XML; None if it is no XML, or tells no error."""
    root = _root(text)
    fault = next((e for e in _shallow(root) if _name(e) in _ERRORS), None) if root else None
    if fault is None:
        return None
    texts = list(_texts(fault, _SENTENCES))
    if texts:
        return Said(next(_texts(fault, _CODES), None), joined(texts[:_MOST]))
    listed = [e.text for e in fault.all() if _name(e) == "error" and not e.children]
    return Said(next(_texts(fault, _CODES), None), joined(listed[:_MOST], "; "))


def shown_in_xml(text: str) -> Said | None:
    """What stands in any XML, where nothing in it is called an error; None if it is no XML."""
    root = _root(text)
    if root is None:
        return None
    texts = [e.text for e in root.all() if not e.children and e.text.strip()]
    return Said(text=joined(texts[:_MOST], "; "))


def _root(text: str) -> Element | None:
    if len(text) > _LONGEST:
        return None
    try:
        return read_elements(text)
    except NotXmlError:
        return None


def said_in_page(text: str) -> Said:
    """A web page's title, or else what it shows first.

    A title that only repeats the status says less than a paragraph below it.
    """
    page = _Page()
    page.feed(text[:_LONGEST])
    title = page.title.strip()
    if page.paragraphs and _STATUS.match(title):
        return Said(text=" ".join(page.paragraphs))
    return Said(text=title or " ".join(page.paragraphs or page.shown))


def asks_to_log_in(text: str) -> bool:
    """Does a web page have a field for a password, or call itself a login?"""
    page = _Page()
    page.feed(text[:_LONGEST])
    return page.password or bool(
        re.search(r"\b(log|sign)[ -]?(in|on)\b|single sign|\bsso\b", page.title, re.IGNORECASE)
    )


def _shallow(root: Element) -> Iterator[Element]:
    """The element and those near it: an error deep within records is a field of theirs."""
    yield root
    for child in root.children:
        yield child
        yield from child.children


def _texts(element: Element, names: tuple[str, ...]) -> Iterator[str]:
    for inner in element.all():
        text = inner.text.strip()
        if _name(inner) in names and text:
            yield text


def _name(element: Element) -> str:
    return element.name.lower().replace("-", "_")


class _Page(HTMLParser):
    """Title, visible text and whether a password is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.shown: list[str] = []
        self.paragraphs: list[str] = []
        self.password = False
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a password field, and where the text that follows stands."""
        if tag == "input" and ("type", "password") in attrs:
            self.password = True
        if tag in ("title", "p") or tag in _UNSEEN:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Back outside."""
        if tag in self._within:
            self._within.remove(tag)

    def handle_data(self, data: str) -> None:
        """Keeps what a reader of the page would see."""
        if "title" in self._within:
            self.title += data
        elif not _UNSEEN & {*self._within} and data.strip():
            self.shown.append(data.strip())
            if "p" in self._within:
                self.paragraphs.append(data.strip())
