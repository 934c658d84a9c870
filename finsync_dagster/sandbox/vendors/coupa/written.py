"""How Coupa writes values: decimals with their scale, moments with their offset.

Belongs here: texts of single values, the same in JSON and XML. Not here: which value a property
has (documents/), the two shapes of a whole answer (typed_xml.py, api.py).

Decimals travel as text in JSON, with the scale of their column. A property computed rather than
kept has no column: it is written with at least two decimals (K). Floats (tax rates) are JSON
numbers, as Rails writes a float column (K).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal


def scaled(value: Decimal | None, scale: int) -> str | None:
    """A decimal with exactly ``scale`` decimals.

    Raises:
        ValueError: it has more than ``scale`` decimals that are not zero.
    """
    if value is None:
        return None
    whole, _, fraction = f"{value:f}".partition(".")
    if len(fraction) > scale:
        if fraction[scale:].strip("0"):
            raise ValueError(f"{value} has more than {scale} decimals")
        fraction = fraction[:scale]
    return f"{whole}.{fraction.ljust(scale, '0')}" if scale else whole


def plain(value: Decimal | None) -> str | None:
    """A decimal without a column: as many decimals as it has, at least two."""
    if value is None:
        return None
    whole, _, fraction = f"{value:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def rate(value: Decimal | None) -> float | None:
    """A rate in percent as a float column holds it. Not for money: it is printed, never summed."""
    return None if value is None else float(value)


def moment(value: datetime | None) -> str | None:
    """A moment kept in UTC, with its offset: ``2026-03-01T09:30:00+00:00``."""
    return (
        None if value is None else value.replace(microsecond=0, tzinfo=None).isoformat() + "+00:00"
    )


def midnight(value: date | None) -> str | None:
    """A day in a property that holds a moment: midnight UTC."""
    return None if value is None else f"{value.isoformat()}T00:00:00+00:00"


def day(value: date | None) -> str | None:
    """A day in a property that holds a day."""
    return None if value is None else value.isoformat()
