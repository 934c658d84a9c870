"""Lines of live invoices, each with the order it bills and the way it bills it.

Belongs here: which invoice lines take part, in which order of events, in which unit. Not here:
whether they may (gates.py) nor what they are allocated to.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.functional import with_functional_rate
from finsync_dagster.matching.orders import OrderBook, known_since
from finsync_dagster.matching.policy.lines import RECEIPT_BASIS, said
from finsync_dagster.matching.references import referenced
from finsync_dagster.matching.sequence import MIRRORED, by_event
from finsync_dagster.matching.units import in_order_units, per_unit, weighed_lines

CREDITS = ("credit_qty", "credit_value")
CORRECTIONS = ("credit_value", "debit_value")

# How a line bills its order.
QUANTITY = "quantity"
"""A quantity of one order line: allocated to receipts."""
VALUE = "value"
"""An amount for an order or an order line: compared in total."""
CORRECTION = "correction"
"""An amount that changes the price of what an order line already billed."""
NOTHING = "nothing"
"""Nothing that an order would limit: a charge, a tax, a prepayment, an order not to be matched."""


def live_invoices(docs: Documents) -> pl.DataFrame:
    """Invoices that are not void, sorted by key, with ``functional_rate`` (functional.py)."""
    live = docs.invoices.filter(pl.col("status_canon") != "void").sort("invoice_id")
    return with_functional_rate(live, docs.functional_rates)


def billed_lines(docs: Documents, book: OrderBook) -> pl.DataFrame:
    """One row per line of a live invoice, in the order of events (``event_no`` from 0).

    Within a day, credits come after what they may credit. Adds ``order_id``, ``link_id``,
    ``problem`` (references.py), ``billing``, ``units`` (signed Int64 quantity in the order unit;
    null if it has no exact ratio) and facts of the order (``po_*``) and of the order line.
    """
    weighed = weighed_lines(docs.invoice_lines)
    lines = _events(docs, weighed)
    lines = referenced(lines, docs, book)
    lines = _with_order_facts(lines, docs, book)
    lines = lines.with_columns(billing=_billing())
    return in_order_units(lines, pl.col("billing") == QUANTITY, weighed, book.lines)


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


def _events(docs: Documents, weighed: pl.DataFrame) -> pl.DataFrame:
    headers = docs.golden(live_invoices(docs)).select(
        "golden",
        "invoice_id",
        "invoice_no_supplier",
        "invoice_no_norm",
        "kind",
        "supplier_src_id",
        "ccy",
        "invoice_date",
        "functional_rate",
        "corrects_invoice_id",
    )
    lines = (
        per_unit(docs.invoice_lines.select(*_LINE, stated_rate="tax_rate"), weighed)
        .join(headers, on="invoice_id")
        .with_columns(
            credit=pl.col("kind").is_in(CREDITS) | (pl.col("qty") < 0).fill_null(False),
            # A value correction carries no quantity, whatever its form has in that field.
            qty=pl.when(~pl.col("kind").is_in(CORRECTIONS)).then(pl.col("qty")),
        )
    )
    ordered = by_event(lines, "invoice_date", "credit", "invoice_no_norm", "invoice_id")
    numbered = ordered.drop("record_id", "invoice_no_norm").with_row_index("event_no")
    return numbered.with_columns(pl.col("event_no").cast(pl.Int64))


def _with_order_facts(lines: pl.DataFrame, docs: Documents, book: OrderBook) -> pl.DataFrame:
    headers = docs.purchase_orders.select(
        order_id="po_id",
        po_number="po_number",
        po_supplier="supplier_src_id",
        po_ccy="ccy",
        po_date="order_date",
        po_status="status_canon",
        po_approved_on=pl.col("approved_at").dt.date(),
        po_closed_on=pl.when(pl.col("status_canon") == "closed").then(known_since()),
    )
    matched = book.lines.group_by(order_id="po_id").agg(
        po_matched=(pl.col("match_type") != "none").any()
    )
    order_lines = book.lines.select(
        "match_type",
        "match_basis",
        said(book.lines, RECEIPT_BASIS),
        MIRRORED,
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
        link_id="po_line_id",
        po_line_no="line_no",
        po_unit_price="unit_price",
        po_price_unit="price_unit",
        po_line_net="net_amount",
        uom_kept="uom_base",
    )
    names = docs.suppliers.select(po_supplier="supplier_src_id", po_supplier_name="name")
    doubtful = book.doubtful.rename({"po_id": "order_id"})
    # Where the order itself is in quarantine only the invoice's own reference names it.
    found = lines.with_columns(order_id=pl.coalesce("order_id", _reference_in(book)))
    headers = docs.golden(headers.rename({"po_supplier": "supplier_src_id"})).rename(
        {"supplier_src_id": "po_supplier", "golden": "po_golden"}
    )
    for side, key in (
        (headers, "order_id"),
        (names, "po_supplier"),
        (
            names.rename({"po_supplier": "supplier_src_id", "po_supplier_name": "supplier_name"}),
            "supplier_src_id",
        ),
        (matched, "order_id"),
        (doubtful, "order_id"),
        (order_lines, "link_id"),
    ):
        found = found.join(side, on=key, how="left", maintain_order="left")
    return found


def _reference_in(book: OrderBook) -> pl.Expr:
    doubtful = book.doubtful["po_id"].implode()
    return pl.when(pl.col("po_id").is_in(doubtful)).then(pl.col("po_id"))


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
