"""What an answer states about its list: how many records there are, whether there are more.

Belongs here: reading such a statement out of an answer. Not here: what follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Sized
from decimal import Decimal, InvalidOperation

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, NotJsonError
from finsync_dagster.connectors.http.paging.error import PagingError
from finsync_dagster.connectors.http.paging.model import Header, PagingSpec, Source
from finsync_dagster.connectors.http.paths import pick, shown

_CONTENT_RANGE = re.compile(r"\w+ [^/]+/\s*(\d+|\*)")
_NO = {"", "false", "f", "n", "no", "0", "0.0"}
_LARGEST_EXPONENT = 18


def stated_total(spec: PagingSpec, answer: Answer) -> int | None:
    """How many records the answer says there are; None if it does not say, or is not asked.

    With ``keyset`` this is what is left, with ``range`` what one piece holds: the whole list's
    total is ``Step.total``.

    Raises:
        PagingError: what stands there is no count.
    """
    return total_at(spec.last.total, answer)


def total_at(where: Source | None, answer: Answer) -> int | None:
    """The count at a place of the answer; None for none, ``*`` and negative ones.

    Raises:
        PagingError: what stands there is no count.
    """
    value = None if where is None else value_at(where, answer)
    if value is None or where is None:
        return None
    text = value.strip() if isinstance(value, str) else "?"
    if found := _CONTENT_RANGE.fullmatch(text):
        text = found[1]
    if text == "*":
        return None
    count = whole_number(text)
    if count is None:
        raise PagingError(
            f"a count is expected at {place(where)}, and there is {value!r}",
            "Correct the path, or leave it out of paging.last",
        )
    return count if count >= 0 else None


def says_more(where: Source, answer: Answer) -> bool:
    """Whether the answer says that there is more; what is absent says no."""
    value = value_at(where, answer)
    if isinstance(value, str):
        return value.strip().lower() not in _NO
    return bool(value)


def more_follows(where: Source, answer: Answer, records: Sized, page: int) -> bool:
    """Whether the answer to page ``page`` (from 1) says that there is more.

    Raises:
        PagingError: it says so with an empty page, from which there is no way on.
    """
    more = says_more(where, answer)
    if more and not records:
        raise PagingError(
            f"page {page} is empty, and {place(where)} says that there is more",
            "Check the path of the records, or leave paging.last.more out",
        )
    return more


def value_at(where: Source, answer: Answer) -> Json:
    """What stands at a place of the answer; None if nothing does, or the body is no JSON."""
    if isinstance(where, Header):
        return answer.headers.get(where.header)
    try:
        return pick(answer.json, where)
    except NotJsonError:
        # An error page with one of the statuses that stand for an empty page.
        return None


def place(where: Source) -> str:
    """The place for messages."""
    return f"header {where.header}" if isinstance(where, Header) else shown(where)


def whole_number(text: str) -> int | None:
    """A whole number as JSON or text spells it (``57``, ``57.0``); None for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or value.adjusted() > _LARGEST_EXPONENT:
        return None
    return int(value) if value == value.to_integral_value() else None
