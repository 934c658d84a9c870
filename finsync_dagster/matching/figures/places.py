"""From a text that is a key to the place of its row, and from places to rows.

Belongs here: finding places once, so that texts are compared once however often rows are taken.
Not here: sums by position (positions.py).
"""

from __future__ import annotations

import polars as pl


def places(keys: pl.Series, among: pl.Series) -> pl.Series:
    """Per key, in their order, its place in ``among`` (Int64, from 0); null where it is not there.

    Args:
        keys: texts, or null.
        among: the texts that there are, each once.
    """
    at = pl.int_range(len(among), dtype=pl.Int64, eager=True)
    rows = pl.DataFrame({"key": among, "at": at})
    return keys.to_frame("key").join(rows, on="key", how="left", maintain_order="left")["at"]


def blank(dtype: type[pl.DataType], size: int) -> pl.Series:
    """A column of nulls: a tenth of what an expression for it costs."""
    return pl.Series([None], dtype=dtype).new_from_index(0, size)


def noughts(dtype: type[pl.DataType], size: int) -> pl.Series:
    """A column of zeros."""
    return pl.Series([0], dtype=dtype).new_from_index(0, size)


def rows_at(frame: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    """The rows of a frame at these places, in their order; nulls where a place is null.

    Half of what an expression over all columns costs.
    """
    return frame[at.cast(pl.UInt32)]
