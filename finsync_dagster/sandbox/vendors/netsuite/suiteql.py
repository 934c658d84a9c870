"""The SuiteQL resource: its request, its pages, the faults it may show.

Belongs here: POST query/v1/suiteql. Not here: queries (dialect.py, results.py), logins (api.py).
"""

from __future__ import annotations

import json
import re
from typing import Any

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.netsuite.errors import RefusedError, error
from finsync_dagster.sandbox.vendors.netsuite.results import Item, Results
from finsync_dagster.sandbox.vendors.wire import Answer, Request

PAGE = 1000
_TYPE = ("Content-Type", "application/vnd.oracle.resource+json; type=collection; charset=UTF-8")


def suiteql(request: Request, results: Results, faults: Faults, system: str) -> Answer:
    """The answer to a SuiteQL request.

    Raises:
        RefusedError: what is asked cannot be done.
    """
    if "transient" not in request.headers.get("prefer", "").replace(" ", "").split(","):
        raise RefusedError(
            400, "INVALID_HEADER", "The required request header 'Prefer: transient' is missing."
        )
    query = _query(request.body)
    limit, offset = paging(request)
    asked = limit
    if small := faults.strikes("small_page", request, system):
        limit = min(limit, small.records or max(1, limit // 3))
    again = faults.strikes("repeated_page", request, system) if offset else None
    page = results.page(query, limit, offset, (again.records or 3) if again else 0)
    if faults.strikes("error_in_200", request, system):
        failed = error(500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: 7f3a")
        return Answer(200, failed.body, failed.headers)
    more = offset + len(page.items) < page.total
    body = {
        "links": _links(request, asked, offset, len(page.items), page.total),
        "count": len(page.items),
        "hasMore": more,
        "items": [{"links": [], **item} for item in _grown(page.items, request, faults, system)],
        "offset": offset,
        "totalResults": page.total,
    }
    return Answer(200, _retyped(body, request, faults, system), (_TYPE,))


def paging(request: Request) -> tuple[int, int]:
    """The limit and offset of a request.

    Raises:
        RefusedError: they are not numbers in range.
    """
    limit = _number(request, "limit", PAGE)
    offset = _number(request, "offset", 0)
    if not 1 <= limit <= PAGE:
        raise RefusedError(
            400, "INVALID_PARAMETER", f"The limit must be between 1 and {PAGE}.", "limit"
        )
    return limit, offset


def _number(request: Request, name: str, default: int) -> int:
    said = request.first(name)
    if said is None:
        return default
    if not said.isascii() or not said.isdigit() or len(said) > 9:
        raise RefusedError(400, "INVALID_PARAMETER", f"Invalid value of {name}.", name)
    return int(said)


def _query(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    query = said.get("q") if isinstance(said, dict) else None
    if not isinstance(query, str) or not query.strip():
        raise RefusedError(
            400, "INVALID_CONTENT", 'Invalid request body: expected {"q": "SELECT ..."}.'
        )
    return query


def _links(
    request: Request, limit: int, offset: int, count: int, total: int
) -> list[dict[str, str]]:
    def link(rel: str, at: int) -> dict[str, str]:
        return {
            "rel": rel,
            "href": f"{request.address}{request.path}?limit={limit}&offset={at}",
        }

    links = [link("self", offset)]
    if offset > 0:
        links += [link("first", 0), link("prev", max(0, offset - limit))]
    if offset + count < total:
        links += [link("next", offset + count), link("last", (total - 1) // limit * limit)]
    return links


def _grown(items: list[Item], request: Request, faults: Faults, system: str) -> list[Item]:
    new = faults.strikes("new_field", request, system)
    if not new:
        return items
    return [{**item, new.field or "custbody_new": "T"} for item in items]


def _retyped(body: dict[str, Any], request: Request, faults: Faults, system: str) -> bytes:
    written = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    changed = faults.strikes("changed_type", request, system)
    if not changed:
        return written
    # The digits as they were, without the quotes: a number where there was a text.
    field = re.escape((changed.field or "id").encode())
    return re.sub(rb'"(' + field + rb')":"(-?\d+(?:\.\d+)?)"', rb'"\1":\2', written)
