"""Extractions made by hand, and a clock that only moves when asked."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from finsync_dagster.connectors.extraction import Extraction, Page, Stated, Sum
from finsync_dagster.landing.landing import Circumstances

COLUMNS = ("Id", "Amount")
START = datetime(2016, 6, 1, 8, tzinfo=UTC)


def clock() -> Callable[[], datetime]:
    seconds = count()
    return lambda: START + timedelta(seconds=next(seconds))


def extraction(
    *pages: Page, selected: int | None = None, sums: dict[str, Sum] | None = None
) -> Extraction:
    rows = sum(len(page) for page in pages) if selected is None else selected

    def stream() -> Iterator[Page]:
        yield from pages

    return Extraction(
        system="erp",
        object="lines",
        request="every record of table lines",
        columns=COLUMNS,
        since=None,
        stated=Stated(rows, rows, sums_table=sums or {}, sums_selected=sums or {}),
        pages=stream(),
    )


def circumstances(hour: int = 8) -> Circumstances:
    at = START.replace(hour=hour)
    return Circumstances("full", "first extract", ("Id",), None, at, at)
