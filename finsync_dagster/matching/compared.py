"""The documents of one entity side by side, before anything is judged.

Belongs here: the value that checks read. Not here: how it is put together (match.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.ordering.orders import OrderBook


@dataclass(frozen=True)
class Compared:
    """The documents side by side, before anything is judged."""

    docs: Documents
    book: OrderBook
    """Order lines with what arrived, and receipts in order units."""
    invoices: pl.DataFrame
    """Invoices that are not void."""
    lines: pl.DataFrame
    """Their lines, in the order of events, with the order line each bills (billing.py)."""
    failed: pl.DataFrame
    """Gates not passed: ``invoice_line_id``, ``gate``."""
    copies: pl.DataFrame
    """Invoices that are an exact copy of an earlier one (duplicates.py)."""
    copied: pl.DataFrame
    """Their lines, as gates not passed: they bill nothing a second time."""
    charges: pl.DataFrame
    """Charges beside what their orders agreed to (charges.py)."""
    stretches: pl.DataFrame
    """Allocations with their amounts."""
    totals: pl.DataFrame
    """What they add up to per invoice line (by_event.py)."""
    priced: pl.DataFrame
    """Lines with a quantity, and what corrects their price (quantity_checks.py)."""
    valued: pl.DataFrame
    """Lines that bill an amount (value_billing.py)."""
    status: pl.DataFrame
    """Order lines: ordered, received, invoiced (order_status.py)."""
