"""Tax of an invoice recomputed from the rates of its order lines, or else from its own.

Belongs here: the expected tax. Not here: which code or rate is right in law.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.billing import QUANTITY
from finsync_dagster.matching.exact import (
    guard_prices,
    guard_product,
    power_of_ten,
    value_at_price,
)
from finsync_dagster.matching.tolerance import TAX_TOTAL, Limits
from finsync_dagster.matching.value_billing import members_of
from finsync_dagster.money import (
    AMOUNT,
    AMOUNT_SCALE,
    PRICE_SCALE,
    divide_half_up,
    from_scaled,
    minor_unit_expr,
    to_scaled,
)

ORDER_RATES = "order rates"
OWN_RATES = "own rates"


def tax_checks(
    invoices: pl.DataFrame,
    lines: pl.DataFrame,
    valued: pl.DataFrame,
    order_lines: pl.DataFrame,
    limits: Limits,
) -> pl.DataFrame:
    """TAX_TOTAL of every invoice whose tax can be recomputed.

    From its order, if each line that bills goods bills a quantity of a known order line, or
    provably everything its order received; each of those order lines states a rate; and there are
    no charges, whose tax no order states. Per order line the base is rounded to the minor unit,
    then its tax; the sum is compared with the tax on the invoice. Of any other invoice, from the
    rates that it states itself: what it bills at a rate, in total, times the rate.

    Args:
        invoices: live invoices.
        lines: all their lines.
        valued: amount-billed lines as ``value_lines`` returns them.
        order_lines: as the order book has them.
        limits: tolerances.
    """
    per_line = pl.concat([_of_quantities(lines), _of_totals(valued, order_lines)])
    goods = lines.filter(pl.col("type").is_in(["item", "charge"]))
    found = (
        goods.join(per_line, on="invoice_line_id", how="left")
        .group_by("invoice_id")
        .agg(expected=pl.col("line_tax").sum(), _unknown=pl.col("line_tax").is_null().any())
    )
    known = found.filter(~pl.col("_unknown")).drop("_unknown")
    ordered = invoices.filter(pl.col("charges") == 0).join(known, on="invoice_id")
    others = invoices.join(ordered, on="invoice_id", how="anti")
    own = others.join(_of_own_rates(others, lines), on="invoice_id")
    return pl.concat(
        [
            limits.differences(_compared(ordered), TAX_TOTAL, ORDER_RATES),
            limits.differences(_compared(own), TAX_TOTAL, OWN_RATES),
        ]
    )


def _compared(invoices: pl.DataFrame) -> pl.DataFrame:
    return invoices.select(
        subject_type=pl.lit("invoice"), subject_id="invoice_id", expected="expected", actual="tax"
    )


def _of_own_rates(invoices: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """``invoice_id`` → ``expected``, of invoices whose tax lines, or else all others, state a rate.

    With one rate, everything is billed at it; with several, each line has to say at which.
    """
    heads = invoices.select("invoice_id", "charges", minor=minor_unit_expr(pl.col("ccy")))
    mine = lines.join(heads, on="invoice_id", how="semi")
    taxes = mine.filter(pl.col("type") == "tax")
    goods = mine.filter(pl.col("type").is_in(["item", "charge"]))
    # Where no tax is a line, what is billed says at which rate; charges of the header do not.
    plain = heads.filter(pl.col("charges") == 0).join(taxes, on="invoice_id", how="anti")
    saying = pl.concat([taxes, goods.join(plain, on="invoice_id", how="semi")])
    rates = (
        saying.group_by("invoice_id")
        .agg(
            _rates=pl.col("stated_rate").n_unique(),
            _silent=pl.col("stated_rate").is_null().any(),
            _rate=pl.col("stated_rate").first(),
        )
        .filter(~pl.col("_silent"))
    )
    billed = goods.join(rates, on="invoice_id")
    single = pl.col("_rates") == 1
    at = billed.with_columns(tax_rate=pl.when(single).then("_rate").otherwise("stated_rate"))
    extra = heads.join(rates.filter(single), on="invoice_id").select(
        "invoice_id", tax_rate="_rate", net_amount="charges"
    )
    bases = pl.concat([at.select("invoice_id", "tax_rate", "net_amount"), extra])
    # Charges of the header with several rates: nobody knows at which they are taxed.
    unclear = heads.filter(pl.col("charges") != 0).join(rates.filter(~single), on="invoice_id")
    bases = bases.join(unclear, on="invoice_id", how="anti")
    per_rate = bases.group_by("invoice_id", "tax_rate").agg(pl.col("net_amount").sum())
    per_rate = per_rate.join(heads.drop("charges"), on="invoice_id")
    taxed = per_rate.with_columns(_tax=_tax(per_rate, pl.col("net_amount")))
    found = taxed.group_by("invoice_id").agg(
        expected=pl.col("_tax").sum(), _unknown=pl.col("_tax").is_null().any()
    )
    return found.filter(~pl.col("_unknown")).drop("_unknown")


def _of_quantities(lines: pl.DataFrame) -> pl.DataFrame:
    billed = lines.filter((pl.col("billing") == QUANTITY) & pl.col("problem").is_null())
    return billed.select("invoice_line_id", line_tax=_tax(billed, pl.col("net_amount")))


def _of_totals(valued: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    proven = valued.filter("proven").select("invoice_line_id", "group")
    members = members_of(valued, order_lines).join(proven, on="group")
    members = members.filter(pl.col("basis") != 0)
    guard_prices(members, "basis")
    members = members.with_columns(_base=value_at_price("basis", pl.col("minor")))
    taxed = members.with_columns(_tax=_tax(members, pl.col("_base")))
    unknown = pl.col("_tax").is_null().any()
    return taxed.group_by("invoice_line_id").agg(
        line_tax=pl.when(~unknown).then(pl.col("_tax").sum()).otherwise(pl.lit(None, dtype=AMOUNT))
    )


def _tax(frame: pl.DataFrame, base: pl.Expr) -> pl.Expr:
    """``base`` times the rate in per cent, rounded half up once at the minor unit."""
    units, rate = to_scaled(base, AMOUNT_SCALE), to_scaled(pl.col("tax_rate"), PRICE_SCALE)
    guard_product(frame, units, rate)
    per_cent_and_scale = 100 * power_of_ten(AMOUNT_SCALE + PRICE_SCALE, pl.col("minor"))
    rounded = divide_half_up(units * rate, per_cent_and_scale)
    return from_scaled(rounded * power_of_ten(AMOUNT_SCALE, pl.col("minor")), AMOUNT_SCALE)
