"""Gates of an invoice as a whole: what it has to state, and whether its supplier may be paid.

Belongs here: one row per invoice and such gate it does not pass. Not here: what holds between the
invoice and its order (gates.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.ordering.orders import known_since

MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"
SUPPLIER_BLOCKED = "SUPPLIER_BLOCKED"
SUPPLIER_UNRESOLVED = "SUPPLIER_UNRESOLVED"

OF_INVOICE = (MISSING_REQUIRED_FIELD, SUPPLIER_BLOCKED, SUPPLIER_UNRESOLVED)
"""Reason codes of these gates."""

_SETTLED = ("paid",)
_READ = (
    "invoice_id",
    "supplier_src_id",
    "status_canon",
    "settled_date",
    "invoice_date",
    "missing_fields",
)


def invoice_gates(docs: Documents) -> pl.DataFrame:
    """``invoice_id``, ``gate`` for each gate that a live invoice does not pass; most pass all."""
    live = docs.invoices.select(_READ).filter(pl.col("status_canon") != "void")
    incomplete = pl.col("missing_fields").is_not_null() & (pl.col("status_canon") != "parked")
    none = live["missing_fields"].null_count() == live.height
    found = {
        # A parked document is still being entered.
        MISSING_REQUIRED_FIELD: live.clear() if none else live.filter(incomplete),
        SUPPLIER_BLOCKED: _blocked(live, docs.suppliers),
        SUPPLIER_UNRESOLVED: _unresolved(live, docs.suppliers),
    }
    return pl.concat([rows.select("invoice_id", gate=pl.lit(code)) for code, rows in found.items()])


def held_back(suppliers: pl.DataFrame) -> pl.DataFrame:
    """Suppliers that may not be paid: ``supplier_src_id``, ``status``, ``held_by`` (the last day
    on which the supplier can have become so: the record was not changed since)."""
    return suppliers.filter(pl.col("status") != "active").select(
        "supplier_src_id", "status", held_by=known_since()
    )


def _blocked(live: pl.DataFrame, suppliers: pl.DataFrame) -> pl.DataFrame:
    """Invoices that are still to be paid to such a supplier, or that came when it was one already.

    An invoice that was paid before the supplier was blocked was paid in order.
    """
    if (suppliers["status"] == "active").all():
        return live.clear()
    mine = live.join(held_back(suppliers).rename({"status": "_status"}), on="supplier_src_id")
    settled = pl.col("status_canon").is_in(_SETTLED) | pl.col("settled_date").is_not_null()
    late = (pl.col("held_by") < pl.col("invoice_date")).fill_null(False)
    return mine.filter(~settled | late)


def _unresolved(live: pl.DataFrame, suppliers: pl.DataFrame) -> pl.DataFrame:
    """Invoices of a supplier that its system, of which suppliers are held, does not have.

    Where no suppliers of a system are read at all, nothing is known to be missing.
    """
    if suppliers.is_empty():
        return live.clear()
    unknown = live.filter(~live["supplier_src_id"].is_in(suppliers["supplier_src_id"].implode()))
    if unknown.is_empty():
        return unknown
    system = pl.col("supplier_src_id").str.split("|").list.first()
    read = suppliers.select(system).to_series().unique()
    return unknown.filter(system.is_in(read.implode()))
