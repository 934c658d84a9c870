"""Allocation of billed quantities to receipts: set arithmetic on running totals.

Belongs here: which part of which invoice line bills which receipt. Not here: what lines say of
themselves (claims.py), whether it is acceptable (quantity_checks.py), what it is worth
(valuation.py).

Per order line, receipts stand one after another in the order of events; so do invoice lines.
Where the stretch of an invoice line overlaps that of a receipt, the one bills the other. A credit
takes the running total back, and so gives back what was allocated last. Lines that name the
receipt they bill are laid along that receipt instead. Only where lines that name something and
lines that do not compete for the same receipts, they are walked through one by one (contested.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.allocation.claims import Claims
from finsync_dagster.matching.allocation.contested import EXPLICIT, FIFO, LIFO_CREDIT, walked
from finsync_dagster.matching.figures.exact import guard_sum
from finsync_dagster.matching.figures.positions import LINE_POS, RECEIPT_POS, looked_up
from finsync_dagster.matching.figures.sequence import (
    MIRRORED,
    in_order_of,
    reflected,
    running_total,
    upright,
)

HEADER_TOTAL = "header_total"

_STRETCH = (
    "invoice_line_id",
    "po_line_id",
    LINE_POS,
    "event_no",
    "receipt_line_id",
    RECEIPT_POS,
    "low",
    "high",
    "sign",
    "method",
)
_RECEIPT = ("receipt_line_id", RECEIPT_POS)
_FOUND = (*_STRETCH, "_row", "_part")


def sequence(lines: pl.DataFrame) -> pl.DataFrame:
    """Quantity lines sorted by ``po_line_id`` and event, with their place in the running total.

    Takes ``po_line_id``, ``event_no``, ``units`` (signed), and ``mirrored`` if some are of an order
    line that orders a return. Adds ``before`` and ``after``, and ``excess``: the part of a credit
    beyond what was invoiced, which credits nothing. The running total is never below 0; of a
    mirrored line never above it.

    Raises:
        PrecisionError: the quantities are too large to be added up exactly.
    """
    guard_sum(lines, "units")
    ordered = upright(in_order_of(lines, "po_line_id", "event_no"), "units")
    events = reflected(ordered, "units", "po_line_id")
    moved = (pl.col("after") - pl.col("before")).abs()
    events = events.with_columns(excess=pl.col("units").abs() - moved)
    return upright(events, "units", "before", "after")


def allocate(
    events: pl.DataFrame, receipts: pl.DataFrame, claims: Claims | None = None
) -> pl.DataFrame:
    """The stretches in which invoice lines and receipts overlap.

    Args:
        events: as ``sequence`` returns them.
        receipts: ``receipt_line_id``, ``po_line_id``, ``available``, ``start``, ``end``, sorted by
            order line and event.
        claims: what the lines name; nothing if not given.

    Returns:
        One row per stretch: ``invoice_line_id``, ``po_line_id``, ``event_no``, ``receipt_line_id``
        (null beyond the receipts), ``low`` and ``high`` in the running total of the order line,
        ``sign`` (-1 for credits, also those of a return that was ordered), ``method``; sorted by
        order line, event, and within an event in the order of allocation: for credits newest first.

    Raises:
        PrecisionError: the quantities are too large to be added up exactly.
    """
    billable = receipts.filter(pl.col("available") > 0)
    guard_sum(billable, "available")
    events = upright(events, "units", "before", "after")
    rows = events.with_row_index("_row")
    if claims is None or claims.lines.is_empty():
        found = _along(rows, billable, LINE_POS)
    else:
        found = _as_claimed(rows, billable, claims)
    if claims is not None and len(claims.confirmed):
        # These credits name just what a credit takes back anyway.
        named = pl.col("invoice_line_id").is_in(claims.confirmed.implode())
        method = pl.when(named).then(pl.lit(EXPLICIT)).otherwise("method")
        found = found.with_columns(method=method)
    found = in_order_of(found, "_row", "_part")
    return _mirrored(found, events).select(_STRETCH)


def _mirrored(stretches: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The stretches, those of mirrored lines on the other side of 0, where their credits are."""
    if MIRRORED not in events.columns or not events[MIRRORED].any():
        return stretches
    other = stretches["_row"].is_in(
        events.with_row_index("_row").filter(MIRRORED)["_row"].implode()
    )
    low, high, sign = pl.col("low"), pl.col("high"), pl.col("sign")
    return stretches.with_columns(
        low=pl.when(other).then(0 - high).otherwise(low),
        high=pl.when(other).then(0 - low).otherwise(high),
        sign=pl.when(other).then(0 - sign).otherwise(sign),
    )


def _as_claimed(events: pl.DataFrame, receipts: pl.DataFrame, claims: Claims) -> pl.DataFrame:
    """Stretches of order lines on which something is named, and of those on which nothing is."""
    free = events.join(claims.lines, on="po_line_id", how="anti", maintain_order="left")
    own = events.join(claims.lines, on="po_line_id", how="semi", maintain_order="left")
    by_name, contested = _by_receipt(own, receipts, claims)
    rows = [_along(free, receipts, LINE_POS), by_name, walked(contested, receipts, claims)]
    return pl.concat([frame.select(*_FOUND) for frame in rows])


