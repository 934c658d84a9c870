"""Invoices of which every line is here, side by side with their lines.

Belongs here: which invoices can be looked at as a whole, and the number by which checks of the
whole find the lines of each. Not here: the checks (document_checks.py, tax.py).

Of the other invoices a line waits in quarantine: what is here of them cannot add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.positions import INVOICE_POS

_READ = (
    "invoice_line_id",
    "type",
    "net_amount",
    "stated_rate",
    "tax_rate",
    "billing",
    "problem",
)


@dataclass(frozen=True)
class WholeInvoices:
    """Invoices, sorted by key, and what their checks read of all their lines."""

    invoices: pl.DataFrame
    lines: pl.DataFrame
    """``invoice_pos`` (among these invoices) and ``_READ``."""

    def where(self, of: pl.Series) -> pl.Series:
        """One flag per invoice: is it among the positions ``of``?"""
        none = pl.Series([False]).new_from_index(0, self.invoices.height)
        return none.scatter(of, True)


def whole_invoices(c: Compared) -> WholeInvoices:
    """Invoices that no line is missing of, with their lines in the order of events."""
    lines = c.lines.select(INVOICE_POS, *_READ)
    if c.docs.incomplete_invoices.is_empty():
        return WholeInvoices(c.invoices, lines)
    whole = ~c.invoices["invoice_id"].is_in(c.docs.incomplete_invoices["invoice_id"].implode())
    # Their positions are those among the whole ones.
    among = pl.select(pl.when(whole).then(whole.cast(pl.Int64).cum_sum() - 1)).to_series()
    lines = lines.with_columns(among[lines[INVOICE_POS]].alias(INVOICE_POS))
    return WholeInvoices(c.invoices.filter(whole), lines.drop_nulls(INVOICE_POS))
