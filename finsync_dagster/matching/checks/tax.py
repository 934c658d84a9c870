"""Tax of an invoice recomputed from the rates of its order lines, or else from its own.

Belongs here: the expected tax of a document. Not here: that of a single line (checks/tax_lines.py),
how tax is rounded (tax_rounding.py), nor which code or rate is right in law.

Source: ServiceNow AP ("tax amount validation"), EN 16931 (BR-CO-17: tax per rate is base times
rate, rounded to two decimals); where tax is rounded is a choice of the supplier's system.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.landscape.policy_model import TaxRounding
from finsync_dagster.matching.checks.limited import NOTHING
from finsync_dagster.matching.checks.tax_rounding import tax_of
from finsync_dagster.matching.checks.value_billing import members_of
from finsync_dagster.matching.checks.whole_invoices import WholeInvoices
from finsync_dagster.matching.figures.exact import guard_prices, value_at_price
from finsync_dagster.matching.figures.positions import INVOICE_POS, numbered
from finsync_dagster.matching.linking.billing import QUANTITY
from finsync_dagster.matching.tolerance import TAX_TOTAL, Comparison
from finsync_dagster.money import minor_unit_expr

ORDER_RATES = "order rates"
OWN_RATES = "own rates"

_TAXED = (INVOICE_POS, "tax_rate", "base")


def tax_checks(
    whole: WholeInvoices,
    valued: pl.DataFrame,
    order_lines: pl.DataFrame,
    rule: TaxRounding | None,
) -> list[Comparison]:
    """TAX_TOTAL of every invoice whose tax can be recomputed.

    From its order, if each line that bills goods bills a quantity of a known order line, or
    provably everything its order received; each of those order lines states a rate; and there are
    no charges, whose tax no order states. Of any other invoice, from the rates that it states
    itself. Lines at a rate of 0 (reverse charge, zero-rated) owe nothing. The entity's rule says
    where tax is rounded; without one, per order line, or per rate that the invoice states.

    Args:
        whole: live invoices and all their lines.
        valued: amount-billed lines as ``value_lines`` returns them.
        order_lines: as the order book has them.
        rule: where the entity's tax is rounded; None: the policy does not say.
    """
    bills = whole.lines.select(pl.col("type").is_in(["item", "charge"])).to_series()
    goods = _only(whole.lines, bills)
    bases = _of_order_rates(whole, goods, _of_totals(valued, order_lines))
    plain = whole.invoices.select((pl.col("charges") == 0).fill_null(False)).to_series()
    ordered = whole.where(bases[INVOICE_POS]) & plain
    own = _of_own_rates(whole, goods, plain, ~ordered)
    bases = _only(bases, ordered[bases[INVOICE_POS]])
    return [
        _compared(whole, bases, ORDER_RATES, rule or "line"),
        _compared(whole, own, OWN_RATES, rule or "rate"),
    ]


def _only(rows: pl.DataFrame, those: pl.Series) -> pl.DataFrame:
    """The rows concerned; of most companies these are all there are."""
    return rows if those.all() else rows.filter(those)


def _compared(
    whole: WholeInvoices, bases: pl.DataFrame, basis: str, rounding: TaxRounding
) -> Comparison:
    if bases.is_empty():
        return Comparison(TAX_TOTAL, basis, NOTHING)
    heads = whole.invoices.select("invoice_id", "tax", minor=minor_unit_expr(pl.col("ccy")))
    minor = heads["minor"][bases[INVOICE_POS]]
    taxed = tax_of(bases.with_columns(minor), rounding, INVOICE_POS)
    taxed = taxed.with_columns(heads["tax"][taxed[INVOICE_POS]].alias("actual"))
    apart = taxed.filter(taxed["expected"] != taxed["actual"])
    if apart.is_empty():
        return Comparison(TAX_TOTAL, basis, NOTHING)
    found = apart.select(
        "expected",
        "actual",
        subject_type=pl.lit("invoice"),
        subject_id=heads["invoice_id"][apart[INVOICE_POS]],
    )
    # Totals come in any order; few differ, and those are told in one.
    return Comparison(TAX_TOTAL, basis, found.sort("subject_id"))


def _of_order_rates(
    whole: WholeInvoices, goods: pl.DataFrame, totals: pl.DataFrame
) -> pl.DataFrame:
    """_TAXED of invoices of which all goods are billed at rates of order lines."""
    by_quantity = (pl.col("billing") == QUANTITY) & pl.col("problem").is_null()
    by_quantity &= pl.col("tax_rate").is_not_null()
    known = goods.select(known=by_quantity).to_series()
    if not totals.is_empty():
        known |= goods["invoice_line_id"].is_in(totals["invoice_line_id"].implode())
    if not known.all():
        unknown = whole.where(goods[INVOICE_POS].filter(~known))
        goods = goods.filter(~unknown[goods[INVOICE_POS]])
    lines = goods.select(INVOICE_POS, "invoice_line_id", "tax_rate", base="net_amount")
    if totals.is_empty():
        return lines.select(_TAXED)
    proven = lines.select(INVOICE_POS, "invoice_line_id").join(totals, on="invoice_line_id")
    lines = lines.join(totals, on="invoice_line_id", how="anti")
    return pl.concat([lines.select(_TAXED), proven.select(_TAXED)])


def _of_totals(valued: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    """``invoice_line_id``, ``tax_rate``, ``base`` per order line of a proven invoice line, if each
    of them states a rate."""
    proven = valued.filter(valued["proven"]).select("invoice_line_id", "group", "group_is_order")
    if proven.is_empty():
        return proven
    members = members_of(proven, order_lines).join(
        proven.select("invoice_line_id", "group"), on="group"
    )
    members = members.filter(pl.col("basis") != 0)
    silent = members.filter(pl.col("tax_rate").is_null()).select("invoice_line_id")
    members = members.join(silent, on="invoice_line_id", how="anti")
    guard_prices(members, "basis")
    base = value_at_price("basis", pl.col("minor"))
    return members.select("invoice_line_id", "tax_rate", base=base)


def _of_own_rates(
    whole: WholeInvoices, goods: pl.DataFrame, plain: pl.Series, others: pl.Series
) -> pl.DataFrame:
    """_TAXED of the ``others`` whose tax lines, or else all others, state a rate.

    With one rate, everything is billed at it; with several, each line has to say at which.
    """
    if whole.lines["stated_rate"].null_count() == whole.lines.height or not others.any():
        return _nothing(goods)
    goods = _only(goods, others[goods[INVOICE_POS]])
    taxes = whole.lines.filter(whole.lines["type"] == "tax")
    taxes = _only(taxes, others[taxes[INVOICE_POS]])
    # Where no tax is a line, what is billed says at which rate; charges of the header do not.
    told = ~plain | whole.where(taxes[INVOICE_POS])
    rated = goods.filter(~told[goods[INVOICE_POS]])
    saying = pl.concat([side.select(INVOICE_POS, "stated_rate") for side in (taxes, rated)])
    rate = saying["stated_rate"]
    if rate.null_count() == saying.height:
        return _nothing(goods)
    silent = whole.where(saying[INVOICE_POS].filter(rate.is_null()))
    rates = (
        saying.filter(~silent[saying[INVOICE_POS]])
        .group_by(INVOICE_POS)
        .agg(_rates=pl.col("stated_rate").n_unique(), _rate=pl.col("stated_rate").first())
    )
    single = pl.col("_rates") == 1
    rate_billed = pl.when(single).then("_rate").otherwise("stated_rate")
    billed = goods.join(rates, on=INVOICE_POS).select(
        INVOICE_POS, tax_rate=rate_billed, base="net_amount"
    )
    heads = numbered(whole.invoices.select("charges"), INVOICE_POS)
    extra = heads.filter(others & (heads["charges"] != 0)).join(rates, on=INVOICE_POS)
    at_one = extra.filter(single).select(INVOICE_POS, tax_rate="_rate", base="charges")
    bases = pl.concat([billed, at_one])
    # Charges of the header with several rates, lines of which nobody knows the rate.
    unclear = [extra.filter(~single), bases.filter(pl.col("tax_rate").is_null())]
    unknown = whole.where(pl.concat([side[INVOICE_POS] for side in unclear]))
    return bases.filter(~unknown[bases[INVOICE_POS]])


def _nothing(goods: pl.DataFrame) -> pl.DataFrame:
    return goods.clear().select(INVOICE_POS, "tax_rate", base="net_amount")
