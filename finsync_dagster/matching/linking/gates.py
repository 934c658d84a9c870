"""Gates: what must hold between an invoice and its order before figures are compared.

Belongs here: one row per invoice line and gate it does not pass. Not here: what concerns the
invoice as a whole (invoice_gates.py), quantities, prices and amounts (quantity_checks.py,
value_billing.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.linking.billing import CREDITS, NOTHING, QUANTITY
from finsync_dagster.matching.linking.invoice_gates import (
    MISSING_REQUIRED_FIELD,
    SUPPLIER_BLOCKED,
    SUPPLIER_UNRESOLVED,
    invoice_gates,
)
from finsync_dagster.matching.linking.references import NO_PO
from finsync_dagster.matching.ordering.orders import UOM_CONVERSION_MISSING

CREDIT_UNLINKED = "CREDIT_UNLINKED"
PO_NOT_APPROVED = "PO_NOT_APPROVED"
PO_CANCELLED = "PO_CANCELLED"
PO_CLOSED = "PO_CLOSED"
SUPPLIER_MISMATCH = "SUPPLIER_MISMATCH"
CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
PO_AFTER_INVOICE = "PO_AFTER_INVOICE"
LIMIT_EXPIRED = "LIMIT_EXPIRED"

# An order placed after its invoice breaks the buying policy; what arrived still has to be paid.
WARNINGS = (PO_AFTER_INVOICE,)
# The order may be approved, reinstated, opened again or prolonged later, the supplier's record and
# the document's own completed: the line bills the order all the same, and takes its place in the
# sequence of events. Any other gate leaves the line out of the comparison.
COMPARED_ALL_THE_SAME = (
    PO_NOT_APPROVED,
    PO_CANCELLED,
    PO_CLOSED,
    LIMIT_EXPIRED,
    MISSING_REQUIRED_FIELD,
    SUPPLIER_BLOCKED,
    SUPPLIER_UNRESOLVED,
    *WARNINGS,
)

NOT_APPROVED_STATUSES = ("draft", "rejected")


def gates(lines: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """``invoice_line_id``, ``gate`` (a reason code) for each gate a line does not pass.

    A charge, a tax or a prepayment has only the gates of its invoice; a line of an order that is
    not to be matched those of the order, too, but for the search of the order line, which it does
    not need. For a line without an order the reference problem is the only gate of its own; where
    a record of the order is missing, that is said instead of blaming the reference.
    """
    matched = pl.col("billing") != NOTHING
    # Who may bill what on an order is asked before how it is compared with its receipts.
    unmatched = (pl.col("type") == "item") & (pl.col("kind") != "prepayment")
    asked = matched | unmatched
    conditions = {code: (holds & asked).fill_null(False) for code, holds in _conditions().items()}
    # One pass over everything; what failed is looked at again.
    held = lines.select(
        "invoice_line_id",
        gate=pl.when(matched).then(pl.coalesce("doubt", _problem())),
        **conditions,
    )
    stopped = held.filter(pl.col("gate").is_not_null() | pl.any_horizontal(*conditions))
    referring = stopped.select("invoice_line_id", "gate").drop_nulls("gate")
    others = [
        stopped.select("invoice_line_id", gate=pl.lit(code)).filter(stopped[code])
        for code in conditions
        if stopped[code].any()
    ]
    failed = pl.concat([referring, *others, _of_invoices(lines, docs)])
    return failed.unique().sort("invoice_line_id", "gate")


def _problem() -> pl.Expr:
    unlinked_credit = (pl.col("problem") == NO_PO) & pl.col("kind").is_in(CREDITS)
    return pl.when(unlinked_credit).then(pl.lit(CREDIT_UNLINKED)).otherwise(pl.col("problem"))


def _conditions() -> dict[str, pl.Expr]:
    unit_unknown = (pl.col("billing") == QUANTITY) & pl.col("units").is_null()
    dated = pl.col("invoice_date")
    # What takes money back may come at any time.
    closed = pl.any_horizontal(pl.col("po_closed_on") < dated, pl.col("final_since") < dated)
    return {
        PO_NOT_APPROVED: pl.col("po_status").is_in(NOT_APPROVED_STATUSES),
        PO_CANCELLED: (pl.col("po_status") == "cancelled") | pl.col("cancelled"),
        PO_CLOSED: closed & ~pl.col("credit"),
        SUPPLIER_MISMATCH: pl.col("golden") != pl.col("po_golden"),
        CURRENCY_MISMATCH: pl.col("ccy") != pl.col("po_ccy"),
        PO_AFTER_INVOICE: pl.max_horizontal("po_date", "po_approved_on") > dated,
        LIMIT_EXPIRED: (pl.col("match_type") == "limit")
        & ~dated.is_between(
            pl.coalesce("valid_from_date", "invoice_date"),
            pl.coalesce("valid_to_date", "invoice_date"),
        ),
        UOM_CONVERSION_MISSING: unit_unknown & pl.col("doubt").is_null(),
    }


def _of_invoices(lines: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """The gates of an invoice, on each of its lines that something could be paid of."""
    failed = invoice_gates(docs)
    if failed.is_empty():
        return pl.DataFrame(schema={"invoice_line_id": pl.String, "gate": pl.String})
    billed = lines.select((pl.col("billing") != NOTHING) | (pl.col("type") == "item"))
    return (
        lines.select("invoice_id", "invoice_line_id")
        .filter(billed.to_series())
        .join(failed, on="invoice_id")
        .select("invoice_line_id", "gate")
    )


def blocking(failed: pl.DataFrame) -> pl.DataFrame:
    """``invoice_line_id`` of lines that a gate blocks."""
    return failed.filter(~pl.col("gate").is_in(WARNINGS)).select("invoice_line_id").unique()


def comparable(lines: pl.DataFrame, failed: pl.DataFrame) -> pl.Series:
    """Per line whether it is compared with its order: no gate keeps it from taking part in it."""
    out = failed["invoice_line_id"].filter(~failed["gate"].is_in(COMPARED_ALL_THE_SAME))
    gated = lines["invoice_line_id"].is_in(out.unique().implode())
    return (lines["billing"] != NOTHING) & ~gated
