"""Whether lines add up in themselves that are compared with no order line by quantity.

Belongs here: DOC_ARITHMETIC of lines that a gate keeps out, that bill an amount, a charge, or an
order that is not to be matched. Not here: that of lines with a quantity (quantity_checks.py), of
the document as a whole (document_checks.py).

Source: ServiceNow AP ("invoice isn't balanced"): what a document says of itself is checked whatever
it is compared with.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.checks.limited import NOTHING
from finsync_dagster.matching.checks.quantity_checks import LINE
from finsync_dagster.matching.figures.units import own_amount
from finsync_dagster.matching.linking.billing import QUANTITY
from finsync_dagster.matching.tolerance import DOC_ARITHMETIC, Comparison, differing
from finsync_dagster.money import minor_unit_expr

_READ = (
    "invoice_line_id",
    "type",
    "kind",
    "ccy",
    "qty",
    "unit_price",
    "net_amount",
    "_priced_qty",
    "_priced_at",
    "_priced_for",
)
_STATED = ("item", "charge")


def other_lines_arithmetic(
    lines: pl.DataFrame, priced: pl.DataFrame, copied: pl.DataFrame
) -> Comparison:
    """Quantity times own price, rounded, against the net of the line.

    A prepayment bills a part of what its lines state, and is left out; so is a copy, of which the
    original says everything.

    Args:
        lines: all lines (billing.py).
        priced: those compared by quantity; they have been checked.
        copied: ``invoice_line_id`` of lines of exact copies.
    """
    done = priced["event_no"].filter(priced["billing"] == QUANTITY)
    others = pl.Series([True]).new_from_index(0, lines.height).scatter(done, False)
    rows = lines.select(column for column in _READ if column in lines.columns)
    rows = rows.filter(others[lines["event_no"]])
    rows = rows.filter(
        pl.col("qty").is_not_null()
        & pl.col("unit_price").is_not_null()
        & pl.col("type").is_in(_STATED)
        & (pl.col("kind") != "prepayment")
        & ~pl.col("invoice_line_id").is_in(copied["invoice_line_id"].implode())
    )
    if rows.is_empty():
        return Comparison(DOC_ARITHMETIC, LINE, NOTHING)
    rows = rows.with_columns(minor=minor_unit_expr(pl.col("ccy")))
    found = rows.select(
        subject_type=pl.lit("invoice_line"),
        subject_id="invoice_line_id",
        expected=own_amount(rows),
        actual="net_amount",
    )
    return differing(found, DOC_ARITHMETIC, LINE)
