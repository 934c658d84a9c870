"""Whether an answer says that a session or token is over.

Belongs here: reading that out of an answer. Not here: the words (auth/model.py), logging in anew.
"""

from __future__ import annotations

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.model import Expired
from finsync_dagster.connectors.http.exact_json import NotJsonError
from finsync_dagster.connectors.http.paths import pick
from finsync_dagster.connectors.http.templates import as_text


def says_expired(answer: Answer, words: Expired) -> bool:
    """Does it, by its status or by a code of the vendor's in its body?"""
    if answer.status in words.status:
        return True
    if words.at is None:
        return False
    try:
        return as_text(pick(answer.json, words.at)) in words.codes
    except NotJsonError:
        return False
