"""Lines of live invoices, each with the order it bills and the way it bills it.

Belongs here: which invoice lines take part, in which order of events, in which unit. Not here:
whether they may (gates.py) nor what they are allocated to.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.figures.event_order import numbered, ranked
from finsync_dagster.matching.figures.functional import with_functional_rate
from finsync_dagster.matching.figures.places import places, rows_at
from finsync_dagster.matching.figures.positions import INVOICE_POS
from finsync_dagster.matching.figures.units import in_order_units, per_unit, weighed_lines
from finsync_dagster.matching.linking.references import referenced
from finsync_dagster.matching.ordering.order_facts import with_order_facts
from finsync_dagster.matching.ordering.orders import OrderBook

CREDITS = ("credit_qty", "credit_value")
CORRECTIONS = ("credit_value", "debit_value")

# How a line bills its order.
QUANTITY = "quantity"
"""A quantity of one order line: allocated to receipts."""
VALUE = "value"
"""An amount for an order or an order line: compared in total."""
CORRECTION = "correction"
"""An amount that changes the price of what was billed of an order line by quantity."""
NOTHING = "nothing"
"""Nothing that an order would limit: a charge, a tax, a prepayment, an order not to be matched."""


def live_invoices(docs: Documents) -> pl.DataFrame:
    """Invoices that are not void, sorted by key, with ``functional_rate`` (functional.py)."""
    live = docs.invoices.filter(pl.col("status_canon") != "void")
    # Which of the two it was must leave no trace, not even in what Polars notes of a column.
    stands = live["invoice_id"].is_sorted() and not live["invoice_id"].has_nulls()
    live = live.set_sorted("invoice_id") if stands else live.sort("invoice_id")
    return with_functional_rate(live, docs.functional_rates)


def billed_lines(docs: Documents, book: OrderBook, invoices: pl.DataFrame) -> pl.DataFrame:
    """One row per line of ``invoices`` (live), by order line and event; those without one last.

    Adds ``event_no`` (event_order.py), ``order_id``, ``link_id``, ``problem`` (references.py),
    ``billing``, ``units`` (signed Int64 quantity in the order unit; null if it has no exact ratio)
    and facts of the order (``po_*``) and of the order line.
    """
    weighed = weighed_lines(docs.invoice_lines)
    lines = referenced(_events(docs, invoices, weighed), docs, book)
    lines = with_order_facts(lines, docs, book)
    billing = lines.select(billing=_billing()).to_series()
    lines = lines.drop("match_basis", "po_matched").hstack([billing])
    return in_order_units(lines, billing == QUANTITY, weighed, book.lines)


_LINE = (
    "invoice_line_id",
    "invoice_id",
    "record_id",
    "line_no",
    "type",
    "po_number_ref",
    "po_id",
    "po_line_id",
    "po_line_ref",
    "item_id",
    "qty",
    "uom",
    "unit_price",
    "price_unit",
    "net_amount",
    "receipt_no_ref",
    "receipt_line_ref",
    "orig_invoice_line_id",
)


def _events(docs: Documents, invoices: pl.DataFrame, weighed: pl.DataFrame) -> pl.DataFrame:
    lines = docs.invoice_lines.select(*_LINE, stated_rate="tax_rate")
    lines = per_unit(lines, weighed)
    at = places(lines["invoice_id"], invoices["invoice_id"])
    if at.has_nulls():
        lines, at = lines.filter(at.is_not_null()), at.drop_nulls()
    headers = ranked(docs.golden(invoices)).select(
        "_rank",
        "golden",
        "invoice_no_supplier",
        "kind",
        "supplier_src_id",
        "ccy",
        "invoice_date",
        "functional_rate",
        "corrects_invoice_id",
    )
    lines = lines.hstack(rows_at(headers, at)).with_columns(
        at.alias(INVOICE_POS),
        credit=pl.col("kind").is_in(CREDITS) | (pl.col("qty") < 0).fill_null(False),
        # A value correction carries no quantity, whatever its form has in that field.
        qty=pl.when(~pl.col("kind").is_in(CORRECTIONS)).then(pl.col("qty")),
    )
    return numbered(lines).drop("record_id")


def _billing() -> pl.Expr:
    by_line = pl.col("link_id").is_not_null() & (
        (pl.col("match_basis") == "qty") & (pl.col("match_type") != "limit")
    )
    unmatched = pl.coalesce(pl.col("match_type") == "none", ~pl.col("po_matched"))
    return (
        pl.when(
            (pl.col("type") != "item")
            | (pl.col("kind") == "prepayment")
            | unmatched.fill_null(False)
        )
        .then(pl.lit(NOTHING))
        .when(by_line & pl.col("kind").is_in(CORRECTIONS))
        .then(pl.lit(CORRECTION))
        .when(by_line & pl.col("qty").is_not_null())
        .then(pl.lit(QUANTITY))
        .otherwise(pl.lit(VALUE))
    )


def with_corrected_amounts(lines: pl.DataFrame, comparable: pl.Series) -> pl.DataFrame:
    """``lines`` with the corrections of order lines that no line compared bills by quantity as
    lines that bill an amount.

    Only a quantity that was billed has a price to correct; where amounts are billed, an amount is
    taken back or added, and stands against what was received like any other.

    Args:
        lines: as ``billed_lines`` returns them.
        comparable: which of them no gate keeps from being compared.
    """
    correcting = lines["billing"] == CORRECTION
    if not correcting.any():
        return lines
    corrected = lines["link_id"].filter(correcting).unique()
    billed = lines["link_id"].filter((lines["billing"] == QUANTITY) & comparable)
    theirs = billed.filter(billed.is_in(corrected.implode())).unique()
    amount = pl.when(correcting & ~pl.col("link_id").is_in(theirs.implode())).then(pl.lit(VALUE))
    return lines.with_columns(billing=amount.otherwise("billing"))


def only_comparable(lines: pl.DataFrame, comparable: pl.Series) -> pl.DataFrame:
    """All lines, those that are not compared as lines that bill NOTHING.

    Leaving them out would copy every column of the others.
    """
    kept = pl.when(comparable).then("billing").otherwise(pl.lit(NOTHING))
    return lines.with_columns(billing=kept)
