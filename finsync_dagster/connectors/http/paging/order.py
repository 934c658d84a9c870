"""Which of two values of a record's fields comes first.

Belongs here: comparing them as the source would. Not here: what disorder means (paging/keyset.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from finsync_dagster.connectors.http.exact_json import Number
from finsync_dagster.connectors.http.paging.error import PagingError

Key = Sequence[str]
"""Values of one record, text or ``Number``, in the order of the fields."""
_DIGITS = re.compile(r"-?\d+")


def compared(before: Key, after: Key, numeric: bool | None) -> int:
    """-1, 0 or 1, as the first is below, the same as, or above the second.

    Numbers, and text of plain digits, are compared as numbers, and all other text by its
    characters. ``numeric`` decides it for all text: False means characters, True numbers.

    Raises:
        PagingError: text that is to be a number is none.
    """
    for one, other in zip(before, after, strict=True):
        if order := _order(one, other, numeric):
            return order
    return 0


def _order(one: str, other: str, numeric: bool | None) -> int:
    if numeric or (numeric is None and _number_like(one) and _number_like(other)):
        low, high = _decimal(one), _decimal(other)
        return (low > high) - (low < high)
    return (one > other) - (one < other)


def _number_like(value: str) -> bool:
    return isinstance(value, Number) or _DIGITS.fullmatch(value) is not None


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise PagingError(
            f"{str(text)!r} is no number, and paging.by is to be compared as numbers",
            "Write numeric: false, or page by a field of numbers",
        )
    return value
