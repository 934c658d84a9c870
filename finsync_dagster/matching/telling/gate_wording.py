"""The sentences about gates that invoices did not pass, and what would let each invoice through.

Belongs here: wording, as expressions over the rows of gate_notes.py. Not here: on which document
the finding stands, nor its amount.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.linking import gates as g
from finsync_dagster.matching.linking import invoice_gates as i
from finsync_dagster.matching.linking.references import (
    LINK_AMBIGUOUS,
    LINK_MISSING,
    NO_PO,
    PO_NOT_FOUND,
)
from finsync_dagster.matching.ordering.orders import EXTRACT_INCOMPLETE, UOM_CONVERSION_MISSING
from finsync_dagster.matching.telling.wording import money_text, quantity_text, with_texts


def _day(column: str | pl.Expr) -> pl.Expr:
    value = pl.col(column) if isinstance(column, str) else column
    return value.dt.to_string("%Y-%m-%d").fill_null("any day")


def with_beginnings(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what most sentences begin with, written once: ``_bills`` (what the invoice
    bills to the order, or the line where it is at fault itself), and with its ``_amount``."""
    dated = pl.format("Invoice {} of {} bills ", "invoice_no_supplier", _day("invoice_date"))
    rows = with_texts(rows, _amount=money_text("amount"))
    return rows.with_columns(_bills=pl.concat_str(dated, "_amount"))


