"""The XML twin of an answer: Rails' XML with type attributes.

Belongs here: elements, their types, escaping. Not here: what an object holds.

An element carries ``type`` unless it is text, ``nil="true"`` when it is null, ``type="array"``
around a list. Properties whose name ends in ``?`` are no XML names: they are in JSON only.
Characters XML cannot carry are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from finsync_dagster.sandbox.vendors.coupa.fields import fields_of

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TYPES = {
    "integer": "integer",
    "boolean": "boolean",
    "datetime": "dateTime",
    "date": "date",
    "float": "float",
    "decimal": "decimal",
}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def listing(root: str, schema: str, records: list[dict[str, Any]]) -> str:
    """A list of objects below ``<root type="array">``."""
    out = [HEAD, f'<{root} type="array">\n']
    element = singular(root)
    for record in records:
        _object(out, element, schema, record)
    out.append(f"</{root}>\n")
    return "".join(out)


def single(element: str, schema: str, record: dict[str, Any]) -> str:
    """One object."""
    out = [HEAD]
    _object(out, element, schema, record)
    return "".join(out)


def errors(sentences: list[str]) -> str:
    """``<errors><error>…``."""
    said = "".join(f"  <error>{_text(sentence)}</error>\n" for sentence in sentences)
    return f"{HEAD}<errors>\n{said}</errors>\n"


def singular(name: str) -> str:
    """The element of a list's members: ``tax-lines`` holds ``tax-line``."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith("sses"):
        return name[:-2]
    return name.removesuffix("s")


def _object(out: list[str], element: str, schema: str, record: Mapping[str, Any]) -> None:
    out.append(f"<{element}>")
    known = fields_of(schema)
    for name, value in record.items():
        if name.endswith("?"):
            continue
        field = known.get(name)
        kind, of = (field.kind, field.of) if field else ("string", "")
        if isinstance(value, dict):
            _object(out, name, _schema_held(of, value), value)
        elif isinstance(value, list):
            _list(out, name, of, value)
        else:
            _leaf(out, name, kind, value)
    out.append(f"</{element}>")


def _list(out: list[str], name: str, schema: str, values: list[Any]) -> None:
    if not values:
        out.append(f'<{name} type="array"/>')
        return
    out.append(f'<{name} type="array">')
    for value in values:
        _object(out, singular(name), schema, value)
    out.append(f"</{name}>")


def _leaf(out: list[str], name: str, kind: str, value: Any) -> None:
    said = f' type="{_TYPES[kind]}"' if kind in _TYPES else ""
    if value is None:
        out.append(f'<{name}{said} nil="true"/>')
    elif isinstance(value, bool):
        out.append(f"<{name}{said}>{'true' if value else 'false'}</{name}>")
    else:
        out.append(f"<{name}{said}>{_text(value)}</{name}>")


def _schema_held(of: str, value: Mapping[str, Any]) -> str:
    """The object a property holds; for one that may hold several, told from what is in it."""
    if of:
        return of
    return "Supplier" if "display-name" in value else "User"


def _text(value: Any) -> str:
    text = str(value)
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("", text)
    return text.translate(_ESCAPED)
