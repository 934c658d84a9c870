"""Order of events and running totals per purchase order line.

Belongs here: the sort orders of receipts and invoice lines, and the arithmetic of signed running
totals. Not here: what is allocated to what (allocate.py).

A running total is one global sum less its value where the group began: on rows sorted by group
that is far cheaper than a window per group. Functions say which sort order they rely on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

_LINE = "_line_number"

MIRRORED = "mirrored"
"""Whether a row belongs to an order line that orders a return: goods go out, credits come in."""


def by_event(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Sorted by the keys, then by line number (9 before 10) and record, so that ties never flip.

    A frame that stands in that order already is returned as it is: seeing that costs a third of
    sorting it.
    """
    if _stands_in_order(frame, keys):
        return frame
    return (
        frame.with_columns(_number("line_no").alias(_LINE))
        .sort(*keys, *_WITHIN, nulls_last=True)
        .drop(_LINE)
    )


_WITHIN = (_LINE, "line_no", "record_id")


def _number(line_no: str) -> pl.Expr:
    return pl.col(line_no).str.to_integer(strict=False)


def _stands_in_order(frame: pl.DataFrame, keys: tuple[str, ...]) -> bool:
    """Whether every row comes after the one before it; a null anywhere is taken for a no."""
    above = {key: pl.col(key).shift() for key in (*keys, "line_no", "record_id")}
    rows = frame.select(
        after=_after(keys, above),
        same=pl.all_horizontal(pl.col(key) == above[key] for key in keys),
        **{c: pl.col(c) for c in ("line_no", "record_id")},
        **{f"{c}_above": above[c] for c in ("line_no", "record_id")},
    ).slice(1)
    if not rows.select((pl.col("after") | pl.col("same")).fill_null(False).all()).item():
        return False
    ties = rows.filter("same")
    if ties.is_empty():
        return True
    ties = ties.with_columns(
        _number("line_no").alias(_LINE), _number("line_no_above").alias(f"{_LINE}_above")
    )
    inner = _after(_WITHIN, {c: pl.col(f"{c}_above") for c in _WITHIN})
    return bool(ties.select(inner.fill_null(False).all()).item())


def _after(columns: Sequence[str], above: Mapping[str, pl.Expr]) -> pl.Expr:
    """Whether a row is strictly behind the one above it, compared column by column."""
    after: pl.Expr = pl.lit(False)
    for column in reversed(columns):
        here = pl.col(column)
        after = (here > above[column]) | ((here == above[column]) & after)
    return after


def in_order_of(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """The frame sorted by keys; as it is where it is sorted already. Ties keep their order."""
    above = {key: pl.col(key).shift() for key in keys}
    same = pl.all_horizontal(pl.col(key) == above[key] for key in keys)
    stands = (_after(keys, above) | same).slice(1).fill_null(False).all()
    rows = frame if frame.select(stands).item() else frame.sort(*keys, maintain_order=True)
    # Which of the two it was must leave no trace, not even in what Polars notes of a column.
    return rows.with_columns(pl.col(keys[0]).set_sorted())


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
    out = frame.with_columns(after=running_total(pl.col(qty), group))
    # Only where more is taken than there was, something is lost.
    below = out.filter(pl.col("after") < 0).select(group).unique()
    if below.height:
        rows = out.select(group, "after").with_row_index("_row")
        rows = rows.join(below, on=group, how="semi", maintain_order="left")
        lowest = pl.col("after").clip(None, 0).cum_min().over(group)
        rows = rows.select("_row", after=pl.col("after") - lowest)
        out = out.with_columns(out["after"].scatter(rows["_row"], rows["after"]))
    begins = pl.col(group).ne_missing(pl.col(group).shift())
    before = pl.when(begins).then(0).otherwise(pl.col("after").shift())
    # A shifted column is in two pieces, which every later step would have to bring together.
    return out.with_columns(before=before.cast(pl.Int64)).rechunk()


def not_given_back(total: str, group: str) -> pl.Expr:
    """The running total at each row as far as it still stands: its lowest value from there on.

    Rows must be sorted by group and event.
    """
    return pl.col(total).cum_min(reverse=True).over(group)


def upright(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The figures of mirrored rows with the other sign, so that what was ordered counts upwards.

    Twice is back again. A frame without a mirrored row, or without the column, is returned as it
    is.
    """
    if MIRRORED not in frame.columns or not frame[MIRRORED].any():
        return frame
    return frame.with_columns(
        pl.when(MIRRORED).then(0 - pl.col(column)).otherwise(column).alias(column)
        for column in columns
    )
