"""When two names of columns are the same.

Belongs here: comparing names. Not here: what they stand for (file_header.py).

Names are compared without regard to case, to blanks of any kind around and between words, to
byte-order marks, and to letters that Unicode holds to be the same (full width and half width, for
example). Accents tell names apart.
"""

from __future__ import annotations

import unicodedata

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u00ad"))


def plain(name: str) -> str:
    """A column's name as we write it: no invisible characters, single blanks."""
    return " ".join(name.translate(_INVISIBLE).split())


def normal(name: str) -> str:
    """What two spellings of one name have in common."""
    return plain(unicodedata.normalize("NFKC", name)).casefold()
