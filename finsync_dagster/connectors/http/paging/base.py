"""What every way of paging has in common: positions, steps, and the checks on each page.

Belongs here: the course of one step. Not here: how a scheme finds the next page (paging/counted.py,
paging/links.py, paging/keyset.py, paging/range.py), loops of links (paging/loops.py).

A position says what to ask for next, and holds all that the checks need: it is written to disk
after each page, and what is given back after a crash leads to the same rest.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number, dump
from finsync_dagster.connectors.http.paging.error import PagingError
from finsync_dagster.connectors.http.paging.model import Paging
from finsync_dagster.connectors.http.paging.stated import total_at

Position: TypeAlias = dict[str, Any]
"""Plain JSON. ``pages`` and ``received`` count what was kept so far; the rest is the scheme's."""
Records: TypeAlias = Sequence[Mapping[str, Json]]
SpecT = TypeVar("SpecT", bound=Paging)
_ASKED_AGAIN = 2


@dataclass(frozen=True)
class Step:
    """What follows from a page."""

    keep: bool
    """False: its records are to be dropped; ``next`` leads to all of them."""
    next: Position | None
    """Where to go on; None at the end."""
    total: int | None = None
    """Records of the whole list as the server states them now, to be compared at the end."""
    drifted: bool = False
    """The list shrank, on this page or before, so that records may have been passed over."""
    repeated: frozenset[int] = frozenset()
    """Places in the page, from 0, of records that an earlier page had already."""


class Pager(ABC, Generic[SpecT]):
    """The way through one list. It keeps nothing itself: all state is in the positions."""

    repeats_are_suspect = True
    """Whether a page with the same records as the one before is one that the server repeated."""

    def __init__(self, spec: SpecT, limit: int) -> None:
        self.spec = spec
        self.limit = limit

    @property
    def empty_status(self) -> frozenset[int]:
        """Statuses of an answer that is to be taken for an empty page."""
        return frozenset(self.spec.empty_status)

    def first(self) -> Position:
        """Where to begin."""
        return {"pages": 0, "received": 0}

    def values(self, at: Position) -> dict[str, Json]:
        """Values for the places of the request; numbers as ``Number``.

        A place of ``page_values`` that is not among them has no value in this request: the parts of
        the request that name it are to be left out.
        """
        return {"limit": Number(self.limit)}

    def link(self, at: Position) -> str | None:
        """A link to follow instead of the declared request, as the server wrote it."""
        return None

    def step(self, at: Position, answer: Answer, records: Records) -> Step:
        """What follows from the page that was asked for at a position.

        ``records`` are all that the page has, also those that nobody wants: they are counted.

        Raises:
            PagingError: the server repeats itself, goes round in circles, never ends, leaves its
                order, or gives a link, token or total of a wrong type.
        """
        page = digest(records)
        if self.repeats_are_suspect and page is not None and page == at.get("page"):
            return self.asked_again(at, answer, records)
        total = self.total(at, answer)
        drifted, repeated = self.drifted(at, total), self.repeated(at, records)
        following = self.following(at, answer, records, total)
        if following is None:
            return Step(True, None, total, drifted, repeated)
        received = at["received"] + len(records) - len(repeated)
        counted = {"pages": self.one_page_more(at), "received": received}
        after = {**counted, "page": page or at.get("page"), **following}
        return Step(True, after, total, drifted, repeated)

    @abstractmethod
    def following(
        self, at: Position, answer: Answer, records: Records, total: int | None
    ) -> Position | None:
        """The scheme's own part of the next position; None at the end."""

    def total(self, at: Position, answer: Answer) -> int | None:
        """Records of the whole list, as this answer states them."""
        return total_at(self.spec.last.total, answer)

    def drifted(self, at: Position, total: int | None) -> bool:
        """Whether the total shows that records may have been passed over."""
        return False

    def repeated(self, at: Position, records: Records) -> frozenset[int]:
        """Places in the page of records that an earlier page had already."""
        return frozenset()

    def one_page_more(self, at: Position) -> int:
        """How many pages there are with this one, when another is to follow.

        Raises:
            PagingError: they are too many.
        """
        pages: int = at["pages"] + 1
        if pages >= self.spec.max_pages:
            raise PagingError(
                f"there is still more after {pages} pages",
                "Raise paging.max_pages if the list is that long, or ask for larger pages",
            )
        return pages

    def asked_again(self, at: Position, answer: Answer, records: Records) -> Step:
        """The page came twice although another was asked for: ask again, at last give up."""
        again = at.get("again", 0) + 1
        if again > _ASKED_AGAIN:
            raise self.stuck(at, records)
        return Step(False, {**at, "again": again}, self.total(at, answer))

    def stuck(self, at: Position, records: Records) -> PagingError:
        """The error for a page that the server gives again and again."""
        return PagingError(
            f"page {at['pages'] + 1} has the same {len(records)} records as the page before, "
            f"asked for {_ASKED_AGAIN + 1} times",
            "Check that the request holds the places of its paging scheme, and that the server "
            "heeds them; if it gives its last page again past the end, declare paging.last",
        )


def digest(records: Records) -> str | None:
    """A fingerprint of a page's records; None for an empty page."""
    if not records:
        return None
    # Speed matters here, the spelling does not: numbers and text may look alike.
    try:
        text = json.dumps(list(records), separators=(",", ":"), default=dict)
    except RecursionError:
        text = dump(list(records))
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
