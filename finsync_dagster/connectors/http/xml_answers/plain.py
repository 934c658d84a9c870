"""XML that tells neither types nor lists: SAP Concur, and most others.

Belongs here: elements as keys. Not here: where the records are (read.py).

An element is a key, its text the value, and null where it is empty or ``xsi:nil``. Elements that
come several times are a list under their name; where an element has nothing but several of one
name, it is the list itself, as servers that write both do in JSON. Attributes are kept as ``@name``
beside the children, or beside the text, which is then ``#text``; those of a namespace, and all
prefixes, are dropped.
"""

from __future__ import annotations

from collections.abc import Sequence

from finsync_dagster.connectors.http.exact_json import Json
from finsync_dagster.connectors.http.xml_answers.elements import Element
from finsync_dagster.connectors.http.xml_answers.model import Xml

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
TEXT = "#text"
"""The key of text that stands beside attributes or children."""


def plain_value(element: Element, words: Xml) -> Json:
    """The value of an element and of all within it."""
    if element.attributes.get((_INSTANCE, "nil")) in ("true", "1"):
        return None
    children, text = element.children, element.text
    if not children and not text.strip():
        text = ""
    if not text.strip() and _is_list(element, words):
        return [plain_value(child, words) for child in children]
    made: dict[str, Json] = {
        f"@{name}": value for name, value in element.attributes.items() if isinstance(name, str)
    }
    if not children and not made:
        return text or None
    several = _several(children, words)
    for child in children:
        value = plain_value(child, words)
        if child.name in several:
            made.setdefault(child.name, []).append(value)
        else:
            made[child.name] = value
    if text.strip():
        made[TEXT] = text.strip() if children else text
    return made


def _is_list(element: Element, words: Xml) -> bool:
    if element.name in words.lists:
        return True
    names = {child.name for child in element.children}
    bare = not any(isinstance(name, str) for name in element.attributes)
    return bare and len(element.children) > 1 == len(names) and not names & {*words.repeated}


def _several(children: Sequence[Element], words: Xml) -> set[str]:
    seen: set[str] = set()
    found = {child.name for child in children if child.name in words.repeated}
    for child in children:
        if child.name in seen:
            found.add(child.name)
        seen.add(child.name)
    return found
