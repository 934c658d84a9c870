"""The XML twin of version 3's answers: elements without types, ``xsi:nil`` for null.

Belongs here: elements and escaping. Not here: what an object holds. Characters XML cannot carry are
left out.
"""

from __future__ import annotations

import re
from typing import Any

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_SPACES = (
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def listing(root: str, element: str, records: list[dict[str, Any]], following: str | None) -> str:
    """``<Reports><Items><Report>…</Report></Items><NextPage>…</NextPage></Reports>``."""
    out = [_HEAD, f"<{root}{_SPACES}>", "<Items>"]
    for record in records:
        _element(out, element, record)
    out.append("</Items>")
    _element(out, "NextPage", following)
    out.append(f"</{root}>")
    return "".join(out)


def single(element: str, record: dict[str, Any]) -> str:
    """One object."""
    out = [_HEAD]
    _element(out, element, record, _SPACES)
    return "".join(out)


def _element(out: list[str], name: str, value: Any, spaces: str = "") -> None:
    if value is None:
        out.append(f'<{name}{spaces} xsi:nil="true"/>')
        return
    out.append(f"<{name}{spaces}>")
    if isinstance(value, dict):
        for inner, held in value.items():
            _element(out, inner, held)
    elif isinstance(value, bool):
        out.append("true" if value else "false")
    else:
        out.append(_FORBIDDEN.sub("", str(value)).translate(_ESCAPED))
    out.append(f"</{name}>")
