"""Lines that bill an amount instead of a quantity: compared in total with what the order received.

Belongs here: which order lines such a line stands against, what they are worth, and whether the
data prove that it bills exactly what was received. Not here: lines with a quantity.

The proof (docs/matching.md): one single invoice line bills the order, and its net equals, to the
minor unit, the value of everything the order received. Anything less proves nothing about single
receipts, and nothing is allocated.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from finsync_dagster.matching.allocation.allocate import HEADER_TOTAL
from finsync_dagster.matching.checks.quantity_checks import ORDERED, RECEIVED
from finsync_dagster.matching.figures.exact import guard_prices, value_at_price
from finsync_dagster.matching.figures.positions import LINE_POS, RECEIPT_POS
from finsync_dagster.matching.figures.sequence import not_given_back, running_total
from finsync_dagster.matching.linking.billing import NOTHING, VALUE
from finsync_dagster.matching.tolerance import LINE_TOTAL, Comparison, differing
from finsync_dagster.money import AMOUNT, AMOUNT_SCALE, round_half_up

_ZERO = pl.lit(0, dtype=AMOUNT)


def value_lines(lines: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    """The amount-billed lines with the totals they are compared with.

    Args:
        lines: all lines; those that are not compared bill NOTHING.
        order_lines: as the order book has them.

    Returns:
        Per amount-billed line: ``group`` (what it bills: an order, or one order line),
        ``group_is_order``, ``invoiced_net`` (running net of the group, less later credits),
        ``net_before``, ``sole`` (no other line bills the group), ``due`` (what may be invoiced:
        received value, ordered value where no receipt is asked for), ``received_value``,
        ``ordered_value`` (all rounded per order line to the minor unit; of an order up to a limit
        the limit), ``any_received``, ``needs_receipt``, ``limited`` (an order up to a limit), and
        ``proven``.
    """
    value = lines["billing"] == VALUE
    if not value.any():
        return lines.clear().with_columns(
            pl.lit(None, dtype=dtype).alias(name) for name, dtype in _ADDED.items()
        )
    members = _members(lines.select(_READ).with_row_index("_row"), value)
    members = members.with_columns(
        invoiced_net=running_total(pl.col("net_amount"), "group"),
        sole=pl.len().over("group") == 1,
    )
    members = members.with_columns(net_before=pl.col("invoiced_net") - pl.col("net_amount"))
    members = members.with_columns(not_given_back("invoiced_net", "group"))
    mine = members.filter(pl.col("billing") == VALUE)
    mine = lines[mine["_row"]].hstack(mine.select(_GROUPED))
    mine = mine.join(_worth(mine, order_lines), on="group", how="left", maintain_order="left")
    mine = mine.with_columns(
        pl.col("due", "received_value", "ordered_value").fill_null(_ZERO),
        pl.col("any_received", "needs_receipt", "limited").fill_null(False),
    )
    equal = pl.col("net_amount") == pl.col("received_value")
    proven = pl.col("sole") & equal & pl.col("any_received") & ~pl.col("credit")
    return mine.with_columns(proven=proven)


_READ = ("order_id", "link_id", "billing", "event_no", "net_amount")
_GROUPED = ("group", "group_is_order", "invoiced_net", "sole", "net_before")
_ADDED: dict[str, Any] = {
    "group": pl.String,
    "group_is_order": pl.Boolean,
    "invoiced_net": AMOUNT,
    "sole": pl.Boolean,
    "net_before": AMOUNT,
    "due": AMOUNT,
    "received_value": AMOUNT,
    "ordered_value": AMOUNT,
    **dict.fromkeys(("any_received", "needs_receipt", "limited", "proven"), pl.Boolean),
}


def _members(lines: pl.DataFrame, value: pl.Series) -> pl.DataFrame:
    """Lines of every group, sorted by group and event.

    A group is one order line only if no line bills the order as a whole; then every line of the
    order, also one with a quantity, counts towards the order.
    """
    mine = lines.filter(value)
    orders = _keys(mine.filter(mine["link_id"].is_null())["order_id"])
    of_order = pl.col("order_id").is_in(orders).fill_null(False)
    single = _keys(mine.filter(~of_order)["link_id"])
    of_line = pl.col("link_id").is_in(single).fill_null(False)
    taking_part = pl.col("billing") != NOTHING
    rows = lines.with_columns(group_is_order=of_order).filter((of_order | of_line) & taking_part)
    group = pl.when("group_is_order").then("order_id").otherwise("link_id")
    return rows.with_columns(group=group).sort("group", "event_no")


def _keys(column: pl.Series) -> pl.Series:
    return column.drop_nulls().unique().implode()


def members_of(mine: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    """``group`` with each of its order lines (all columns)."""
    orders = mine["group"].filter(mine["group_is_order"]).unique().implode()
    singles = mine["group"].filter(~mine["group_is_order"]).unique().implode()
    parts = [
        order_lines.filter(pl.col(key).is_in(groups)).with_columns(group=key)
        for key, groups in (("po_id", orders), ("po_line_id", singles))
    ]
    return pl.concat(parts).sort("group", "po_line_id")


def _worth(mine: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    lines = members_of(mine, order_lines)
    guard_prices(lines, "basis")
    needs = pl.col("match_type").is_in(["3w", "4w"])
    limited = pl.col("match_type") == "limit"
    worth = pl.when(limited).then(pl.coalesce("limit_amount", "net_amount"))
    lines = lines.with_columns(_ordered=worth.otherwise("net_amount"))
    net = round_half_up(pl.col("_ordered"), AMOUNT_SCALE, pl.col("minor"))
    lines = lines.with_columns(
        _received=value_at_price("basis", pl.col("minor")),
        _ordered=pl.when("cancelled").then(_ZERO).otherwise(net),
    )
    due = pl.when(needs).then("_received").otherwise("_ordered")
    return lines.group_by("group").agg(
        due=due.sum(),
        received_value=pl.col("_received").sum(),
        ordered_value=pl.col("_ordered").sum(),
        any_received=(pl.col("basis") > 0).any(),
        needs_receipt=needs.any(),
        limited=limited.all(),
    )


def value_checks(mine: pl.DataFrame) -> list[Comparison]:
    """LINE_TOTAL of amount-billed lines: against what was received, and against the order."""
    if mine.is_empty():
        return []
    lines = mine.filter(~pl.col("credit"))
    due = lines.filter("needs_receipt")
    return [
        differing(_of(due, "due"), LINE_TOTAL, RECEIVED),
        differing(_of(lines, "ordered_value"), LINE_TOTAL, ORDERED),
    ]


def _of(lines: pl.DataFrame, expected: str) -> pl.DataFrame:
    return lines.select(
        subject_type=pl.lit("invoice_line"),
        subject_id="invoice_line_id",
        expected=expected,
        actual="invoiced_net",
    )


_PROVEN: dict[str, Any] = {
    **dict.fromkeys(
        (
            "invoice_id",
            "invoice_line_id",
            "po_id",
            "po_line_id",
            "receipt_line_id",
            "ccy",
            "method",
        ),
        pl.String,
    ),
    **dict.fromkeys((LINE_POS, RECEIPT_POS, "event_no", "qty"), pl.Int64),
    **dict.fromkeys(("amount_at_po_price", "price_variance", "rounding"), AMOUNT),
}


def proven_stretches(
    mine: pl.DataFrame, order_lines: pl.DataFrame, receipts: pl.DataFrame
) -> pl.DataFrame:
    """All receipts of what each proven line bills, allocated to it, with their amounts.

    Same columns as valued quantity stretches. What the invoice bills per order line is its value
    rounded to the minor unit; the rounding stands on the line's last receipt.
    """
    if not mine["proven"].any():
        return pl.DataFrame(schema=_PROVEN)
    proven = mine.filter("proven").select("group", "invoice_line_id", "invoice_id", "event_no")
    lines = members_of(mine, order_lines).select(
        "group",
        "po_line_id",
        LINE_POS,
        "po_id",
        "unit_price",
        "price_unit",
        "ccy",
        "minor",
        "basis",
    )
    rows = proven.join(lines, on="group").join(
        receipts.filter(pl.col("available") > 0).drop(LINE_POS), on="po_line_id"
    )
    rows = rows.sort("po_line_id", "start").with_columns(
        low="start", high="end", sign=pl.lit(1), qty="available", method=pl.lit(HEADER_TOTAL)
    )
    guard_prices(rows, "high", "basis")
    worth = value_at_price("high") - value_at_price("low")
    rounding = value_at_price("basis", pl.col("minor")) - value_at_price("basis")
    last = pl.col("end") == pl.col("basis")
    return rows.with_columns(
        amount_at_po_price=worth,
        price_variance=_ZERO,
        rounding=pl.when(last).then(rounding).otherwise(_ZERO),
    )
