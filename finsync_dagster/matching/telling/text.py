"""Figures as people write them, for messages.

Belongs here: formatting only.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from finsync_dagster.money import minor_unit, round_decimal


def money(amount: Decimal, ccy: str) -> str:
    """``1,234.50 USD``, at the currency's minor unit."""
    rounded = round_decimal(amount, minor_unit(ccy))
    return f"{rounded or abs(rounded):,f} {ccy}"  # nobody writes -0.00


def quantity(qty: Decimal, uom: str = "") -> str:
    """``1,050 EA``: no zeros that say nothing."""
    text = f"{qty:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {uom}".rstrip()


def price(value: Decimal, ccy: str) -> str:
    """A unit price with the decimals it has, at least those of the minor unit."""
    digits = f"{value:,f}"
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0").ljust(minor_unit(ccy), "0")
    return f"{whole}.{fraction} {ccy}" if fraction else f"{whole} {ccy}"


def day(value: date) -> str:
    """ISO date."""
    return value.isoformat()
