"""How a list that a server hands out in pages is asked for, page by page: the words of ``paging``.

Belongs here: the words and what may not stand together. Not here: what they do (paging/pagers.py).

Stable while the source goes on working: ``keyset``, ``range`` over a field that never changes, and
links or tokens of a server that keeps a snapshot or a key in them. Not stable: ``offset`` and
``page``. A record deleted meanwhile moves the rest forward, so that one is skipped; one added
meanwhile can give another twice. Whoever reads compares what came with the total that the server
states, and reads once more where they differ: declare ``last.total`` wherever there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StrictInt, model_validator

from finsync_dagster.connectors.http.paths import Path
from finsync_dagster.connectors.object_model import Strict


def _several(written: Any) -> Any:
    # [d, next] is one path; [[d, next], ["@odata.nextLink"]] are two.
    nested = isinstance(written, list | tuple) and any(isinstance(p, list | tuple) for p in written)
    return written if nested else (written,)


def _fields(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


class Header(Strict):
    """A value that stands in a header of the answer. Upper and lower case do not matter."""

    header: Annotated[str, Field(min_length=1)]


Source: TypeAlias = Header | Path
"""Where in an answer a value is: ``count``, ``[meta, count]`` or ``{header: X-Total-Count}``."""


class Last(Strict):
    """What an answer tells about the end."""

    more: Source | None = None
    """Whether there is more. False, null or absent: this was the last page."""
    total: Source | None = None
    """How many records there are altogether; of ``Content-Range: items 0-9/57`` the 57. With
    ``keyset``: how many there are from ``${after}`` on, as servers count what the request selects.
    """


class LinksLast(Last):
    """The end of links and tokens: there is no next one."""

    empty: bool = False
    """An empty page is the end too, for servers that always give a next link or token, or the same
    token once more at the end."""


class CountedLast(Last):
    """The end of counted pages: ``more`` says so, or ``total`` is reached, or a page is empty."""

    short: bool = False
    """A page with fewer records than were asked for is the last. Only where the vendor promises
    it: a server that shrinks pages would otherwise be read in part."""


class PagesLast(CountedLast):
    """The end of numbered pages."""

    pages: Source | None = None
    """How many pages there are."""


class Paging(Strict):
    """What every scheme has."""

    empty_status: tuple[Annotated[int, Field(ge=400, le=499)], ...] = ()
    """Statuses with which the server says that there is nothing (more): an empty page."""
    max_pages: Annotated[int, Field(ge=1)] = 1_000_000
    """More pages than this are taken for a server that never ends."""
    last: Last = Last()
    """How the end is known."""


class NoPaging(Paging):
    """One answer holds everything."""

    scheme: Literal["none"]
    cap: Annotated[int, Field(ge=1)] | None = None
    """An answer with so many records has been cut off by the server, which is an error."""


class OffsetPaging(Paging):
    """``${offset}`` records are passed over. Not stable.

    It grows by what was received and not by what was asked for, since servers shrink pages. For
    ``Range`` headers, ``${end}`` is the place after the last record asked for, ``${last}`` its own.
    """

    scheme: Literal["offset"]
    start: Literal[0, 1] = 0
    """The place of the first record."""
    last: CountedLast = CountedLast()


class PagePaging(Paging):
    """``${page}`` counts pages. Not stable."""

    scheme: Literal["page"]
    start: Annotated[int, Field(ge=0)] = 1
    """The number of the first page."""
    last: PagesLast = PagesLast()


class NextLinkPaging(Paging):
    """The answer holds the address of the next page.

    As stable as the server makes it: a link with a key is, one with an offset is not.
    """

    scheme: Literal["next_link"]
    link: Annotated[tuple[Path, ...], BeforeValidator(_several), Field(min_length=1)]
    """Where it is: a path or several. A list of links is searched for the one of rel ``next``."""
    last: LinksLast = LinksLast()


class LinkHeaderPaging(Paging):
    """The header ``Link`` holds the address of the next page (RFC 8288, rel ``next``)."""

    scheme: Literal["link_header"]
    last: LinksLast = LinksLast()


class CursorPaging(Paging):
    """The answer holds a token for the next page, ``${cursor}``. As stable as the server makes it.

    The first request has no ``${cursor}``, unless ``first`` says what stands there.
    """

    scheme: Literal["cursor"]
    token: Source
    stop: tuple[str, ...] = ("",)
    """Tokens that mean that there is no next page. Null, false and none at all always do."""
    first: str | StrictInt | None = None
    last: LinksLast = LinksLast()


class KeysetPaging(Paging):
    """Each request asks for what comes after the last record received. Stable.

    The request must ask for records ordered by these fields, ascending, and for more than
    ``${after}``, or ``${after.<field>}`` of several fields (lower case, ``_`` for what is neither
    letter nor digit). The first request has no ``${after}``, unless ``first`` gives it.
    """

    scheme: Literal["keyset"]
    by: Annotated[tuple[Path, ...], BeforeValidator(_fields), Field(min_length=1)]
    """Field or fields, together unique; a nested one is a list: ``[[meta, id]]``."""
    first: tuple[str | StrictInt, ...] | str | StrictInt | None = None
    """Value or values, below all that there are, that the first request is given."""
    numeric: bool | None = None
    """Whether text is compared as a number; without it, where both values are plain digits."""
    ordered: bool = True
    """False where the server orders text as we cannot (a collation, GUIDs): then only repetitions
    are found, not disorder."""
    inclusive: bool = False
    """For values that several records share (a change stamp): the request asks for ``${after}`` and
    more. What comes a second time is told apart. A page must hold more records than share one
    value; the limit must not exceed what the server gives, or ``last.total`` be declared."""
    last: CountedLast = CountedLast()

    @model_validator(mode="after")
    def _places_are_told_apart(self) -> KeysetPaging:
        names = self.places
        wrong = next((n for n in names if not re.fullmatch(r"[a-z][a-z0-9_]*", n)), None)
        if wrong is not None:
            raise ValueError(f"by: ${{after.{wrong}}} would not begin with a letter")
        if len(set(names)) < len(names):
            raise ValueError(f"by: fields of one name in ${{after.…}}: {', '.join(names)}")
        if self.first is not None and len(self.first_values) != len(self.by):
            raise ValueError("first: give as many values as there are fields in by")
        return self

    @property
    def places(self) -> tuple[str, ...]:
        """What the fields are called in ``${after.<field>}``."""
        joined = ("_".join(map(str, path)).lower() for path in self.by)
        return tuple(re.sub(r"[^a-z0-9]+", "_", name).strip("_") for name in joined)

    @property
    def first_values(self) -> tuple[str | int, ...]:
        """The values of the first request, in the order of ``by``."""
        if self.first is None:
            return ()
        return self.first if isinstance(self.first, tuple) else (self.first,)


class RangePaging(Paging):
    """A field's range is asked for piece by piece, ``${low}`` to ``${high}``, both inclusive.

    For servers that cut off long answers and know no offset: a piece that reaches ``cap`` is
    dropped and halved. Stable if the field never changes. Records outside of the range, or with
    fractions between its whole numbers or days, are not asked for: choose it wide enough.
    """

    scheme: Literal["range"]
    low: StrictInt | date
    high: StrictInt | date
    widest: Annotated[int, Field(ge=1)] | None = None
    """How many numbers or days one piece may span from the start, if the server limits it."""
    cap: Annotated[int, Field(ge=1)] | None = None
    """Records with which an answer may have been cut off; without it, the limit asked for."""
    last: Last = Last()
    """``more``, or a ``total`` above what came, also tells that a piece has been cut off."""
    within: Within | None = None
    """How one piece comes in pages, instead of being cut off."""

    @model_validator(mode="after")
    def _a_range(self) -> RangePaging:
        if isinstance(self.low, int) != isinstance(self.high, int):
            raise ValueError("low and high must both be whole numbers or both be dates")
        if self.low > self.high:  # type: ignore[operator]
            raise ValueError(f"low {self.low} lies above high {self.high}")
        if self.within is not None and (self.cap is not None or self.last != Last()):
            raise ValueError(
                "cap and last are for pieces that are cut off; pieces in pages have within.last"
            )
        return self


Within = Annotated[
    OffsetPaging | PagePaging | NextLinkPaging | LinkHeaderPaging | CursorPaging | KeysetPaging,
    Field(discriminator="scheme"),
]
PagingSpec: TypeAlias = Annotated[
    NoPaging
    | OffsetPaging
    | PagePaging
    | NextLinkPaging
    | LinkHeaderPaging
    | CursorPaging
    | KeysetPaging
    | RangePaging,
    Field(discriminator="scheme"),
]
RangePaging.model_rebuild()

_PLACES: dict[type[Paging], Callable[[Any], set[str]]] = {
    OffsetPaging: lambda _: {"offset", "end", "last"},
    PagePaging: lambda _: {"page"},
    CursorPaging: lambda _: {"cursor"},
    KeysetPaging: lambda spec: (
        {"after"} if len(spec.by) == 1 else {f"after.{name}" for name in spec.places}
    ),
    RangePaging: lambda spec: (
        {"low", "high"} | (page_values(spec.within) if spec.within else set())
    ),
}


def page_values(spec: PagingSpec) -> set[str]:
    """Names of the places that the scheme fills in a request, such as ``offset`` and ``limit``.

    ``cursor`` and ``after`` have no value in the first request, unless ``first`` is declared.
    """
    return {"limit"} | _PLACES.get(type(spec), lambda _: set())(spec)
