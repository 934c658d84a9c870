"""Reading a list page by page: from the words in YAML to a pager.

Belongs here: which pager a scheme has. Not here: the words (paging_model.py), what pagers have in
common (paging_base.py), the schemes (paging_counted.py, paging_links.py, paging_keyset.py,
paging_range.py).

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

from finsync_dagster.connectors.http.paging_base import Pager, Position, Records, Step
from finsync_dagster.connectors.http.paging_counted import NoPager, OffsetPager, PagePager
from finsync_dagster.connectors.http.paging_error import PagingError
from finsync_dagster.connectors.http.paging_keyset import KeysetPager
from finsync_dagster.connectors.http.paging_links import (
    CursorPager,
    LinkHeaderPager,
    NextLinkPager,
)
from finsync_dagster.connectors.http.paging_model import PagingSpec, RangePaging, page_values
from finsync_dagster.connectors.http.paging_range import PagedRangePager, RangePager
from finsync_dagster.connectors.http.paging_stated import stated_total

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
