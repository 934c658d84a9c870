"""Allocation of billed quantities to receipts: set arithmetic on running totals, no loop.

Belongs here: which part of which invoice line bills which receipt. Not here: whether that is
acceptable (quantity_checks.py), nor what it is worth (valuation.py).

Per order line, receipts stand one after another in the order of events; so do invoice lines.
Where the stretch of an invoice line overlaps that of a receipt, the one bills the other. A credit
takes the running total back, and so gives back what was allocated last.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.exact import guard_sum
from finsync_dagster.matching.sequence import reflected

FIFO = "fifo"
LIFO_CREDIT = "lifo_credit"
HEADER_TOTAL = "header_total"


def sequence(lines: pl.DataFrame) -> pl.DataFrame:
    """Quantity lines sorted by ``po_line_id`` and event, with their place in the running total.

    Takes ``po_line_id``, ``event_no``, ``units`` (signed). Adds ``before`` and ``after``, and
    ``excess``: the part of a credit beyond what was invoiced, which credits nothing.
    """
    guard_sum(lines, "units")
    events = reflected(lines.sort("po_line_id", "event_no"), "units", "po_line_id")
    moved = (pl.col("after") - pl.col("before")).abs()
    return events.with_columns(excess=pl.col("units").abs() - moved)


def allocate(events: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """The stretches in which invoice lines and receipts overlap.

    Args:
        events: as ``sequence`` returns them.
        receipts: ``receipt_line_id``, ``po_line_id``, ``available``, ``start``, ``end``, sorted by
            order line and event.

    Returns:
        One row per stretch: ``invoice_line_id``, ``po_line_id``, ``receipt_line_id`` (null beyond
        the receipts), ``low`` and ``high`` in the running total of the order line, ``sign`` (-1
        for credits), ``method``; sorted by order line, event, and for credits newest first.
    """
    spans = events.select(
        "invoice_line_id",
        "po_line_id",
        "event_no",
        low=pl.min_horizontal("before", "after"),
        high=pl.max_horizontal("before", "after"),
        sign=pl.when(pl.col("after") < pl.col("before")).then(-1).otherwise(1),
    ).filter(pl.col("high") > pl.col("low"))
    billable = receipts.filter(pl.col("available") > 0)
    guard_sum(billable, "available")
    totals = billable.group_by("po_line_id").agg(total=pl.col("end").max())
    spans = spans.join(totals, on="po_line_id", how="left").with_columns(
        pl.col("total").fill_null(0)
    )
    rows = pl.concat([_covered(spans, billable), _beyond(spans)])
    # A credit gives back the newest stretch first.
    newest_first = pl.col("low") * pl.col("sign")
    return (
        rows.with_columns(_place=newest_first)
        .sort("po_line_id", "event_no", "_place")
        .with_columns(
            method=pl.when(pl.col("sign") < 0).then(pl.lit(LIFO_CREDIT)).otherwise(pl.lit(FIFO))
        )
        .drop("_place")
    )


_STRETCH = ("invoice_line_id", "po_line_id", "event_no", "receipt_line_id", "low", "high", "sign")


def _covered(spans: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Stretches within the receipts."""
    # All order lines laid end to end make one axis, on which two binary searches find the first
    # and the last receipt of every stretch.
    axis = receipts.with_columns(_to=pl.col("available").cum_sum()).with_row_index("_receipt")
    origin = axis.group_by("po_line_id").agg(_origin=(pl.col("_to") - pl.col("end")).min())
    part = spans.join(origin, on="po_line_id").filter(pl.col("low") < pl.col("total"))
    part = part.with_columns(high=pl.min_horizontal("high", "total"))
    first = axis["_to"].search_sorted(part["low"] + part["_origin"], side="right")
    last = axis["_to"].search_sorted(part["high"] + part["_origin"], side="left")
    met = part.with_columns(_first=first.cast(pl.Int64), _last=last.cast(pl.Int64)).with_columns(
        _receipt=pl.int_ranges("_first", pl.col("_last") + 1)
    )
    met = met.explode("_receipt").with_columns(pl.col("_receipt").cast(pl.UInt32))
    met = met.join(axis.select("_receipt", "receipt_line_id", "start", "end"), on="_receipt")
    return met.with_columns(
        low=pl.max_horizontal("low", "start"), high=pl.min_horizontal("high", "end")
    ).select(_STRETCH)


def _beyond(spans: pl.DataFrame) -> pl.DataFrame:
    """Stretches billed without a receipt."""
    return (
        spans.filter(pl.col("high") > pl.col("total"))
        .with_columns(
            low=pl.max_horizontal("low", "total"),
            receipt_line_id=pl.lit(None, dtype=pl.String),
        )
        .select(_STRETCH)
    )
