"""Goods received against invoices received (GR/IR), per purchase order line.

Belongs here: what is received and not invoiced, what is invoiced and not received, and how old it
is. The two are never netted across lines: an accrual on one line does not pay for another.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.model import Domain
from finsync_dagster.matching.match import MatchResult
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import day, money, quantity
from finsync_dagster.money import AMOUNT
from finsync_dagster.reconciliation.tables import (
    BUCKETS,
    BY_VALUE,
    CLEARS,
    NO_INVOICE_SYSTEM,
)

_ZERO = pl.lit(0, dtype=AMOUNT)
_UPPER_BOUNDS = (30, 60, 90, 365)
AGED = ("91-365", ">365")


class GrIrError(AssertionError):
    """Receipts, allocations and balances do not add up: a defect of finsync, not of the data."""


def gr_ir(docs: Documents, match: MatchResult, as_of: date, domains: set[Domain]) -> pl.DataFrame:
    """One row per order line with a receipt or an invoice, sorted by key.

    Raises:
        GrIrError: received value less what allocations say was invoiced is not grni - irng.
    """
    touched = (pl.col("qty_basis") != 0) | (pl.col("qty_invoiced") != 0)
    lines = match.order_line_status.filter(touched).sort("po_line_id")
    balance = pl.col("basis_value") - pl.col("invoiced_value")
    # Quantities decide which side is open; the value follows from the same two figures.
    received_more = pl.col("qty_basis") > pl.col("qty_invoiced")
    invoiced_more = pl.col("qty_basis") < pl.col("qty_invoiced")
    lines = lines.join(_oldest(match), on="po_line_id", how="left", maintain_order="left")
    lines = lines.with_columns(
        received_value="basis_value",
        qty_received="qty_basis",
        grni=pl.when(received_more).then(balance).otherwise(_ZERO),
        irng=pl.when(invoiced_more).then(0 - balance).otherwise(_ZERO),
        oldest_receipt=pl.when(received_more).then("oldest_receipt"),
        clearing=_clearing(docs, match, domains),
    ).with_columns(age_days=(pl.lit(as_of) - pl.col("oldest_receipt")).dt.total_days())
    aged = lines.with_columns(bucket=_bucket())
    _require_identity(aged, match)
    return aged


def _oldest(match: MatchResult) -> pl.DataFrame:
    open_receipts = match.receipt_status.filter(pl.col("qty_invoiced") < pl.col("qty_available"))
    return open_receipts.group_by("po_line_id").agg(oldest_receipt=pl.col("posting_date").min())


def _bucket() -> pl.Expr:
    bucket = pl.lit(BUCKETS[-1])
    for upper, name in reversed(list(zip(_UPPER_BOUNDS, BUCKETS[:-1], strict=True))):
        bucket = pl.when(pl.col("age_days") <= upper).then(pl.lit(name)).otherwise(bucket)
    return pl.when(pl.col("age_days").is_not_null()).then(bucket)


def _clearing(docs: Documents, match: MatchResult, domains: set[Domain]) -> pl.Expr:
    if Domain.INVOICES not in domains:
        return pl.lit(NO_INVOICE_SYSTEM)
    by_amount = docs.invoice_lines.filter(
        (pl.col("type") == "item") & pl.col("qty").is_null() & (pl.col("net_amount") != 0)
    )
    idle = ("NOT_REQUIRED", "REJECTED_DUPLICATE")
    live = match.invoice_line_results.filter(~pl.col("outcome").is_in(idle))
    billed = live.join(by_amount, on="invoice_line_id", how="semi")
    open_ones = billed.join(match.allocations, on="invoice_line_id", how="anti")
    orders = open_ones["po_id"].drop_nulls().unique()
    return (
        pl.when(pl.col("po_id").is_in(orders.implode()))
        .then(pl.lit(BY_VALUE))
        .otherwise(pl.lit(CLEARS))
    )


def _require_identity(lines: pl.DataFrame, match: MatchResult) -> None:
    billed = match.allocations.group_by("po_line_id").agg(
        _billed=pl.col("amount_at_po_price").sum()
    )
    both = lines.join(billed, on="po_line_id", how="left").with_columns(
        pl.col("_billed").fill_null(_ZERO)
    )
    left = pl.col("received_value") - pl.col("_billed")
    wrong = both.filter(left != pl.col("grni") - pl.col("irng"))
    if wrong.height:
        named = ", ".join(wrong["po_line_id"].sort().head(3))
        raise GrIrError(
            f"GR/IR does not add up on {wrong.height} order line(s), among them {named}"
        )


def gr_ir_notes(balances: pl.DataFrame, entity_id: str, as_of: date) -> list[Note]:
    """A note per line aged over 90 days that invoices should have cleared; for an entity without
    an invoice system one note per currency for everything it received.
    """
    aged = balances.filter(
        pl.col("bucket").is_in(AGED) & (pl.col("clearing") == CLEARS) & (pl.col("grni") > 0)
    )
    notes = []
    for row in aged.iter_rows(named=True):
        missing = quantity(row["qty_received"] - row["qty_invoiced"], row["uom_order"])
        message = (
            f"Order {row['po_number']} line {row['line_no']}: {missing} "
            f"({money(row['grni'], row['ccy'])}) received and not invoiced, the oldest on "
            f"{day(row['oldest_receipt'])}, {row['age_days']} days before {day(as_of)}."
        )
        notes.append(
            Note(
                reason_code="GRIR_AGED",
                subject_type="purchase_order_line",
                subject_id=row["po_line_id"],
                subject_label=f"{row['po_number']} line {row['line_no']}",
                supplier_src_id=row["supplier_src_id"],
                amount=row["grni"],
                ccy=row["ccy"],
                message=message,
            )
        )
    return notes + _without_invoices(balances, entity_id)


def _without_invoices(balances: pl.DataFrame, entity_id: str) -> list[Note]:
    stuck = balances.filter((pl.col("clearing") == NO_INVOICE_SYSTEM) & (pl.col("grni") > 0))
    totals = stuck.group_by("ccy").agg(grni=pl.col("grni").sum(), lines=pl.len()).sort("ccy")
    one = totals.height == 1
    return [
        Note(
            reason_code="NO_INVOICE_SYSTEM",
            subject_type="legal_entity",
            subject_id=entity_id,
            subject_label=entity_id,
            supplier_src_id=None,
            amount=row["grni"],
            ccy=row["ccy"],
            # One currency is the usual case, and its identity must not depend on which it is.
            counter_key="" if one else row["ccy"],
            message=f"{money(row['grni'], row['ccy'])} on {row['lines']:,} order lines were "
            f"received, and no system of {entity_id} keeps invoices: none of it can be cleared.",
        )
        for row in totals.iter_rows(named=True)
    ]
