"""A made-up system whose payments name the invoice they settle, and keep binary floats."""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.landed import ObjectRules
from tests.canonical.support import AT

RULES = {"invoices": ObjectRules(("ID",)), "payments": ObjectRules(("ID",))}
MEANS = """
mappings:
  - table: invoices
    object: invoices
    deleted: GONE = 'X'
    columns:
      invoice_id: id('invoices', ID)
      invoice_no_supplier: ID
      invoice_no_norm: ID
      kind: "'invoice'"
      supplier_src_id: id('vendors', '1')
      ccy: "'EUR'"
      invoice_date: "DATE '2026-01-01'"
      due_date: "NULL"
      net: exact(GROSS)
      tax: "0"
      charges: "0"
      gross: exact(GROSS)
      status_src: "'posted'"
      status_canon: "'posted'"
      settled_date: "DATE '2026-01-02'"
      open_amount_stated: "NULL"
  - table: payments
    object: payments
    deleted: GONE = 'X'
    columns:
      payment_id: id('payments', ID)
      payment_no: ID
      supplier_src_id: id('vendors', '1')
      method: "NULL"
      ccy: "'EUR'"
      amount: nearest(AMOUNT, 2)
      payment_date: "DATE '2026-01-02'"
      status_canon: "'confirmed'"
      unapplied_amount_stated: "NULL"
  - table: payment_applications
    object: payments
    where: coalesce(INVOICE, '') <> ''
    columns:
      application_id: id('payments', ID)
      payment_id: id('payments', ID)
      invoice_id: id('invoices', INVOICE)
      ccy: "'EUR'"
      amount_applied: nearest(AMOUNT, 2)
      discount_taken: "NULL"
"""


def landed(name: str, *records: dict[str, str | None]) -> pl.DataFrame:
    """Records as the landing stage hands them over."""
    return pl.DataFrame(list(records)).with_columns(
        pl.lit(name).alias("landing_page"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("landing_row"),
        pl.lit("x1").alias("extract_id"),
        pl.lit(AT).cast(pl.Datetime("us", "UTC")).alias("extracted_at"),
    )
