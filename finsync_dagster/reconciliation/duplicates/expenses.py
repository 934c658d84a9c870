"""Invoices that an employee has already paid, by card or from the own pocket.

Belongs here: an expense with amount, date and merchant of an invoice. Not here: expenses among
themselves.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.identity.names import fold
from finsync_dagster.reconciliation.duplicates.pairs import EXPENSE, as_pairs, no_pairs
from finsync_dagster.reconciliation.duplicates.rules import PAID_AS_EXPENSE

_DAYS = 14
_DROPPED = ("draft", "rejected", "cancelled")


def paid_as_expense(invoices: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Invoices with the amount of an expense within 14 days, of a merchant of the supplier's name.

    A merchant is the supplier if one name begins with all the words of the other. Of several such
    expenses the first counts.
    """
    if docs.expense_lines.is_empty():
        return no_pairs()
    handed_in = docs.expense_reports.filter(~pl.col("status_canon").is_in(_DROPPED))
    spent = docs.expense_lines.filter(
        ~pl.col("personal") & (pl.col("amount") > 0) & pl.col("merchant").is_not_null()
    ).join(handed_in, on="expense_report_id", how="semi")
    met = invoices.join(
        spent.select(
            "ccy",
            "merchant",
            "transaction_date",
            gross="amount",
            earlier_invoice_id="expense_line_id",
        ),
        on=["ccy", "gross"],
    )
    days = (pl.col("invoice_date") - pl.col("transaction_date")).dt.total_days().abs()
    near = met.filter(days <= _DAYS)
    if near.is_empty():
        return no_pairs()
    names = docs.golden(docs.suppliers).select("golden", supplier="name").unique()
    named = near.join(names, on="golden").sort(
        "invoice_id", "transaction_date", "earlier_invoice_id"
    )
    same = [_same(*row) for row in named.select("merchant", "supplier").iter_rows()]
    found = named.filter(pl.Series(same, dtype=pl.Boolean))
    firsts = found.unique("invoice_id", keep="first", maintain_order=True)
    return as_pairs(firsts, PAID_AS_EXPENSE, EXPENSE)


def _same(merchant: str, supplier: str) -> bool:
    left, right = fold(merchant).split(), fold(supplier).split()
    shorter = min(len(left), len(right))
    return shorter > 0 and left[:shorter] == right[:shorter]
