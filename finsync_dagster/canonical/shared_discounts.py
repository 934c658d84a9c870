"""A cash discount that was shared out over the invoices of one payment: what rounding left.

Belongs here: giving the last cents to one of the shares. Not here: sharing it out (the mapping of
the system that states it only in total), which statements count (stated_settlement.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.money import AMOUNT_SCALE, minor_unit_expr, power_of_ten, to_scaled

_PAYMENT = ("payment_id", "entity_id")


def evened(rows: pl.DataFrame) -> pl.DataFrame:
    """The statements, those of one payment with the same sum as the payment if rounding is all
    that is between the two.

    Each share is rounded at the minor unit, so that n shares miss what was paid by up to n halves
    of it. The largest discount takes the difference; what it and the money settle together of the
    invoice stays as stated. Anything beyond is no matter of rounding, and left alone.

    Args:
        rows: statements with ``application_id``, ``payment_id``, ``entity_id``, ``ccy``,
            ``amount_applied``, ``discount_taken``, ``refused`` (null if it counts), ``_paid`` (the
            payment) and ``_total`` (all that counts of it).
    """
    apart = pl.col("refused").is_null() & (pl.col("_total") != pl.col("_paid"))
    shares = rows.filter(apart & (pl.col("discount_taken") != 0))
    if shares.is_empty():
        return rows
    missed = shares.group_by(_PAYMENT).agg(
        _shares=pl.len(), _more=(pl.col("_total") - pl.col("_paid")).first()
    )
    largest = shares.sort(
        pl.col("discount_taken").abs(), "application_id", descending=[True, False]
    )
    largest = largest.unique(_PAYMENT, keep="first").join(missed, on=_PAYMENT)
    half = power_of_ten(AMOUNT_SCALE - minor_unit_expr(pl.col("ccy")))
    rounding = 2 * to_scaled(pl.col("_more"), AMOUNT_SCALE).abs() <= pl.col("_shares") * half
    takes = largest.filter((pl.col("_shares") > 1) & rounding).select("application_id", "_more")
    found = rows.join(takes, on="application_id", how="left", maintain_order="left")
    more = pl.col("_more").fill_null(0)
    found = found.with_columns(
        amount_applied=pl.col("amount_applied") - more,
        discount_taken=pl.col("discount_taken") + more,
    )
    settled = takes.join(rows.select("application_id", *_PAYMENT), on="application_id")
    whole = found.select(_PAYMENT).join(
        settled.select(*_PAYMENT, _even=pl.lit(True)),
        on=_PAYMENT,
        how="left",
        maintain_order="left",
    )["_even"]
    total = pl.when(whole.fill_null(False)).then("_paid").otherwise("_total")
    return found.with_columns(_total=total).drop("_more")
