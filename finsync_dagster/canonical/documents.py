"""The documents of one legal entity, as one value handed from stage to stage.

Belongs here: the set of canonical frames that matching, reconciliation and spend read, and the
cut-off by date. Not here: reading them from storage.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import polars as pl

from finsync_dagster.canonical.tables import TABLES

# The date that decides whether a document belongs before a cut-off.
_DATED = {
    "purchase_orders": "order_date",
    "receipt_lines": "posting_date",
    "invoices": "invoice_date",
    "payments": "payment_date",
    "payment_allocations": "applied_date",
}
_LINES = {
    "purchase_order_lines": ("purchase_orders", "po_id"),
    "invoice_lines": ("invoices", "invoice_id"),
    "payment_applications": ("payments", "payment_id"),
}


@dataclass(frozen=True)
class Documents:
    """Current versions of one entity's documents (deleted ones left out), each a canonical table.

    ``incomplete_orders`` (column ``po_id``) names orders of which a record is in quarantine: what
    is known of them is not whole, so that comparing them would accuse the wrong party.
    """

    suppliers: pl.DataFrame
    items: pl.DataFrame
    purchase_orders: pl.DataFrame
    purchase_order_lines: pl.DataFrame
    receipt_lines: pl.DataFrame
    invoices: pl.DataFrame
    invoice_lines: pl.DataFrame
    payments: pl.DataFrame
    payment_applications: pl.DataFrame
    payment_allocations: pl.DataFrame
    incomplete_orders: pl.DataFrame

    @classmethod
    def of(cls, **frames: pl.DataFrame) -> Documents:
        """From the frames given; a table not given is empty."""
        empty = {name: TABLES[name].empty() for name in _tables(cls)}
        incomplete = pl.DataFrame(schema={"po_id": pl.String})
        return cls(**{**empty, "incomplete_orders": incomplete, **frames})

    def until(self, cutoff: date) -> Documents:
        """Only documents dated on or before the cut-off, with the lines of those documents."""
        frames = {name: getattr(self, name) for name in _tables(type(self))}
        for name, column in _DATED.items():
            frames[name] = frames[name].filter(pl.col(column) <= cutoff)
        for name, (header, key) in _LINES.items():
            frames[name] = frames[name].join(frames[header].select(key), on=key, how="semi")
        return Documents(**frames, incomplete_orders=self.incomplete_orders)


def _tables(cls: type[Documents]) -> list[str]:
    return [f.name for f in fields(cls) if f.name != "incomplete_orders"]
