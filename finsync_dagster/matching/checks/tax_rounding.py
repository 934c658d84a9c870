"""Tax of amounts at their rates, rounded where the legal entity's rule says.

Belongs here: base times rate, half up at the currency's minor unit. Not here: which rate applies.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.landscape.policy_model import TaxRounding
from finsync_dagster.matching.figures.exact import guard_product, power_of_ten
from finsync_dagster.money import (
    AMOUNT_SCALE,
    PRICE_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)

_UNROUNDED = AMOUNT_SCALE + PRICE_SCALE


def tax_of(bases: pl.DataFrame, rounding: TaxRounding, invoice: str = "invoice_id") -> pl.DataFrame:
    """``invoice`` and ``expected``: the tax of each invoice.

    Args:
        bases: ``invoice``, ``tax_rate`` (per cent), ``base`` (an Amount), ``minor`` (decimals of
            the currency's minor unit).
        rounding: ``line``: the tax of each row is rounded; ``rate``: that of all rows of a rate
            together; ``document``: only the sum.
        invoice: the column that says whose they are.

    Raises:
        PrecisionError: a base or a rate is too large to be multiplied exactly.
    """
    key = [invoice, "minor"]
    if rounding == "rate":
        bases = bases.group_by(*key, "tax_rate").agg(pl.col("base").sum())
    base, rate = scaled_base(), scaled_rate()
    guard_product(bases, ("base", AMOUNT_SCALE), ("tax_rate", PRICE_SCALE))
    if rounding == "document":
        products = bases.group_by(key).agg(_product=(base * rate).sum(), _n=pl.len())
        guard_product(products, "_product", 2)
        taxed = products.with_columns(expected=rounded_tax(pl.col("_product")))
        return taxed.select(invoice, "expected")
    taxed = bases.with_columns(expected=rounded_tax(base * rate))
    return taxed.group_by(invoice).agg(pl.col("expected").sum())


def scaled_base() -> pl.Expr:
    """``base`` in Int128 units of an amount."""
    return to_scaled(pl.col("base"), AMOUNT_SCALE)


def scaled_rate() -> pl.Expr:
    """``tax_rate`` in Int128 units of a price."""
    return to_scaled(pl.col("tax_rate"), PRICE_SCALE)


def rounded_tax(product: pl.Expr) -> pl.Expr:
    """A product of base and rate (per cent) as an Amount, half up once at ``minor`` decimals."""
    per_cent = 100 * power_of_ten(_UNROUNDED, pl.col("minor"))
    rounded = divide_half_up(product, per_cent)
    return from_scaled(rounded * power_of_ten(AMOUNT_SCALE, pl.col("minor")), AMOUNT_SCALE)
