"""What must be true of every allocation, checked on every run.

Belongs here: the invariants and the error that stops the run. Not here: computing allocations.
They are recomputed from the inputs, not from the running totals that led to the allocation.
"""

from __future__ import annotations

import polars as pl


class AllocationError(AssertionError):
    """An allocation contradicts the documents: a defect of finsync, never of the data."""


def require_consistent(
    stretches: pl.DataFrame, events: pl.DataFrame, receipts: pl.DataFrame
) -> None:
    """Stops the run unless every unit is accounted for once.

    Args:
        stretches: ``invoice_line_id``, ``po_line_id``, ``receipt_line_id``, ``qty`` (signed).
        events: the quantity lines with ``units`` and ``excess``, and ``specific`` if some may
            only bill the receipt they name.
        receipts: with ``available``.

    Raises:
        AllocationError: a receipt is billed beyond what is available or less than nothing; an
            invoice line is not allocated in full; an order line's allocation to receipts is not
            the smaller of received and invoiced (at most that, if billed receipt by receipt).
    """
    _receipts_within_availability(stretches, receipts)
    _lines_in_full(stretches, events)
    _order_lines_smaller_of_both(stretches, events, receipts)


def _receipts_within_availability(stretches: pl.DataFrame, receipts: pl.DataFrame) -> None:
    billed = stretches.group_by("receipt_line_id").agg(pl.col("qty").sum())
    billed = billed.filter(pl.col("receipt_line_id").is_not_null())
    both = billed.join(receipts, on="receipt_line_id", how="left")
    fits = ((pl.col("qty") >= 0) & (pl.col("qty") <= pl.col("available"))).fill_null(False)
    _require(both.filter(~fits), "receipt_line_id", "receipts are billed beyond their quantity")


def _lines_in_full(stretches: pl.DataFrame, events: pl.DataFrame) -> None:
    allocated = stretches.group_by("invoice_line_id").agg(pl.col("qty").sum())
    both = events.join(allocated, on="invoice_line_id", how="left").with_columns(
        pl.col("qty").fill_null(0)
    )
    wanted = pl.col("units") + pl.when(pl.col("units") < 0).then("excess").otherwise(0)
    _require(
        both.filter(pl.col("qty") != wanted), "invoice_line_id", "invoice lines are not allocated"
    )


def _order_lines_smaller_of_both(
    stretches: pl.DataFrame, events: pl.DataFrame, receipts: pl.DataFrame
) -> None:
    received = receipts.group_by("po_line_id").agg(received=pl.col("available").sum())
    real = pl.col("receipt_line_id").is_not_null()
    billed = stretches.group_by("po_line_id").agg(
        invoiced=pl.col("qty").sum(), covered=pl.col("qty").filter(real).sum()
    )
    both = billed.join(received, on="po_line_id", how="left").with_columns(
        pl.col("received").fill_null(0)
    )
    smaller = pl.min_horizontal("received", "invoiced")
    wrong = both.filter(pl.col("covered") != smaller)
    if "specific" in events.columns:
        # Billed receipt by receipt: what one lacks no other makes up for.
        apart = events.filter("specific").select("po_line_id").unique()
        less = wrong.filter(pl.col("covered") < smaller).join(apart, on="po_line_id", how="semi")
        wrong = wrong.join(less, on="po_line_id", how="anti")
    _require(wrong, "po_line_id", "order lines do not add up")


def _require(wrong: pl.DataFrame, key: str, what: str) -> None:
    if wrong.height:
        named = ", ".join(wrong[key].sort().head(3))
        raise AllocationError(f"{what}: {wrong.height}, among them {named}")
