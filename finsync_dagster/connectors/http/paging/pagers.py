"""Reading a list page by page: from the words in YAML to a pager.

Belongs here: which pager a scheme has. Not here: the words (paging/model.py), what pagers have in
common (paging/base.py), the schemes (paging/counted.py, paging/links.py, paging/keyset.py,
paging/range.py).

    pages = pager(spec, limit=500)
    at = pages.first()
    while at is not None:
        # ask with pages.values(at), or follow pages.link(at), and find the page's records
        step = pages.step(at, answer, records)
        # keep the records if step.keep, then write step.next to disk
        at = step.next
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from finsync_dagster.connectors.http.paging.base import Pager, Position, Records, Step
from finsync_dagster.connectors.http.paging.counted import NoPager, OffsetPager, PagePager
from finsync_dagster.connectors.http.paging.error import PagingError
from finsync_dagster.connectors.http.paging.keyset import KeysetPager
from finsync_dagster.connectors.http.paging.links import (
    CursorPager,
    LinkHeaderPager,
    NextLinkPager,
)
from finsync_dagster.connectors.http.paging.model import PagingSpec, RangePaging, page_values
from finsync_dagster.connectors.http.paging.range import PagedRangePager, RangePager
from finsync_dagster.connectors.http.paging.stated import stated_total

__all__ = [
    "Pager",
    "PagingError",
    "Position",
    "Records",
    "Step",
    "page_values",
    "pager",
    "stated_total",
]

_PAGERS: dict[str, Callable[[Any, int], Pager[Any]]] = {
    "none": NoPager,
    "offset": OffsetPager,
    "page": PagePager,
    "next_link": NextLinkPager,
    "link_header": LinkHeaderPager,
    "cursor": CursorPager,
    "keyset": KeysetPager,
    "range": RangePager,
}


def pager(spec: PagingSpec, limit: int) -> Pager[Any]:
    """The pager of a scheme; ``limit`` is how many records a request asks for at most."""
    if isinstance(spec, RangePaging) and spec.within is not None:
        return PagedRangePager(spec, limit, pager(spec.within, limit))
    return _PAGERS[spec.scheme](spec, limit)
