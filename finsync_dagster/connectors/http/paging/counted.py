"""Paging by counting: one answer, offsets, page numbers.

Belongs here: where the next page lies, and when counted pages end. Not here: links and tokens
(paging/links.py), values of the records (paging/keyset.py).

Neither offsets nor page numbers are stable: while the source goes on working, records can be passed
over or come twice. A total below what was received shows it, and is an error. One that shrinks
otherwise is told with ``Step.drifted``, one that is not reached with ``Step.total``, for whoever
reads to read once more. As many records removed as added cannot be seen.
"""

from __future__ import annotations

from typing import TypeVar

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.paging.base import Pager, Position, Records
from finsync_dagster.connectors.http.paging.error import PagingError
from finsync_dagster.connectors.http.paging.model import (
    CountedLast,
    NoPaging,
    OffsetPaging,
    PagePaging,
)
from finsync_dagster.connectors.http.paging.stated import (
    more_follows,
    place,
    says_more,
    total_at,
)

CountedSpec = TypeVar("CountedSpec", OffsetPaging, PagePaging)


class NoPager(Pager[NoPaging]):
    """One answer, which must be all."""

    def following(
        self, at: Position, answer: Answer, records: Records, total: int | None
    ) -> Position | None:
        """Nothing follows.

        Raises:
            PagingError: the answer says that there is more, or has been cut off.
        """
        more = self.spec.last.more
        if more is not None and says_more(more, answer):
            raise PagingError(
                f"the answer says at {place(more)} that there is more than its {len(records)} "
                "records",
                "Declare how to ask for more: a paging scheme other than none",
            )
        if self.spec.cap is not None and len(records) >= self.spec.cap:
            raise PagingError(
                f"the answer has {len(records)} records, and the server cuts off at "
                f"{self.spec.cap}",
                "Ask for fewer at a time, for example with paging scheme range, or more often",
            )
        return None


class _CountedPager(Pager[CountedSpec]):
    """Common to offsets and page numbers."""

    def drifted(self, at: Position, total: int | None) -> bool:
        """The total shrank: what was removed moved the rest forward."""
        return bool(totals(at, total).get("shrank"))


class OffsetPager(_CountedPager[OffsetPaging]):
    """So many records are passed over."""

    def values(self, at: Position) -> dict[str, Json]:
        """``offset``, ``end`` and ``last`` beside the limit."""
        offset = at["received"] + self.spec.start
        end = offset + self.limit
        places = {"offset": offset, "end": end, "last": end - 1}
        return {**super().values(at), **{name: Number(n) for name, n in places.items()}}

    def following(
        self, at: Position, answer: Answer, records: Records, total: int | None
    ) -> Position | None:
        """The offset is what was received, so that there is nothing else to keep."""
        return counted_on(self.spec.last, at, answer, records, total, self.limit)


class PagePager(_CountedPager[PagePaging]):
    """Pages have numbers."""

    def values(self, at: Position) -> dict[str, Json]:
        """``page`` beside the limit."""
        return {**super().values(at), "page": Number(at["pages"] + self.spec.start)}

    def following(
        self, at: Position, answer: Answer, records: Records, total: int | None
    ) -> Position | None:
        """The page's number is how many there were."""
        last = self.spec.last
        pages = total_at(last.pages, answer)
        if pages is not None and last.more is None:
            # Those who count pages count on with empty ones.
            return None if at["pages"] + 1 >= pages else totals(at, total)
        return counted_on(last, at, answer, records, total, self.limit)


def totals(at: Position, total: int | None) -> Position:
    """The newest total, and whether it ever grew or shrank."""
    known: Position = {name: at[name] for name in ("total", "grew", "shrank") if name in at}
    before = known.get("total", total)
    if total is None or before is None:
        return known
    grew, shrank = total > before or known.get("grew"), total < before or known.get("shrank")
    return {"total": total, "grew": bool(grew), "shrank": bool(shrank)}


def counted_on(
    last: CountedLast,
    at: Position,
    answer: Answer,
    records: Records,
    total: int | None,
    limit: int,
) -> Position | None:
    """What to keep for the next counted page; None if this was the last.

    Raises:
        PagingError: more was received than there is, or more is promised and nothing comes.
    """
    received = at["received"] + len(records)
    if total is not None and received > total:
        raise PagingError(
            f"{received} records were received, and the server states {total}: records were "
            "removed meanwhile, and others may have been passed over",
            "Read the object once more, or page by keyset where the source can",
            transient=True,
        )
    if last.more is not None:
        more = more_follows(last.more, answer, records, at["pages"] + 1)
        return totals(at, total) if more else None
    if not records or (last.short and len(records) < limit):
        return None
    kept = totals(at, total)
    # A total that grows may grow again before it is reached: then only an empty page is the end.
    return None if received == total and not kept.get("grew") else kept
