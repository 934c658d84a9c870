"""An XML answer as the value of its JSON twin.

Belongs here: whether a text is XML, and which shape it has. Not here: the shapes themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from finsync_dagster.connectors.http.exact_json import Json
from finsync_dagster.connectors.http.xml_answers.atom import atom_value, is_atom
from finsync_dagster.connectors.http.xml_answers.elements import (
    Element,
    NotXmlError,
    read_elements,
)
from finsync_dagster.connectors.http.xml_answers.model import Xml
from finsync_dagster.connectors.http.xml_answers.plain import plain_value
from finsync_dagster.connectors.http.xml_answers.typed import is_typed, typed_value

# Kept under its name, for there is nothing else by which an error is known.
_ERRORS = {"error", "errors", "fault", "exception", "response-error", "response_error"}
_PAGE = re.compile(
    r"(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)


class UnknownShapeError(NotXmlError):
    """XML of which nobody can tell where its lists are."""

    what = "JSON, and no XML whose shape is told"


def looks_like_xml(text: str) -> bool:
    """Is it XML and no web page? Nothing in JSON begins as XML does."""
    begin = text[:2000].lstrip()
    return begin.startswith("<") and not _PAGE.match(begin)


def xml_value(text: str, words: Xml) -> Json:
    """The value of an XML text.

    Raises:
        NotXmlError: it is no XML, or none of the declared shape.
        UnknownShapeError: no shape is declared, and none is to be seen.
    """
    root = read_elements(text)
    shape = words.shape or _seen(root)
    if root.name.lower() in _ERRORS and not is_atom(root):
        return {root.name: plain_value(root, words)}
    if shape is None:
        raise UnknownShapeError(f"its root is {root.name[:80]}")
    made: dict[str, Callable[[], Json]] = {
        "atom": lambda: atom_value(root),
        "typed": lambda: typed_value(root, words),
        "plain": lambda: plain_value(root, words),
    }
    return made[shape]()


def listed(found: Json) -> Json:
    """The records at a place of plain XML, which is the element around them.

    Of a single one, plain XML does not tell whether it is in a list.
    """
    if not isinstance(found, dict):
        return found
    entries: list[Json] = []
    for name, value in found.items():
        if name[:1] not in ("@", "#"):
            entries += value if isinstance(value, list) else [value]
    return entries


def _seen(root: Element) -> str | None:
    return "atom" if is_atom(root) else "typed" if is_typed(root) else None
