"""Which invoices a source says its payments settle, as far as that can be true.

Belongs here: judging what a source states (payment_applications), and making allocations of what
counts. Not here: what the data proves where the source is silent (settlement.py).

A statement counts if payment and invoice are known in its legal entity, the money has left, the
invoice is not void, and all three agree on the currency. What counts of one payment must add up to
no more than the payment, of the same sign; if it adds up to more, one of the statements is wrong,
nobody knows which, and none of them counts, unless the difference is what rounding left of a cash
discount that was shared out (shared_discounts.py). An invoice may be paid beyond its total:
reconciliation reports it.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.shared_discounts import evened
from finsync_dagster.canonical.tables import TABLES

MOVED = ("sent", "confirmed")
"""Payments of which the money has left; proposed, failed and void ones settle nothing."""
EVIDENCE = "The source names the invoice."
_ALLOCATIONS = TABLES["payment_allocations"]


def stated_allocations(
    applications: pl.DataFrame, payments: pl.DataFrame, invoices: pl.DataFrame
) -> pl.DataFrame:
    """Rows of payment_allocations: what a source states and what counts of it.

    Statements of the same payment and invoice are added up; those that cancel out are left out.
    For the arguments see ``judged``.
    """
    counted = judged(applications, payments, invoices).filter(pl.col("refused").is_null())
    pairs = (
        counted.group_by("payment_id", "invoice_id", "entity_id", "ccy", "payment_date")
        .agg(
            pl.col("amount_applied").sum(),
            # Nothing said is not a discount of nothing.
            discount_taken=pl.when(pl.col("discount_taken").is_not_null().any()).then(
                pl.col("discount_taken").sum()
            ),
        )
        .filter(pl.col("amount_applied") != 0)
    )
    return _ALLOCATIONS.conform(
        pairs.with_columns(
            pl.col("payment_date").alias("applied_date"),
            pl.lit("stated").alias("method"),
            pl.lit("stated").alias("confidence"),
            pl.lit(EVIDENCE).alias("evidence"),
        ).sort("payment_id", "invoice_id")
    )


def judged(
    applications: pl.DataFrame, payments: pl.DataFrame, invoices: pl.DataFrame
) -> pl.DataFrame:
    """The statements, each with ``payment_date`` and ``refused``: why it does not count, or null.

    Args:
        applications: canonical payment_applications.
        payments: canonical payments they may refer to.
        invoices: canonical invoices they may refer to.
    """
    paid = payments.select(
        "payment_id",
        "entity_id",
        "payment_date",
        _paid="amount",
        _paid_in="ccy",
        _moved=pl.col("status_canon").is_in(MOVED),
    )
    billed = invoices.select(
        "invoice_id", "entity_id", _billed_in="ccy", _void=pl.col("status_canon") == "void"
    )
    rows = applications.join(
        paid, on=["payment_id", "entity_id"], how="left", maintain_order="left"
    ).join(billed, on=["invoice_id", "entity_id"], how="left", maintain_order="left")
    alone = rows.with_columns(refused=_refused_alone())
    counted = pl.when(pl.col("refused").is_null()).then("amount_applied")
    total = evened(alone.with_columns(_total=counted.sum().over("payment_id", "entity_id")))
    beyond = (
        pl.when(pl.col("_paid") >= 0)
        .then((pl.col("_total") < 0) | (pl.col("_total") > pl.col("_paid")))
        .otherwise((pl.col("_total") > 0) | (pl.col("_total") < pl.col("_paid")))
    )
    # Null stays null: a statement that is refused by itself keeps its own reason.
    too_much = pl.when(beyond & pl.col("refused").is_null()).then(_beyond())
    return total.with_columns(refused=pl.coalesce("refused", too_much)).select(
        *applications.columns, "payment_date", "refused"
    )


def _refused_alone() -> pl.Expr:
    """Why a statement does not count, whatever else is stated of its payment."""
    invoice = pl.coalesce("invoice_id", "invoice_no_ref", pl.lit("(no number)"))
    other_ccy = (pl.col("ccy") != pl.col("_paid_in")) | (pl.col("ccy") != pl.col("_billed_in"))
    currencies = pl.format(
        "the source applies {} to invoice {}, which is in {}, of a payment in {}",
        "ccy",
        invoice,
        "_billed_in",
        "_paid_in",
    )
    return (
        pl.when(pl.col("_moved").is_null())
        .then(pl.format("payment {} is not known", "payment_id"))
        .when(~pl.col("_moved"))
        .then(pl.lit("no money has left"))
        .when(pl.col("_billed_in").is_null())
        .then(
            pl.when(pl.col("invoice_id").is_null())
            .then(pl.format("not exactly one invoice of this supplier bears number {}", invoice))
            .otherwise(pl.format("the source names invoice {}, which is not known", invoice))
        )
        .when(pl.col("_void"))
        .then(pl.format("the source names invoice {}, which is void", invoice))
        .when(other_ccy)
        .then(currencies)
    )


def _beyond() -> pl.Expr:
    return pl.format(
        "the source applies {} {} to invoices, which cannot be of a payment of {} {}",
        exactly("_total"),
        "ccy",
        exactly("_paid"),
        "ccy",
    )


def exactly(amount: str) -> pl.Expr:
    """All decimals the amount has, at least two: a proof must not be told in rounded figures."""
    return pl.col(amount).cast(pl.String).str.replace(r"(\.\d\d\d*?)0*$", "${1}")
