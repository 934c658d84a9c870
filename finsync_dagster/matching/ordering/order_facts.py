"""What an invoice line has to know of the order it bills.

Belongs here: bringing facts of orders and order lines to the invoice lines. Not here: finding the
order (references.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.figures.places import rows_at
from finsync_dagster.matching.figures.positions import LINE_POS
from finsync_dagster.matching.figures.sequence import MIRRORED
from finsync_dagster.matching.ordering.orders import OrderBook, order_headers
from finsync_dagster.matching.policy.lines import RECEIPT_BASIS, said


def with_order_facts(lines: pl.DataFrame, docs: Documents, book: OrderBook) -> pl.DataFrame:
    """The lines by order line and event, those without an order line last, with facts of both.

    Adds ``po_*``, ``doubt`` and ``po_matched`` (whether any line of the order is to be matched;
    null where the line bills an order line) and what stands on the order line. A line whose order
    is in quarantine gets that order by the invoice's own reference.

    Args:
        lines: with ``event_no``, ``order_id`` and ``line_pos``.
        docs: the documents.
        book: the order lines.
    """
    last = pl.lit(book.lines.height, dtype=pl.Int64)
    turn = lines.select(pl.col(LINE_POS).fill_null(last) * pl.len() + pl.col("event_no"))
    in_turn = turn.to_series()
    if not in_turn.is_sorted():
        lines = rows_at(lines, in_turn.arg_sort())
    found = lines.hstack(rows_at(_of_lines(book), lines[LINE_POS]))
    unlinked = found[LINE_POS].null_count()
    if not unlinked:
        return found.with_columns(po_matched=pl.lit(None, dtype=pl.Boolean))
    return _with_orders(found, found.height - unlinked, docs, book)


def _of_lines(book: OrderBook) -> pl.DataFrame:
    lines = book.lines
    return lines.select(
        "match_type",
        "match_basis",
        said(lines, RECEIPT_BASIS),
        MIRRORED,
        "over_delivery_pct",
        "unlimited_over",
        "cancelled",
        "ordered",
        "uom_order",
        "tax_rate",
        "price",
        "valid_from_date",
        "valid_to_date",
        "minor",
        "basis",
        "received",
        "last_receipt_date",
        "due_date",
        "final_since",
        "po_number",
        "doubt",
        po_line_no="line_no",
        po_unit_price="unit_price",
        po_price_unit="price_unit",
        po_line_net="net_amount",
        po_supplier="supplier_src_id",
        po_golden="golden",
        po_ccy="ccy",
        po_date="order_date",
        po_status="status_canon",
        po_approved_on="approved_on",
        po_closed_on="closed_on",
    )


def _with_orders(
    lines: pl.DataFrame, linked: int, docs: Documents, book: OrderBook
) -> pl.DataFrame:
    """The lines, those from row ``linked`` on with the facts of the order they name, if known."""
    in_doubt = pl.col("po_id").is_in(book.doubtful["po_id"].implode())
    by_reference = pl.when(in_doubt).then(pl.col("po_id"))
    named = lines.slice(linked).select(pl.coalesce("order_id", by_reference)).to_series()
    at = named.is_not_null().arg_true()
    lines = lines.with_columns(po_matched=pl.lit(None, dtype=pl.Boolean))
    if at.is_empty():
        return lines
    facts = _of_orders(named.drop_nulls(), docs, book)
    return lines.with_columns(
        lines[name].clone().scatter(at + linked, facts[name]) for name in facts.columns
    )


def _of_orders(order_ids: pl.Series, docs: Documents, book: OrderBook) -> pl.DataFrame:
    """The facts of orders, row for row: ``order_id``, ``po_*``, ``po_matched``, ``doubt``."""
    asked = order_ids.unique().implode()
    orders = docs.purchase_orders.filter(pl.col("po_id").is_in(asked))
    headers = order_headers(docs, orders).select(
        order_id="po_id",
        po_number="po_number",
        po_supplier="supplier_src_id",
        po_golden="golden",
        po_ccy="ccy",
        po_date="order_date",
        po_status="status_canon",
        po_approved_on="approved_on",
        po_closed_on="closed_on",
    )
    theirs = book.lines.select("match_type", order_id="po_id")
    matched = theirs.filter(pl.col("order_id").is_in(asked)).group_by("order_id")
    found = order_ids.to_frame("order_id")
    for side in (
        headers,
        matched.agg(po_matched=(pl.col("match_type") != "none").any()),
        book.doubtful.rename({"po_id": "order_id"}),
    ):
        found = found.join(side, on="order_id", how="left", maintain_order="left")
    return found
