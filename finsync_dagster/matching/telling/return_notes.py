"""Goods that went back after they were invoiced, and no credit has come.

Belongs here: which part of which return nobody credited, and what to say about it. Not here: what
is left of receipts (returns.py).

Of an order line as much is not credited as is invoiced beyond what was kept, but no more than went
back after it was invoiced: goods sent back before are an invoice over too much, which is said of
the invoice. Credits settle the oldest return first. A credit of an amount, which says no quantity,
settles what it pays for. A return that was ordered is to be credited in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from finsync_dagster.matching.figures.exact import guard_prices, to_qty, value_at_price
from finsync_dagster.matching.figures.positions import LINE_POS, looked_up, reach
from finsync_dagster.matching.figures.sequence import MIRRORED, running_total
from finsync_dagster.matching.linking.billing import CORRECTIONS
from finsync_dagster.matching.ordering.orders import OrderBook
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import day, money, quantity
from finsync_dagster.money import AMOUNT

RETURN_NOT_CREDITED = "RETURN_NOT_CREDITED"

_TAKEN_BACK = ("return", "reversal")
_BACK = (
    "receipt_line_id",
    "receipt_no",
    "line_no",
    "kind",
    MIRRORED,
    "posting_date",
    "start",
    "event_qty",
    LINE_POS,
)
_ORDER = (
    "po_line_id",
    "po_id",
    "po_number",
    "supplier_src_id",
    "ccy",
    "uom_order",
    "unit_price",
    "price_unit",
    "basis",
    "invoiced",
    "incomplete",
)


def return_notes(
    book: OrderBook, status: pl.DataFrame, stretches: pl.DataFrame, lines: pl.DataFrame
) -> list[Note]:
    """One note per receipt line that took goods back and is not credited in full.

    Args:
        book: for the receipts.
        status: order lines by position, with ``basis`` (what was kept) and ``invoiced``.
        stretches: allocations, ``qty`` in Int64 millionths, negative where something is credited.
        lines: billed lines, for their dates and the credits without a quantity.

    Raises:
        PrecisionError: a value is too large to be computed exactly.
    """
    back = _not_credited(book, status, stretches, lines)
    if back.is_empty():
        return []
    guard_prices(back, "open")
    back = back.with_columns(
        value=value_at_price("open"), open_qty=to_qty("open"), taken_qty=to_qty("taken")
    )
    back = _without_paid_back(back, lines)
    return [_note(row) for row in back.sort("receipt_line_id").iter_rows(named=True)]


def _not_credited(
    book: OrderBook, status: pl.DataFrame, stretches: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """What took goods back, with the part of it (``open``, above 0) that no quantity credits."""
    taken_back = (pl.col("event_qty") < 0) & pl.col("kind").is_in(_TAKEN_BACK)
    back = book.receipts.select(_BACK).filter(taken_back)
    if back.is_empty():
        return back
    ordered = status.select(*_ORDER, po_line_no="line_no")[back[LINE_POS]]
    back = back.hstack(ordered).filter(
        (pl.col("invoiced") > pl.col("basis")) & ~pl.col("incomplete")
    )
    back = back.with_columns(taken=pl.col("event_qty").abs())
    if back.is_empty():
        return back
    before = _billed_before(back, stretches, lines)
    back = back.join(before, on="receipt_line_id", how="left")
    billed = pl.min_horizontal("invoiced", pl.col("before").fill_null(0))
    beyond_kept = pl.when(MIRRORED).then("invoiced").otherwise(billed) - pl.col("basis")
    # The newest first: credits that came settle the oldest.
    back = back.sort(
        "po_line_id",
        "posting_date",
        "start",
        "receipt_line_id",
        descending=[False, True, True, True],
    )
    newer = running_total(pl.col("taken"), "po_line_id") - pl.col("taken")
    back = back.with_columns(open=(beyond_kept - newer).clip(0, pl.col("taken")))
    return back.filter(pl.col("open") > 0)


def _billed_before(
    back: pl.DataFrame, stretches: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """Per return what was invoiced up to its day, less all credits, whenever they came."""
    mine = stretches.select(LINE_POS, "event_no", "qty").filter(
        pl.col(LINE_POS).is_in(back[LINE_POS].unique().implode())
    )
    dates = lines.select("event_no", "invoice_date")
    size = reach(lines["event_no"])
    mine = mine.hstack(looked_up(mine["event_no"], dates, "event_no", size))
    pairs = back.select("receipt_line_id", LINE_POS, "posting_date").join(mine, on=LINE_POS)
    counts = (pl.col("invoice_date") <= pl.col("posting_date")) | (pl.col("qty") < 0)
    return pairs.filter(counts).group_by("receipt_line_id").agg(before=pl.col("qty").sum())


def _without_paid_back(back: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Without the returns of orders of which credits of an amount since pay for all of them."""
    since = back.group_by("po_id").agg(
        first=pl.col("posting_date").min(), due=pl.col("value").sum()
    )
    amounts = lines.select("credit", "kind", "net_amount", "invoice_date", po_id="order_id").filter(
        pl.col("credit") & pl.col("kind").is_in(CORRECTIONS)
    )
    paid = (
        amounts.join(since, on="po_id")
        .filter(pl.col("invoice_date") >= pl.col("first"))
        .group_by("po_id", "due")
        .agg(paid=(0 - pl.col("net_amount").cast(AMOUNT)).sum())
    )
    settled = paid.filter(pl.col("paid") >= pl.col("due"))
    return back.join(settled, on="po_id", how="anti")


def _note(row: Mapping[str, Any]) -> Note:
    uom, ccy = row["uom_order"], row["ccy"]
    taken, left = quantity(row["taken_qty"], uom), quantity(row["open_qty"], uom)
    what = "taken back" if row["kind"] == "reversal" else "returned"
    invoiced = "" if row[MIRRORED] else " after being invoiced"
    return Note(
        reason_code=RETURN_NOT_CREDITED,
        subject_type="receipt_line",
        subject_id=row["receipt_line_id"],
        subject_label=f"{row['receipt_no']} line {row['line_no']}",
        supplier_src_id=row["supplier_src_id"],
        amount=row["value"],
        ccy=ccy,
        message=f"Order {row['po_number']} line {row['po_line_no']}: {taken} {what} on "
        f"{day(row['posting_date'])}{invoiced}; {left} ({money(row['value'], ccy)}) not credited.",
    )
