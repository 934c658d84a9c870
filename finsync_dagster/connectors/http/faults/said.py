"""What a source said about an error: a code and a sentence, fit to be shown.

Belongs here: their shape, and making a stranger's text harmless. Not here: finding them in a body
(faults/in_json.py, faults/in_markup.py).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 300
_WORDS = "a|b|br|code|div|em|font|h[1-6]|hr|i|li|ol|p|pre|small|span|strong|t[dhr]|table|tbody|u|ul"
_TAG = re.compile(rf"</?(?:{_WORDS})(?:\s[^<>]*)?/?>", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """Code and sentence of an error; either may be missing. Not yet cleaned."""

    code: str | None = None
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.code or self.text)


def clean(text: str) -> str:
    """One line without markup, control characters or more than 300 characters."""
    # Only what may still be seen is looked at, however much there is.
    text = text[: LONGEST * 20]
    if _TAG.search(text):
        text = html.unescape(_TAG.sub(" ", text))
    kept = (c for c in text if c.isspace() or not unicodedata.category(c).startswith("C"))
    line = " ".join("".join(kept).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def joined(texts: Iterable[str], by: str = ": ") -> str:
    """Sentences one after the other, those left out that say nothing new.

    ``by`` is ``: `` where each says more about the one before it, ``; `` where they stand alone.
    """
    kept: list[str] = []
    for text in (t.strip() for t in texts):
        if text and not any(text.rstrip(".") in other for other in kept):
            kept.append(text)
    return by.join(t.rstrip(" .:") if t is not kept[-1] else t for t in kept)
