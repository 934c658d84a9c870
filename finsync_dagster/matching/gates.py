"""Gates: what must hold between an invoice and its order before figures are compared.

Belongs here: one row per invoice line and gate it does not pass. Not here: quantities, prices and
amounts (quantity_checks.py, value_billing.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.billing import CREDITS, NOTHING, QUANTITY
from finsync_dagster.matching.orders import UOM_CONVERSION_MISSING
from finsync_dagster.matching.references import NO_PO

CREDIT_UNLINKED = "CREDIT_UNLINKED"
PO_NOT_APPROVED = "PO_NOT_APPROVED"
PO_CANCELLED = "PO_CANCELLED"
SUPPLIER_MISMATCH = "SUPPLIER_MISMATCH"
CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
PO_AFTER_INVOICE = "PO_AFTER_INVOICE"
LIMIT_EXPIRED = "LIMIT_EXPIRED"

# An order placed after its invoice breaks the buying policy; what arrived still has to be paid.
WARNINGS = (PO_AFTER_INVOICE,)
# The order may be approved, reinstated or prolonged later: the line bills it all the same, and
# takes its place in the sequence of events. Any other gate leaves the line out of the comparison.
COMPARED_ALL_THE_SAME = (PO_NOT_APPROVED, PO_CANCELLED, LIMIT_EXPIRED, *WARNINGS)

NOT_APPROVED_STATUSES = ("draft", "rejected")


def gates(lines: pl.DataFrame) -> pl.DataFrame:
    """``invoice_line_id``, ``gate`` (a reason code) for each gate a line does not pass.

    A line that bills nothing an order would limit has no gate. For a line without an order the
    reference problem is the only gate; where a record of the order is missing, that is said
    instead of blaming the reference.
    """
    lines = lines.filter(pl.col("billing") != NOTHING)
    unlinked_credit = (pl.col("problem") == NO_PO) & pl.col("kind").is_in(CREDITS)
    problem = pl.when(unlinked_credit).then(pl.lit(CREDIT_UNLINKED)).otherwise(pl.col("problem"))
    unit_unknown = (pl.col("billing") == QUANTITY) & pl.col("units").is_null()
    conditions = {
        PO_NOT_APPROVED: pl.col("po_status").is_in(NOT_APPROVED_STATUSES),
        PO_CANCELLED: (pl.col("po_status") == "cancelled") | pl.col("cancelled"),
        SUPPLIER_MISMATCH: pl.col("golden") != pl.col("po_golden"),
        CURRENCY_MISMATCH: pl.col("ccy") != pl.col("po_ccy"),
        PO_AFTER_INVOICE: pl.col("po_date") > pl.col("invoice_date"),
        LIMIT_EXPIRED: (pl.col("match_type") == "limit")
        & ~pl.col("invoice_date").is_between(
            pl.coalesce("valid_from_date", "invoice_date"),
            pl.coalesce("valid_to_date", "invoice_date"),
        ),
        UOM_CONVERSION_MISSING: unit_unknown & pl.col("doubt").is_null(),
    }
    first = lines.select("invoice_line_id", gate=pl.coalesce("doubt", problem))
    rest = [
        lines.filter(holds.fill_null(False)).select("invoice_line_id", gate=pl.lit(code))
        for code, holds in conditions.items()
    ]
    failed = pl.concat([first.filter(pl.col("gate").is_not_null()), *rest])
    return failed.unique().sort("invoice_line_id", "gate")


def blocking(failed: pl.DataFrame) -> pl.DataFrame:
    """``invoice_line_id`` of lines that a gate blocks."""
    return failed.filter(~pl.col("gate").is_in(WARNINGS)).select("invoice_line_id").unique()


def comparable(lines: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    """Lines that are compared with their order: no gate keeps them from taking part in it."""
    out = failed.filter(~pl.col("gate").is_in(COMPARED_ALL_THE_SAME))
    kept = lines.filter(pl.col("billing") != NOTHING)
    return kept.join(out, on="invoice_line_id", how="anti", maintain_order="left")
