"""What a client asks of a list: limit, offset, order, filters, shape.

Belongs here: taking a query string apart. Not here: what filters mean in SQL (conditions.py), what
``fields`` means (selection.py).

``attribute=value``, ``attribute[operator]=value``, nested ``supplier[name]=value`` and
``supplier[name][operator]=value``. Names may be underscored or dashed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from finsync_dagster.sandbox.vendors.coupa.errors import Refusal
from finsync_dagster.sandbox.vendors.coupa.fields import underscored

LARGEST_PAGE = 50
OPERATORS = frozenset(
    {
        "gt",
        "gt_or_eq",
        "lt",
        "lt_or_eq",
        "in",
        "not_in",
        "not_eq",
        "contains",
        "starts_with",
        "blank",
    }
)
_RESERVED = frozenset({"limit", "offset", "order_by", "dir", "fields", "return_object"})
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]+\])*)\Z")
_LARGEST_OFFSET = 1 << 62


@dataclass(frozen=True)
class Filter:
    """One condition: ``supplier.name``, ``contains``, what with. The plain one is ``eq``."""

    attribute: str
    operator: str
    value: str


@dataclass(frozen=True)
class Question:
    """A whole query string, taken apart."""

    filters: tuple[Filter, ...]
    limit: int
    offset: int
    order_by: str
    descending: bool
    fields: str | None
    return_object: str | None


def parse(query: tuple[tuple[str, str], ...]) -> Question:
    """What a query string asks.

    Raises:
        Refusal: a number is none, or a name cannot be read.
    """
    reserved: dict[str, str] = {}
    filters = []
    for name, value in query:
        plain = underscored(name)
        if plain in _RESERVED:
            reserved[plain] = value
        else:
            filters.append(_filter(plain, value))
    direction = reserved.get("dir", "asc").lower()
    if direction not in ("asc", "desc"):
        raise Refusal(400, f"dir must be asc or desc, not {direction}")
    return Question(
        tuple(filters),
        min(_number(reserved, "limit", LARGEST_PAGE), LARGEST_PAGE),
        min(_number(reserved, "offset", 0), _LARGEST_OFFSET),
        underscored(reserved.get("order_by", "id")),
        direction == "desc",
        reserved.get("fields"),
        reserved.get("return_object"),
    )


def _number(reserved: dict[str, str], name: str, default: int) -> int:
    said = reserved.get(name)
    if said is None:
        return default
    if not (said.isascii() and said.isdigit() and len(said) < 20):
        raise Refusal(400, f"{name} must be a number of 0 or more")
    return int(said)


def _filter(name: str, value: str) -> Filter:
    if (read := _NAME.match(name)) is None:
        raise Refusal(400, f"the parameter {name} cannot be read")
    path = [read[1], *re.findall(r"\[([^\[\]]+)\]", read[2])]
    operator = path.pop() if len(path) > 1 and path[-1] in OPERATORS else "eq"
    return Filter(".".join(path), operator, value)
