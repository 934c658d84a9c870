"""Order lines billed receipt by receipt: each invoice line against the receipt it names.

Belongs here: what such a line is compared with instead of all that arrived. Not here: which receipt
it bills (allocate.py).

SAP: goods-receipt-based invoice verification; Oracle: match to receipt. What another receipt of the
order line has left does not release an invoice over one that has not come.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.allocation.claims import Claims


def waiting_lines(
    stretches: pl.DataFrame, events: pl.DataFrame, receipts: pl.DataFrame, claims: Claims
) -> pl.DataFrame:
    """Lines that bill more than the receipts they name have for them.

    Args:
        stretches: allocations, ``qty`` in Int64 millionths.
        events: quantity lines with ``units``, ``event_no`` and ``specific``.
        receipts: with ``available``.
        claims: what the lines name.

    Returns:
        ``invoice_line_id``, ``covered`` (what they bill and the receipts have) and ``named`` (all
        the receipts they name have, for whichever line), Int64. What credits took back of what
        waits counts for the newest line that waits.
    """
    mine = events.filter("specific").select("invoice_line_id", "units", "event_no")
    if mine.is_empty():
        return pl.DataFrame(schema=_WAITING)
    open_ = stretches.filter(pl.col("receipt_line_id").is_null()).select(
        "invoice_line_id", "po_line_id", "qty"
    )
    rows = open_.join(mine, on="invoice_line_id")
    given_back = (
        rows.filter(pl.col("qty") < 0).group_by("po_line_id").agg(back=-pl.col("qty").sum())
    )
    waiting = rows.filter(pl.col("qty") > 0).join(given_back, on="po_line_id", how="left")
    waiting = waiting.sort("po_line_id", "event_no", descending=[False, True]).with_columns(
        pl.col("back").fill_null(0),
        newer=pl.col("qty").cum_sum().over("po_line_id") - pl.col("qty"),
    )
    back = (pl.col("back") - pl.col("newer")).clip(0, pl.col("qty"))
    waiting = waiting.with_columns(qty=pl.col("qty") - back).filter(pl.col("qty") > 0)
    has = (
        claims.slots.join(claims.named, on="slot")
        .join(receipts.select("receipt_line_id", "available"), on="receipt_line_id")
        .group_by("event_no")
        .agg(named=pl.col("available").sum())
    )
    return waiting.join(has, on="event_no", how="left").select(
        "invoice_line_id",
        covered=pl.col("units") - pl.col("qty"),
        named=pl.col("named").fill_null(0),
    )


_WAITING = {"invoice_line_id": pl.String, "covered": pl.Int64, "named": pl.Int64}


def with_own_receipts(priced: pl.DataFrame, waiting: pl.DataFrame) -> pl.DataFrame:
    """Adds ``receivable`` and ``counted``, expected and actual quantity of QTY_RECEIVED (Int64).

    They are what arrived on the order line, and what was billed of it up to the line. Of a line
    that is billed receipt by receipt they are what its receipts have for it, and what it bills; its
    ``received`` becomes what its receipts have at all.
    """
    specific = pl.col("receipt_basis") == "receipt_specific"
    if not priced.select(specific.any()).item():
        return priced.with_columns(receivable="basis", counted="invoiced")
    rows = priced.join(waiting, on="invoice_line_id", how="left", maintain_order="left")
    waits = specific & pl.col("covered").is_not_null()
    return rows.with_columns(
        receivable=pl.when(waits).then("covered").when(specific).then("units").otherwise("basis"),
        counted=pl.when(specific).then("units").otherwise("invoiced"),
        received=pl.when(waits).then("named").otherwise("received"),
    ).drop("covered", "named")
