"""Prices as Coupa tells them: for one unit of the line.

Belongs here: the exact price of one unit, and how a column keeps it. Not here: whose price it is.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from finsync_dagster.sandbox.vendors.view import Row


def price_per_unit(row: Row) -> Decimal:
    """A row's price for one of its units, exact."""
    price: Decimal = row["price"]
    ratio = row["price_unit"] * row["price_uom_denominator"]
    with localcontext() as context:
        context.prec = 60
        return price * row["price_uom_numerator"] / ratio


def six_decimals(value: Decimal) -> Decimal:
    """A price as a column of six decimals keeps it, rounded half up."""
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP)
