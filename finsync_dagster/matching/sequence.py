"""Order of events and running totals per purchase order line.

Belongs here: the sort orders of receipts and invoice lines, and the arithmetic of signed running
totals. Not here: what is allocated to what (allocate.py).

A running total is one global sum less its value where the group began: on rows sorted by group
that is far cheaper than a window per group. Functions say which sort order they rely on.
"""

from __future__ import annotations

import polars as pl

_LINE = "_line_number"


def by_event(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Sorted by the keys, then by line number (9 before 10) and record, so that ties never flip."""
    number = pl.col("line_no").str.to_integer(strict=False).alias(_LINE)
    return (
        frame.with_columns(number)
        .sort(*keys, _LINE, "line_no", "record_id", nulls_last=True)
        .drop(_LINE)
    )


def running_total(value: pl.Expr, group: str) -> pl.Expr:
    """Sum of ``value`` so far within ``group``; rows of a group must be adjacent."""
    total = value.cum_sum()
    begins = pl.col(group).ne_missing(pl.col(group).shift())
    return total - pl.when(begins).then(total - value).forward_fill()


def surviving(frame: pl.DataFrame, qty: str, group: str) -> pl.DataFrame:
    """Adds ``available``: what is left of each positive quantity after the negative ones.

    A negative quantity takes from the newest positive one before it that still has something; one
    that comes before any takes from the next. Rows must be sorted by group and event. A unit at
    height h of the running total survives if the total never falls below h again.
    """
    height = frame.with_columns(_height=running_total(pl.col(qty), group))
    lowest = pl.col("_height").cum_min(reverse=True).over(group)
    bottom = pl.max_horizontal(pl.col("_height") - pl.col(qty), pl.lit(0, dtype=pl.Int64))
    left = (lowest - bottom).clip(0, None)
    if not frame.filter(pl.col(qty) < 0).height:
        left = pl.col(qty)  # nothing was taken back: spare the window
    available = pl.when(pl.col(qty) > 0).then(left).otherwise(0)
    return height.with_columns(available=available.cast(pl.Int64)).drop("_height")


def reflected(frame: pl.DataFrame, qty: str, group: str) -> pl.DataFrame:
    """Adds ``before`` and ``after``: the running total around each row, never below zero.

    What a negative row would take beyond zero is lost (``before - after`` is then less than its
    quantity). Rows must be sorted by group and event.
    """
    height = running_total(pl.col(qty), group)
    out = frame.with_columns(_height=height)
    if frame.filter(pl.col(qty) < 0).height:
        floor = pl.col("_height").clip(None, 0).cum_min().over(group)
        out = out.with_columns(after=pl.col("_height") - floor)
    else:
        out = out.with_columns(after=pl.col("_height"))
    begins = pl.col(group).ne_missing(pl.col(group).shift())
    before = pl.when(begins).then(0).otherwise(pl.col("after").shift())
    return out.with_columns(before=before.cast(pl.Int64)).drop("_height")


def not_given_back(total: str, group: str) -> pl.Expr:
    """The running total at each row as far as it still stands: its lowest value from there on.

    Rows must be sorted by group and event.
    """
    return pl.col(total).cum_min(reverse=True).over(group)
