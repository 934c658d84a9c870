"""XML whose elements tell the types of their values, as Rails writes it: Coupa.

Belongs here: arrays, null, figures and truth by ``type`` and ``nil``. Not here: what keys mean.

Whole numbers are numbers, as in JSON; decimals are text there, and here. Both stay as written, and
what is no number in spite of its type, or has leading zeros, is text. An element of a type that is
empty, and one with ``nil="true"``, is null. Older releases leave the type of an array out: there
``lists`` of the declared words tell it.
"""

from __future__ import annotations

import re

from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.xml_answers.elements import Element
from finsync_dagster.connectors.http.xml_answers.model import Xml

_NUMBER = re.compile(r"-?(0|[1-9]\d*)")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_SCALARS = {"integer", "decimal", "float", "boolean", "datetime", "dateTime", "date"}


def is_typed(root: Element) -> bool:
    """Beyond doubt: the root is an array, or one of its children tells such a type."""
    if root.space:
        return False
    told = {child.attributes.get("type") for child in root.children}
    nil = any(child.attributes.get("nil") == "true" for child in root.children)
    return root.attributes.get("type") == "array" or nil or bool(told & {*_SCALARS, "array"})


def typed_value(element: Element, words: Xml) -> Json:
    """The value of an element and of all within it; the names of an array's entries are dropped."""
    kind = element.attributes.get("type")
    if element.attributes.get("nil") == "true":
        return None
    if kind == "array" or (kind is None and element.name in words.lists):
        return [typed_value(child, words) for child in element.children]
    if not element.children:
        return _scalar(element.text, kind)
    made: dict[str, Json] = {}
    several: set[str] = set()
    for child in element.children:
        value = typed_value(child, words)
        if child.name not in made:
            made[child.name] = value
        elif child.name in several:
            made[child.name].append(value)
        else:
            several.add(child.name)
            made[child.name] = [made[child.name], value]
    return made


def _scalar(text: str, kind: str | None) -> Json:
    if kind not in _SCALARS:
        return text
    bare = text.strip()
    if kind == "boolean":
        return _TRUTH.get(bare, bare or None)
    if kind == "integer" and _NUMBER.fullmatch(bare):
        return Number(bare)
    return bare or None