def _along(events: pl.DataFrame, receipts: pl.DataFrame, key: str) -> pl.DataFrame:
    """The stretches of events laid along the receipts of their ``key``, both sorted by it.

    Beside the stretches' columns ``_row`` (the event's position) and ``_part`` (a number that
    orders the stretches of an event).
    """
    spans = events.select(
        *dict.fromkeys((key, "_row", "invoice_line_id", "po_line_id", LINE_POS, "event_no")),
        low=pl.min_horizontal("before", "after"),
        high=pl.max_horizontal("before", "after"),
        sign=pl.when(pl.col("after") < pl.col("before")).then(-1).otherwise(1),
    ).filter(pl.col("high") > pl.col("low"))
    # All keys laid end to end make one axis, on which binary searches find receipts.
    axis = receipts.with_columns(_to=pl.col("available").cum_sum())
    last = axis.filter(pl.col(key).ne_missing(pl.col(key).shift(-1)))
    ends = last.select(key, total="end", _origin=pl.col("_to") - pl.col("end"))
    spans = _beside(spans, ends, key).with_columns(pl.col("total").fill_null(0))
    credit = pl.col("sign") < 0
    # A credit gives back the newest stretch first.
    order = {"_part": pl.col("low") * pl.col("sign")}
    method = pl.when(credit).then(pl.lit(LIFO_CREDIT)).otherwise(pl.lit(FIFO))
    parts = [*_covered(spans.filter(pl.col("low") < pl.col("total")), axis), _beyond(spans)]
    columns = [c for c in _FOUND if c not in ("method", "_part")]
    found = pl.concat([part.select(columns) for part in parts], rechunk=True)
    return found.with_columns(method=method, **order).select(_FOUND)


def _beside(spans: pl.DataFrame, ends: pl.DataFrame, key: str) -> pl.DataFrame:
    if key != LINE_POS:
        return spans.join(ends, on=key, how="left", maintain_order="left")
    size = int(pl.concat([spans[key], ends[key]]).max() or 0) + 1  # type: ignore[arg-type]
    return spans.hstack(looked_up(spans[key], ends, key, size))


def _covered(spans: pl.DataFrame, axis: pl.DataFrame) -> list[pl.DataFrame]:
    """Stretches within the receipts: those that meet one receipt, and those that meet several."""
    if spans.is_empty():
        return []
    spans = spans.with_columns(high=pl.min_horizontal("high", "total"))
    first = axis["_to"].search_sorted(spans["low"] + spans["_origin"], side="right")
    spans = spans.with_columns(_first=first, _to=axis["_to"].gather(first))
    one = pl.col("high") + pl.col("_origin") <= pl.col("_to")
    single, several = spans.filter(one), spans.filter(~one)
    single = single.with_columns(axis[column].gather(single["_first"]) for column in _RECEIPT)
    return [single, _split(several, axis)] if len(several) else [single]


def _split(spans: pl.DataFrame, axis: pl.DataFrame) -> pl.DataFrame:
    """A row per receipt that a span meets."""
    last = axis["_to"].search_sorted(spans["high"] + spans["_origin"], side="left")
    met = spans.with_columns(
        _receipt=pl.int_ranges(pl.col("_first").cast(pl.Int64), last.cast(pl.Int64) + 1)
    ).explode("_receipt")
    at = met["_receipt"]
    met = met.with_columns(axis[column].gather(at) for column in (*_RECEIPT, "start", "end"))
    return met.with_columns(
        low=pl.max_horizontal("low", "start"), high=pl.min_horizontal("high", "end")
    )


def _beyond(spans: pl.DataFrame) -> pl.DataFrame:
    """Stretches billed without a receipt."""
    return spans.filter(pl.col("high") > pl.col("total")).with_columns(
        low=pl.max_horizontal("low", "total"),
        receipt_line_id=pl.lit(None, dtype=pl.String),
        receipt_pos=pl.lit(None, dtype=pl.Int64),
    )


def _by_receipt(
    own: pl.DataFrame, receipts: pl.DataFrame, claims: Claims
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stretches of order lines whose every line names its receipt; the events of the others.

    Each name is an axis of its own. That is all there is to it where no line asks for more than
    its receipts have, unless it may bill no other, and no credit for more than was billed of them.
    """
    named = own.join(claims.slots, on="event_no", how="left", maintain_order="left")
    named = named.filter(~pl.col("contested").fill_null(True).any().over("po_line_id"))
    placed = in_order_of(named, "slot", "event_no").with_columns(_before="before")
    placed = reflected(placed, "units", "slot")
    shelf = receipts.join(claims.named, on="receipt_line_id").sort("slot", "po_line_id", "start")
    shelf = shelf.with_columns(end=running_total(pl.col("available"), "slot")).with_columns(
        start=pl.col("end") - pl.col("available")
    )
    has = shelf.group_by("slot").agg(has=pl.col("available").sum())
    placed = placed.join(has, on="slot", how="left", maintain_order="left")
    # A credit of the receipt takes from it first, and what waited for it moves up.
    credited = pl.col("slot").is_in(placed.filter(pl.col("units") < 0)["slot"].unique().implode())
    beyond = pl.col("after") > pl.col("has").fill_null(0)
    over = beyond & (~pl.col("specific") | credited)
    lost = (pl.col("after") - pl.col("before")).abs() != pl.col("units").abs()
    competing = placed.filter(over | lost).select("po_line_id").unique()
    placed = placed.join(competing, on="po_line_id", how="anti", maintain_order="left")
    rows = _along(placed, shelf, "slot")
    # From the place along the receipt to the place in the running total of the order line.
    shift = placed.select("_row", shift=pl.col("_before") - pl.col("before"))
    rows = rows.join(shift, on="_row", maintain_order="left")
    explicit = pl.col("receipt_line_id").is_not_null()
    rows = rows.with_columns(
        pl.col("low") + pl.col("shift"),
        pl.col("high") + pl.col("shift"),
        method=pl.when(explicit).then(pl.lit(EXPLICIT)).otherwise("method"),
    )
    rest = own.join(placed.select("po_line_id"), on="po_line_id", how="anti", maintain_order="left")
    return rows.select(_FOUND), rest
