"""Which payment settled which invoice: as a source states it, else where its data proves it.

Belongs here: the rule "settlement_total", and where it applies. Not here: what of a source's
statements counts (stated_settlement.py), nor what it means that a payment stays unallocated
(reconciliation).

The rule: a payment is allocated to all invoices of the same entity, supplier and currency that the
source marks as settled on the day of the payment, if it is the only payment of that day to that
supplier and their gross amounts add up to it exactly. Anything less proves nothing, and then
nothing is allocated.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.stated_settlement import MOVED, exactly, stated_allocations
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.money import AMOUNT

ALLOCATIONS = TABLES["payment_allocations"]
_GROUP = ["entity_id", "golden", "ccy", "day"]


def settle(docs: Documents) -> pl.DataFrame:
    """All rows of payment_allocations, stated ones and proven ones; sorted by payment and invoice.

    A payment of which a source states anything is never inferred, also if what it states does not
    count; nor is an invoice so named, unless by payments only of which no money has left.

    Reads the payments, invoices, payment applications and the supplier crosswalk of ``docs``.
    """
    payments, invoices = docs.golden(docs.payments), docs.golden(docs.invoices)
    applications = docs.payment_applications
    idle = payments.filter(~pl.col("status_canon").is_in(MOVED)).select("payment_id")
    named = applications.join(idle, on="payment_id", how="anti")
    return infer_payment_allocations(
        payments.join(applications, on="payment_id", how="anti"),
        invoices.join(named, on="invoice_id", how="anti"),
        stated_allocations(applications, payments, invoices),
    )


def infer_payment_allocations(
    payments: pl.DataFrame, invoices: pl.DataFrame, stated: pl.DataFrame
) -> pl.DataFrame:
    """Stated allocations, and those that the data proves; sorted by payment and invoice.

    Args:
        payments: canonical payments, with ``golden``: which supplier really.
        invoices: canonical invoices, the same.
        stated: rows of payment_allocations that a source states; they are kept as they are, and
            their payments and invoices take no part in the inference.
    """
    paid = _candidates(
        payments,
        "payment_date",
        "payment_id",
        stated,
        pl.col("status_canon").is_in(MOVED),
    )
    settled = _candidates(
        invoices, "settled_date", "invoice_id", stated, pl.col("status_canon") != "void"
    )
    sets = settled.group_by(_GROUP).agg(
        pl.col("gross").sum().alias("total"), pl.len().alias("invoices")
    )
    single = paid.filter(pl.len().over(_GROUP) == 1)
    proven = single.join(sets, on=_GROUP).filter(pl.col("amount") == pl.col("total"))
    pairs = proven.join(settled.select(*_GROUP, "invoice_id", "gross"), on=_GROUP).select(
        "payment_id",
        "invoice_id",
        "entity_id",
        "ccy",
        pl.col("gross").alias("amount_applied"),
        pl.lit(None, dtype=AMOUNT).alias("discount_taken"),
        pl.col("day").alias("applied_date"),
        pl.lit("settlement_total").alias("method"),
        pl.lit("proven").alias("confidence"),
        _evidence().alias("evidence"),
    )
    return pl.concat([ALLOCATIONS.conform(stated), ALLOCATIONS.conform(pairs)]).sort(
        "payment_id", "invoice_id"
    )


def _candidates(
    documents: pl.DataFrame, day: str, key: str, stated: pl.DataFrame, alive: pl.Expr
) -> pl.DataFrame:
    return (
        documents.filter(alive & pl.col(day).is_not_null())
        .join(stated.select(key).unique(), on=key, how="anti")
        .with_columns(pl.col(day).alias("day"))
    )


def _evidence() -> pl.Expr:
    # Worded so that it stays true beside documents for which the source states the link itself.
    one = pl.format(
        "The only invoice marked as settled on {} for which the source names no executed "
        "payment is over {} {}",
        pl.col("day"),
        exactly("total"),
        pl.col("ccy"),
    )
    several = pl.format(
        "All {} invoices marked as settled on {} for which the source names no executed payment "
        "add up to {} {}",
        pl.col("invoices"),
        pl.col("day"),
        exactly("total"),
        pl.col("ccy"),
    )
    return pl.concat_str(
        pl.when(pl.col("invoices") == 1).then(one).otherwise(several),
        pl.lit(
            ", exactly the only payment to this supplier on that day for which it names no invoice."
        ),
    )
