"""The amounts of each stage, in document currency.

Belongs here: one function per stage, each yielding the same columns (FACT_COLUMNS, those that do
not apply left out). Not here: currencies (currency.py), putting the stages together (facts.py).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.figures.exact import exact_ratio, guard_product, to_qty, to_units
from finsync_dagster.money import AMOUNT_SCALE, line_value, to_scaled
from finsync_dagster.spend.currency import quotient_at_minor_unit

COMMITTED = ("approved", "sent", "partial", "received", "closed")
"""Statuses in which an order binds the company; a draft or rejected order does not."""
MOVED = ("sent", "confirmed")
"""Payments of which the money has left."""
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
    """What is still to come of binding order lines: neither received nor invoiced.

    Of a closed order, or a line that its source regards as delivered, nothing is still to come.
    """
    used = pl.max_horizontal("qty_basis", "qty_invoiced")
    expecting = ~pl.col("delivery_complete") & (pl.col("order_status") != "closed")
    return _open(_binding(lines).filter(expecting), pl.col("qty_ordered") - used, as_of)


def accrued(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Received, not invoiced, at the order's price; never netted across order lines."""
    return _open(lines, pl.col("qty_basis") - pl.col("qty_invoiced"), as_of)


def received(docs: Documents, lines: pl.DataFrame) -> pl.DataFrame:
    """Receipts at the order's price; returns negative, and only what was accepted for 4w.

    The price is for order units. A receipt in another unit counts as matching counts it: through
    the base unit if that is exact, else not at all, and matching reports it.
    """
    price = lines.select(
        *_ORDER, "unit_price", "price_unit", "match_type", "uom_order", "qty_ordered"
    )
    base = docs.purchase_order_lines.select("po_line_id", "qty_ordered_base", uom_kept="uom_base")
    receipts = docs.receipt_lines.drop("po_id").join(price, on="po_line_id")
    counted = _in_order_unit(receipts.join(base, on="po_line_id")).drop_nulls("_counted")
    value = line_value(pl.col("_counted"), pl.col("unit_price"), pl.col("price_unit"))
    return counted.select(
        *_ORDER,
        "receipt_line_id",
        pl.col("posting_date").alias("fact_date"),
        value.alias("amount_doc"),
    )


def _in_order_unit(receipts: pl.DataFrame) -> pl.DataFrame:
    """Adds ``_counted``: what may be billed, in the order unit; null where no ratio is exact."""
    names = ("qty", "qty_base", "qty_accepted", "qty_ordered", "qty_ordered_base")
    units = receipts.with_columns(**{f"_{name}": to_units(name) for name in names})
    guard_product(units, "_qty_base", "_qty_ordered")
    same = pl.col("uom") == pl.col("uom_order")
    ratio = exact_ratio(pl.col("_qty_base"), pl.col("_qty_ordered"), pl.col("_qty_ordered_base"))
    via_base = pl.when(pl.col("uom_base") == pl.col("uom_kept")).then(ratio)
    units = units.with_columns(_received=pl.when(same).then("_qty").otherwise(via_base))
    guard_product(units, "_qty_accepted", "_received")
    # A receipt of nothing accepted nothing, and has no ratio.
    share = exact_ratio(pl.col("_qty_accepted"), pl.col("_received"), pl.col("_qty"))
    accepted = (
        pl.when(same)
        .then("_qty_accepted")
        .otherwise(pl.when(pl.col("_qty") == 0).then(0).otherwise(share))
    )
    counted = pl.when(pl.col("match_type") == "4w").then(accepted).otherwise("_received")
    return units.with_columns(_counted=to_qty(counted))


def invoiced(docs: Documents, lines: pl.DataFrame, allocations: pl.DataFrame) -> pl.DataFrame:
    """Net amounts of invoice lines, by order line as far as they are allocated, credits negative.

    What is allocated to no order line stands in a row of its own, so that the rows of an invoice
    line always add up to its net amount. Charges that only the header states are a row of the
    invoice without a line. Tax lines are not spend.
    """
    heads = docs.invoices.filter(pl.col("status_canon") != "void").select(
        "invoice_id", "supplier_src_id", "ccy", "charges", fact_date="invoice_date"
    )
    billed = docs.invoice_lines.filter(~pl.col("type").is_in(["tax", "text"])).join(
        heads, on="invoice_id"
    )
    split = (
        allocations.group_by("invoice_line_id", "po_line_id")
        .agg(
            pl.sum_horizontal("amount_at_po_price", "price_variance", "rounding")
            .sum()
            .alias("amount_doc")
        )
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
    charges = heads.filter(pl.col("charges") != 0).with_columns(amount_doc="charges")
    parts = [rest, by_order_line.select(rest.columns), charges.drop("charges")]
    return pl.concat(parts, how="diagonal")


def paid(docs: Documents) -> pl.DataFrame:
    """Applied payments without their share of tax.

    The share runs over the invoice's payments in order, so that partial payments add up to the
    invoice's amount without tax, to the cent. Only payments of which the money has left count, and
    of them what is applied in the invoice's currency: as in reconciliation.
    """
    idle = docs.payments.filter(~pl.col("status_canon").is_in(MOVED))
    heads = docs.invoices.select(
        "invoice_id", "supplier_src_id", "ccy", "gross", untaxed=pl.col("gross") - pl.col("tax")
    )
    rows = (
        docs.payment_allocations.join(idle, on="payment_id", how="anti")
        .join(heads, on=["invoice_id", "ccy"])
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
    share = quotient_at_minor_unit(
        to_scaled(pl.col(upto), AMOUNT_SCALE) * to_scaled(pl.col("untaxed"), AMOUNT_SCALE),
        to_scaled(pl.col("gross"), AMOUNT_SCALE),
        pl.col("ccy"),
    )
    # An invoice over nothing has no share of tax to take off. Fully paid is fully paid, also where
    # the invoice has more decimals than its currency.
    return (
        pl.when(pl.col("gross") == 0)
        .then(upto)
        .when(pl.col(upto) == pl.col("gross"))
        .then("untaxed")
        .otherwise(share)
    )


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