def with_quantity(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``_qty``: what the line bills, as it is written."""
    return with_texts(rows, _qty=quantity_text(pl.col("qty").fill_null(0), "uom"))


_BILLS = pl.col("_bills")
_ON_LINE = pl.format("{} on line {}", _BILLS, "line_no")
_FOR_ORDER = pl.format("{} for order {}, which ", _BILLS, "_order")
_SUPPLIER = pl.coalesce("supplier_name", "supplier_src_id")


def _missing_line() -> pl.Expr:
    named = (
        pl.when(pl.col("po_line_id").is_not_null())
        .then(pl.format("order line {}", pl.col("po_line_id").fill_null("")))
        .when(pl.col("po_line_ref").is_not_null())
        .then(pl.format("line {}", pl.col("po_line_ref").fill_null("")))
        .when(pl.col("item_id").is_not_null())
        .then(pl.format("item {}", pl.col("item_id").fill_null("")))
        .otherwise(pl.lit("something at a price"))
    )
    hint = pl.when(pl.col("fits").is_not_null()).then(
        pl.format(" The same price: line {}.", pl.col("fits").fill_null(""))
    )
    said = pl.format("{} for {}, which order {} does not have.", _ON_LINE, named, "_order")
    return pl.concat_str(said, hint.fill_null(pl.lit("")))


def _ambiguous() -> pl.Expr:
    several = pl.format(
        "lines {} of the order fit, and nothing says which.", pl.col("fits").fill_null("")
    )
    return pl.concat_str(
        pl.format("{} under reference {}; ", _ON_LINE, "_order"),
        pl.when(pl.col("fits").is_not_null())
        .then(several)
        .otherwise(
            pl.lit("more than one order line fits, or its references contradict each other.")
        ),
    )


def _unit() -> pl.Expr:
    of_receipt = pl.format(
        "A receipt of order {} is in a unit that cannot be converted exactly.", "_order"
    )
    of_line = pl.format(
        "{} for {}; order {} is in {}, and no exact conversion is known.",
        *(_ON_LINE, "_qty", "_order"),
        pl.col("uom_order").fill_null("another unit"),
    )
    same = (pl.col("gate") == pl.col("doubt")).fill_null(False)
    return pl.when(same).then(of_receipt).otherwise(of_line)


def _closed() -> pl.Expr:
    on = pl.coalesce("po_closed_on", "final_since")
    how = (
        pl.when((pl.col("po_closed_on") < pl.col("invoice_date")).fill_null(False))
        .then(pl.lit("was closed"))
        .otherwise(pl.lit("had its final invoice"))
    )
    return pl.format("{}{} by {}.", _FOR_ORDER, how, _day(on))


def _after_invoice() -> pl.Expr:
    approved = (pl.col("po_approved_on") > pl.col("po_date")).fill_null(False)
    how = pl.when(approved).then(pl.lit("approved")).otherwise(pl.lit("placed"))
    on = pl.max_horizontal("po_date", "po_approved_on")
    return pl.format("{}was {} only on {}.", _FOR_ORDER, how, _day(on))


def _blocked_supplier() -> pl.Expr:
    state = (
        pl.when(pl.col("_status") == "blocked")
        .then(pl.lit("is blocked"))
        .otherwise(pl.lit("is no longer active"))
    )
    since = pl.when(pl.col("held_by").is_not_null()).then(
        pl.format(" (since {} at the latest)", _day("held_by"))
    )
    return pl.format(
        "{} on behalf of {}, a supplier that {}{}; nothing of it may be paid.",
        *(_BILLS, _SUPPLIER, state, since.fill_null(pl.lit(""))),
    )


_NOBODY = "no record of it is held: it was deleted, was never extracted, or waits in quarantine"

MESSAGES: dict[str, pl.Expr] = {
    NO_PO: pl.format("{} and names no order.", _BILLS),
    g.CREDIT_UNLINKED: pl.format(
        "Credit {} of {} names no order.", "invoice_no_supplier", "_amount"
    ),
    PO_NOT_FOUND: pl.concat_str(_FOR_ORDER, pl.lit("no system knows.")),
    LINK_MISSING: _missing_line(),
    LINK_AMBIGUOUS: _ambiguous(),
    EXTRACT_INCOMPLETE: pl.format(
        "A record of order {} is in quarantine, so that nothing can be compared.", "_order"
    ),
    UOM_CONVERSION_MISSING: _unit(),
    g.PO_NOT_APPROVED: pl.concat_str(
        _FOR_ORDER,
        pl.when(pl.col("po_status") == "rejected")
        .then(pl.lit("was rejected."))
        .otherwise(pl.lit("is still pending approval.")),
    ),
    g.PO_CANCELLED: pl.concat_str(_FOR_ORDER, pl.lit("is cancelled.")),
    g.PO_CLOSED: _closed(),
    g.SUPPLIER_MISMATCH: pl.format(
        "{} on behalf of {}; order {} was placed with {}, another supplier.",
        *(_BILLS, _SUPPLIER, "_order", pl.coalesce("po_supplier_name", "po_supplier")),
    ),
    g.CURRENCY_MISMATCH: pl.format("{}is in {}.", _FOR_ORDER, "po_ccy"),
    g.LIMIT_EXPIRED: pl.format(
        "{}may be used from {} to {}.",
        *(_FOR_ORDER, _day("valid_from_date"), _day("valid_to_date")),
    ),
    g.PO_AFTER_INVOICE: _after_invoice(),
    i.MISSING_REQUIRED_FIELD: pl.format(
        "{}, but the document lacks the {}.", _BILLS, pl.col("missing_fields")
    ),
    i.SUPPLIER_BLOCKED: _blocked_supplier(),
    i.SUPPLIER_UNRESOLVED: pl.format(
        "{} on behalf of supplier {}; " + _NOBODY + ".", _BILLS, "supplier_src_id"
    ),
}
"""Gate → what is said of a line that does not pass it. None of them may be null."""

UNRESOLVED_RELEASE = pl.lit("The supplier's record, or the right supplier on its invoices.")

RELEASES: dict[str, pl.Expr] = {
    NO_PO: pl.lit("An order number, or the purchase approved afterwards."),
    g.CREDIT_UNLINKED: pl.lit("The order or the invoice that it credits."),
    PO_NOT_FOUND: pl.format("Order {}, or the right order number.", "_order"),
    LINK_MISSING: pl.lit("The order line that it bills."),
    LINK_AMBIGUOUS: pl.lit("The order line that it bills."),
    EXTRACT_INCOMPLETE: pl.lit("The repaired record."),
    UOM_CONVERSION_MISSING: pl.lit("An exact conversion between the two units."),
    g.PO_NOT_APPROVED: pl.format("Approval of order {}.", "_order"),
    g.PO_CANCELLED: pl.format("Order {} reinstated, or a credit.", "_order"),
    g.PO_CLOSED: pl.format("Order {} opened again, or a credit.", "_order"),
    g.SUPPLIER_MISMATCH: pl.lit("The same supplier on invoice and order."),
    g.CURRENCY_MISMATCH: pl.format("An invoice in {}.", pl.col("po_ccy").fill_null("")),
    g.LIMIT_EXPIRED: pl.format("Order {} prolonged.", "_order"),
    g.PO_AFTER_INVOICE: pl.lit(None, dtype=pl.String),
    i.MISSING_REQUIRED_FIELD: pl.format("The {}.", pl.col("missing_fields").fill_null("")),
    i.SUPPLIER_BLOCKED: pl.lit("The supplier released."),
    i.SUPPLIER_UNRESOLVED: UNRESOLVED_RELEASE,
}
"""Gate → what would let the line through; null where it is only a warning."""


def unresolved_suppliers(found: pl.DataFrame) -> pl.DataFrame:
    """Adds ``message``: of suppliers that nobody knows, with ``_invoices`` and ``amount``."""
    counted = (
        pl.when(pl.col("_invoices") == 1)
        .then(pl.lit("1 invoice bills"))
        .otherwise(pl.format("{} invoices bill", "_invoices"))
    )
    return with_texts(found, _amount=money_text("amount")).with_columns(
        message=pl.format(
            "Supplier {}: {} {} on its behalf, but " + _NOBODY + ".",
            *("supplier_src_id", counted, "_amount"),
        )
    )
