"""Which order, and which of its lines, an invoice line bills.

Belongs here: finding the order and the order line by what the invoice states. Not here: whether
the two agree (gates.py, checks). Nothing is guessed: several candidates, or a statement that
contradicts itself, leave the line without a link and with a problem that says why.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.orders import EXTRACT_INCOMPLETE, OrderBook

NO_PO = "INV_NO_PO"
PO_NOT_FOUND = "PO_NOT_FOUND"
LINK_MISSING = "LINK_MISSING"
LINK_AMBIGUOUS = "LINK_AMBIGUOUS"


def find_order(lines: pl.DataFrame, docs: Documents, book: OrderBook) -> pl.DataFrame:
    """Adds ``order_id`` (the order found, else null) and ``problem`` (why not, else null).

    An order line named outranks an order key, which outranks an order number. Keeps row order.
    """
    of_line = book.lines.select("po_line_id", _of_line="po_id")
    of_key = docs.purchase_orders.select("po_id", _of_key="po_id")
    of_number = docs.purchase_orders.group_by(po_number_ref="po_number").agg(
        _of_number=pl.when(pl.len() == 1).then(pl.col("po_id").first()),
        _several=pl.len() > 1,
    )
    found = lines
    for side, key in ((of_line, "po_line_id"), (of_key, "po_id"), (of_number, "po_number_ref")):
        found = found.join(side, on=key, how="left", maintain_order="left")
    incomplete = book.doubtful.filter(pl.col("doubt") == EXTRACT_INCOMPLETE)["po_id"]
    named = pl.any_horizontal(pl.col("po_line_id", "po_id", "po_number_ref").is_not_null())
    contradiction = (pl.col("_of_line") != pl.col("_of_key")).fill_null(False)
    # A number is a fallback only where no key was stated: a key that leads nowhere says the order
    # is missing, and another order of that number would be a guess.
    by_number = pl.when(pl.col("po_id").is_null()).then(pl.col("_of_number"))
    order = pl.coalesce("_of_line", "_of_key", by_number)
    problem = (
        pl.when(~named)
        .then(pl.lit(NO_PO))
        .when(contradiction)
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
    return found.drop("_of_line", "_of_key", "_of_number", "_several")


def link_lines(lines: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    """Adds ``link_id``: the order line billed; completes ``problem`` for lines with a quantity.

    The line named, which must exist; if none is, the one line of the order with the same item; else
    the only line of a one-line order, unless both name an item and the items differ. A line without
    a quantity that finds no order line bills the order as a whole, which is no problem. Keeps row
    order.
    """
    per_item = book.lines.filter(pl.col("item_id").is_not_null())
    per_item = per_item.group_by("item_id", order_id="po_id").agg(
        _item_line=pl.col("po_line_id").min(), _item_lines=pl.len()
    )
    per_order = book.lines.group_by(order_id="po_id").agg(
        _only_line=pl.col("po_line_id").min(),
        _only_item=pl.col("item_id").min(),
        _order_lines=pl.len(),
    )
    known = book.lines.select("po_line_id", _named=pl.lit(True))
    found = lines.join(known, on="po_line_id", how="left", maintain_order="left")
    for side, keys in ((per_item, ["item_id", "order_id"]), (per_order, ["order_id"])):
        found = found.join(side, on=keys, how="left", maintain_order="left")
    # A line that is named and does not exist is no reason to bill the one that does.
    single = (
        (pl.col("_order_lines") == 1)
        & pl.col("po_line_ref").is_null()
        & (pl.col("item_id").is_null() | pl.col("_only_item").is_null())
    )
    link = (
        pl.when(pl.col("po_line_id").is_not_null())
        .then(pl.when("_named").then(pl.col("po_line_id")))
        .when((pl.col("_item_lines") == 1) & pl.col("po_line_ref").is_null())
        .then(pl.col("_item_line"))
        .when(single)
        .then(pl.col("_only_line"))
    )
    several = (pl.col("_item_lines") > 1) | (
        pl.col("item_id").is_null() & (pl.col("_order_lines") > 1)
    )
    why = (
        pl.when(pl.col("po_line_id").is_null() & pl.col("po_line_ref").is_null() & several)
        .then(pl.lit(LINK_AMBIGUOUS))
        .otherwise(pl.lit(LINK_MISSING))
    )
    states_line = pl.any_horizontal(pl.col("qty", "po_line_id", "po_line_ref").is_not_null())
    unlinked = link.is_null() & pl.col("order_id").is_not_null() & states_line
    found = found.with_columns(
        link_id=pl.when(pl.col("problem").is_null()).then(link),
        problem=pl.coalesce("problem", pl.when(unlinked).then(why)),
    )
    helpers = ("_named", "_item_line", "_item_lines", "_only_line", "_only_item", "_order_lines")
    return found.drop(helpers)
