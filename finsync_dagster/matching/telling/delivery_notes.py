"""What to say about order lines of which too much or too little came.

Belongs here: amount at risk and wording. Not here: the checks (order_status.py), what else is said
of orders (order_notes.py).

Written as whole columns: some suppliers deliver a little more or less with every order.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.telling.notes import NOTES, noted
from finsync_dagster.matching.telling.wording import (
    money_text,
    number_text,
    quantity_text,
    with_texts,
)
from finsync_dagster.matching.tolerance import OVER_DELIVERY, UNDER_DELIVERY

_CHECK = ("check", "variance_abs", "limit_value", "limit_binding")
_ORDER_LINE = (
    "po_line_id",
    "po_number",
    "line_no",
    "supplier_src_id",
    "ccy",
    "uom_order",
    "qty_ordered",
    "qty_received",
    "ordered_value",
    "received_value",
)


def delivery_notes(status: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    """Notes (a frame of NOTES): one per order line whose receipts are not within the limits.

    Args:
        status: order lines (order_status.py).
        failed: failed check results, of anything.
    """
    failed = failed.select(*_CHECK, po_line_id="subject_id").filter(
        pl.col("check").is_in([OVER_DELIVERY, UNDER_DELIVERY])
    )
    if failed.is_empty():
        return pl.DataFrame(schema=NOTES)
    rows = failed.join(status.select(_ORDER_LINE), on="po_line_id").sort("po_line_id")
    rows = rows.with_columns(amount=(pl.col("ordered_value") - pl.col("received_value")).abs())
    rows = with_texts(
        rows,
        _received=quantity_text("qty_received", "uom_order"),
        _ordered=quantity_text("qty_ordered", "uom_order"),
        _apart=quantity_text("variance_abs", "uom_order"),
        _worth=money_text("amount"),
        _limit=number_text("limit_value"),
    )
    over = pl.col("check") == OVER_DELIVERY
    per_cent = pl.col("limit_binding").str.ends_with("_pct")
    unit = pl.when(per_cent).then(pl.lit("%")).otherwise("uom_order")
    limited = (pl.col("limit_value") != 0).fill_null(False)
    rows = rows.with_columns(
        _line=pl.format("{} line {}", "po_number", "line_no"),
        _last=pl.when(over)
        .then(pl.lit(""))
        .otherwise(pl.lit(", and no further receipt is expected")),
        _way=pl.when(over).then(pl.lit("too much")).otherwise(pl.lit("missing")),
        _tolerance=pl.when(limited)
        .then(pl.format("tolerance {} {}", "_limit", unit))
        .otherwise(pl.lit("no tolerance")),
    )
    return noted(
        rows.with_columns(
            reason_code="check",
            subject_type=pl.lit("purchase_order_line"),
            subject_id="po_line_id",
            subject_label="_line",
            message=pl.format(
                "Order {}: received {}, ordered {}{}; {} ({}) {}; {}.",
                *("_line", "_received", "_ordered", "_last", "_apart", "_worth", "_way"),
                "_tolerance",
            ),
        )
    )
