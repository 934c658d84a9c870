"""What is left of each receipt after reversals and returns.

Belongs here: which receipt a reversal or a return takes from, and how much of it is left. Not here:
units (orders.py), invoices.

A reversal that takes back a whole receipt says that the receipt never was: both drop out. Goods
that go back leave less of the receipt they are said to come from; where none is named, or it has
not enough left, of the newest one (MATCHING step 3.1; SAP movement types 102, 122, 161).
Only order lines on which something was taken back are looked at.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.sequence import running_total, surviving

_FIGURES = ("_qty", "_accepted", "_rejected")


def without_reversed(receipts: pl.DataFrame) -> pl.DataFrame:
    """The receipts, a reversed one and its reversal with figures of 0; they stay as evidence.

    A pair is a ``reversal`` and the first receipt line of the same order line that it names in
    ``reverses_id``, of the same quantity with the other sign. Of several reversals of one receipt
    the first by date and id counts. Keeps row order.
    """
    reversing = (receipts["kind"] == "reversal") & receipts["reverses_id"].is_not_null()
    if not reversing.any():
        return receipts
    reversals = receipts.filter(reversing).select(
        "receipt_line_id", "po_line_id", "reverses_id", "posting_date", taken="_qty"
    )
    named = receipts.select("po_line_id", "_qty", reverses_id="receipt_line_id")
    named = named.join(reversals.select("reverses_id"), on="reverses_id", how="semi")
    pairs = (
        reversals.join(named, on=["reverses_id", "po_line_id"])
        .filter(pl.col("_qty") == 0 - pl.col("taken"))
        .sort("posting_date", "receipt_line_id")
        .unique("reverses_id", keep="first", maintain_order=True)
    )
    # A reversal that was itself reversed takes nothing back.
    undone = pl.col("receipt_line_id").is_in(pairs["reverses_id"].implode())
    pairs = pairs.filter(~undone)
    gone = pl.concat([pairs["receipt_line_id"], pairs["reverses_id"]])
    dropped = pl.col("receipt_line_id").is_in(gone.implode())
    return receipts.with_columns(pl.when(dropped).then(0).otherwise(c).alias(c) for c in _FIGURES)


def left_of_receipts(events: pl.DataFrame) -> pl.DataFrame:
    """Adds ``available``: what of each receipt may be billed, Int64, never below 0.

    ``events`` have ``event_qty`` (signed), ``receipt_line_id``, ``reverses_id`` and are sorted by
    ``po_line_id`` and event. What is left of an order line adds up to the sum of its quantities, or
    to 0 if more was taken back than came.
    """
    taken = events["event_qty"] < 0
    if not taken.any():
        return events.with_columns(available="event_qty")
    lines = events["po_line_id"].filter(taken).unique()
    rows = events.select("po_line_id", "receipt_line_id", "reverses_id", "event_qty")
    touched = rows.with_row_index("_row").filter(pl.col("po_line_id").is_in(lines.implode()))
    # First what takes a return back, so that it no longer takes from a receipt.
    rest = _taken_from_named(touched, of_returns=True)
    rest = _taken_from_named(rest, of_returns=False)
    left = surviving(rest, "event_qty", "po_line_id")
    available = events["event_qty"].clone().scatter(left["_row"], left["available"])
    return events.with_columns(available=available)


def _taken_from_named(rows: pl.DataFrame, *, of_returns: bool) -> pl.DataFrame:
    """``rows`` less what those that name another row of their order line take from it.

    Both sides lose the same; what the named row cannot give stays with the row that asks. Rows are
    sorted by order line and event, and stay so; several that name one row take in that order.
    """
    sign = 1 if of_returns else -1
    takers = rows.filter(
        pl.col("reverses_id").is_not_null() & (pl.col("event_qty") * sign > 0)
    ).select("_row", "po_line_id", "reverses_id", asked=pl.col("event_qty").abs())
    givers = rows.filter(pl.col("event_qty") * sign < 0).select(
        "po_line_id",
        reverses_id="receipt_line_id",
        _giver="_row",
        has=pl.col("event_qty").abs(),
    )
    pairs = takers.join(givers, on=["reverses_id", "po_line_id"])
    if pairs.is_empty():
        return rows
    pairs = pairs.sort("_giver", "_row")
    before = running_total(pl.col("asked"), "_giver") - pl.col("asked")
    pairs = pairs.with_columns(took=(pl.col("has") - before).clip(0, pl.col("asked")))
    changes = pl.concat(
        [
            pairs.select("_row", change=0 - pl.col("took") * sign),
            pairs.group_by(_row="_giver").agg(change=(pl.col("took") * sign).sum()),
        ]
    )
    changed = rows.join(changes, on="_row", how="left", maintain_order="left")
    return changed.with_columns(event_qty=pl.col("event_qty") + pl.col("change").fill_null(0)).drop(
        "change"
    )
