"""The amounts of each stage, in document currency.

Belongs here: one function per stage, each yielding the same columns (FACT_COLUMNS, those that do
not apply left out). Not here: currencies (currency.py), putting the stages together (facts.py).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.money import (
    AMOUNT_SCALE,
    divide_half_up,
    from_scaled,
    line_value,
    minor_unit_expr,
    round_half_up,
    to_scaled,
)

COMMITTED = ("approved", "sent", "partial", "received", "closed")
"""Statuses in which an order binds the company; a draft or rejected order does not."""
_ORDER = ("supplier_src_id", "item_id", "po_id", "po_line_id", "ccy")


def committed(docs: Documents, lines: pl.DataFrame) -> pl.DataFrame:
    """Net value of order lines that bind the company, as ordered."""
    net = docs.purchase_order_lines.select("po_line_id", "net_amount")
    return (
        _binding(lines)
        .join(net, on="po_line_id")
        .select(
            *_ORDER,
            pl.col("order_date").alias("fact_date"),
            pl.col("net_amount").alias("amount_doc"),
        )
    )


def open_commitment(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What is still to come of binding order lines: neither received nor invoiced."""
    used = pl.max_horizontal("qty_basis", "qty_invoiced")
    return _open(
        _binding(lines).filter(~pl.col("delivery_complete")), pl.col("qty_ordered") - used, as_of
    )


def accrued(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Received, not invoiced, at the order's price; never netted across order lines."""
    return _open(lines, pl.col("qty_basis") - pl.col("qty_invoiced"), as_of)


def received(docs: Documents, lines: pl.DataFrame) -> pl.DataFrame:
    """Receipts at the order's price; returns negative, and only what was accepted for 4w."""
    price = lines.select(*_ORDER, "unit_price", "price_unit", "match_type")
    qty = pl.when(pl.col("match_type") == "4w").then("qty_accepted").otherwise("qty")
    return (
        docs.receipt_lines.drop("po_id")
        .join(price, on="po_line_id")
        .select(
            *_ORDER,
            "receipt_line_id",
            pl.col("posting_date").alias("fact_date"),
            line_value(qty, pl.col("unit_price"), pl.col("price_unit")).alias("amount_doc"),
        )
    )


def invoiced(docs: Documents, lines: pl.DataFrame, allocations: pl.DataFrame) -> pl.DataFrame:
    """Net amounts of invoice lines, by order line as far as they are allocated, credits negative.

    What is allocated to no order line stands in a row of its own, so that the rows of an invoice
    line always add up to its net amount. Tax lines are not spend.
    """
    heads = docs.invoices.filter(pl.col("status_canon") != "void").select(
        "invoice_id", "supplier_src_id", "ccy", pl.col("invoice_date").alias("fact_date")
    )
    billed = docs.invoice_lines.filter(~pl.col("type").is_in(["tax", "text"])).join(
        heads, on="invoice_id"
    )
    split = (
        allocations.group_by("invoice_line_id", "po_line_id")
        .agg((pl.col("amount_at_po_price") + pl.col("price_variance")).sum().alias("amount_doc"))
        .join(lines.select("po_line_id", "po_id", "item_id"), on="po_line_id")
    )
    own = billed.select("invoice_line_id", "invoice_id", "supplier_src_id", "ccy", "fact_date")
    by_order_line = split.join(own, on="invoice_line_id")
    done = split.group_by("invoice_line_id").agg(pl.col("amount_doc").sum().alias("done"))
    left = billed.join(done, on="invoice_line_id", how="left").with_columns(
        (pl.col("net_amount") - pl.col("done").fill_null(0)).alias("amount_doc")
    )
    rest = left.filter(pl.col("amount_doc") != 0).select(
        *own.columns,
        "po_id",
        pl.lit(None, dtype=pl.String).alias("po_line_id"),
        "item_id",
        "amount_doc",
    )
    return pl.concat([by_order_line.select(rest.columns), rest])


def paid(docs: Documents) -> pl.DataFrame:
    """Applied payments without their share of tax.

    The share runs over the invoice's payments in order, so that partial payments add up to the
    invoice's amount without tax, to the cent.
    """
    heads = docs.invoices.select(
        "invoice_id", "supplier_src_id", "gross", (pl.col("gross") - pl.col("tax")).alias("untaxed")
    )
    rows = (
        docs.payment_allocations.join(heads, on="invoice_id")
        .sort("invoice_id", "applied_date", "payment_id")
        .with_columns(pl.col("amount_applied").cum_sum().over("invoice_id").alias("upto"))
        .with_columns((pl.col("upto") - pl.col("amount_applied")).alias("before"))
    )
    return rows.select(
        "supplier_src_id",
        "invoice_id",
        "payment_id",
        "ccy",
        pl.col("applied_date").alias("fact_date"),
        (_untaxed("upto") - _untaxed("before")).alias("amount_doc"),
    )


def _untaxed(upto: str) -> pl.Expr:
    share = divide_half_up(
        to_scaled(pl.col(upto), AMOUNT_SCALE) * to_scaled(pl.col("untaxed"), AMOUNT_SCALE),
        to_scaled(pl.col("gross"), AMOUNT_SCALE),
    )
    rounded = round_half_up(
        from_scaled(share, AMOUNT_SCALE), AMOUNT_SCALE, minor_unit_expr(pl.col("ccy"))
    )
    # Fully paid is fully paid, also where the invoice has more decimals than its currency.
    return pl.when(pl.col(upto) == pl.col("gross")).then("untaxed").otherwise(rounded)


def _binding(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.filter(pl.col("order_status").is_in(COMMITTED) & ~pl.col("cancelled"))


def _open(lines: pl.DataFrame, qty: pl.Expr, as_of: date) -> pl.DataFrame:
    return (
        lines.with_columns(qty.alias("_open"))
        .filter(pl.col("_open") > 0)
        .select(
            *_ORDER,
            pl.lit(as_of).alias("fact_date"),
            line_value(pl.col("_open"), pl.col("unit_price"), pl.col("price_unit")).alias(
                "amount_doc"
            ),
        )
    )
