"""Tax of an invoice recomputed from the rates of its order lines, or else from its own.

Belongs here: the expected tax of a document. Not here: that of a single line (checks/tax_lines.py),
how tax is rounded (tax_rounding.py), nor which code or rate is right in law.

Source: ServiceNow AP ("tax amount validation"), EN 16931 (BR-CO-17: tax per rate is base times
rate, rounded to two decimals); where tax is rounded is a choice of the supplier's system.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.landscape.policy_model import TaxRounding
from finsync_dagster.matching.checks.tax_rounding import tax_of
from finsync_dagster.matching.checks.value_billing import members_of
from finsync_dagster.matching.figures.exact import guard_prices, value_at_price
from finsync_dagster.matching.linking.billing import QUANTITY
from finsync_dagster.matching.tolerance import TAX_TOTAL, Limits
from finsync_dagster.money import minor_unit_expr

ORDER_RATES = "order rates"
OWN_RATES = "own rates"

_TAXED = ("invoice_id", "tax_rate", "base")


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
    no charges, whose tax no order states. Of any other invoice, from the rates that it states
    itself. Lines at a rate of 0 (reverse charge, zero-rated) owe nothing. The entity's rule says
    where tax is rounded; without one, per order line, or per rate that the invoice states.

    Args:
        invoices: live invoices.
        lines: all their lines.
        valued: amount-billed lines as ``value_lines`` returns them.
        order_lines: as the order book has them.
        limits: tolerances.
    """
    rule = limits.tax_rounding
    goods = lines.filter(pl.col("type").is_in(["item", "charge"]))
    heads = invoices.select("invoice_id", "tax", "charges", minor=minor_unit_expr(pl.col("ccy")))
    bases = _of_order_rates(goods, valued, order_lines)
    ordered = heads.filter(pl.col("charges") == 0).join(bases, on="invoice_id", how="semi")
    others = heads.join(ordered, on="invoice_id", how="anti")
    own = _of_own_rates(others, lines, goods)
    return pl.concat(
        [
            _compared(ordered, bases, limits, ORDER_RATES, rule or "line"),
            _compared(others, own, limits, OWN_RATES, rule or "rate"),
        ]
    )


def _compared(
    heads: pl.DataFrame, bases: pl.DataFrame, limits: Limits, basis: str, rounding: TaxRounding
) -> pl.DataFrame:
    mine = bases.join(heads.select("invoice_id", "minor"), on="invoice_id")
    both = heads.join(tax_of(mine, rounding), on="invoice_id")
    found = both.select(
        subject_type=pl.lit("invoice"), subject_id="invoice_id", expected="expected", actual="tax"
    )
    # Totals come in any order; few differ, and those are told in one.
    return limits.differences(found, TAX_TOTAL, basis).sort("subject_id")


def _of_order_rates(
    goods: pl.DataFrame, valued: pl.DataFrame, order_lines: pl.DataFrame
) -> pl.DataFrame:
    """_TAXED of invoices of which all goods are billed at rates of order lines."""
    by_quantity = (pl.col("billing") == QUANTITY) & pl.col("problem").is_null()
    by_quantity &= pl.col("tax_rate").is_not_null()
    totals = _of_totals(valued, order_lines)
    known = by_quantity.fill_null(False)
    if not totals.is_empty():
        known |= pl.col("invoice_line_id").is_in(totals["invoice_line_id"].implode())
    told = goods.select("invoice_id", "invoice_line_id", "tax_rate", "net_amount", _known=known)
    if not told["_known"].any():
        return told.select("invoice_id", "tax_rate", base="net_amount").clear()
    unknown = told.filter(~pl.col("_known")).select("invoice_id").unique()
    told = told.join(unknown, on="invoice_id", how="anti")
    lines = told.rename({"net_amount": "base"})
    if not totals.is_empty():
        proven = told.select("invoice_id", "invoice_line_id").join(totals, on="invoice_line_id")
        lines = lines.join(totals, on="invoice_line_id", how="anti")
        return pl.concat([lines.select(_TAXED), proven.select(_TAXED)])
    return lines.select(_TAXED)


def _of_totals(valued: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    """``invoice_line_id``, ``tax_rate``, ``base`` per order line of a proven invoice line, if each
    of them states a rate."""
    proven = valued.filter("proven").select("invoice_line_id", "group")
    members = members_of(valued, order_lines).join(proven, on="group")
    members = members.filter(pl.col("basis") != 0)
    silent = members.filter(pl.col("tax_rate").is_null()).select("invoice_line_id")
    members = members.join(silent, on="invoice_line_id", how="anti")
    guard_prices(members, "basis")
    base = value_at_price("basis", pl.col("minor"))
    return members.select("invoice_line_id", "tax_rate", base=base)


def _of_own_rates(heads: pl.DataFrame, lines: pl.DataFrame, goods: pl.DataFrame) -> pl.DataFrame:
    """_TAXED of invoices whose tax lines, or else all others, state a rate.

    With one rate, everything is billed at it; with several, each line has to say at which.
    """
    goods = goods.join(heads, on="invoice_id", how="semi")
    taxes = lines.filter(pl.col("type") == "tax").join(heads, on="invoice_id", how="semi")
    # Where no tax is a line, what is billed says at which rate; charges of the header do not.
    plain = heads.filter(pl.col("charges") == 0).join(taxes, on="invoice_id", how="anti")
    rated = goods.join(plain, on="invoice_id", how="semi")
    saying = pl.concat([side.select("invoice_id", "stated_rate") for side in (taxes, rated)])
    silent = saying.filter(pl.col("stated_rate").is_null()).select("invoice_id").unique()
    rates = (
        saying.join(silent, on="invoice_id", how="anti")
        .group_by("invoice_id")
        .agg(_rates=pl.col("stated_rate").n_unique(), _rate=pl.col("stated_rate").first())
    )
    single = pl.col("_rates") == 1
    rate = pl.when(single).then("_rate").otherwise("stated_rate")
    billed = goods.join(rates, on="invoice_id").select(
        "invoice_id", tax_rate=rate, base="net_amount"
    )
    extra = heads.filter(pl.col("charges") != 0).join(rates, on="invoice_id")
    at_one = extra.filter(single).select("invoice_id", tax_rate="_rate", base="charges")
    bases = pl.concat([billed, at_one])
    # Charges of the header with several rates, lines of which nobody knows the rate.
    unclear = [extra.filter(~single), bases.filter(pl.col("tax_rate").is_null())]
    unknown = pl.concat([side.select("invoice_id") for side in unclear]).unique()
    return bases.join(unknown, on="invoice_id", how="anti")
