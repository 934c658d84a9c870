"""Invoices of which every line is here, side by side with their lines.

Belongs here: which invoices can be looked at as a whole, and the number by which checks of the
whole find the lines of each. Not here: the checks (document_checks.py, tax.py).

Of the other invoices a line waits in quarantine: what is here of them cannot add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.positions import numbered

INVOICE_POS = "invoice_pos"
"""Position of an invoice among the whole ones."""

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
    """``invoice_pos`` and ``_READ``."""

    def where(self, of: pl.Series) -> pl.Series:
        """One flag per invoice: is it among the positions ``of``?"""
        none = pl.Series([False]).new_from_index(0, self.invoices.height)
        return none.scatter(of, True)


def whole_invoices(c: Compared) -> WholeInvoices:
    """Invoices that no line is missing of, with their lines in the order of events."""
    invoices = c.invoices
    if not c.docs.incomplete_invoices.is_empty():
        invoices = invoices.join(
            c.docs.incomplete_invoices, on="invoice_id", how="anti", maintain_order="left"
        )
    places = numbered(invoices.select("invoice_id"), INVOICE_POS)
    keys = c.lines.select("invoice_id")
    place = keys.join(places, on="invoice_id", how="left", maintain_order="left")[INVOICE_POS]
    lines = c.lines.select(place, *_READ)
    return WholeInvoices(invoices, lines.drop_nulls(INVOICE_POS) if place.null_count() else lines)
