"""What an invoice line has to know of the order it bills.

Belongs here: bringing facts of orders and order lines to the invoice lines. Not here: finding the
order (references.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.figures.positions import LINE_POS
from finsync_dagster.matching.figures.sequence import MIRRORED
from finsync_dagster.matching.ordering.orders import OrderBook, order_headers
from finsync_dagster.matching.policy.lines import RECEIPT_BASIS, said


def with_order_facts(lines: pl.DataFrame, docs: Documents, book: OrderBook) -> pl.DataFrame:
    """The lines by order line and event, those without an order line last, with facts of both.

    Adds ``po_*``, ``doubt`` and ``po_matched`` (whether any line of the order is to be matched;
    null where the line bills an order line) and what stands on the order line. A line whose order
    is in quarantine gets that order by the invoice's own reference.
    """
    facts = _of_lines(book)
    rows = facts.select(link_id="po_line_id").with_row_index("_order_line")
    found = lines.join(rows, on="link_id", how="left", maintain_order="left")
    # Not linked: after all that are.
    place = pl.col("_order_line").fill_null(len(rows)).cast(pl.Int64)
    found = found.with_columns(_place=place)
    if not _in_order(found):
        found = found.sort("_place", "event_no")
    linked = found.filter(pl.col("_place") < len(rows))
    rest = found.filter(pl.col("_place") == len(rows))
    beside = facts.drop("po_line_id").select(pl.all().gather(linked["_order_line"]))
    linked = linked.hstack(beside).with_columns(po_matched=pl.lit(None, dtype=pl.Boolean))
    if rest.height:
        rest = _of_orders(rest, docs, book)
        linked = pl.concat([linked, rest], how="diagonal")
    return linked.drop("_order_line", "_place")


def _in_order(lines: pl.DataFrame) -> bool:
    place, event = pl.col("_place"), pl.col("event_no")
    later = (place > place.shift()) | ((place == place.shift()) & (event > event.shift()))
    return bool(lines.select(later.slice(1).all()).item())


def _of_lines(book: OrderBook) -> pl.DataFrame:
    lines = book.lines
    return lines.select(
        "po_line_id",
        "match_type",
        "match_basis",
        said(lines, RECEIPT_BASIS),
        MIRRORED,
        LINE_POS,
        "over_delivery_pct",
        "unlimited_over",
        "cancelled",
        "ordered",
        "ordered_base",
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
        uom_kept="uom_base",
        po_supplier="supplier_src_id",
        po_golden="golden",
        po_ccy="ccy",
        po_date="order_date",
        po_status="status_canon",
        po_approved_on="approved_on",
        po_closed_on="closed_on",
    )


def _of_orders(lines: pl.DataFrame, docs: Documents, book: OrderBook) -> pl.DataFrame:
    """Lines without an order line, with the facts of the order they name, if it is known."""
    headers = order_headers(docs).select(
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
    matched = book.lines.group_by(order_id="po_id").agg(
        po_matched=(pl.col("match_type") != "none").any()
    )
    doubtful = book.doubtful.rename({"po_id": "order_id"})
    in_doubt = pl.col("po_id").is_in(book.doubtful["po_id"].implode())
    by_reference = pl.when(in_doubt).then(pl.col("po_id"))
    found = lines.with_columns(order_id=pl.coalesce("order_id", by_reference))
    for side in (headers, matched, doubtful):
        found = found.join(side, on="order_id", how="left", maintain_order="left")
    return found
