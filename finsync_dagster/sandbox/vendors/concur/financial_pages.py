"""Pages of financial documents, in either of two envelopes.

Belongs here: ``page`` and ``limit``, the two envelopes, links. Not here: which documents wait
(financial.py).

``paged`` is the envelope of the service's reference: ``links`` with a ``rel`` each, ``content``,
``page``. ``documents`` is the one of its sample answers: ``fIDocuments``, ``offset``, ``nextPage``,
``numberReturned``. A page smaller than asked has links that count in its own size, so that nothing
is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from finsync_dagster.sandbox.vendors.concur.errors import Refusal
from finsync_dagster.sandbox.vendors.concur.fields import Object
from finsync_dagster.sandbox.vendors.concur.parameters import DEFAULT_LIMIT
from finsync_dagster.sandbox.vendors.wire import Request

Envelope = Literal["paged", "documents"]
_LARGEST_LIMIT = 200
_LINK = ("hreflang", "media", "title", "type", "deprecation")


@dataclass(frozen=True)
class Cut:
    """Which page of what size of how many documents."""

    number: int
    size: int
    total: int

    @property
    def first(self) -> int:
        """The place of the page's first document."""
        return self.number * self.size

    @property
    def pages(self) -> int:
        """How many pages of this size there are."""
        return -(-self.total // self.size)


def cut(request: Request, total: int, *, smaller: bool) -> Cut:
    """The page a request asks for; with ``smaller``, the first part of it.

    Raises:
        Refusal: page or limit is no such number.
    """
    number = _number(request, "page", 0, 1 << 40)
    size = _number(request, "limit", DEFAULT_LIMIT, _LARGEST_LIMIT)
    if size == 0:
        raise Refusal(400, f"The limit must be a number from 1 to {_LARGEST_LIMIT}.")
    if smaller:
        part = next((p for p in range(size // 2, 0, -1) if size % p == 0), size)
        number, size = number * (size // part), part
    return Cut(number, size, total)


def envelope(way: Envelope, request: Request, page: Cut, found: list[Object]) -> Object:
    """A page in its envelope."""
    more = page.first + page.size < page.total
    if way == "documents":
        return {
            "fIDocuments": found,
            "offset": None,
            "nextPage": _address(request, page.number + 1, page.size) if more else None,
            "numberReturned": len(found),
        }
    places = {"first": 0, "self": page.number}
    if page.number:
        places["prev"] = page.number - 1
    if more:
        places["next"] = page.number + 1
    places["last"] = max(page.pages - 1, 0)
    return {
        "links": [_link(request, rel, number, page.size) for rel, number in places.items()],
        "content": [each | {"links": []} for each in found],
        "page": {
            "size": page.size,
            "totalElements": page.total,
            "totalPages": page.pages,
            "number": page.number,
        },
    }


def _link(request: Request, rel: str, number: int, size: int) -> Object:
    found: Object = {"rel": rel, "href": _address(request, number, size)}
    return found | dict.fromkeys(_LINK)


def _address(request: Request, number: int, size: int) -> str:
    kept = [(k, v) for k, v in request.query if k not in ("page", "limit", "size")]
    asked = urlencode([*kept, ("limit", size), ("page", number), ("size", size)])
    return f"{request.address}{request.path}?{asked}"


def _number(request: Request, name: str, default: int, largest: int) -> int:
    said = request.first(name)
    if said is None:
        return default
    if said.isascii() and said.isdigit() and len(said) < 19 and int(said) <= largest:
        return int(said)
    raise Refusal(400, f"{name} must be a number of at most {largest}.")
