"""What orders and receipts say about a suspicion.

Belongs here: an order that was billed in full before; goods that prove two invoices to be two.
Not here: quantities beyond the order as such (matching).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.match import MatchResult
from finsync_dagster.reconciliation.duplicates.pairs import as_pairs, no_pairs
from finsync_dagster.reconciliation.duplicates.rules import BILLED_BEFORE

_KEY = ["invoice_id", "earlier_invoice_id"]
_AGREES = ("MATCHED", "MATCHED_WITHIN_TOLERANCE", "MATCHED_SMALL_DIFF")


def billed_before(docs: Documents, match: MatchResult) -> pl.DataFrame:
    """Invoices of which every line bills an order line that was invoiced in full before.

    All that was ordered, and all that was received, had been invoiced when the invoice came. The
    earlier invoice is the first that billed the first of those order lines. Orders up to a limit
    have no full: what exceeds them is LIMIT_EXCEEDED.
    """
    lines = match.invoice_line_results.filter(pl.col("outcome") != "NOT_REQUIRED")
    before = pl.col("qty_billed_to_date") - pl.col("qty_billed")
    whole = pl.max_horizontal("qty_ordered", pl.col("qty_received").fill_null(0))
    full = (pl.col("qty_billed") > 0) & (whole > 0) & (before >= whole)
    again = lines.filter(full.fill_null(False) & pl.col("po_line_id").is_not_null())
    if again.is_empty():
        return no_pairs()
    limited = docs.purchase_order_lines.filter(pl.col("match_type") == "limit")
    again = again.join(limited, on="po_line_id", how="anti")
    others = lines.join(again, on="invoice_line_id", how="anti").select("invoice_id").unique()
    again = again.join(others, on="invoice_id", how="anti")
    asked = again.select("po_line_id").unique()
    first = (
        match.allocations.filter(pl.col("qty") > 0)
        .join(asked, on="po_line_id", how="semi")
        .sort("po_line_id", "sequence_no")
        .unique("po_line_id", keep="first", maintain_order=True)
        .select("po_line_id", earlier_invoice_id="invoice_id")
    )
    found = again.join(first, on="po_line_id").sort("invoice_id", "po_line_id")
    return as_pairs(found.unique("invoice_id", keep="first", maintain_order=True), BILLED_BEFORE)


def proven_apart(pairs: pl.DataFrame, match: MatchResult, strictly: bool = False) -> pl.DataFrame:
    """The pairs of which matching proves that they are two bills for two things.

    Both agree with their orders, and each was allocated to receipts, which are billed once; or they
    bill no order in common. ``strictly``: both must hold.
    """
    outcomes = match.invoice_results.filter(pl.col("outcome").is_in(_AGREES))
    agreeing = _both(pairs, outcomes)
    if agreeing.is_empty():
        return agreeing
    asked = pl.concat([agreeing["invoice_id"], agreeing["earlier_invoice_id"]]).unique()
    lines = match.invoice_line_results.filter(
        pl.col("invoice_id").is_in(asked.implode()) & (pl.col("outcome") != "NOT_REQUIRED")
    )
    each = (pl.col("amount_allocated") != 0).all()
    received = lines.group_by("invoice_id").agg(each=each).filter("each")
    orders = lines.select("invoice_id", "po_id").unique()
    common = agreeing.join(orders, on="invoice_id").join(
        orders,
        left_on=["earlier_invoice_id", "po_id"],
        right_on=["invoice_id", "po_id"],
        how="semi",
    )
    by_goods = _both(agreeing, received)
    apart = agreeing.join(common, on=_KEY, how="anti")
    if strictly:
        return by_goods.join(apart, on=_KEY, how="semi")
    return pl.concat([by_goods, apart]).unique(_KEY)


def _both(pairs: pl.DataFrame, invoices: pl.DataFrame) -> pl.DataFrame:
    """The pairs of which both are among the invoices."""
    found = pairs.join(invoices, on="invoice_id", how="semi")
    return found.join(invoices, left_on="earlier_invoice_id", right_on="invoice_id", how="semi")
