"""Rows of one frame looked up by a number: several times cheaper than a join.

Belongs here: the lookup. Not here: what the number stands for (``event_no`` is made in billing.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from finsync_dagster.matching.figures.places import blank, noughts, rows_at

LINE_POS = "line_pos"
"""Position of an order line in the order book."""
RECEIPT_POS = "receipt_pos"
"""Position of a receipt line in the order book."""
INVOICE_POS = "invoice_pos"
"""Position of an invoice among the live ones."""


def numbered(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The frame with each row's position as ``name`` (Int64, from 0)."""
    return frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(name))


def beside(
    frame: pl.DataFrame, facts: pl.DataFrame, key: str, columns: Sequence[str]
) -> pl.DataFrame:
    """The frame, in its order, with ``columns`` of the row of ``facts`` that has the same ``key``.

    Args:
        frame: its ``key`` has whole numbers from 0, each of them in ``facts``.
        facts: at most one row per ``key``.
        key: a column of both.
        columns: of ``facts``.
    """
    if frame.is_empty() or facts.is_empty():
        return frame.hstack(facts.clear().select(columns).clear(frame.height))
    size = int(facts.select(pl.col(key).max()).item()) + 1
    rows = pl.int_range(facts.height, dtype=pl.UInt32, eager=True)
    places = noughts(pl.UInt32, size).scatter(facts[key], rows)
    found = facts.select(columns)[places.gather(frame[key])]
    return frame.hstack(found)


def reach(*keys: pl.Series) -> int:
    """How many positions there are, counted up to the last one that any of the keys names."""
    return max((int(key.max()) + 1 for key in keys if key.count()), default=0)  # type: ignore[arg-type]


def looked_up(keys: pl.Series, facts: pl.DataFrame, key: str, size: int) -> pl.DataFrame:
    """Per key, in their order, the row of ``facts`` that has it; nulls where none has, or no key.

    Args:
        keys: whole numbers from 0 and below ``size``, or null.
        facts: at most one row per ``key``.
        key: a column of ``facts``: below ``size``, too.
        size: of the frame that the keys are positions in.
    """
    rows = pl.int_range(facts.height, dtype=pl.UInt32, eager=True)
    nowhere = blank(pl.UInt32, size)
    at = nowhere.scatter(facts[key], rows).gather(keys)
    return rows_at(facts.drop(key), at)


def totals(frame: pl.DataFrame, key: str, size: int, *columns: str) -> pl.DataFrame:
    """The sums of whole-number columns per position from 0 to ``size``; 0 where there is none."""
    found = sums(frame.select(key, *columns).drop_nulls(key), key)

    def placed(column: str) -> pl.Series:
        # Scattering writes into the series itself: each column needs its own.
        none = noughts(pl.Int64, size)
        return none.scatter(found[key], found[column].cast(pl.Int64)).alias(column)

    return pl.DataFrame([placed(column) for column in columns])


def sums(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """The sums of all other columns, figures without nulls, per ``key``.

    Where the rows of each key stand together, as those of an event or of an order line do, they are
    what one running sum grew by from key to key: a fraction of what grouping costs.
    """
    upto = rows.with_columns(pl.exclude(key).cum_sum())
    last = upto.filter(pl.col(key).ne_missing(pl.col(key).shift(-1)))
    if last[key].n_unique() < last.height:
        return rows.group_by(key).agg(pl.exclude(key).sum())
    return last.with_columns(pl.exclude(key) - pl.exclude(key).shift(fill_value=0)).rechunk()
