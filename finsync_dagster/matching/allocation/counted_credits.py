"""What a credit counts for: never more than was invoiced before it.

Belongs here: the part of a credit's quantity and net that takes something back. Not here: where in
the sequence it counts (named_credits.py), what is said of the rest (line_notes.py).

A credit beyond the invoiced quantity credits nothing with the part beyond, and so does the money
that stands for it; nor does a credit take back more money than was billed on its order line (SAP:
a credit memo's quantity and value must not exceed what was invoiced). Else a credit that belongs
elsewhere would make room for an invoice that bills too much.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.exact import guard_product
from finsync_dagster.matching.figures.sequence import MIRRORED, running_total
from finsync_dagster.money import (
    AMOUNT,
    AMOUNT_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)

_ZERO = pl.lit(0, dtype=AMOUNT)


def with_counted(lines: pl.DataFrame) -> pl.DataFrame:
    """Adds ``counted_units`` (Int64 millionths, null where no quantity is billed), ``counted_net``
    (AMOUNT) and ``net_excess``, what a credit takes back in money beyond what was billed before it.

    Of a return that was ordered, credits are what is billed: all of them counts.

    Args:
        lines: sorted by ``link_id`` and event, with ``units``, ``excess`` (sequence), ``credit``,
            ``net_amount``, ``mirrored``.

    Raises:
        PrecisionError: a figure is too large to be computed exactly.
    """
    lines = lines.with_columns(counted_units="units", counted_net="net_amount", net_excess=_ZERO)
    if not lines["credit"].any():
        return lines
    credited = lines.filter(pl.col("credit") & ~pl.col(MIRRORED))["link_id"].unique()
    rows = lines.select(*_READ).with_row_index("_row")
    rows = rows.filter(pl.col("link_id").is_in(credited.implode()))
    some = rows.filter((pl.col("excess") > 0) & (pl.col("units") < 0))
    if some.height:
        lines = _in_part(lines, some)
        rows = rows.with_columns(lines["counted_net"].gather(rows["_row"]))
    below = running_total(pl.col("counted_net"), "link_id") < 0
    concerned = rows.filter(below)["link_id"].unique()
    if len(concerned):
        rows = rows.filter(pl.col("link_id").is_in(concerned.implode()))
        lines = _not_below_nothing(lines, rows)
    return lines


_READ = ("link_id", "units", "excess", "credit", "net_amount", "counted_net")


def _in_part(lines: pl.DataFrame, credits: pl.DataFrame) -> pl.DataFrame:
    """Of ``credits`` only the share of the net that their quantity within what was invoiced has."""
    units = pl.col("units").abs().cast(pl.Int128)
    within = units - pl.col("excess").cast(pl.Int128)
    net = to_scaled(pl.col("net_amount"), AMOUNT_SCALE)
    guard_product(credits, net, "units")
    rows = credits.select(
        "_row",
        counted_units=pl.col("units") + pl.col("excess"),
        counted_net=from_scaled(divide_half_up(net * within, units), AMOUNT_SCALE).cast(AMOUNT),
    )
    return _with(lines, rows, "counted_units", "counted_net")


def _not_below_nothing(lines: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Of order lines whose running net falls below 0: what is beyond counts for nothing."""
    rows = rows.with_columns(_total=running_total(pl.col("counted_net"), "link_id"))
    lowest = pl.min_horizontal("_total", _ZERO).cum_min().over("link_id")
    rows = rows.with_columns(_after=pl.col("_total") - lowest)
    begins = pl.col("link_id").ne_missing(pl.col("link_id").shift())
    before = pl.when(begins).then(_ZERO).otherwise(pl.col("_after").shift())
    counted = (pl.col("_after") - before).cast(AMOUNT)
    lost = (counted - pl.col("counted_net")).cast(AMOUNT)
    rows = rows.select(
        "_row", counted_net=counted, net_excess=pl.when("credit").then(lost).otherwise(_ZERO)
    )
    return _with(lines, rows, "counted_net", "net_excess")


def _with(lines: pl.DataFrame, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return lines.with_columns(
        lines[name].clone().scatter(rows["_row"], rows[name].cast(lines[name].dtype))
        for name in columns
    )
