"""Folding names for comparison.

Belongs here: what makes two spellings the same name. Words are never left out: "Northwind Traders"
and "Northwind Electric Cars" are two firms, and so are a company's Ltd and its Inc.
"""

from __future__ import annotations

import re
import unicodedata

_NOT_A_WORD = re.compile(r"[^0-9a-z]+")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")


def fold(name: str) -> str:
    """Lower case, without accents or punctuation, words separated by one blank.

    Dotted initials become one word, so that "I.B.M. Corp." and "IBM Corp" are the same.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    joined = _INITIALS.sub(lambda m: m.group().replace(".", ""), letters.replace("&", " and "))
    folded = _NOT_A_WORD.sub(" ", joined).strip()
    # A name in a script that folds to nothing is compared as it is.
    return folded or " ".join(plain.split())
