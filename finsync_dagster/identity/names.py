"""Folding names and registrations for comparison.

Belongs here: what makes two spellings the same name, and what counts as a registration at all.
Words are never left out: "Northwind Traders" and "Northwind Electric Cars" are two firms, and so
are a company's Ltd and its Inc.
"""

from __future__ import annotations

import re
import unicodedata

_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
# Scripts in which an accent only helps the reader. Elsewhere a mark makes another letter.
_ACCENTED = ("LATIN", "GREEK")


def fold(name: str) -> str:
    """Lower case, without accents or punctuation, words separated by one blank.

    Letters of every script count. Dotted initials become one word, so that "I.B.M. Corp." and
    "IBM Corp" are the same.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    letters = unicodedata.normalize("NFC", _without_accents(plain)).replace("&", " and ")
    joined = _INITIALS.sub(lambda m: m.group().replace(".", ""), letters)
    words = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in joined)
    # A name made of nothing but signs is compared as it is.
    return " ".join(words.split()) or " ".join(plain.split())


def registration(tax_id: str | None) -> str | None:
    """A tax registration as letters and digits; null for what only fills the field.

    "N/A", "-", "0" or "999999999" stand in many records of different firms: without two
    different digits nothing is a registration.
    """
    plain = unicodedata.normalize("NFKC", tax_id or "").upper()
    value = "".join(c for c in plain if c.isalnum())
    return value if len({c for c in value if c.isdigit()}) > 1 else None


def _without_accents(text: str) -> str:
    kept, accented = [], False
    for character in text:
        if not unicodedata.combining(character):
            accented = unicodedata.name(character, "").startswith(_ACCENTED)
        elif accented:
            continue
        kept.append(character)
    return "".join(kept)
