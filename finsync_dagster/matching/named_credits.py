"""What credits that say what they correct leave of what was invoiced up to each line.

Belongs here: running figures of the order lines on which such a credit takes back another line than
the newest. Not here: all others (quantity_checks.py), allocation (allocate.py).

A credit releases the line that it corrects, and every line after it: it counts from the place of
that line on, though it came later. What it credits beyond that line counts for those before.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.claims import Claims
from finsync_dagster.matching.sequence import MIRRORED, not_given_back, running_total

_FIGURES = ("invoiced", "invoiced_net")


def with_named_credits(priced: pl.DataFrame, claims: Claims) -> pl.DataFrame:
    """``priced_lines`` with ``invoiced`` and ``invoiced_net`` as named credits leave them.

    Rows keep their order.
    """
    places = _places(priced, claims)
    if places.is_empty():
        return priced
    mine = priced.join(places, on="event_no", how="semi").select("link_id").unique()
    rows = priced.filter(~pl.col(MIRRORED)).join(mine, on="link_id", how="semi")
    rows = rows.join(places, on="event_no", how="left").with_columns(
        pl.coalesce("place", "event_no").alias("place"),
        counted=pl.col("counted_units").fill_null(0),
    )
    rows = rows.sort("link_id", "place", "event_no").with_columns(
        invoiced=running_total(pl.col("counted"), "link_id"),
        invoiced_net=running_total(pl.col("counted_net"), "link_id"),
    )
    left = rows.with_columns(not_given_back(c, "link_id") for c in _FIGURES).select(
        "event_no", pl.col("invoiced").clip(0, None), "invoiced_net"
    )
    found = priced.join(left, on="event_no", how="left", maintain_order="left", suffix="_left")
    # A price correction bills no quantity.
    billed = pl.when(pl.col("invoiced").is_not_null())
    return found.with_columns(
        invoiced=billed.then(pl.coalesce("invoiced_left", "invoiced")),
        invoiced_net=pl.coalesce("invoiced_net_left", "invoiced_net"),
    ).drop("invoiced_left", "invoiced_net_left")


def _places(priced: pl.DataFrame, claims: Claims) -> pl.DataFrame:
    """``event_no`` of each credit that counts elsewhere, and ``place``, the line it counts from."""
    credited = claims.credited.join(
        claims.confirmed.to_frame("invoice_line_id"), on="invoice_line_id", how="anti"
    )
    numbers = priced.select("invoice_line_id", "event_no")
    by_line = (
        credited.join(numbers, on="invoice_line_id")
        .join(numbers.select(target="invoice_line_id", place="event_no"), on="target")
        .group_by("event_no")
        .agg(pl.col("place").max())
    )
    units = priced.select("event_no", "units")
    slots = claims.slots.join(units, on="event_no").sort("slot", "event_no")
    if slots.filter(pl.col("units") < 0).is_empty():
        return by_line
    billed = pl.when(pl.col("units") > 0).then("event_no")
    by_receipt = slots.with_columns(place=billed.forward_fill().over("slot")).filter(
        (pl.col("units") < 0) & pl.col("place").is_not_null()
    )
    by_receipt = by_receipt.join(by_line, on="event_no", how="anti")
    return pl.concat([by_line, by_receipt.select("event_no", "place")])
