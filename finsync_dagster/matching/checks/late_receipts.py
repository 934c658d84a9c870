"""What an invoice billed before it was received: how much, and by how many days.

Belongs here: what an order line had received when it was billed. Not here: how many days are too
many (timing.py), nor which receipt is billed by which invoice (allocate.py): goods that go back
later leave an early invoice with a later receipt, and it was still not too early.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.exact import guard_product, to_qty
from finsync_dagster.matching.figures.sequence import running_total
from finsync_dagster.matching.linking.billing import QUANTITY
from finsync_dagster.money import AMOUNT_SCALE, PRICE_SCALE, QTY_SCALE, multiply_half_up

NEEDS_RECEIPT = ("3w", "4w")

_LINE = ["invoice_line_id", "link_id"]
_BILLED = ("invoice_line_id", "link_id", "invoice_date", "before", "after")


def received_later(c: Compared) -> pl.DataFrame:
    """Per invoice line that bills goods received only after its date: ``days`` by which they came
    later, ``received_on`` (the day on which enough had come), ``receipt_line_id`` (the receipt of
    that day), ``late_net`` (Amount: what came later, at the order's price); sorted by line.

    Compared are running totals: what was billed on the order line up to this line, with what it had
    received by the invoice's date. What never came is no matter of time (QTY_RECEIVED).
    """
    billed = pl.concat([_quantities(c), _whole_orders(c)])
    short = billed.filter(pl.col("after") > 0)
    heights = _heights(c, short)
    pairs = short.join(heights, on="link_id").sort("_at")
    in_time = pl.col("posting_date") <= pl.col("invoice_date")
    height = pl.col("height")
    known = pairs.group_by(_LINE).agg(
        pl.col("invoice_date", "before", "after").first(),
        there=height.filter(in_time).last(),
        later=height.filter(~in_time).max(),
    )
    known = known.with_columns(
        start=pl.max_horizontal("before", pl.col("there").fill_null(0)),
        end=pl.min_horizontal("after", pl.col("later").fill_null(0)),
    ).filter(pl.col("end") > pl.col("start"))
    enough = (
        pairs.join(known.select(*_LINE, "end"), on=_LINE)
        .filter(~in_time & (height >= pl.col("end")))
        .sort("_at")
        .unique(_LINE, keep="first", maintain_order=True)
        .select(*_LINE, "receipt_line_id", received_on="posting_date")
    )
    return _per_line(_valued(known.join(enough, on=_LINE), c))


def _heights(c: Compared, billed: pl.DataFrame) -> pl.DataFrame:
    """Receipts of the order lines billed, with what had come up to each (``height``), in the order
    of events (``_at``)."""
    mine = c.book.receipts.join(
        billed, left_on="po_line_id", right_on="link_id", how="semi", maintain_order="left"
    )
    total = running_total(pl.col("event_qty"), "po_line_id")
    return mine.select(
        "receipt_line_id", "posting_date", link_id="po_line_id", height=total
    ).with_row_index("_at")


def _quantities(c: Compared) -> pl.DataFrame:
    """Lines with a quantity, of which a receipt came after the invoice's date."""
    return c.priced.filter(
        (pl.col("last_receipt_date") > pl.col("invoice_date"))
        & pl.col("match_type").is_in(NEEDS_RECEIPT)
        & (pl.col("billing") == QUANTITY)
        & ~pl.col("credit")
    ).select(*_BILLED[:3], before=pl.col("after") - pl.col("units"), after="after")


def _whole_orders(c: Compared) -> pl.DataFrame:
    """Lines that provably bill all that an order received: per order line, what they bill."""
    proven = c.valued.filter("proven").select("invoice_line_id", "invoice_date")
    received = c.book.lines.select("po_line_id", "last_receipt_date")
    parts = c.stretches.join(proven, on="invoice_line_id").join(received, on="po_line_id")
    parts = parts.filter(pl.col("last_receipt_date") > pl.col("invoice_date"))
    billed = parts.group_by("invoice_line_id", "po_line_id", "invoice_date").agg(
        after=pl.col("qty").sum()
    )
    zero = pl.lit(0, dtype=pl.Int64)
    return billed.rename({"po_line_id": "link_id"}).with_columns(before=zero).select(_BILLED)


def _valued(late: pl.DataFrame, c: Compared) -> pl.DataFrame:
    prices = c.book.lines.select("price", link_id="po_line_id")
    rows = late.join(prices, on="link_id").with_columns(units=pl.col("end") - pl.col("start"))
    guard_product(rows, "units", ("price", PRICE_SCALE))
    return rows.with_columns(
        late_net=multiply_half_up(
            to_qty("units"), QTY_SCALE, pl.col("price"), PRICE_SCALE, AMOUNT_SCALE
        ),
        days=(pl.col("received_on") - pl.col("invoice_date")).dt.total_days(),
    )


def _per_line(rows: pl.DataFrame) -> pl.DataFrame:
    """An invoice line may bill several order lines: the last goods decide."""
    last = rows.sort("received_on", "receipt_line_id")
    found = last.group_by("invoice_line_id", maintain_order=True).agg(
        pl.col("days").last(),
        pl.col("received_on").last(),
        pl.col("receipt_line_id").last(),
        pl.col("late_net").sum(),
    )
    return found.sort("invoice_line_id")
