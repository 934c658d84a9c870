"""Paging by pieces of a field's range.

Belongs here: which piece is next, halving what was cut off. Not here: what a piece asks for.

Stable if the field never changes: a record added behind what was read is passed over, and nothing
moves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.paging.base import Pager, Position, Records, Step
from finsync_dagster.connectors.http.paging.error import PagingError
from finsync_dagster.connectors.http.paging.model import RangePaging
from finsync_dagster.connectors.http.paging.stated import says_more


class RangePager(Pager[RangePaging]):
    """Pieces that the server may cut off.

    ``open`` in a position holds the pieces to come, the next one last; halving makes it longer by
    one, so that it stays as short as the logarithm of the range.
    """

    def first(self) -> Position:
        """The whole range is open."""
        return {**super().first(), "open": [[_stored(self.spec.low), _stored(self.spec.high)]]}

    def values(self, at: Position) -> dict[str, Json]:
        """``low`` and ``high`` beside the limit: numbers, or dates such as 2026-01-31."""
        low, high = self._piece(at)
        return {**super().values(at), "low": self._given(low), "high": self._given(high)}

    def step(self, at: Position, answer: Answer, records: Records) -> Step:
        """A piece that was cut off is dropped, to come again as two.

        Raises:
            PagingError: a piece of one value is cut off; or as of any scheme.
        """
        if not self._cut_off(answer, records):
            return super().step(at, answer, records)
        low, high = self._piece(at)
        if low == high:
            raise PagingError(
                f"the answer for {self._given(low)} alone has {len(records)} records, and is cut "
                "off there",
                "Check that the request asks for ${low} to ${high}; if it does, divide the range "
                "by another field, or raise the limit",
            )
        middle = (low + high) // 2
        pieces = [*self._rest(at), self._stored(middle + 1, high), self._stored(low, middle)]
        return Step(False, {**at, "pages": self.one_page_more(at), "open": pieces, "again": 0})

    def following(
        self, at: Position, answer: Answer, records: Records, total: int | None
    ) -> Position | None:
        """The pieces that are left."""
        rest = self._rest(at)
        return {"open": rest} if rest else None

    def total(self, at: Position, answer: Answer) -> int | None:
        """Unknown: a server counts one piece."""
        return None

    def _cut_off(self, answer: Answer, records: Records) -> bool:
        last = self.spec.last
        if len(records) >= min(self.spec.cap or self.limit, self.limit):
            return True
        if last.more is not None and says_more(last.more, answer):
            return True
        stated = super().total({}, answer)
        return stated is not None and stated > len(records)

    def _piece(self, at: Position) -> tuple[int, int]:
        low, high = map(_counted, at["open"][-1])
        return low, min(high, low + self.spec.widest - 1) if self.spec.widest else high

    def _rest(self, at: Position) -> list[list[int | str]]:
        *rest, (_, high) = at["open"]
        asked = self._piece(at)[1]
        return rest if asked == _counted(high) else [*rest, self._stored(asked + 1, _counted(high))]

    def _stored(self, low: int, high: int) -> list[int | str]:
        if isinstance(self.spec.low, int):
            return [low, high]
        return [date.fromordinal(day).isoformat() for day in (low, high)]

    def _given(self, value: int) -> str:
        if isinstance(self.spec.low, int):
            return Number(value)
        return date.fromordinal(value).isoformat()


class PagedRangePager(RangePager):
    """Pieces each of which comes in pages, by a scheme of its own."""

    def __init__(self, spec: RangePaging, limit: int, inner: Pager[Any]) -> None:
        super().__init__(spec, limit)
        self._inner = inner

    @property
    def empty_status(self) -> frozenset[int]:
        """Those of both schemes."""
        return super().empty_status | self._inner.empty_status

    def first(self) -> Position:
        """The first page of the first piece."""
        return {**super().first(), "within": self._inner.first()}

    def values(self, at: Position) -> dict[str, Json]:
        """The piece's bounds and what its own scheme gives."""
        return super().values(at) | self._inner.values(at["within"])

    def link(self, at: Position) -> str | None:
        """As the piece's own scheme has it."""
        return self._inner.link(at["within"])

    def step(self, at: Position, answer: Answer, records: Records) -> Step:
        """The piece's next page, or the next piece."""
        inner = self._inner.step(at["within"], answer, records)
        step = replace(inner, total=None, drifted=inner.drifted or at.get("shrank", False))
        if not inner.keep:
            return replace(step, next={**at, "within": inner.next})
        following: Position = {"within": inner.next, "open": at["open"], "shrank": step.drifted}
        if inner.next is None:
            following |= {"within": self._inner.first(), "open": self._rest(at)}
            if not following["open"]:
                return step
        received = at["received"] + len(records) - len(inner.repeated)
        counted = {"pages": self.one_page_more(at), "received": received}
        return replace(step, next={**counted, **following})


def _stored(bound: int | date) -> int | str:
    return bound if isinstance(bound, int) else bound.isoformat()


def _counted(stored: int | str) -> int:
    return stored if isinstance(stored, int) else date.fromisoformat(stored).toordinal()
