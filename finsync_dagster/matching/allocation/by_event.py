"""What the allocations of each invoice line add up to.

Belongs here: the sums that both outcomes and results ask for, made once, and finding them. Not
here: what they are compared with.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.positions import RECEIPT_POS, looked_up, reach, sums
from finsync_dagster.money import AMOUNT

PARTS = ("amount_at_po_price", "price_variance", "rounding")
"""What the net of an invoice line is made of."""

_NOTHING = pl.lit(0, dtype=AMOUNT)


def event_totals(stretches: pl.DataFrame) -> pl.DataFrame:
    """One row per invoice line that has allocations.

    ``event_no``; of its allocations to receipts ``receipts`` (how many), ``covered`` (signed Int64
    quantity), ``covered_net`` (all parts) and ``covered_at_po_price`` (AMOUNT).
    """
    net = pl.sum_horizontal(*PARTS).cast(AMOUNT)
    real = pl.col(RECEIPT_POS).is_not_null()
    rows = stretches.select(
        "event_no",
        receipts=real.cast(pl.Int64),
        covered=pl.when(real).then("qty").otherwise(0),
        covered_net=pl.when(real).then(net).otherwise(_NOTHING),
        covered_at_po_price=pl.when(real).then("amount_at_po_price").otherwise(_NOTHING),
    )
    return sums(rows, "event_no")


def totals_beside(events: pl.Series, totals: pl.DataFrame) -> pl.DataFrame:
    """Per event, in their order, its row of ``event_totals``; nulls where it has no allocation."""
    # An event may be no line that was allocated, and the other way about.
    return looked_up(events, totals, "event_no", reach(events, totals["event_no"]))
