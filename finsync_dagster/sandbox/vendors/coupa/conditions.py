"""Coupa's filters as SQL over a resource's index.

Belongs here: what each operator means, and reading values by a column's type. Not here: which
attributes a resource has (resources.py).

Text is compared as it is, but ``contains`` and ``starts_with`` do not tell capitals from small
letters (K: the database's collation). A bare day is its midnight UTC. As in SQL, a null fits no
operator but ``blank``. An attribute that Coupa has and nobody here ever fills is always null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from finsync_dagster.sandbox.vendors.coupa.errors import Refusal
from finsync_dagster.sandbox.vendors.coupa.question import Filter

_LARGEST_EXPONENT = 18
_COMPARED = {"eq": "=", "gt": ">", "gt_or_eq": ">=", "lt": "<", "lt_or_eq": "<=", "not_eq": "<>"}


def where(
    filters: tuple[Filter, ...], types: Mapping[str, str], exists: Callable[[str], bool]
) -> tuple[str, list[Any]]:
    """The condition and its parameters; ``true`` without filters.

    ``types`` are the index's columns and their SQL types; ``exists`` tells whether Coupa has an
    attribute that is not among them.

    Raises:
        Refusal: there is no such attribute, or a value cannot be read.
    """
    said: list[str] = []
    parameters: list[Any] = []
    for each in filters:
        if each.attribute not in types:
            if not exists(each.attribute):
                raise Refusal(400, f"{each.attribute} is not a valid attribute to filter by")
            said.append("true" if each.operator == "blank" and _flag(each) else "false")
            continue
        text, values = _one(each, f'"{each.attribute}"', types[each.attribute])
        said.append(text)
        parameters += values
    return " AND ".join(said) or "true", parameters


def _one(each: Filter, column: str, sql_type: str) -> tuple[str, list[Any]]:
    if each.operator == "blank":
        empty = f"({column} IS NULL OR CAST({column} AS VARCHAR) = '')"
        return (empty if _flag(each) else f"NOT {empty}"), []
    if each.operator in ("in", "not_in"):
        values = [_value(each.attribute, text, sql_type) for text in each.value.split(",")]
        marks = ", ".join("?" for _ in values)
        return f"{column} {'NOT IN' if each.operator == 'not_in' else 'IN'} ({marks})", values
    if each.operator == "contains":
        return f"contains(lower(CAST({column} AS VARCHAR)), lower(?))", [each.value]
    if each.operator == "starts_with":
        return f"starts_with(lower(CAST({column} AS VARCHAR)), lower(?))", [each.value]
    value = _value(each.attribute, each.value, sql_type)
    return f"{column} {_COMPARED[each.operator]} ?", [value]


def _flag(each: Filter) -> bool:
    return each.value.strip().lower() in ("true", "1", "t", "yes")


def _value(attribute: str, text: str, sql_type: str) -> Any:
    text = text.strip()
    try:
        if sql_type.startswith("TIMESTAMP"):
            return _moment(text)
        if sql_type == "DATE":
            return date.fromisoformat(text[:10])
        if sql_type in ("BIGINT", "INTEGER"):
            return _within(int(text))
        if sql_type.startswith("DECIMAL"):
            number = Decimal(text)
            if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
                raise ValueError(text)
            return number
        if sql_type == "BOOLEAN":
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise Refusal(400, f"{text} is not a valid value for {attribute}") from None
    return text


def _within(number: int) -> int:
    """A number that fits into 64 bits.

    Raises:
        ValueError: it does not.
    """
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError(number)
    return number


def _moment(text: str) -> datetime:
    # A + that a client did not encode arrives as a space.
    read = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read


def holds(each: Filter, record: Mapping[str, Any]) -> bool:
    """Whether an object at hand fits a filter; the same meaning as in SQL.

    Raises:
        Refusal: a value cannot be read.
    """
    found: Any = record
    for name in each.attribute.split("."):
        found = found.get(name.replace("_", "-")) if isinstance(found, Mapping) else None
    if each.operator == "blank":
        return (found in (None, "", [])) == _flag(each)
    if found is None or isinstance(found, (dict, list)):
        return False
    if each.operator in ("in", "not_in"):
        among = [_like(each.attribute, text, found) for text in each.value.split(",")]
        return (found in among) == (each.operator == "in")
    if each.operator in ("contains", "starts_with"):
        at = str(found).lower().find(each.value.lower())
        return at == 0 if each.operator == "starts_with" else at >= 0
    wanted = _like(each.attribute, each.value, found)
    compared = (found > wanted) - (found < wanted)
    return {
        "eq": compared == 0,
        "not_eq": compared != 0,
        "gt": compared > 0,
        "gt_or_eq": compared >= 0,
        "lt": compared < 0,
        "lt_or_eq": compared <= 0,
    }[each.operator]


def _like(attribute: str, text: str, found: Any) -> Any:
    """A filter's value as the same type as what was found; moments are written alike."""
    if isinstance(found, bool):
        return _value(attribute, text, "BOOLEAN")
    if isinstance(found, int | float):
        return _value(attribute, text, "DECIMAL")
    if attribute.endswith("_at"):
        return f"{_value(attribute, text, 'TIMESTAMP').isoformat()}+00:00"
    return text
