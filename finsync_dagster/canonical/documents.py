"""The documents of one legal entity, as one value handed from stage to stage.

Belongs here: the set of canonical frames that matching, reconciliation and spend read, and the
cut-off by date. Not here: reading them from storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

import polars as pl

from finsync_dagster.canonical.bank_changes import COLUMNS as BANK_CHANGES
from finsync_dagster.canonical.functional_rates import COLUMNS as FUNCTIONAL_RATES
from finsync_dagster.canonical.tables import TABLES

# The date that decides whether a document belongs before a cut-off.
_DATED = {
    "purchase_orders": "order_date",
    "receipt_lines": "posting_date",
    "invoices": "invoice_date",
    "payments": "payment_date",
    "payment_allocations": "applied_date",
    "functional_rates": "rate_date",
    "group_invoices": "invoice_date",
    "bank_changes": "changed_on",
    "order_copies": "order_date",
}
# The same of what may have no date: without one it counts.
_UNDATED = {
    "expense_reports": pl.col("submitted_at").dt.date(),
    "requisition_lines": pl.col("created_date"),
}
_LINES = {
    "purchase_order_lines": ("purchase_orders", "po_id"),
    "purchase_order_charges": ("purchase_orders", "po_id"),
    "invoice_lines": ("invoices", "invoice_id"),
    "payment_applications": ("payments", "payment_id"),
    "expense_lines": ("expense_reports", "expense_report_id"),
    "order_line_copies": ("order_copies", "po_id"),
}
# Lines of these are looked at only where a document was left out.
_BEFORE_LINES = ("purchase_orders", "invoices", "payments")
GROUP_INVOICE = (
    "invoice_id",
    "entity_id",
    "invoice_no_supplier",
    "invoice_no_norm",
    "kind",
    "supplier_src_id",
    "ccy",
    "invoice_date",
    "gross",
)
"""What is known of an invoice to another legal entity of the group."""
_INVOICES = TABLES["invoices"].polars_schema
_BESIDE: dict[str, Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "incomplete_orders": {"po_id": pl.String},
    "incomplete_invoices": {"invoice_id": pl.String},
    "supplier_crosswalk": {"supplier_src_id": pl.String, "supplier_id": pl.String},
    "functional_rates": FUNCTIONAL_RATES,
    "group_invoices": {name: _INVOICES[name] for name in GROUP_INVOICE},
    "bank_changes": BANK_CHANGES,
    "order_copies": TABLES["purchase_orders"].polars_schema,
    "order_line_copies": TABLES["purchase_order_lines"].polars_schema,
}


@dataclass(frozen=True)
class Documents:
    """Current versions of one entity's documents (deleted ones left out), each a canonical table.

    ``incomplete_orders`` (column ``po_id``) names orders of which a record is in quarantine: what
    is known of them is not whole, so that comparing them would accuse the wrong party;
    ``incomplete_invoices`` (column ``invoice_id``) those of which a line is.
    ``supplier_crosswalk`` (columns ``supplier_src_id``, ``supplier_id``) says which supplier
    records are one company; a record that is not in it stands for itself.
    ``group_invoices`` (columns: ``GROUP_INVOICE``) are live invoices to other legal entities with
    number, currency and total of one of its own.
    ``bank_changes`` (columns: canonical/bank_changes.py) tell when a supplier's account changed.
    ``order_copies``, ``order_line_copies`` are orders, and their lines, that other systems keep
    beside the system of record; nothing is billed or received against them.
    ``functional_rates`` (columns: canonical/functional_rates.py) are reference rates into the
    currency of the entity's books; empty where that currency is not known.
    """

    suppliers: pl.DataFrame
    items: pl.DataFrame
    purchase_orders: pl.DataFrame
    purchase_order_lines: pl.DataFrame
    purchase_order_charges: pl.DataFrame
    receipt_lines: pl.DataFrame
    invoices: pl.DataFrame
    invoice_lines: pl.DataFrame
    payments: pl.DataFrame
    payment_applications: pl.DataFrame
    payment_allocations: pl.DataFrame
    expense_reports: pl.DataFrame
    expense_lines: pl.DataFrame
    requisition_lines: pl.DataFrame
    incomplete_orders: pl.DataFrame
    incomplete_invoices: pl.DataFrame
    supplier_crosswalk: pl.DataFrame
    functional_rates: pl.DataFrame
    group_invoices: pl.DataFrame
    bank_changes: pl.DataFrame
    order_copies: pl.DataFrame
    order_line_copies: pl.DataFrame

    @classmethod
    def of(cls, **frames: pl.DataFrame) -> Documents:
        """From the frames given; a table not given is empty."""
        empty = {name: TABLES[name].empty() for name in _tables(cls)}
        beside = {name: pl.DataFrame(schema=schema) for name, schema in _BESIDE.items()}
        return cls(**{**empty, **beside, **frames})

    def until(self, cutoff: date) -> Documents:
        """Only documents dated on or before the cut-off, with the lines of those documents."""
        frames = {name: getattr(self, name) for name in _tables(type(self))}
        for name, column in _DATED.items():
            frames[name] = _dated_until(getattr(self, name), column, cutoff)
        # Nobody knows of what was not handed in, or not written, yet.
        for name, day in _UNDATED.items():
            if not frames[name].is_empty():
                frames[name] = frames[name].filter((day <= cutoff).fill_null(True))
        for name, (header, key) in _LINES.items():
            lines: pl.DataFrame = getattr(self, name)
            whole = header in _BEFORE_LINES and frames[header] is getattr(self, header)
            if not (whole or lines.is_empty()):
                lines = lines.join(frames[header].select(key), on=key, how="semi")
            frames[name] = lines
        return replace(self, **frames)

    def golden(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame, in its order, with ``golden``: whose ``supplier_src_id`` it really is."""
        known = self.supplier_crosswalk.select("supplier_src_id", golden="supplier_id")
        own = frame.select("supplier_src_id")
        found = own.join(known, on="supplier_src_id", how="left", maintain_order="left")
        golden = found.select(golden=pl.coalesce("golden", "supplier_src_id"))
        return frame.hstack(golden)


def _dated_until(frame: pl.DataFrame, column: str, cutoff: date) -> pl.DataFrame:
    """The rows dated on or before the cut-off; the frame itself where that is all of them."""
    days = frame[column]
    if days.is_empty() or not (days.has_nulls() or days.max() > cutoff):  # type: ignore[operator]
        return frame
    return frame.filter(pl.col(column) <= cutoff)


def _tables(cls: type[Documents]) -> list[str]:
    return [f.name for f in fields(cls) if f.name not in _BESIDE]
