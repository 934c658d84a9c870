"""Arithmetic of the reference: fractions, rounded only where the rules say so.

Belongs here: half up, minor units. Not here: what is rounded when.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

MINOR = {"JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3}
"""Decimals of a currency's smallest coin, where they are not two."""

PRICE_PLACES = 10
VALUE_PLACES = 4


def exact(value: Any) -> Fraction:
    """A figure as a document states it; nothing stated is an error here."""
    return Fraction(Decimal(value))


def half_up(value: Fraction, places: int) -> Fraction:
    """Rounded, the half away from zero: 2.5 to 3, -2.5 to -3."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled + 1) // 2
    return Fraction(whole, 10**places) * (-1 if value < 0 else 1)


def coin(value: Fraction, ccy: str) -> Fraction:
    """An amount rounded to the currency's minor unit."""
    return half_up(value, MINOR.get(ccy, 2))


def decimal(value: Fraction, places: int = PRICE_PLACES) -> Decimal:
    """For comparison with a column that keeps so many places."""
    units = half_up(value, places) * 10**places
    return (Decimal(int(units)).scaleb(-places)).quantize(
        Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP
    )
