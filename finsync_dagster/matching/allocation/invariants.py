"""What must be true of every allocation, checked on every run.

Belongs here: the invariants and the error that stops the run. Not here: computing allocations.
They are recomputed from the inputs, not from the running totals that led to the allocation.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.allocation.by_event import PARTS, totals_beside
from finsync_dagster.matching.figures import positions
from finsync_dagster.matching.figures.positions import LINE_POS, RECEIPT_POS
from finsync_dagster.matching.figures.sequence import MIRRORED, upright
from finsync_dagster.money import AMOUNT_SCALE, RATE_SCALE, to_scaled


class AllocationError(AssertionError):
    """An allocation contradicts the documents: a defect of finsync, never of the data."""


def require_consistent(
    stretches: pl.DataFrame, events: pl.DataFrame, receipts: pl.DataFrame
) -> None:
    """Stops the run unless every unit and all money is accounted for once.

    Args:
        stretches: ``event_no``, ``invoice_line_id``, ``po_line_id``, ``receipt_line_id``, ``qty``
            (signed), their amounts and rates.
        events: the quantity lines with ``units``, ``excess`` and ``net_amount``; ``specific`` if
            some may only bill the receipt they name, ``mirrored`` if some are of ordered returns.
        receipts: with ``available``.

    Raises:
        AllocationError: quantities (``require_quantities``), or the parts of an invoice line are
            not its net, in its currency or in that of the books.
    """
    require_quantities(stretches, events, receipts)
    _nets_in_full(stretches, events)
    _money_conserved(stretches)


def require_quantities(
    stretches: pl.DataFrame, events: pl.DataFrame, receipts: pl.DataFrame
) -> None:
    """Stops the run unless every unit is accounted for once; arguments as above, without money.

    Raises:
        AllocationError: a receipt is billed beyond what is available or less than nothing; an
            invoice line is not allocated in full; an order line's allocation to receipts is not
            the smaller of received and invoiced (at most that, if billed receipt by receipt).
    """
    _receipts_within_availability(stretches, receipts)
    _lines_in_full(stretches, events)
    _order_lines_smaller_of_both(stretches, events, receipts)


def _receipts_within_availability(stretches: pl.DataFrame, receipts: pl.DataFrame) -> None:
    billed = positions.totals(stretches, RECEIPT_POS, receipts.height, "qty")
    kept = [c for c in ("receipt_line_id", "available", MIRRORED) if c in receipts.columns]
    both = upright(receipts.select(kept).with_columns(billed["qty"]), "qty")
    fits = ((pl.col("qty") >= 0) & (pl.col("qty") <= pl.col("available"))).fill_null(False)
    _require(both.filter(~fits), "receipt_line_id", "receipts are billed beyond their quantity")


def _lines_in_full(stretches: pl.DataFrame, events: pl.DataFrame) -> None:
    billed = positions.sums(stretches.select("event_no", allocated="qty"), "event_no")
    allocated = totals_beside(events["event_no"], billed).fill_null(0)
    both = upright(events.hstack(allocated), "allocated", "units")
    wanted = pl.col("units") + pl.when(pl.col("units") < 0).then("excess").otherwise(0)
    wrong = both.filter(pl.col("allocated") != wanted)
    _require(wrong, "invoice_line_id", "invoice lines are not allocated")


def _nets_in_full(stretches: pl.DataFrame, events: pl.DataFrame) -> None:
    parts = stretches.select("event_no", allocated_net=pl.sum_horizontal(*PARTS))
    net = totals_beside(events["event_no"], positions.sums(parts, "event_no"))
    both = events.select("invoice_line_id", "excess", "units", "net_amount").hstack(net)
    # What a credit takes back beyond what was billed has no allocation, and no part of its net.
    whole = (pl.col("excess") == 0) & (pl.col("units") != 0)
    _require(
        both.filter(whole & (pl.col("allocated_net") != pl.col("net_amount"))),
        "invoice_line_id",
        "parts of invoice lines are not their net",
    )


def _order_lines_smaller_of_both(
    stretches: pl.DataFrame, events: pl.DataFrame, receipts: pl.DataFrame
) -> None:
    real = pl.col(RECEIPT_POS).is_not_null()
    rows = stretches.select(
        LINE_POS, invoiced="qty", covered=pl.when(real).then("qty").otherwise(0)
    )
    billed = positions.sums(rows, LINE_POS)
    size = positions.reach(billed[LINE_POS], receipts[LINE_POS])
    received = positions.totals(receipts, LINE_POS, size, "available")["available"]
    both = billed.with_columns(received=received.gather(billed[LINE_POS]))
    if MIRRORED in events.columns:
        mirrored = events.filter(MIRRORED)[LINE_POS].unique().implode()
        both = both.with_columns(pl.col(LINE_POS).is_in(mirrored).alias(MIRRORED))
        both = upright(both, "invoiced", "covered")
    smaller = pl.min_horizontal("received", "invoiced")
    wrong = both.filter(pl.col("covered") != smaller)
    if "specific" in events.columns and wrong.height:
        # Billed receipt by receipt: what one lacks no other makes up for.
        apart = pl.col(LINE_POS).is_in(events.filter("specific")[LINE_POS].unique().implode())
        wrong = wrong.filter(~(apart & (pl.col("covered") < smaller)))
    if wrong.height:
        named = stretches.select(LINE_POS, "po_line_id").unique()
        wrong = wrong.join(named, on=LINE_POS)
        _require(wrong, "po_line_id", "order lines do not add up")


def _money_conserved(stretches: pl.DataFrame) -> None:
    """net x rate of the invoice = amount at the order's price x rate of the receipt + (variance of
    price + rounding) x rate of the invoice + exchange variance, to half a unit of its last place.
    """
    abroad = stretches.filter(
        (pl.col("rate_received") != pl.col("rate_invoiced")) | (pl.col("fx_variance") != 0)
    )
    abroad = abroad.drop_nulls("fx_variance")
    if abroad.is_empty():
        return
    amount, beyond, more = (
        to_scaled(p, AMOUNT_SCALE)
        for p in (
            pl.col("amount_at_po_price"),
            pl.col("price_variance") + pl.col("rounding"),
            pl.col("fx_variance"),
        )
    )
    received, invoiced = (
        to_scaled(pl.col(rate), RATE_SCALE) for rate in ("rate_received", "rate_invoiced")
    )
    one = pl.lit(10**RATE_SCALE, dtype=pl.Int128)
    left = (amount + beyond) * invoiced - amount * received - beyond * invoiced - more * one
    _require(abroad.filter(2 * left.abs() > one), "invoice_line_id", "exchange does not add up")


def _require(wrong: pl.DataFrame, key: str, what: str) -> None:
    if wrong.height:
        named = ", ".join(wrong[key].sort().head(3))
        raise AllocationError(f"{what}: {wrong.height}, among them {named}")
