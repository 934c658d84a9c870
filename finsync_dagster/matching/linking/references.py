"""Which order, and which of its lines, an invoice line bills.

Belongs here: finding the order by what the invoice states, and handing what names no order line to
the search (order_line_search.py). Not here: whether the two agree (gates.py, checks).

Nothing is guessed: several candidates, or a statement that contradicts itself, leave the line
without a link and with a problem that says why.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.figures.places import blank, places, rows_at
from finsync_dagster.matching.figures.positions import LINE_POS
from finsync_dagster.matching.linking.order_line_search import (
    LINK_AMBIGUOUS,
    LINK_MISSING,
    find_line,
)
from finsync_dagster.matching.ordering.orders import EXTRACT_INCOMPLETE, OrderBook

__all__ = ["LINK_AMBIGUOUS", "LINK_MISSING", "NO_PO", "PO_NOT_FOUND", "referenced"]

NO_PO = "INV_NO_PO"
PO_NOT_FOUND = "PO_NOT_FOUND"


def referenced(lines: pl.DataFrame, docs: Documents, book: OrderBook) -> pl.DataFrame:
    """The lines, in their order, with the order and the order line that each bills.

    An order line named outranks an order key, which outranks an order number. Most lines name the
    line that they bill: they cost one join, and only the others are searched for.

    Args:
        lines: invoice lines with what they state, numbered by ``event_no``; ``unit_price`` is for
            one unit.
        docs: the documents.
        book: the order lines.

    Returns:
        Adds ``order_id`` (the order found, else null), ``link_id`` (its line, else null) and
        ``line_pos`` (its place in the order book), ``problem`` (why there is none: a reason code,
        else null) and ``fits`` (text: order lines that come into question for a line with a
        problem).
    """
    at = places(lines["po_line_id"], book.lines["po_line_id"])
    of_line = book.lines["po_id"].gather(at)
    agrees = (lines["po_id"] == of_line).fill_null(True)
    stated = pl.any_horizontal(pl.col("po_line_id", "po_id", "po_number_ref").is_not_null())
    silent = lines.select(~stated).to_series()
    found = lines.select(
        link_id="po_line_id",
        order_id=of_line,
        problem=pl.when(silent).then(pl.lit(NO_PO)),
        fits=blank(pl.String, lines.height),
        **{LINE_POS: at},
    )
    open_ = (~silent & (at.is_null() | ~agrees)).arg_true()
    if not open_.is_empty():
        asked = lines.with_columns(of_line.alias("_of_line"), at.alias("_at"))
        rows = find_line(_find_order(rows_at(asked, open_), docs, book), book)
        found = found.with_columns(
            found[name].clone().scatter(open_, rows[name]) for name in found.columns
        )
    return lines.hstack(found)


def _find_order(lines: pl.DataFrame, docs: Documents, book: OrderBook) -> pl.DataFrame:
    """Adds ``order_id`` and ``problem`` to lines that state something, with ``_of_line``, the order
    of the line named."""
    known = docs.purchase_orders["po_id"]
    of_key = known.gather(places(lines["po_id"], known))
    found = lines.with_columns(of_key.alias("_of_key"))
    found = found.join(_numbers(found, docs), on="po_number_ref", how="left", maintain_order="left")
    incomplete = book.doubtful.filter(pl.col("doubt") == EXTRACT_INCOMPLETE)["po_id"]
    contradiction = (pl.col("_of_line") != pl.col("_of_key")).fill_null(False)
    # A number is a fallback only where no key was stated: a key that leads nowhere says the order
    # is missing, and another order of that number would be a guess.
    by_number = pl.when(pl.col("po_id").is_null()).then(pl.col("_of_number"))
    order = pl.coalesce("_of_line", "_of_key", by_number)
    problem = (
        pl.when(contradiction)
        .then(pl.lit(LINK_AMBIGUOUS))
        .when(order.is_not_null())
        .then(None)
        .when(pl.col("po_id").is_in(incomplete.implode()))
        .then(pl.lit(EXTRACT_INCOMPLETE))
        .when(pl.col("po_id").is_null() & pl.col("_several"))
        .then(pl.lit(LINK_AMBIGUOUS))
        .otherwise(pl.lit(PO_NOT_FOUND))
    )
    found = found.with_columns(order_id=pl.when(~contradiction).then(order), problem=problem)
    return found.drop("_of_key", "_of_number", "_several")


def _numbers(lines: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """``po_number_ref`` → ``_of_number`` (the only order of that number), ``_several``.

    Only of numbers that a line without a key names: few do.
    """
    asked = lines.filter(pl.col("po_id").is_null()).select("po_number_ref").unique()
    named = docs.purchase_orders.select("po_id", po_number_ref="po_number")
    return (
        named.join(asked, on="po_number_ref", how="semi")
        .group_by("po_number_ref")
        .agg(
            _of_number=pl.when(pl.len() == 1).then(pl.col("po_id").first()),
            _several=pl.len() > 1,
        )
    )
