"""What employees spent for the company, in the currency of their reports.

Belongs here: which expenses count, and for how much. Not here: currencies (currency.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents

BORNE = ("approved", "paid")
"""Reports that the company has agreed to bear; before that they are a claim."""


def expensed(docs: Documents) -> pl.DataFrame:
    """Approved expenses without the tax within them, one row per expense.

    Of an expense that has parts, the parts count. Private expenses do not, nor do reports that
    nobody has approved. What is approved outranks what was posted, which outranks what was spent.
    """
    borne = docs.expense_reports.filter(pl.col("status_canon").is_in(BORNE))
    reports = borne.select("expense_report_id", _report_ccy="ccy", _submitted="submitted_at")
    whole = docs.expense_lines.select(expense_line_id="parent_line_id").drop_nulls().unique()
    lines = docs.expense_lines.filter(~pl.col("personal"))
    lines = lines.join(whole, on="expense_line_id", how="anti")
    rows = lines.join(reports, on="expense_report_id")
    in_report_ccy = pl.coalesce("approved_amount", "posted_amount")
    stated = in_report_ccy.is_not_null()
    tax = pl.when(stated).then(pl.col("tax_amount").fill_null(0)).otherwise(0)
    return rows.select(
        "expense_line_id",
        ccy=pl.when(stated).then(pl.coalesce("posted_ccy", "_report_ccy")).otherwise("ccy"),
        fact_date=pl.coalesce("transaction_date", pl.col("_submitted").dt.date()),
        amount_doc=pl.coalesce(in_report_ccy, "amount") - tax,
    ).filter(pl.col("fact_date").is_not_null())
